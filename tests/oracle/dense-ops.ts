// Matrix products through the dense layer's three: x w (+ bias), x^T dy and dy w^T. Which one a
// product goes through is said by its transposes; alpha and beta scale what goes in.
import type { Kernels } from './kernels';
import { at, broadcast, type Tensor, tensor, transpose, wrongRank, zeros } from './tensor';

export interface GemmOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  alpha?: number;
  beta?: number;
}

/** alpha A B + beta C, C broadcast to the result. */
export function gemm(
  k: Kernels,
  a: Tensor,
  b: Tensor,
  c: Tensor | undefined,
  options: GemmOptions = {},
): Tensor {
  const { transposeA = false, transposeB = false, alpha = 1, beta = 1 } = options;
  for (const operand of [a, b]) if (operand.shape.length !== 2) throw wrongRank(operand, 2);
  const scaled = tensor(
    a.shape,
    a.data.map((value) => alpha * value),
  );
  const [m, inner] = transposeA ? [...a.shape].reverse() : a.shape;
  const [depth, n] = transposeB ? [...b.shape].reverse() : b.shape;
  if (m === undefined || n === undefined || inner === undefined || inner !== depth) {
    throw new RangeError('inner sides differ');
  }
  const start = c
    ? broadcast(c, [m, n]).data.map((value) => beta * value)
    : new Float64Array(m * n);
  const product = () => {
    const left = transposeA && transposeB ? transpose(scaled, [1, 0]) : scaled;
    if (transposeB) return k.denseInputGradient(left.data, b.data, m);
    if (transposeA) return k.denseWeightGradient(scaled.data, b.data, at(a.shape, 0));
    return undefined;
  };
  const own = product();
  if (!own) return tensor([m, n], k.denseForward(scaled.data, b.data, start, m, inner));
  return tensor(
    [m, n],
    start.map((value, i) => value + at(own, i)),
  );
}

/** Products of the last two axes; the axes before them are equal on both sides. */
export function matMul(
  k: Kernels,
  a: Tensor,
  b: Tensor,
  bias?: Tensor,
  options: GemmOptions = {},
): Tensor {
  const lead = a.shape.slice(0, -2);
  if (lead.join() !== b.shape.slice(0, -2).join()) throw new RangeError('the batches differ');
  const count = lead.reduce((product, side) => product * side, 1);
  const part = (t: Tensor, i: number) => {
    const size = t.data.length / count;
    return tensor(t.shape.slice(-2), t.data.subarray(i * size, (i + 1) * size));
  };
  const products = Array.from({ length: count }, (_, i) =>
    gemm(k, part(a, i), part(b, i), bias && squeeze(bias), options),
  );
  const out = zeros([...lead, ...at(products, 0).shape]);
  for (const [i, { data }] of products.entries()) out.data.set(data, i * data.length);
  return out;
}

/** Without leading axes of length 1 beyond a matrix. */
function squeeze(t: Tensor): Tensor {
  return t.shape.length > 2 && t.shape[0] === 1 ? squeeze(tensor(t.shape.slice(1), t.data)) : t;
}
