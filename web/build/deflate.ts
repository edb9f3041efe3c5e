// Vite plug-in for `import text from 'core.wasm?deflated'`: the file deflated, in base64. The page is
// one text file, and base64 hides the file's repetitions from the server's gzip: deflated before, the
// core takes a quarter less of the transfer.
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { Plugin } from 'vite';

const QUERY = '?deflated';

export function deflateWasm(): Plugin {
  return {
    name: 'deflate-wasm',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith(`.wasm${QUERY}`)) return null;
      const file = id.slice(0, -QUERY.length);
      this.addWatchFile(file);
      const text = deflateRawSync(readFileSync(file), { level: 9 }).toString('base64');
      return `export default ${JSON.stringify(text)};`;
    },
  };
}
