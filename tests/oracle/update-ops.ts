// Weight updates through cnn_update_apply.
import type { Kernels, UpdateSettings, UpdateState } from './kernels';
import { at } from './tensor';

export function freshState(weights: ArrayLike<number>): UpdateState {
  const w = Float32Array.from(weights);
  return { w, m: new Float32Array(w.length), v: new Float32Array(w.length) };
}

/** Copies of the weights, so that short lists reach the vector code and its remainder too. */
const COPIES = 5;

/** One update of all copies, which must agree; changes `state` in place. */
export function update(
  k: Kernels,
  state: UpdateState,
  g: ArrayLike<number>,
  settings: UpdateSettings,
): void {
  const count = state.w.length;
  const copied = (values: ArrayLike<number>) =>
    Float32Array.from({ length: COPIES * count }, (_, i) => at(values, i % count));
  const all = { w: copied(state.w), m: copied(state.m), v: copied(state.v) };
  k.update(all, copied(g), settings);
  for (const part of ['w', 'm', 'v'] as const) {
    state[part].set(all[part].subarray(0, count));
    if (all[part].some((value, i) => value !== at(state[part], i % count))) {
      throw new Error(`equal weights got different ${part}`);
    }
  }
}

/** Gradient descent with momentum; v = momentum v - lr g is the core's own form, so a velocity that
 *  others keep without the learning rate is the core's divided by -lr. */
export function descend(
  k: Kernels,
  state: UpdateState,
  g: ArrayLike<number>,
  learningRate: number,
  momentum = 0,
  nesterov = false,
): void {
  update(k, state, g, { optimiser: 'sgd', learningRate, momentum, nesterov });
}

/** Gradient with the L2 term that ONNX's operators add: norm * w, the core's 2 l2 w. */
export function regularised(
  k: Kernels,
  g: ArrayLike<number>,
  w: ArrayLike<number>,
  norm: number,
): Float32Array {
  return k.penalty(g, w, norm / 2).gradient;
}
