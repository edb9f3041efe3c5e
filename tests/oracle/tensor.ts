// Arrays with shapes, as far as the oracle files need them: reading, transposing, broadcasting.
// Values are doubles here and become float32 on their way into a kernel.

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A tensor in an oracle file; NaN and infinities are written as words, booleans as such. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

export function at<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`no element ${index} of ${list.length}`);
  return value;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

export function tensor(shape: readonly number[], data: ArrayLike<number>): Tensor {
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`${data.length} values do not fill [${shape.join(', ')}]`);
  }
  return { shape, data: Float64Array.from(data) };
}

export function zeros(shape: readonly number[]): Tensor {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

export function readTensor(stored: StoredTensor): Tensor {
  return tensor(stored.shape, stored.data.map(Number));
}

export function reshape(t: Tensor, shape: readonly number[]): Tensor {
  return tensor(shape, t.data);
}

/** The shape as exactly four numbers. */
export function dims4(t: Tensor): [number, number, number, number] {
  const [a, b, c, d] = t.shape;
  if (t.shape.length !== 4 || a === undefined || b === undefined) throw wrongRank(t, 4);
  return [a, b, c ?? 0, d ?? 0];
}

export function wrongRank(t: Tensor, rank: number): RangeError {
  return new RangeError(`a tensor of rank ${rank} is wanted, not [${t.shape.join(', ')}]`);
}

/** Elements between neighbours along each axis, row-major. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** result.shape[i] = t.shape[order[i]]. */
export function transpose(t: Tensor, order: readonly number[]): Tensor {
  if (order.length !== t.shape.length) throw wrongRank(t, order.length);
  const from = stridesOf(t.shape);
  const shape = order.map((axis) => at(t.shape, axis));
  return gather(
    t,
    shape,
    order.map((axis) => at(from, axis)),
  );
}

/** Numpy's broadcasting: missing leading axes and axes of length 1 are repeated. */
export function broadcast(t: Tensor, shape: readonly number[]): Tensor {
  const lead = shape.length - t.shape.length;
  const from = stridesOf(t.shape);
  const strides = shape.map((side, axis) => {
    if (axis < lead || (at(t.shape, axis - lead) === 1 && side !== 1)) return 0;
    if (at(t.shape, axis - lead) !== side) {
      throw new RangeError(`[${t.shape.join(', ')}] does not broadcast to [${shape.join(', ')}]`);
    }
    return at(from, axis - lead);
  });
  return gather(t, shape, strides);
}

function gather(t: Tensor, shape: readonly number[], strides: readonly number[]): Tensor {
  const out = zeros(shape);
  const index = shape.map(() => 0);
  for (let i = 0; i < out.data.length; i++) {
    const offset = index.reduce((sum, n, axis) => sum + n * at(strides, axis), 0);
    out.data[i] = at(t.data, offset);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = at(index, axis) + 1;
      index[axis] = next % at(shape, axis);
      if (next < at(shape, axis)) break;
    }
  }
  return out;
}

export function toNhwc(nchw: Tensor): Tensor {
  return transpose(nchw, [0, 2, 3, 1]);
}

export function toNchw(nhwc: Tensor): Tensor {
  return transpose(nhwc, [0, 3, 1, 2]);
}

/** An axis that may count from the end. */
function axisOf(t: Tensor, axis: number): number {
  return axis < 0 ? axis + t.shape.length : axis;
}

/** The lists along one axis as the rows of a matrix, and the way back. */
export function rowsAlong(t: Tensor, axis: number) {
  const last = axisOf(t, axis);
  const order = [...t.shape.keys()].filter((a) => a !== last).concat(last);
  const back = order.map((_, a) => order.indexOf(a));
  const turned = transpose(t, order);
  const length = at(t.shape, last);
  return {
    rows: tensor([t.data.length / length, length], turned.data),
    restore: (rows: Tensor) => transpose(reshape(rows, turned.shape), back),
  };
}
