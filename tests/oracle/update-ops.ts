// Weight updates through cnn_adam_update.
import type { AdamSettings, AdamState, Kernels } from './kernels';
import { at } from './tensor';

export function freshState(weights: ArrayLike<number>): AdamState {
  const w = Float32Array.from(weights);
  return { w, m: new Float32Array(w.length), v: new Float32Array(w.length) };
}

/** Copies of the weights, so that short lists reach the vector code and its remainder too. */
const COPIES = 5;

/** One update of all copies, which must agree; changes `state` in place. */
export function update(
  k: Kernels,
  state: AdamState,
  g: ArrayLike<number>,
  settings: AdamSettings,
): void {
  const count = state.w.length;
  const copied = (values: ArrayLike<number>) =>
    Float32Array.from({ length: COPIES * count }, (_, i) => at(values, i % count));
  const all = { w: copied(state.w), m: copied(state.m), v: copied(state.v) };
  k.adam(all, copied(g), settings);
  for (const part of ['w', 'm', 'v'] as const) {
    state[part].set(all[part].subarray(0, count));
    if (all[part].some((value, i) => value !== at(state[part], i % count))) {
      throw new Error(`equal weights got different ${part}`);
    }
  }
}

/** An epsilon so far above any gradient here that it alone remains below the fraction bar. */
const HUGE = 1e8;

/** Plain gradient descent as a limit of Adam: without memory (both betas 0) a step is
 *  rate * g / (|g| + epsilon), and with epsilon = 1e8, rate = 1e8 lr it is lr * g to float32. */
export function descend(k: Kernels, state: AdamState, g: ArrayLike<number>, lr: number): void {
  const settings = { beta1: 0, beta2: 0, beta1Power: 0, beta2Power: 0 };
  update(k, state, g, { ...settings, learningRate: lr * HUGE, epsilon: HUGE });
}

interface AdamHyper {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
}

/** Update number `step` in the form of tfjs and PyTorch, epsilon added after bias correction: the
 *  core's form with epsilon * sqrt(1 - beta2^step). */
export function tfjsAdam(
  k: Kernels,
  state: AdamState,
  g: ArrayLike<number>,
  hyper: AdamHyper,
  step: number,
): void {
  const [beta1Power, beta2Power] = [hyper.beta1 ** step, hyper.beta2 ** step];
  const epsilon = hyper.epsilon * Math.sqrt(1 - beta2Power);
  const settings: AdamSettings = { ...hyper, epsilon, beta1Power, beta2Power };
  update(k, state, g, settings);
}

/** Gradient with the L2 term that ONNX's operator adds. */
export function regularised(g: Float64Array, w: Float64Array, norm: number): Float64Array {
  return g.map((value, i) => value + norm * at(w, i));
}
