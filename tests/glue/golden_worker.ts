// One of golden.test.ts's threads: runs its share of the golden runs and posts their hashes.
import { parentPort, workerData } from 'node:worker_threads';
import { instantiateCore } from '../../wasm_glue/core';
import { type Golden, runGolden } from './golden_runs';

const { module, share } = workerData as {
  module: WebAssembly.Module;
  share: [name: string, golden: Golden][];
};
for (const [name, golden] of share) {
  parentPort?.postMessage([name, runGolden(instantiateCore(module), golden).fingerprint]);
}
