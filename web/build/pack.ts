// Vite plug-in that puts the shipped picture sets into index.html: one base64 <script> of a type
// that no browser runs per file, at the very end of the body, with the set's licence beside it. The
// same elements stand in the page that `vite dev` serves, so that there is one way to read them.
// After a build it writes dist/slim/index.html, the same page without them. Refuses to build without
// a file it names, or over the budgets.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HtmlTagDescriptor, Plugin } from 'vite';
import { filesOf, SHIPPED } from '../data/shipped_sets.ts';

const SETS = fileURLToPath(new URL('../data/sets/', import.meta.url));

/** Bytes that the page may have, with all sets and without any. */
export const BUDGET = { full: 10_000_000, slim: 1_000_000 } as const;

function scriptTag(
  type: string,
  attributes: Record<string, string>,
  text: string,
): HtmlTagDescriptor {
  return { tag: 'script', attrs: { type, ...attributes }, children: text, injectTo: 'body' };
}

/** The elements that web/data/packed.ts looks for. */
export function packTags(): HtmlTagDescriptor[] {
  return Object.values(SHIPPED).flatMap((set) => {
    const read = (file: string): Buffer => readFileSync(resolve(SETS, set.folder, file));
    const licence = read('LICENSE').toString('utf8').trim();
    if (licence.includes('<')) {
      throw new Error(`${set.folder}: a licence with "<" would end the element`);
    }
    return [
      scriptTag('text/plain', { 'data-licence': set.folder }, licence),
      ...filesOf(set).map((file) =>
        scriptTag(
          'application/octet-stream',
          { 'data-pack': `${set.folder}/${file}` },
          read(file).toString('base64'),
        ),
      ),
    ];
  });
}

/** The page without its sets: what packTags() put in is taken out, all else stays. */
export function slimPage(page: string): string {
  return page.replace(/[ \t]*<script type="[^"]*" data-(?:pack|licence)="[^<]*<\/script>\n?/g, '');
}

/** Sentences about pages over their budgets; none when all is well. */
export function overBudget(pages: Record<keyof typeof BUDGET, string>): string[] {
  return (['full', 'slim'] as const).flatMap((name) => {
    const size = Buffer.byteLength(pages[name]);
    const over = size - BUDGET[name];
    return over <= 0 ? [] : [`the ${name} page has ${size} bytes, ${over} above its budget`];
  });
}

export function packData(): Plugin {
  let page = '';
  return {
    name: 'pack-data',
    configResolved(config) {
      page = resolve(config.root, 'index.html');
    },
    transformIndexHtml: {
      order: 'post',
      // Test runners serve pages of their own; only the product's page carries the data.
      handler: (_html, { filename }) =>
        basename(filename) === 'index.html' && resolve(filename) === page ? packTags() : [],
    },
    // By then everything else stands in the page's text.
    writeBundle({ dir }, bundle) {
      const built = bundle['index.html'];
      if (dir === undefined || built?.type !== 'asset') return;
      const full = Buffer.from(built.source).toString('utf8');
      const slim = slimPage(full);
      const faults = overBudget({ full, slim });
      if (faults.length > 0) throw new Error(faults.join('; '));
      const file = join(dir, 'slim', 'index.html');
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, slim);
    },
  };
}
