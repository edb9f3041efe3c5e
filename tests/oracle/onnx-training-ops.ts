// ONNX operators of training, normalisation and attention on the core's kernels.
import { convInputGradient } from './conv-ops';
import type { Plane } from './geometry';
import type { UpdateState } from './kernels';
import { batchNorm, batchStatistics, layerNorm, movedStatistics } from './norm-ops';
import { type Attributes, number, type OnnxOp, present } from './onnx-values';
import {
  at,
  dims4,
  reshape,
  type Tensor,
  tensor,
  toNchw,
  toNhwc,
  transpose,
  zeros,
} from './tensor';
import { descend, regularised, update } from './update-ops';

/** Inputs rate, T, then all weights, all gradients, all first and all second moments. T = 0 leaves
 *  the bias correction out, which is a power of 0. */
export const adam: OnnxOp = (k, inputs, attributes) => {
  const rate = at(present(inputs, 0).data, 0);
  if (at(present(inputs, 1).data, 0) !== 0) throw new Error('T = 0 is wanted');
  const count = (inputs.length - 2) / 4;
  const states = Array.from({ length: count }, (_, i): UpdateState => {
    const [w, g] = [present(inputs, 2 + i), present(inputs, 2 + count + i)];
    const moment = (n: number) => Float32Array.from(present(inputs, 2 + n * count + i).data);
    const state = { w: Float32Array.from(w.data), m: moment(2), v: moment(3) };
    const norm = number(attributes, 'norm_coefficient', 0);
    update(k, state, regularised(k, g.data, w.data, norm), {
      optimiser: 'adam',
      learningRate: rate,
      beta1: number(attributes, 'alpha', 0.9),
      beta2: number(attributes, 'beta', 0.999),
      epsilon: number(attributes, 'epsilon', 0),
      beta1Power: 0,
      beta2Power: 0,
    });
    return state;
  });
  return (['w', 'm', 'v'] as const).flatMap((part) =>
    states.map((state) => tensor([state[part].length], state[part])),
  );
};

/** Inputs rate, T, then all weights, all gradients, all velocities. ONNX' velocity is the sum of
 *  gradients, the core's has the learning rate in it: v = -rate * V. T = 0 takes the whole gradient;
 *  later ones take `beta` of it. */
export const momentumOp: OnnxOp = (k, inputs, attributes) => {
  const rate = at(present(inputs, 0).data, 0);
  const fresh = at(present(inputs, 1).data, 0) === 0;
  const share = fresh ? 1 : number(attributes, 'beta', 1);
  const count = (inputs.length - 2) / 3;
  const momentum = number(attributes, 'alpha', 0);
  const nesterov = attributes['mode'] === 'nesterov';
  const states = Array.from({ length: count }, (_, i): UpdateState => {
    const [w, g] = [present(inputs, 2 + i), present(inputs, 2 + count + i)];
    const velocity = Float32Array.from(present(inputs, 2 + 2 * count + i).data, (v) => -rate * v);
    const state = { w: Float32Array.from(w.data), m: velocity, v: new Float32Array(w.data.length) };
    const gradient = regularised(k, g.data, w.data, number(attributes, 'norm_coefficient', 0));
    descend(
      k,
      state,
      gradient.map((value) => share * value),
      rate,
      momentum,
      nesterov,
    );
    return state;
  });
  return [
    ...states.map(({ w }) => tensor([w.length], w)),
    ...states.map(({ m }) =>
      tensor(
        [m.length],
        m.map((velocity) => -velocity / rate),
      ),
    ),
  ];
};

/** x NCHW, scale, shift, mean, variance. In training the statistics are the batch's, and the moving
 *  averages come out as well. */
export const batchNormOp: OnnxOp = (k, inputs, attributes) => {
  const x = toNhwc(present(inputs, 0));
  const [gamma, beta] = [present(inputs, 1).data, present(inputs, 2).data];
  const old = { mean: present(inputs, 3).data, variance: present(inputs, 4).data };
  const epsilon = number(attributes, 'epsilon', 1e-5);
  const training = number(attributes, 'training_mode', 0) === 1;
  const { mean, variance } = training ? batchStatistics(k, x) : old;
  const y = toNchw(batchNorm(k, x, mean, variance, { gamma, beta }, epsilon));
  if (!training) return [y];
  const moved = movedStatistics(k, old, { mean, variance }, number(attributes, 'momentum', 0.9));
  return [y, tensor([mean.length], moved.mean), tensor([mean.length], moved.variance)];
};

export const layerNormOp: OnnxOp = (k, inputs, attributes) => {
  const [x, gamma] = [present(inputs, 0), present(inputs, 1)];
  const beta = inputs[2]?.data ?? new Float64Array(gamma.data.length);
  const epsilon = number(attributes, 'epsilon', 1e-5);
  const affine = { gamma: gamma.data, beta };
  const { y, mean, inverse } = layerNorm(k, x, gamma.shape.length, affine, epsilon);
  return [y, mean, inverse];
};

/** The gradient of a convolution's image; `pads` and the rest are those of that convolution. */
export const convTranspose: OnnxOp = (k, inputs, attributes) => {
  const dy = toNhwc(present(inputs, 0));
  const filter = transpose(present(inputs, 1), [2, 3, 1, 0]);
  const groups = number(attributes, 'group', 1);
  const plane = transposedPlane(dy, filter, attributes);
  const y = convInputGradient(k, dy, filter, plane, groups);
  const bias = inputs[2]?.data;
  const shifted = bias
    ? tensor(
        y.shape,
        y.data.map((value, i) => value + at(bias, i % bias.length)),
      )
    : y;
  return [toNchw(shifted)];
};

/** The convolution whose image a ConvTranspose makes. */
function transposedPlane(dy: Tensor, filter: Tensor, attributes: Attributes): Plane {
  const list = (name: string, fallback: number) =>
    ((attributes[name] as number[] | undefined) ?? [fallback, fallback]).map(Number);
  const [strides, dilations, extra] = [
    list('strides', 1),
    list('dilations', 1),
    list('output_padding', 0),
  ];
  const pads = attributes['pads'] as number[] | undefined;
  const wanted = attributes['output_shape'] as number[] | undefined;
  const axis = (i: number): Plane[number] => {
    const [stride, dilation] = [at(strides, i), at(dilations, i)];
    const [kernel, output] = [at(filter.shape, i), at(dy.shape, 1 + i)];
    const whole = (output - 1) * stride + at(extra, i) + (kernel - 1) * dilation + 1;
    const same = attributes['auto_pad'] === 'SAME_UPPER';
    const size = wanted ? at(wanted, i) : same ? output * stride : undefined;
    const total = size === undefined ? 0 : whole - size;
    const begin = pads ? at(pads, i) : same ? Math.floor(total / 2) : Math.ceil(total / 2);
    const end = pads ? at(pads, i + 2) : total - begin;
    return { input: whole - begin - end, kernel, stride, dilation, begin, end, output };
  };
  return [axis(0), axis(1)];
}

/** Softmax over positions of (query . key), which the attention head does for its one query; the
 *  weighted sum of the values is a matrix product. Q, K, V [N][heads][length][size], or with the
 *  heads side by side in the last axis. */
export const attentionOp: OnnxOp = (k, inputs, attributes) => {
  const heads = number(attributes, 'q_num_heads', 0);
  const split = (t: Tensor) => {
    if (t.shape.length === 4) return t;
    const [n = 0, length = 0, all = 0] = t.shape;
    return transpose(reshape(t, [n, length, heads, all / heads]), [0, 2, 1, 3]);
  };
  const [q, keys, values] = [0, 1, 2].map((i) => split(present(inputs, i)));
  if (!q || !keys || !values) throw new Error('Q, K and V are wanted');
  const [n, count, length, size] = dims4(q);
  const positions = at(keys.shape, 2);
  const out = zeros([n, count, length, at(values.shape, 3)]);
  for (let head = 0; head < n * count; head++) {
    const part = (t: Tensor) => {
      const own = at(t.shape, 2) * at(t.shape, 3);
      return t.data.subarray(head * own, (head + 1) * own);
    };
    const weights = new Float64Array(length * positions);
    for (let row = 0; row < length; row++) {
      const query = part(q).slice(row * size, (row + 1) * size);
      const scaled = query.map((value) => value / Math.sqrt(size));
      weights.set(k.attentionWeights(part(keys), scaled), row * positions);
    }
    const start = new Float32Array(length * at(out.shape, 3));
    const result = k.denseForward(weights, part(values), start, length, positions);
    out.data.set(result, head * result.length);
  }
  if (present(inputs, 0).shape.length === 4) return [out];
  const joined = transpose(out, [0, 2, 1, 3]);
  return [reshape(joined, [n, length, count * at(out.shape, 3)])];
};
