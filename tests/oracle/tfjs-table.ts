// What becomes of each TensorFlow.js vector: it runs on the core's kernels, or a reason says why its
// operation is none of this model's. Images are NHWC and filters HWIO as in the core, unless the
// case says NCHW.
import {
  type Activation,
  convFilterGradient,
  convInputGradient,
  convolve,
  relu,
  reluGradient,
} from './conv-ops';
import { matMul } from './dense-ops';
import { type Gate, TFJS_GATE } from './gates';
import { type Plane, tfjsPlane } from './geometry';
import type { Kernels } from './kernels';
import { batchNorm } from './norm-ops';
import { readOracle, type Verdict } from './oracle-files';
import {
  logSoftmax,
  logSoftmaxGradient,
  sigmoid,
  sigmoidCrossEntropy,
  sigmoidGradient,
  softmax,
  softmaxCrossEntropy,
  softmaxGradient,
  tfjsReduce,
} from './output-ops';
import {
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  windowsAreSquare,
} from './pool-ops';
import { growsByWhole, resizeByWhole } from './resize-ops';
import {
  at,
  broadcast,
  readTensor,
  type StoredTensor,
  type Tensor,
  tensor,
  toNchw,
  toNhwc,
} from './tensor';

type Attributes = Record<string, unknown>;
type NestedNumbers = number | NestedNumbers[];
/** Arguments of a call: tensors, plain or nested numbers, or left out. */
type Argument = { tensor: StoredTensor } | NestedNumbers | null;

interface StoredCase {
  id: string;
  kind: 'kernel' | 'forward' | 'gradient';
  op: string;
  /** By name for kernels, by position for calls. */
  inputs: Record<string, StoredTensor> | Argument[];
  attrs: Attributes;
  expected: { shape: number[] };
  tfjs_cpu: (number | string)[];
}

export interface TfjsCase {
  id: string;
  verdict: Verdict;
  expected: Tensor;
  gate: Gate;
  run: (k: Kernels) => Tensor;
}

/** Inputs by name, or by position as '0', '1', ... */
interface Call {
  k: Kernels;
  get: (name: string) => Tensor | undefined;
  need: (name: string) => Tensor;
  attributes: Attributes;
}

type TfjsOp = (call: Call) => Tensor;

const FILES = [
  'AvgPool',
  'AvgPoolGrad',
  'Conv2D',
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'FusedBatchNorm',
  'FusedConv2D',
  'FusedMatMul',
  'MaxPool',
  'MaxPoolGrad',
  'Relu',
  'ResizeBilinear',
  'ResizeNearestNeighbor',
  'Sigmoid',
  'logSoftmax',
  'logSoftmax_grad',
  'relu_grad',
  'sigmoidCrossEntropy',
  'sigmoid_grad',
  'softmax',
  'softmaxCrossEntropy',
  'softmax_grad',
];

const isNchw = (attributes: Attributes) => attributes['dataFormat'] === 'NCHW';
/** An image input in the core's layout. */
const image = (t: Tensor, attributes: Attributes) => (isNchw(attributes) ? toNhwc(t) : t);

function planeOf(nhwc: Tensor, kernel: readonly number[], attributes: Attributes): Plane {
  return tfjsPlane(attributes, nhwc.shape.slice(1, 3), kernel);
}

const conv: TfjsOp = ({ k, get, need, attributes }) => {
  const [x, filter] = [image(need('x'), attributes), need('filter')];
  const bias = get('bias');
  const wide = bias && broadcast(bias, [at(filter.shape, 3)]);
  const activation = (attributes['activation'] ?? 'linear') as Activation;
  const plane = planeOf(x, filter.shape.slice(0, 2), attributes);
  const y = convolve(k, x, filter, wide, plane, activation);
  return isNchw(attributes) ? toNchw(y) : y;
};

const convFilter: TfjsOp = ({ k, need, attributes }) => {
  const [x, dy] = [image(need('x'), attributes), image(need('dy'), attributes)];
  const shape = (attributes['filterShape'] as number[]).map(Number);
  return convFilterGradient(k, x, dy, shape, planeOf(x, shape.slice(0, 2), attributes));
};

const convInput: TfjsOp = ({ k, need, attributes }) => {
  const [dy, filter] = [image(need('dy'), attributes), need('filter')];
  const shape = (attributes['inputShape'] as number[]).map(Number);
  const sides = isNchw(attributes) ? shape.slice(2) : shape.slice(1, 3);
  const plane = tfjsPlane(attributes, sides, filter.shape.slice(0, 2));
  const dx = convInputGradient(k, dy, filter, plane);
  return isNchw(attributes) ? toNchw(dx) : dx;
};

const fusedBatchNorm: TfjsOp = ({ k, get, need, attributes }) => {
  const [x, mean, variance] = [need('x'), need('mean').data, need('variance').data];
  const gamma = get('scale')?.data ?? new Float64Array(mean.length).fill(1);
  const beta = get('offset')?.data ?? new Float64Array(mean.length);
  // Statistics of whole images: every value is a filter of the one position.
  const channels = at(x.shape, 3);
  const wide = mean.length === channels ? x : tensor([at(x.shape, 0), 1, 1, mean.length], x.data);
  const epsilon = Number(attributes['varianceEpsilon']);
  return tensor(x.shape, batchNorm(k, wide, mean, variance, { gamma, beta }, epsilon).data);
};

const fusedMatMul: TfjsOp = ({ k, get, need, attributes }) => {
  const y = matMul(k, need('a'), need('b'), get('bias'), {
    transposeA: attributes['transposeA'] === true,
    transposeB: attributes['transposeB'] === true,
  });
  return attributes['activation'] === 'relu' ? relu(k, y) : y;
};

function poolPlane(x: Tensor, attributes: Attributes): Plane {
  const size = [attributes['filterSize']].flat().map(Number);
  const [height = 1, width = height] = size;
  return planeOf(x, [height, width], attributes);
}

const pool: TfjsOp = ({ k, need, attributes }) => {
  const x = need('x');
  return maxPool(k, x, poolPlane(x, attributes)).values;
};

const poolGradient: TfjsOp = ({ k, need, attributes }) => {
  const x = need('input');
  return maxPoolGradient(k, x, need('dy'), poolPlane(x, attributes));
};

const average: TfjsOp = ({ k, need, attributes }) => {
  const x = need('x');
  return averagePool(k, x, poolPlane(x, attributes));
};

const averageGradient: TfjsOp = ({ k, need, attributes }) => {
  const x = need('input');
  return averagePoolGradient(k, x, need('dy'), poolPlane(x, attributes));
};

const resize: TfjsOp = ({ k, need, attributes }) =>
  resizeByWhole(k, need('images'), at(attributes['size'] as number[], 0));

/** labels, logits, weights, label smoothing, reduction. Smoothing moves towards equal targets. */
function lossInputs({ get, need }: Call) {
  const [labels, logits, smoothing] = [need('0'), need('1'), get('3')?.data[0] ?? 0];
  const soften = (even: number) =>
    tensor(
      labels.shape,
      labels.data.map((y) => y * (1 - smoothing) + even * smoothing),
    );
  return { logits, weights: get('2'), reduction: get('4')?.data[0], soften };
}

const binaryLoss: TfjsOp = (call) => {
  const { logits, weights, reduction, soften } = lossInputs(call);
  return tfjsReduce(sigmoidCrossEntropy(call.k, soften(1 / 2), logits), weights, reduction);
};

const classLoss: TfjsOp = (call) => {
  const { logits, weights, reduction, soften } = lossInputs(call);
  const losses = softmaxCrossEntropy(call.k, soften(1 / at(logits.shape, 1)), logits);
  return tfjsReduce(losses, weights, reduction);
};

/** Gradient operations take their input as '0' and the gradient that comes in as 'dy'. */
const OPS: Record<string, TfjsOp> = {
  AvgPool: average,
  AvgPoolGrad: averageGradient,
  Conv2D: conv,
  Conv2DBackpropFilter: convFilter,
  Conv2DBackpropInput: convInput,
  FusedBatchNorm: fusedBatchNorm,
  FusedConv2D: conv,
  _FusedMatMul: fusedMatMul,
  MaxPool: pool,
  MaxPoolGrad: poolGradient,
  Relu: ({ k, need }) => relu(k, need('x')),
  ResizeBilinear: resize,
  ResizeNearestNeighbor: resize,
  Sigmoid: ({ k, need }) => sigmoid(k, need('x')),
  logSoftmax: ({ k, need }) => logSoftmax(k, need('0'), -1),
  'logSoftmax gradient': ({ k, need }) => logSoftmaxGradient(k, need('0'), need('dy')),
  'losses.sigmoidCrossEntropy': binaryLoss,
  'losses.softmaxCrossEntropy': classLoss,
  'relu gradient': ({ k, need }) => reluGradient(k, need('0'), need('dy')),
  'sigmoid gradient': ({ k, need }) => sigmoidGradient(k, need('0'), need('dy')),
  softmax: ({ k, need }) => softmax(k, need('0'), -1),
  'softmax gradient': ({ k, need }) => softmaxGradient(k, need('0'), need('dy')),
};

const LEFT_OUT: Record<string, string> = {
  'AvgPoolGrad-02': 'wrong upstream: with padding its gradient does not match its forward pass',
  'MaxPool-04': 'tfjs skips NaN; the core stops a run that is not finite before a pool sees one',
};

/** Reasons that depend on more than the operation. */
function refusal({ id, op, attrs }: StoredCase, get: Call['get']): string | undefined {
  if (LEFT_OUT[id]) return LEFT_OUT[id];
  const x = get('x') ?? get('input');
  if (x && op.startsWith('AvgPool') && !windowsAreSquare(x, poolPlane(x, attrs))) {
    return 'averages are over squares only, and padding makes some of these windows oblong';
  }
  const images = get('images');
  if (images && !isAreaAverage(images, op, attrs)) {
    return 'pictures are resized by area average only, between squares';
  }
  return undefined;
}

/** Resizes that repeat whole pixels, or leave them alone, are area averages. */
function isAreaAverage(images: Tensor, op: string, attributes: Attributes): boolean {
  const [height = 0, width = 0] = attributes['size'] as number[];
  const unchanged = height === images.shape[1] && width === images.shape[2];
  const repeats = op === 'ResizeNearestNeighbor' && attributes['alignCorners'] === false;
  return (unchanged || repeats) && height === width && growsByWhole(images, height);
}

function flat(values: NestedNumbers): number[] {
  return Array.isArray(values) ? values.flatMap(flat) : [values];
}

function shapeOf(values: NestedNumbers): number[] {
  const [first] = Array.isArray(values) ? values : [];
  return Array.isArray(values) ? [values.length, ...shapeOf(first ?? 0)] : [];
}

function readArgument(argument: Argument): Tensor | undefined {
  if (argument === null) return undefined;
  if (typeof argument === 'number' || Array.isArray(argument)) {
    return tensor(shapeOf(argument), flat(argument));
  }
  return readTensor(argument.tensor);
}

function readInputs({ inputs, attrs }: StoredCase): Map<string, Tensor> {
  const named: [string, Tensor | undefined][] = Array.isArray(inputs)
    ? inputs.map((argument, i) => [String(i), readArgument(argument)])
    : Object.entries(inputs).map(([name, stored]) => [name, readTensor(stored)]);
  if (attrs['dy']) named.push(['dy', readTensor(attrs['dy'] as StoredTensor)]);
  return new Map(named.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** The gradient of softmax is a difference of numbers near dy, which tfjs rounds to float32 (its
 *  record is 0.15 % off the exact value): one such rounding is allowed on top. */
function gateOf(operation: string, get: Call['get']): Gate {
  const dy = get('dy');
  if (operation !== 'softmax gradient' || !dy) return TFJS_GATE;
  const largest = dy.data.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  return { ...TFJS_GATE, absolute: 2 ** -23 * largest };
}

function load(stored: StoredCase): TfjsCase {
  const inputs = readInputs(stored);
  const get = (name: string) => inputs.get(name);
  const need = (name: string) => {
    const input = inputs.get(name);
    if (!input) throw new Error(`${stored.id} has no input ${name}`);
    return input;
  };
  const operation = stored.kind === 'gradient' ? `${stored.op} gradient` : stored.op;
  const op = OPS[operation];
  const reason = refusal(stored, get);
  const run = (k: Kernels) => {
    if (!op) throw new Error(`${operation} is not known here`);
    return op({ k, get, need, attributes: stored.attrs });
  };
  const verdict: Verdict = reason
    ? { kind: 'not in this model', operation, reason }
    : { kind: op ? 'run' : 'unclassified', operation };
  const expected = tensor(stored.expected.shape, stored.tfjs_cpu.map(Number));
  return { id: stored.id, verdict, expected, gate: gateOf(operation, get), run };
}

export function loadTfjsCases(): TfjsCase[] {
  return FILES.flatMap((file) =>
    readOracle<{ cases: StoredCase[] }>(`tfjs/${file}.json`).cases.map(load),
  );
}

/** Files of runs, not of vectors; keras-parity.ts reads them. */
export const RUN_FILES = ['keras_parity_training', 'optimizer_trajectories'];
export const VECTOR_FILES: readonly string[] = FILES;
