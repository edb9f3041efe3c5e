// Probabilities, losses and arg max, all through cnn_loss_image, which knows loss, gradient and hit
// of one row of logits z and one label y:
//   loss = -log p_y,  dloss/dz_j = p_j - [j = y],  hit = y is the first largest.
// So p_j is the gradient of any other label, log p is the loss with the sign changed, the arg max
// is the label that hits, and the chain rule gives the gradients of softmax and log-softmax.
import type { Kernels } from './kernels';
import { at, broadcast, rowsAlong, type Tensor, tensor, zeros } from './tensor';

/** [rows][K]: -log p, and [rows][K][K]: its gradient by label and logit. */
function everyLabel(k: Kernels, logits: Tensor) {
  const [rows = 0, classes = 0] = logits.shape;
  const repeated = new Float64Array(rows * classes * classes);
  const labels = new Uint8Array(rows * classes);
  for (let i = 0; i < rows * classes; i++) {
    const row = Math.floor(i / classes);
    repeated.set(logits.data.subarray(row * classes, (row + 1) * classes), i * classes);
    labels[i] = i % classes;
  }
  return { rows, classes, ...k.losses(repeated, labels, classes) };
}

export function softmax(k: Kernels, x: Tensor, axis: number): Tensor {
  const { rows, restore } = rowsAlong(x, axis);
  const { classes, dlogits } = everyLabel(k, rows);
  const probabilities = rows.data.map((_, i) => {
    const [row, j] = [Math.floor(i / classes), i % classes];
    const other = (j + 1) % classes;
    const own = at(dlogits, (row * classes + j) * classes + j);
    const p = at(dlogits, (row * classes + other) * classes + j);
    // The label's own gradient must be p - 1, rounded once.
    if (Math.abs(own + 1 - p) > 2 ** -24) throw new Error('dlogits of label and others disagree');
    return p;
  });
  return restore(tensor(rows.shape, probabilities));
}

export function logSoftmax(k: Kernels, x: Tensor, axis: number): Tensor {
  const { rows, restore } = rowsAlong(x, axis);
  const { losses } = everyLabel(k, rows);
  return restore(
    tensor(
      rows.shape,
      losses.map((loss) => 0 - loss),
    ),
  );
}

/** Gradient of sum(dy * log p): the sum over labels of -dy_label * dloss(label)/dz. */
export function logSoftmaxGradient(k: Kernels, x: Tensor, dy: Tensor): Tensor {
  return chain(k, x, dy, () => -1);
}

/** Gradient of sum(dy * p); dp_label/dz = -p_label * dloss(label)/dz. */
export function softmaxGradient(k: Kernels, x: Tensor, dy: Tensor): Tensor {
  const p = softmax(k, x, -1);
  return chain(k, x, dy, (i) => -at(p.data, i));
}

function chain(k: Kernels, x: Tensor, dy: Tensor, factor: (i: number) => number): Tensor {
  const { rows, restore } = rowsAlong(x, -1);
  const { classes, dlogits } = everyLabel(k, rows);
  const dx = rows.data.map((_, i) => {
    const [row, j] = [Math.floor(i / classes), i % classes];
    let sum = 0;
    for (let label = 0; label < classes; label++) {
      const of = row * classes + label;
      sum += at(dy.data, of) * factor(of) * at(dlogits, of * classes + j);
    }
    return sum;
  });
  return restore(tensor(rows.shape, dx));
}

/** Loss and dloss/dz of every logit with label 0 or 1. */
function sigmoidLosses(k: Kernels, x: Tensor, label: 0 | 1) {
  return k.losses(x.data, new Uint8Array(x.data.length).fill(label), 1);
}

export function sigmoid(k: Kernels, x: Tensor): Tensor {
  return tensor(x.shape, sigmoidLosses(k, x, 0).dlogits);
}

/** dy * p * (1 - p), both factors from the core: p of label 0 and p - 1 of label 1. */
export function sigmoidGradient(k: Kernels, x: Tensor, dy: Tensor): Tensor {
  const [p, minusRest] = [sigmoidLosses(k, x, 0).dlogits, sigmoidLosses(k, x, 1).dlogits];
  const dx = dy.data.map((value, i) => -value * at(p, i) * at(minusRest, i));
  return tensor(x.shape, dx);
}

/** Binary cross-entropy of every element; a target between 0 and 1 mixes the two losses. */
export function sigmoidCrossEntropy(k: Kernels, targets: Tensor, logits: Tensor): Tensor {
  const [no, yes] = [sigmoidLosses(k, logits, 0).losses, sigmoidLosses(k, logits, 1).losses];
  return tensor(
    logits.shape,
    targets.data.map((y, i) => (1 - y) * at(no, i) + y * at(yes, i)),
  );
}

/** Cross-entropy of every row with targets that add up to 1. */
export function softmaxCrossEntropy(k: Kernels, targets: Tensor, logits: Tensor): Tensor {
  const { rows, classes, losses } = everyLabel(k, logits);
  const out = zeros([rows]);
  for (let i = 0; i < rows * classes; i++) {
    const row = Math.floor(i / classes);
    // A target of 0 takes no part, whatever the loss.
    if (at(targets.data, i) !== 0) {
      out.data[row] = at(out.data, row) + at(targets.data, i) * at(losses, i);
    }
  }
  return out;
}

/** First place of the largest along an axis: the one label that hits. The global maximum over the
 *  list must name the same place. */
export function argMax(k: Kernels, x: Tensor, axis: number): { rows: Tensor; first: Int32Array } {
  const { rows } = rowsAlong(x, axis);
  const { classes, correct } = everyLabel(k, rows);
  const first = Int32Array.from({ length: rows.data.length / classes }, (_, row) => {
    const hits = [...correct.subarray(row * classes, (row + 1) * classes).keys()].filter(
      (j) => at(correct, row * classes + j) === 1,
    );
    const list = rows.data.subarray(row * classes, (row + 1) * classes);
    const { place } = k.globalMax(list, classes, 1);
    if (hits.length !== 1 || hits[0] !== at(place, 0)) {
      throw new Error(`labels that hit: ${hits.join()}; global maximum at ${at(place, 0)}`);
    }
    return at(place, 0);
  });
  return { rows, first };
}

/** ONNX's SoftmaxCrossEntropyLoss over x [N, C, ...] and y [N, ...]: the core's loss of every
 *  position, weighted by class, positions with the ignored label left out. */
export function onnxCrossEntropy(
  k: Kernels,
  x: Tensor,
  y: Tensor,
  weights: Tensor | undefined,
  ignored: number | undefined,
  reduction: string,
): Tensor {
  const { rows } = rowsAlong(x, 1);
  const classes = at(rows.shape, 1);
  const weight = y.data.map((label) => {
    if (label === ignored) return 0;
    return weights ? at(weights.data, label) : 1;
  });
  const labels = y.data.map((label) => (label === ignored ? 0 : label));
  const { losses } = k.losses(rows.data, labels, classes);
  const each = losses.map((loss, i) => (at(weight, i) === 0 ? 0 : loss * at(weight, i)));
  if (reduction === 'none') return tensor(y.shape, each);
  const total = sum(each);
  return tensor([], [reduction === 'sum' ? total : total / sum(weight)]);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** tfjs' reductions by number: none, mean over the weights, sum, sum over non-zero weights. */
export function tfjsReduce(losses: Tensor, weights: Tensor | undefined, reduction = 3): Tensor {
  const shape =
    weights && weights.shape.length > losses.shape.length ? weights.shape : losses.shape;
  const all = broadcast(losses, shape);
  const weight = weights
    ? broadcast(weights, shape).data
    : new Float64Array(all.data.length).fill(1);
  const each = all.data.map((loss, i) => loss * at(weight, i));
  switch (reduction) {
    case 0:
      return tensor(shape, each);
    case 1:
      return tensor([], [sum(each) / sum(weight)]);
    case 2:
      return tensor([], [sum(each)]);
    case 3:
      return tensor([], [sum(each) / weight.filter((value) => value !== 0).length]);
    default:
      throw new RangeError(`reduction ${reduction} is not known here`);
  }
}
