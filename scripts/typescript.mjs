// Lets a script use the project's TypeScript: bundles one entry with Vite into build/node/ and
// imports it. Node 20 cannot read TypeScript itself, and Vite is there already.
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { ROOT } from './run.mjs';

/** The module's exports. @param {string} entry path from the project's top folder */
export async function importTypeScript(entry) {
  const name = basename(entry).replace(/\.ts$/, '');
  const folder = join(ROOT, 'build', 'node');
  await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: 'error',
    build: {
      ssr: join(ROOT, entry),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  return import(pathToFileURL(join(folder, `${name}.mjs`)).href);
}
