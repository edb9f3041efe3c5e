// Batch and layer normalisation of any epsilon and momentum through the core's, which have Keras'
// 1e-3 and 0.99. Batch: a variance moved by the difference of the epsilons. Layer: numbers scaled
// by sqrt(1e-3 / epsilon), which the division takes away again. Moving averages: the batch's
// statistics moved away from the old ones until 1 % of the way is what the other momentum goes.
import type { Kernels } from './kernels';
import { at, type Tensor, tensor, zeros } from './tensor';

const EPSILON = 1e-3;
const STEP = 1 - 0.99;
/** As many values as the core takes at a position. */
export const MOST_FILTERS = 64;

interface Affine {
  gamma: ArrayLike<number>;
  beta: ArrayLike<number>;
}

function imagesOf(x: Tensor): Float64Array[] {
  const size = x.data.length / at(x.shape, 0);
  return Array.from({ length: at(x.shape, 0) }, (_, n) => x.data.slice(n * size, (n + 1) * size));
}

function joined(x: Tensor, images: readonly ArrayLike<number>[]): Tensor {
  const out = zeros(x.shape);
  for (const [n, image] of images.entries()) out.data.set(image, n * image.length);
  return out;
}

/** x [N][...][F] with the statistics given. */
export function batchNorm(
  k: Kernels,
  x: Tensor,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
  { gamma, beta }: Affine,
  epsilon: number,
): Tensor {
  const moved = Array.from(variance, (value) => value + epsilon - EPSILON);
  return joined(
    x,
    imagesOf(x).map((image) => k.batchNorm(image, mean, moved, gamma, beta)),
  );
}

/** The batch's own mean and biased variance. */
export function batchStatistics(k: Kernels, x: Tensor) {
  return k.batchStatistics(imagesOf(x), at(x.shape, x.shape.length - 1));
}

/** Moving averages after a batch, for a momentum that is the share of the old ones. */
export function movedStatistics(
  k: Kernels,
  old: { mean: ArrayLike<number>; variance: ArrayLike<number> },
  batch: { mean: ArrayLike<number>; variance: ArrayLike<number> },
  momentum: number,
) {
  const reach = (1 - momentum) / STEP;
  const beyond = (from: ArrayLike<number>, to: ArrayLike<number>) =>
    Array.from(from, (value, i) => value + reach * (at(to, i) - value));
  const [mean, variance] = [beyond(old.mean, batch.mean), beyond(old.variance, batch.variance)];
  return k.batchNormMove(old.mean, old.variance, mean, variance);
}

/** Over the last `axes` axes of x; with the mean and 1/sqrt(variance + epsilon) of each list, read
 *  off the normalised numbers. */
export function layerNorm(
  k: Kernels,
  x: Tensor,
  axes: number,
  { gamma, beta }: Affine,
  epsilon: number,
): { y: Tensor; mean: Tensor; inverse: Tensor } {
  const filters = gamma.length;
  const scale = Math.sqrt(EPSILON / epsilon);
  const scaled = x.data.map((value) => value * scale);
  const y = tensor(x.shape, k.layerNorm(scaled, gamma, beta));
  const normal = k.layerNorm(scaled, new Float32Array(filters).fill(1), new Float32Array(filters));
  const lead = x.shape.slice(0, -axes);
  const shape = [...lead, ...x.shape.slice(-axes).map(() => 1)];
  const [mean, inverse] = [zeros(shape), zeros(shape)];
  for (let row = 0; row < mean.data.length; row++) {
    const own = x.data.subarray(row * filters, (row + 1) * filters);
    const [low, high] = [own.indexOf(Math.min(...own)), own.indexOf(Math.max(...own))];
    const n = (place: number) => at(normal, row * filters + place);
    const slope = (n(high) - n(low)) / (at(own, high) - at(own, low));
    inverse.data[row] = slope;
    mean.data[row] = at(own, high) - n(high) / slope;
  }
  return { y, mean, inverse };
}
