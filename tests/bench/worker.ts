// The harness inside the browser's worker: the page's script has put the peers' libraries here (see
// chromium.mjs) and calls `bench` by name.
import { Harness } from './harness';
import type { ConvNet, TensorFlow } from './peers';

interface Scope {
  tf: TensorFlow & { wasm: { setWasmPaths(folder: string): void } };
  convnetjs: ConvNet;
  bench: Promise<Harness>;
}

async function load(): Promise<Harness> {
  const scope = globalThis as unknown as Scope;
  const file = async (name: string) =>
    new Uint8Array(await (await fetch(new URL(name, location.href))).arrayBuffer());
  scope.tf.wasm.setWasmPaths(new URL('./', location.href).href);
  return Harness.load({
    core: await file('core.wasm'),
    kernels: await file('bench_kernels.wasm'),
    tf: scope.tf,
    convnet: scope.convnetjs,
  });
}

(globalThis as unknown as Scope).bench = load();
