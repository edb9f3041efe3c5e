// npm run build: dist/index.html, the whole page in one file, and dist/slim/index.html, the same
// without the picture sets. `--wasm`: core.wasm alone.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, configure } from './cmake.mjs';
import { baseEnvironment } from './environment.mjs';
import { packageScript, ROOT, run, stop } from './run.mjs';
import { setUp } from './setup.mjs';

/** build/wasm/core.wasm. */
export async function buildWasm() {
  const done = (await configure('wasm')) || (await build('wasm', 'core'));
  if (done !== 0) stop('core.wasm could not be built; the reason is above.');
}

/** The page; needs core.wasm. @param {import('./run.mjs').RunOptions} [options] */
export function buildPage(options) {
  const vite = packageScript('vite/bin/vite.js');
  return run(process.execPath, [vite, 'build'], { ...options, env: baseEnvironment() });
}

/** From a fresh clone to dist/index.html. */
export async function buildAll() {
  await setUp('build');
  await buildWasm();
  if ((await buildPage()) !== 0) stop('The page could not be built; the reason is above.');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--wasm')) {
    await setUp('build');
    await buildWasm();
    console.log(`\n${join(ROOT, 'build', 'wasm', 'core.wasm')}`);
  } else {
    await buildAll();
    console.log(`\n${join(ROOT, 'dist', 'index.html')}: open it, or copy it anywhere.`);
    console.log(`${join(ROOT, 'dist', 'slim', 'index.html')}: the same without real pictures.`);
  }
}
