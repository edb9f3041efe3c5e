// The project's own files by ending, without git: build folders and packages are left out.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.mjs';

const SKIPPED = new Set(['node_modules', '.git', 'build', 'dist', 'test-results']);

/**
 * Paths from the project's top, with forward slashes, in order.
 * @param {string[]} folders '' = everything @param {RegExp} name
 */
export function projectFiles(folders, name) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} folder */
  const visit = (folder) => {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      // Only the top folders of these names hold build results; web/build is source.
      const skipped = SKIPPED.has(entry.name) && (folder === '' || entry.name === 'node_modules');
      if (entry.isDirectory() && !skipped) visit(path);
      else if (entry.isFile() && name.test(path)) found.push(path);
    }
  };
  for (const folder of folders) visit(folder);
  return found.sort();
}

/** C sources and headers. */
export const cFiles = () => projectFiles(['core', 'wasm_glue', 'tests'], /\.[ch]$/);
/** C sources alone. */
export const cSources = () => cFiles().filter((path) => path.endsWith('.c'));
