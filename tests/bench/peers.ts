// The peers that run in JavaScript, as stints. Described by the few members that are used, because
// their packages (tests/bench/package.json) are only there once `npm run bench` has fetched them.
import {
  CHANNELS,
  FILTERS,
  gigaOperations,
  KERNEL,
  type Product,
  randomSource,
  type SeedCnn,
  type Stint,
} from './task';

export interface Tensor {
  dispose(): void;
}
type Shape = number[];

/** TensorFlow.js: core with both backends, and layers, which brings the gradients. */
export interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  enableProdMode(): void;
  tensor(values: Float32Array, shape: Shape): Tensor;
  oneHot(indices: Tensor, depth: number): Tensor;
  tensor1d(values: number[], type: string): Tensor;
  zeros(shape: Shape): Tensor;
  variable(initial: Tensor): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  relu(a: Tensor): Tensor;
  conv2d(x: Tensor, kernel: Tensor, stride: number, padding: string): Tensor;
  maxPool(x: Tensor, size: number, stride: number, padding: string): Tensor;
  reshape(x: Tensor, shape: Shape): Tensor;
  losses: { softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor };
  train: {
    adam(
      rate: number,
      beta1: number,
      beta2: number,
      epsilon: number,
    ): { minimize(loss: () => Tensor): void; dispose(): void };
  };
}

interface Volume {
  w: Float64Array;
}
export interface ConvNet {
  Net: new () => { makeLayers(layers: object[]): void };
  Trainer: new (net: object, options: object) => { train(x: Volume, label: number): void };
  Vol: new (width: number, height: number, depth: number, value: number) => Volume;
}

/** Uniform in -scale..scale. */
function uniform(count: number, scale: number, seed: number): Float32Array {
  const random = randomSource(seed);
  return new Float32Array(count).map(() => scale * (2 * random() - 1));
}

/** XNNPACK keeps the right-hand matrix packed from call to call; the packing is not timed. */
export async function xnnpackStint(tf: TensorFlow, product: Product): Promise<Stint> {
  await tf.setBackend('wasm');
  const { m, k, n } = product;
  const a = tf.tensor(uniform(m * k, 0.5, 1), [m, k]);
  const b = tf.tensor(uniform(k * n, 0.5, 2), [k, n]);
  return {
    work: gigaOperations(product),
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) tf.matMul(a, b).dispose();
    },
    close: () => [a, b].forEach((tensor) => void tensor.dispose()),
  };
}

const glorot = (inputs: number, outputs: number) => Math.sqrt(6 / (inputs + outputs));

export async function tfjsStint(tf: TensorFlow, network: SeedCnn): Promise<Stint> {
  await tf.setBackend('cpu');
  const { side, classes, batch, rate } = network;
  const pooled = Math.floor((side - 2) / 2);
  const features = pooled * pooled * FILTERS;
  const area = KERNEL * KERNEL;
  const filterLimit = glorot(area * CHANNELS, area * FILTERS);
  const filterShape = [KERNEL, KERNEL, CHANNELS, FILTERS];
  const filters = uniform(area * CHANNELS * FILTERS, filterLimit, 1);
  const dense = uniform(features * classes, glorot(features, classes), 2);
  const kernel = tf.variable(tf.tensor(filters, filterShape));
  const bias = tf.variable(tf.zeros([FILTERS]));
  const weights = tf.variable(tf.tensor(dense, [features, classes]));
  const offsets = tf.variable(tf.zeros([classes]));
  const pixels = uniform(batch * side * side * CHANNELS, 1, 3).map(Math.abs);
  const x = tf.tensor(pixels, [batch, side, side, CHANNELS]);
  const random = randomSource(4);
  const picks = Array.from({ length: batch }, () => Math.floor(random() * classes));
  const labels = tf.oneHot(tf.tensor1d(picks, 'int32'), classes);
  const optimiser = tf.train.adam(rate, 0.9, 0.999, 1e-7);
  const loss = () => {
    const map = tf.relu(tf.add(tf.conv2d(x, kernel, 1, 'valid'), bias));
    const flat = tf.reshape(tf.maxPool(map, 2, 2, 'valid'), [batch, features]);
    return tf.losses.softmaxCrossEntropy(labels, tf.add(tf.matMul(flat, weights), offsets));
  };
  return {
    work: batch,
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) optimiser.minimize(loss);
    },
    close: () => {
      for (const tensor of [kernel, bias, weights, offsets, x, labels]) tensor.dispose();
      optimiser.dispose();
    },
  };
}

/** It has no Adam; SGD with momentum is its cheapest update. */
export function convnetStint(lib: ConvNet, { side, classes, batch, rate }: SeedCnn): Stint {
  const net = new lib.Net();
  net.makeLayers([
    { type: 'input', out_sx: side, out_sy: side, out_depth: CHANNELS },
    { type: 'conv', sx: KERNEL, filters: FILTERS, stride: 1, pad: 0, activation: 'relu' },
    { type: 'pool', sx: 2, stride: 2 },
    { type: 'softmax', num_classes: classes },
  ]);
  const trainer = new lib.Trainer(net, {
    method: 'sgd',
    learning_rate: rate,
    momentum: 0.9,
    batch_size: batch,
    l2_decay: 0,
  });
  const random = randomSource(1);
  const images = Array.from({ length: batch }, () => {
    const image = new lib.Vol(side, side, CHANNELS, 0);
    for (let i = 0; i < image.w.length; i++) image.w[i] = random();
    return { image, label: Math.floor(random() * classes) };
  });
  return {
    work: batch,
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) {
        for (const { image, label } of images) trainer.train(image, label);
      }
    },
  };
}
