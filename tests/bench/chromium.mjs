// The harness in a worker of headless Chromium, with the peers' libraries beside it, served from
// this machine.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { findChromium, launchOptions } from '../../scripts/chromium.mjs';
import { ROOT } from '../../scripts/run.mjs';
import { serve } from '../../scripts/serve.mjs';

const PACKAGES = join(ROOT, 'tests', 'bench', 'node_modules');
const TFJS = join(PACKAGES, '@tensorflow');
const SCRIPTS = {
  'tf-core.js': join(TFJS, 'tfjs-core/dist/tf-core.min.js'),
  'tf-cpu.js': join(TFJS, 'tfjs-backend-cpu/dist/tf-backend-cpu.min.js'),
  'tf-wasm.js': join(TFJS, 'tfjs-backend-wasm/dist/tf-backend-wasm.min.js'),
  'tf-layers.js': join(TFJS, 'tfjs-layers/dist/tf-layers.min.js'),
  'convnet.js': join(PACKAGES, 'convnetjs/build/convnet.js'),
};
const WASM = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'];

/** ConvNetJS' last line wants a window, which a worker has not. */
const BOOT = `importScripts('tf-core.js', 'tf-cpu.js', 'tf-wasm.js', 'tf-layers.js');
self.window = self;
importScripts('convnet.js');
delete self.window;
importScripts('bench.js');
`;

/** @param {string} folder @param {{ core: string, kernels: string }} modules */
async function layOut(folder, modules) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, from] of Object.entries(SCRIPTS)) copyFileSync(from, join(folder, name));
  for (const name of WASM)
    copyFileSync(join(TFJS, 'tfjs-backend-wasm/dist', name), join(folder, name));
  copyFileSync(modules.core, join(folder, 'core.wasm'));
  copyFileSync(modules.kernels, join(folder, 'bench_kernels.wasm'));
  writeFileSync(join(folder, 'boot.js'), BOOT);
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Benchmark</title>\n');
  await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'chrome110',
      lib: {
        entry: join(ROOT, 'tests/bench/worker.ts'),
        name: 'worker',
        formats: ['iife'],
        fileName: () => 'bench.js',
      },
    },
  });
}

/**
 * The harness' methods by name, over there; null where there is no Chromium.
 * @param {string} folder @param {{ core: string, kernels: string }} modules
 * @returns {Promise<{ host: import('./race.mjs').Host, version: string, close: () => Promise<void> } | null>}
 */
export async function openChromium(folder, modules) {
  if (!findChromium()) return null;
  await layOut(folder, modules);
  const server = await serve(folder, 0);
  const browser = await chromium.launch(launchOptions());
  const page = await browser.newPage();
  await page.goto(server.address);
  const started = page.waitForEvent('worker');
  await page.evaluate("globalThis.bench = new Worker('boot.js'); undefined");
  const worker = await started;
  /** @param {string} method @param {unknown[]} parameters @returns {Promise<any>} */
  const call = (method, ...parameters) =>
    worker.evaluate(
      async ([name, values]) => {
        const scope = /** @type {any} */ (globalThis);
        while (!scope.bench) await new Promise((done) => setTimeout(done, 10));
        return (await scope.bench)[name](...values);
      },
      /** @type {[string, any[]]} */ ([method, parameters]),
    );
  return {
    host: {
      start: (task, seconds) => call('start', task, seconds),
      burst: (id) => call('burst', id),
      stop: (id) => call('stop', id),
      memory: (network) => call('memory', network),
      whole: (run) => call('whole', run),
    },
    version: browser.version(),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
