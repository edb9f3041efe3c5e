// The side under test as stints: the core's kernels (bench_kernels.wasm) and its trainer, through
// the same glue as the page.
import { type Core, instantiateCore } from '../../wasm_glue/core';
import type { NetworkConfig } from '../../wasm_glue/protocol';
import {
  CHANNELS,
  type Dense,
  FILTERS,
  gigaOperations,
  PATCH,
  type Product,
  randomSource,
  type SeedCnn,
  type Stint,
} from './task';

type Pointer = number;

/** kernels.c; an open that finds no memory traps. */
export interface KernelExports {
  _initialize(): void;
  bench_peak(rounds: number, scale: number, step: number): number;
  bench_peak_operations(): number;
  bench_gemm_open(m: number, n: number, k: number): Pointer;
  bench_gemm(product: Pointer, repeats: number): void;
  bench_conv_open(side: number, channels: number, filters: number): Pointer;
  bench_conv_forward(conv: Pointer, repeats: number): void;
  bench_conv_gradient(conv: Pointer, repeats: number): void;
  bench_dense_open(images: number, inputs: number, outputs: number): Pointer;
  bench_dense_forward(dense: Pointer, repeats: number): void;
  bench_dense_weights(dense: Pointer, repeats: number): void;
  bench_dense_inputs(dense: Pointer, repeats: number): void;
}

/** A problem lies in an instance of its own, which the garbage collector frees. */
function kernelsOf(module: WebAssembly.Module): KernelExports {
  const instance = new WebAssembly.Instance(module, {});
  const kernels = instance.exports as unknown as KernelExports;
  kernels._initialize();
  return kernels;
}

/** Towards 1, so that no number becomes denormal. */
export function peakStint(module: WebAssembly.Module): Stint {
  const kernels = kernelsOf(module);
  const rounds = 1000;
  return {
    work: (kernels.bench_peak_operations() * rounds) / 1e9,
    run: (iterations) => void kernels.bench_peak(rounds * iterations, 0.999, 0.001),
  };
}

export function gemmStint(module: WebAssembly.Module, product: Product): Stint {
  const kernels = kernelsOf(module);
  const problem = kernels.bench_gemm_open(product.m, product.n, product.k);
  return {
    work: gigaOperations(product),
    run: (iterations) => kernels.bench_gemm(problem, iterations),
  };
}

/** One image through the layer; the nominal work is that of the matrix product of its patches. */
export function convStint(module: WebAssembly.Module, side: number, gradient: boolean): Stint {
  const kernels = kernelsOf(module);
  const problem = kernels.bench_conv_open(side, CHANNELS, FILTERS);
  const run = gradient ? kernels.bench_conv_gradient : kernels.bench_conv_forward;
  return {
    work: gigaOperations({ m: (side - 2) ** 2, k: PATCH, n: FILTERS }),
    run: (iterations) => run(problem, iterations),
  };
}

export function denseStint(
  module: WebAssembly.Module,
  { images, inputs, outputs }: Dense,
  direction: 'forward' | 'weights' | 'inputs',
): Stint {
  const kernels = kernelsOf(module);
  const problem = kernels.bench_dense_open(images, inputs, outputs);
  const run = kernels[`bench_dense_${direction}`];
  return {
    work: gigaOperations({ m: images, k: inputs, n: outputs }),
    run: (iterations) => run(problem, iterations),
  };
}

function seedCnn(core: Core, { side, classes, batch, rate }: SeedCnn): NetworkConfig {
  return {
    ...core.networkDefaults(),
    resolution: side,
    channels: CHANNELS,
    classes,
    filters: FILTERS,
    batch,
    learning_rate: rate,
    scaling: 'unit',
  };
}

/** Noise with random labels: what is learnt does not matter here. */
function noiseImages(core: Core, side: number, classes: number, count: number, seed: number) {
  const random = randomSource(seed);
  const byte = () => Math.floor(random() * 256);
  const images = core.createImages(count, side, CHANNELS);
  const pixels = new Uint8Array(count * side * side * CHANNELS).map(byte);
  const labels = new Uint8Array(count).map(() => Math.floor(random() * classes));
  images.copyNext({ pixels, labels, count }, count);
  return images;
}

export function trainStint(module: WebAssembly.Module, network: SeedCnn): Stint {
  const core = instantiateCore(module);
  const { side, classes, batch } = network;
  const images = noiseImages(core, side, classes, batch, 1);
  const trainer = core.createTrainer(seedCnn(core, network), images, images);
  const indices = Array.from({ length: batch }, (_, i) => i);
  return {
    work: batch,
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) trainer.step(indices);
    },
  };
}

export interface MemoryUse {
  /** The block that the trainer asks for: activations, weights, gradients, moments, scratch. */
  trainerBytes: number;
  /** All of the module's memory after an update, images, stack and code's data included. */
  moduleBytes: number;
}

export function memoryOf(module: WebAssembly.Module, network: SeedCnn): MemoryUse {
  const core = instantiateCore(module);
  const { side, classes, batch } = network;
  const images = noiseImages(core, side, classes, batch, 1);
  const trainer = core.createTrainer(seedCnn(core, network), images, images);
  trainer.step(Array.from({ length: batch }, (_, i) => i));
  return { trainerBytes: trainer.plan.bytes, moduleBytes: core.memoryBytes() };
}

/** A whole run as the page does it. */
export interface WholeRun extends SeedCnn {
  train: number;
  test: number;
  epochs: number;
}

export interface WholeRunResult {
  trainSeconds: number;
  evaluateSeconds: number;
  moduleBytes: number;
  trainLoss: number;
}

/** The smallest slices, each charged to the phase in which it began. */
export function runWhole(module: WebAssembly.Module, run: WholeRun): WholeRunResult {
  const core = instantiateCore(module);
  const train = noiseImages(core, run.side, run.classes, run.train, 1);
  const test = noiseImages(core, run.side, run.classes, run.test, 2);
  const network = { ...seedCnn(core, run), epochs: run.epochs };
  const trainer = core.createTrainer(network, train, test);
  const spent = { training: 0, evaluating: 0 };
  let { phase } = trainer.progress();
  while (phase !== 'finished') {
    if (phase === 'stopped') throw new Error('The run of the benchmark ran away to infinity.');
    const start = performance.now();
    trainer.run(1);
    spent[phase === 'evaluate' ? 'evaluating' : 'training'] += performance.now() - start;
    ({ phase } = trainer.progress());
  }
  return {
    trainSeconds: spent.training / 1000,
    evaluateSeconds: spent.evaluating / 1000,
    moduleBytes: core.memoryBytes(),
    trainLoss: trainer.progress().train.loss,
  };
}
