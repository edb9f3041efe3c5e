// ONNX operators on the core's kernels. ONNX keeps images NCHW and filters OIHW; the core NHWC and
// HWIO.
import { convolve, relu } from './conv-ops';
import { gemm, matMul } from './dense-ops';
import { onnxPlane, type Plane } from './geometry';
import {
  adam,
  attentionOp,
  batchNormOp,
  convTranspose,
  layerNormOp,
  momentumOp,
} from './onnx-training-ops';
import { type Attributes, number, type OnnxOp, present } from './onnx-values';
import { argMax, logSoftmax, onnxCrossEntropy, sigmoid, softmax } from './output-ops';
import { averagePool, maxPool } from './pool-ops';
import { resizeByWhole } from './resize-ops';
import {
  at,
  dims4,
  readTensor,
  reshape,
  type StoredTensor,
  sizeOf,
  type Tensor,
  tensor,
  toNchw,
  toNhwc,
  transpose,
  zeros,
} from './tensor';

const conv: OnnxOp = (k, inputs, attributes) => {
  const x = present(inputs, 0);
  const filter = transpose(present(inputs, 1), [2, 3, 1, 0]);
  const plane = onnxPlane(attributes, x.shape.slice(2), filter.shape.slice(0, 2));
  const groups = number(attributes, 'group', 1);
  return [toNchw(convolve(k, toNhwc(x), filter, inputs[2], plane, 'linear', groups))];
};

/** An image of one direction [N, C, W] is one of a single row. */
function asImage(x: Tensor): Tensor {
  const [n = 0, c = 0, w = 0] = x.shape;
  return x.shape.length === 3 ? reshape(x, [n, c, 1, w]) : x;
}

function poolPlane(x: Tensor, attributes: Attributes): Plane {
  const kernel = attributes['kernel_shape'];
  if (!Array.isArray(kernel)) throw new Error('kernel_shape is missing');
  return onnxPlane(attributes, x.shape.slice(2), kernel.map(Number));
}

const maxPoolOp: OnnxOp = (k, inputs, attributes, wanted) => {
  const x = present(inputs, 0);
  const image = toNhwc(asImage(x));
  const { values, place } = maxPool(k, image, poolPlane(x, attributes));
  const y = toNchw(values);
  const shape = x.shape.length === 3 ? [at(y.shape, 0), at(y.shape, 1), at(y.shape, 3)] : y.shape;
  const results = [reshape(y, shape)];
  if (wanted > 1) results.push(reshape(indices(place, image, attributes), shape));
  return results;
};

/** Places as positions in the whole NCHW input; storage_order 1 counts down the columns first. */
function indices(place: Tensor, image: Tensor, attributes: Attributes): Tensor {
  const [, height, width] = dims4(image);
  const byColumn = number(attributes, 'storage_order', 0) === 1;
  const inPlane = toNchw(place);
  const perPlane = inPlane.data.length / (at(place.shape, 0) * at(place.shape, 3));
  const all = inPlane.data.map((pixel, i) => {
    const own = byColumn ? (pixel % width) * height + Math.floor(pixel / width) : pixel;
    return Math.floor(i / perPlane) * height * width + own;
  });
  return tensor(inPlane.shape, all);
}

/** Padding that counts becomes part of the image. */
export function withCountedPadding(x: Tensor, attributes: Attributes): [Tensor, Plane] {
  const plane = poolPlane(x, attributes);
  const image = toNhwc(x);
  if (number(attributes, 'count_include_pad', 0) === 0) return [image, plane];
  const [n, height, width, channels] = dims4(image);
  const [vertical, horizontal] = plane;
  const rows = height + vertical.begin + vertical.end;
  const columns = width + horizontal.begin + horizontal.end;
  const padded = zeros([n, rows, columns, channels]);
  for (let i = 0; i < n * height; i++) {
    const [own, y] = [Math.floor(i / height), i % height];
    const to = (own * rows + y + vertical.begin) * columns + horizontal.begin;
    const row = width * channels;
    padded.data.set(image.data.subarray(i * row, (i + 1) * row), to * channels);
  }
  const grown = { begin: 0, end: 0 };
  return [
    padded,
    [
      { ...vertical, ...grown, input: rows },
      { ...horizontal, ...grown, input: columns },
    ],
  ];
}

const averagePoolOp: OnnxOp = (k, inputs, attributes) => {
  const [image, plane] = withCountedPadding(present(inputs, 0), attributes);
  return [toNchw(averagePool(k, image, plane))];
};

/** One call of a global pool for each image, channels as filters. */
function globalPool(x: Tensor, pool: (map: Float64Array, side: number) => Float32Array): Tensor {
  const image = toNhwc(x);
  const [n, height, width, channels] = dims4(image);
  if (height !== width) throw new RangeError('the map is not square');
  const out = zeros([n, channels, 1, 1]);
  for (let i = 0; i < n; i++) {
    const map = image.data.subarray(
      i * height * width * channels,
      (i + 1) * height * width * channels,
    );
    out.data.set(pool(map, height), i * channels);
  }
  return out;
}

const globalMaxPool: OnnxOp = (k, inputs) => {
  const x = present(inputs, 0);
  const channels = at(x.shape, 1);
  return [globalPool(x, (map, side) => k.globalMax(map, side * side, channels).features)];
};

const globalAveragePool: OnnxOp = (k, inputs) => {
  const x = present(inputs, 0);
  return [globalPool(x, (map, side) => k.globalAverage(map, side, at(x.shape, 1)))];
};

/** Flatten has no code in the core: it is how the convolution lays out its map. So the image is
 *  sent through a convolution that copies it, and element (c, h, w) looked up at the index
 *  (h*W + w)*C + c of the core's features. */
const flatten: OnnxOp = (k, inputs, attributes) => {
  const x = present(inputs, 0);
  const axis = number(attributes, 'axis', 1);
  const cut = axis < 0 ? axis + x.shape.length : axis;
  const rows = sizeOf(x.shape.slice(0, cut));
  const inner = [1, 1, ...x.shape.slice(cut)];
  const [height, width] = [at(inner, inner.length - 2), at(inner, inner.length - 1)];
  const channels = sizeOf(inner.slice(0, -2));
  const copy = zeros([1, 1, channels, channels]);
  for (let c = 0; c < channels; c++) copy.data[c * channels + c] = 1;
  const image = toNhwc(reshape(x, [rows, channels, height, width]));
  const features = convolve(k, image, copy, undefined, onnxPlane({}, [height, width], [1, 1])).data;
  const perRow = channels * height * width;
  const flat = Float64Array.from(features, (_, i) => {
    const [row, c, pixel] = [
      Math.floor(i / perRow),
      Math.floor((i % perRow) / (height * width)),
      i % (height * width),
    ];
    return at(features, row * perRow + pixel * channels + c);
  });
  return [tensor([rows, perRow], flat)];
};

const argMaxOp: OnnxOp = (k, inputs, attributes) => {
  const x = present(inputs, 0);
  const axis = number(attributes, 'axis', 0);
  const own = axis < 0 ? axis + x.shape.length : axis;
  const length = at(x.shape, own);
  const last = number(attributes, 'select_last_index', 0) === 1;
  const { first } = argMax(k, last ? reversed(x, own) : x, own);
  const keep = number(attributes, 'keepdims', 1) === 1;
  const shape = x.shape.flatMap((side, a) => (a !== own ? [side] : keep ? [1] : []));
  // The last of the largest is the first of them in the list read backwards.
  return [
    tensor(
      shape,
      Float64Array.from(first, (j) => (last ? length - 1 - j : j)),
    ),
  ];
};

function reversed(x: Tensor, axis: number): Tensor {
  const below = sizeOf(x.shape.slice(axis + 1));
  const length = at(x.shape, axis);
  const data = x.data.map((_, i) => {
    const j = Math.floor(i / below) % length;
    return at(x.data, i + (length - 1 - 2 * j) * below);
  });
  return tensor(x.shape, data);
}

const crossEntropy: OnnxOp = (k, inputs, attributes, wanted) => {
  const [x, y] = [present(inputs, 0), present(inputs, 1)];
  const ignored = attributes['ignore_index'];
  const loss = onnxCrossEntropy(
    k,
    x,
    y,
    inputs[2],
    ignored === undefined ? undefined : Number(ignored),
    String(attributes['reduction'] ?? 'mean'),
  );
  return wanted > 1 ? [loss, logSoftmax(k, x, 1)] : [loss];
};

const gemmOp: OnnxOp = (k, inputs, attributes) => [
  gemm(k, present(inputs, 0), present(inputs, 1), inputs[2], {
    transposeA: number(attributes, 'transA', 0) === 1,
    transposeB: number(attributes, 'transB', 0) === 1,
    alpha: number(attributes, 'alpha', 1),
    beta: number(attributes, 'beta', 1),
  }),
];

const resize: OnnxOp = (k, inputs, attributes) => {
  const x = toNhwc(present(inputs, 0));
  return [toNchw(resizeByWhole(k, x, onnxResizeSide(x, inputs, attributes) ?? 0))];
};

/** New side of a resize that repeats the pixels of a square image a whole number of times, which is
 *  also the area average; nothing for all others. */
export function onnxResizeSide(
  nhwc: Tensor,
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes,
): number | undefined {
  const [, height, width] = dims4(nhwc);
  const sizes = inputs[3]?.data.slice(-2);
  const policy = attributes['keep_aspect_ratio_policy'] ?? 'stretch';
  const plain =
    attributes['mode'] === 'nearest' &&
    (attributes['coordinate_transformation_mode'] ?? 'half_pixel') === 'half_pixel' &&
    (attributes['nearest_mode'] ?? 'round_prefer_floor') === 'round_prefer_floor';
  if (!plain || !sizes || height !== width) return undefined;
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  if (policy === 'stretch' && low !== high) return undefined;
  const side = policy === 'not_larger' ? low : high;
  return side % height === 0 ? side : undefined;
}

const firstAxis = (attributes: Attributes) => number(attributes, 'axis', -1);

/** Transpose and Constant compute nothing: they name operands of the others. */
export const ONNX_OPS: Record<string, OnnxOp> = {
  Adam: adam,
  ArgMax: argMaxOp,
  Attention: attentionOp,
  AveragePool: averagePoolOp,
  BatchNormalization: batchNormOp,
  Constant: (_, __, attributes) => [readTensor(attributes['value'] as StoredTensor)],
  Conv: conv,
  ConvTranspose: convTranspose,
  Flatten: flatten,
  Gemm: gemmOp,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  LayerNormalization: layerNormOp,
  LogSoftmax: (k, inputs, attributes) => [logSoftmax(k, present(inputs, 0), firstAxis(attributes))],
  MatMul: (k, inputs) => [matMul(k, present(inputs, 0), present(inputs, 1))],
  MaxPool: maxPoolOp,
  Momentum: momentumOp,
  Relu: (k, inputs) => [relu(k, present(inputs, 0))],
  Resize: resize,
  Sigmoid: (k, inputs) => [sigmoid(k, present(inputs, 0))],
  Softmax: (k, inputs, attributes) => [softmax(k, present(inputs, 0), firstAxis(attributes))],
  SoftmaxCrossEntropyLoss: crossEntropy,
  Transpose: (_, inputs, attributes) => [
    transpose(present(inputs, 0), (attributes['perm'] as number[]).map(Number)),
  ],
};
