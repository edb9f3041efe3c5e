// What can be timed. A task is plain data, so that it travels to a worker in the browser; a stint is
// the task made ready on one side.

export interface Product {
  m: number;
  k: number;
  n: number;
}

/** A batch through a dense layer. */
export interface Dense {
  images: number;
  inputs: number;
  outputs: number;
}

/** The seed CNN: Conv2D 32 of 3 x 3 on `side` x `side` x 3, ReLU, max pool 2, dense, softmax, Adam. */
export interface SeedCnn {
  side: number;
  classes: number;
  /** Images of one update. */
  batch: number;
  /** Learning rate. */
  rate: number;
}

export type Task =
  | { kind: 'peak' }
  | ({ kind: 'gemm' } & Product)
  | ({ kind: 'xnnpack' } & Product)
  | { kind: 'conv-forward' | 'conv-gradient'; side: number }
  | ({ kind: 'dense-forward' | 'dense-weights' | 'dense-inputs' } & Dense)
  | ({ kind: 'train' | 'tfjs' | 'convnetjs' } & SeedCnn);

export interface Stint {
  /** Giga-operations (nominal multiplies and adds) or images of one iteration. */
  work: number;
  run(iterations: number): void;
  close?(): void;
}

/** Filters, channels and side of the kernel of the seed CNN. */
export const FILTERS = 32;
export const CHANNELS = 3;
export const KERNEL = 3;
export const PATCH = KERNEL * KERNEL * CHANNELS;

/** Multiplies and adds of a product, in giga-operations. */
export const gigaOperations = ({ m, k, n }: Product): number => (2 * m * k * n) / 1e9;

/** Uniform in 0..1, the same on every side and run (mulberry32's mixing step). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
