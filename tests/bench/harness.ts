// Times tasks in bursts, wherever it is loaded: in Node or in a worker of the browser. Whoever asks
// takes turns with the peers, so that a slow moment of the machine meets every side alike.
import { compileCore } from '../../wasm_glue/core';
import {
  convStint,
  denseStint,
  gemmStint,
  type MemoryUse,
  memoryOf,
  peakStint,
  runWhole,
  trainStint,
  type WholeRun,
  type WholeRunResult,
} from './ours';
import { type ConvNet, convnetStint, type TensorFlow, tfjsStint, xnnpackStint } from './peers';
import type { SeedCnn, Stint, Task } from './task';

export interface Parts {
  core: Uint8Array<ArrayBuffer>;
  kernels: Uint8Array<ArrayBuffer>;
  tf: TensorFlow;
  convnet: ConvNet;
}

interface Open {
  stint: Stint;
  iterations: number;
  backend: string | null;
}

export class Harness {
  private readonly open = new Map<number, Open>();
  private next = 1;

  private constructor(
    private readonly parts: Parts,
    private readonly core: WebAssembly.Module,
    private readonly kernels: WebAssembly.Module,
  ) {}

  static async load(parts: Parts): Promise<Harness> {
    parts.tf.enableProdMode();
    return new Harness(
      parts,
      await compileCore(parts.core),
      await WebAssembly.compile(parts.kernels),
    );
  }

  /** Makes a task ready, warms it up and finds how many iterations last `seconds`. */
  async start(task: Task, seconds: number): Promise<number> {
    const stint = await this.stintOf(task);
    const backend = { tfjs: 'cpu', xnnpack: 'wasm' }[task.kind as string] ?? null;
    const id = this.next++;
    this.open.set(id, { stint, iterations: calibrated(stint, seconds), backend });
    return id;
  }

  /** Work per second of one burst: GFLOP/s or images/s. */
  async burst(id: number): Promise<number> {
    const found = this.open.get(id);
    if (!found) throw new Error(`No task ${id} is open.`);
    const { stint, iterations, backend } = found;
    if (backend) await this.parts.tf.setBackend(backend);
    return (stint.work * iterations) / secondsOf(stint, iterations);
  }

  stop(id: number): void {
    this.open.get(id)?.stint.close?.();
    this.open.delete(id);
  }

  memory(network: SeedCnn): MemoryUse {
    return memoryOf(this.core, network);
  }

  whole(run: WholeRun): WholeRunResult {
    return runWhole(this.core, run);
  }

  private async stintOf(task: Task): Promise<Stint> {
    const { tf, convnet } = this.parts;
    switch (task.kind) {
      case 'peak':
        return peakStint(this.kernels);
      case 'gemm':
        return gemmStint(this.kernels, task);
      case 'xnnpack':
        return xnnpackStint(tf, task);
      case 'conv-forward':
        return convStint(this.kernels, task.side, false);
      case 'conv-gradient':
        return convStint(this.kernels, task.side, true);
      case 'dense-forward':
        return denseStint(this.kernels, task, 'forward');
      case 'dense-weights':
        return denseStint(this.kernels, task, 'weights');
      case 'dense-inputs':
        return denseStint(this.kernels, task, 'inputs');
      case 'train':
        return trainStint(this.core, task);
      case 'tfjs':
        return tfjsStint(tf, task);
      case 'convnetjs':
        return convnetStint(convnet, task);
    }
  }
}

function secondsOf(stint: Stint, iterations: number): number {
  const start = performance.now();
  stint.run(iterations);
  return (performance.now() - start) / 1000;
}

/** Seconds in which the browser's compiler has seen and optimised what a task runs. */
const WARM_UP = 0.5;

/** Iterations that last about `seconds`; a single one, where that lasts longer. */
function calibrated(stint: Stint, seconds: number): number {
  let iterations = 1;
  let took = 0;
  for (let spent = 0; spent < WARM_UP; spent += took) {
    took = secondsOf(stint, iterations);
    if (took < seconds / 2) iterations *= 2;
  }
  if (iterations === 1 && took >= seconds) return 1;
  took = secondsOf(stint, iterations);
  while (took < seconds / 2) {
    iterations *= 2;
    took = secondsOf(stint, iterations);
  }
  return Math.max(1, Math.round((iterations * seconds) / took));
}
