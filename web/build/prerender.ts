// Vite plug-in that puts the first screen into index.html, so that question, task, pictures and
// guesses stand before any script runs; and the Content-Security-Policy that keeps the page from
// reaching any network. Builds only: the development server draws in the browser.
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, runnerImport } from 'vite';
import { BAKED_ID, scriptJson } from '../state/baked.ts';
import { text } from '../text/en.ts';
import type { PrerenderedPage } from './prerender_page';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Works from file:// as well; 'unsafe-inline' because everything is inline in the one file. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src blob: data:',
  'connect-src data: blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Styles mean nothing to HTML text, and the runner does not start Vite's style plug-ins. */
const withoutStyles: Plugin = {
  name: 'without-styles',
  enforce: 'pre',
  resolveId: (id) => (id.endsWith('.css') ? '\0no-style' : null),
  load: (id) => (id === '\0no-style' ? 'export {}' : null),
};

async function drawPage(): Promise<PrerenderedPage> {
  const wasm = readFileSync(here('../../build/wasm/core.wasm'));
  const { module } = await runnerImport<typeof import('./prerender_page')>(
    here('./prerender_page.tsx'),
    {
      configFile: false,
      root: here('..'),
      logLevel: 'error',
      plugins: [withoutStyles],
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    },
  );
  return module.prerenderPage(new Uint8Array(wasm));
}

/** Replaces one place that must be there. */
function replaceIn(html: string, place: RegExp, replacement: string): string {
  if (!place.test(html)) throw new Error(`index.html has no ${place}`);
  return html.replace(place, () => replacement);
}

export function prerender(): Plugin {
  let page = '';
  return {
    name: 'prerender',
    apply: 'build',
    configResolved(config) {
      page = resolve(config.root, 'index.html');
    },
    transformIndexHtml: {
      order: 'pre',
      async handler(source, { filename }) {
        if (basename(filename) !== 'index.html' || resolve(filename) !== page) return undefined;
        const { html, baked } = await drawPage();
        const noscript = `<noscript><p class="note">${text.noscript}</p></noscript>`;
        const withPage = replaceIn(
          source,
          /<div id="app"><\/div>/,
          `${noscript}<div id="app">${html}</div>`,
        );
        const script = new RegExp(`(<script[^>]*id="${BAKED_ID}">)[^<]*(</script>)`);
        const opening = script.exec(withPage)?.[1] ?? '';
        const withBaked = replaceIn(withPage, script, `${opening}${scriptJson(baked)}</script>`);
        // By hand: a tag descriptor would escape the policy's quotes.
        const charset = '<meta charset="utf-8" />';
        const policy = `<meta http-equiv="Content-Security-Policy" content="${POLICY}" />`;
        return replaceIn(withBaked, new RegExp(charset), `${charset}\n    ${policy}`);
      },
    },
  };
}
