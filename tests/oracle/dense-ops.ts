// Matrix products through cnn_gemm. Transposes are named by strides, as the core names them; alpha
// and beta scale what goes in; a bias is what the product is added to.
import type { Kernels, Matrix } from './kernels';
import { at, broadcast, type Tensor, tensor, wrongRank, zeros } from './tensor';

export interface GemmOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  alpha?: number;
  beta?: number;
}

/** Rows, columns and strides of a matrix or its transpose. */
function named(t: Tensor, transposed: boolean) {
  const [rows, columns] = t.shape;
  if (t.shape.length !== 2 || rows === undefined || columns === undefined) throw wrongRank(t, 2);
  const matrix: Matrix = { data: t.data, row: columns, column: 1 };
  if (!transposed) return { rows, columns, matrix };
  return { rows: columns, columns: rows, matrix: { data: t.data, row: 1, column: columns } };
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
  const left = named(a, transposeA);
  const right = named(b, transposeB);
  if (left.columns !== right.rows) throw new RangeError('inner sides differ');
  const [m, n] = [left.rows, right.columns];
  const scaled = { ...left.matrix, data: a.data.map((value) => alpha * value) };
  const start = c && broadcast(c, [m, n]).data.map((value) => beta * value);
  return tensor([m, n], k.gemm(scaled, right.matrix, m, n, left.columns, start));
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
