// One page, one file: dist/index.html holds the script, the styles and core.wasm, so that it also
// works by double click (no fetch, no module worker: both fail from file://).
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { buildPlugins } from './web/build/plugins.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('web'),
  publicDir: here('public'),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [...buildPlugins(), viteSingleFile()],
  worker: { format: 'iife', plugins: () => [...buildPlugins()] },
  build: {
    outDir: here('dist'),
    emptyOutDir: true,
    target: ['es2022', 'chrome110', 'firefox115', 'safari16.4'],
    assetsInlineLimit: () => true,
    chunkSizeWarningLimit: 8192,
    reportCompressedSize: true,
    // Drawing the page ahead of time takes seconds; that needs no warning at every build.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { host: '127.0.0.1', port: 5173, fs: { allow: [here('.')] } },
});
