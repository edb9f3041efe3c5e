// What a training fixture may ask for that the core does not have, or that is not clear: each is
// refused by name, and never run as something else.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../wasm_glue/core';
import { planLayers } from './fixture_layers';
import { optimiserOf } from './fixture_optimiser';
import { newCore } from './support';
import { type Fixture, parseFixture, runFixture, UnsupportedFixture } from './training_fixture';

const file = new URL('../fixtures/training/seed_r8_c3_k5.json', import.meta.url);

let core: Core;
beforeAll(async () => {
  core = await newCore();
});

function refused(change: (fixture: Fixture) => unknown) {
  return () => {
    const fixture = parseFixture(readFileSync(file, 'utf8'));
    change(fixture);
    return runFixture(core, fixture);
  };
}

const layer = (place: number, options: object) => (f: Fixture) => {
  f.layers[place] = { ...f.layers[place], ...options } as Fixture['layers'][number];
};
const insert =
  (place: number, ...layers: Fixture['layers']) =>
  (f: Fixture) =>
    f.layers.splice(place, 0, ...layers);

describe('a file is refused by name for', () => {
  const extra = { type: 'conv2d', filters: 8, kernel: 3 };
  it.each<[string, RegExp, (fixture: Fixture) => unknown]>([
    ['a layer', /layer 2: lstm/, layer(2, { type: 'lstm' })],
    ['random numbers', /dropout with rate = 0.5/, insert(4, { type: 'dropout', rate: 0.5 })],
    ['a kernel', /layer 0: conv2d with kernel = 4/, layer(0, { kernel: 4 })],
    ['a stride', /conv2d with stride = \[3,3\]/, layer(0, { stride: [3, 3] })],
    ['a padding', /conv2d with padding = 2/, layer(0, { padding: 2 })],
    ['a pool', /maxpool with size = 3/, layer(2, { size: 3 })],
    ['an epsilon', /layernorm with eps = 0.00001/, insert(1, { type: 'layernorm', eps: 1e-5 })],
    ['an axis', /ln with axis = \[1,2,3\]/, insert(1, { type: 'ln', axis: [1, 2, 3] })],
    ['an unknown option', /dense with kernel_constraint/, layer(4, { kernel_constraint: 'max' })],
    ['an order', /layers conv2d, conv2d/, insert(0, extra)],
    ['a missing end', /layers conv2d, relu, maxpool, flatten: /, (f) => f.layers.pop()],
    ['a loss', /loss "hinge"/, (f) => Object.assign(f, { loss: 'hinge' })],
    [
      'a penalty on biases',
      /l2 .*kernels only/,
      (f) => Object.assign(f, { l2: 1, l2_form: 'kernels and biases' }),
    ],
    ['too many filters', /filters is 65/, layer(0, { filters: 65 })],
    [
      'an array without a place',
      /init 7.kernel has no place/,
      (f) => Object.assign(f.init, { '7.kernel': { shape: [1], data: [0] } }),
    ],
  ])('%s', (_what, message, change) => {
    expect(refused(change)).toThrow(UnsupportedFixture);
    expect(refused(change)).toThrow(message);
  });

  it('a norm over more than the filters', () => {
    const change = (f: Fixture) => {
      insert(1, { type: 'layernorm', eps: 1e-3 })(f);
      const [kernel, bias] = [f.init['4.kernel'], f.init['4.bias']];
      const gamma = { shape: [6, 6, 32], data: Array(6 * 6 * 32).fill(1) };
      f.init = {
        ...f.init,
        '1.gamma': gamma,
        '1.beta': gamma,
        '5.kernel': kernel,
        '5.bias': bias,
      } as Fixture['init'];
      f.params += 64;
    };
    expect(refused(change)).toThrow(/init 1.gamma is \[6, 6, 32\]: this model has \[32\]/);
  });
});

describe('a run', () => {
  const keras = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-6 };

  it('that is refused leaves the others to run', () => {
    const report = refused((f) => Object.assign(f.runs['adam_keras'] ?? {}, { optimizer: {} }))();
    expect(report.runs).toEqual(['adam_torch', 'sgd_momentum']);
    expect(report.refused).toEqual([
      { run: 'adam_keras', reason: 'run adam_keras: no learning rate is given' },
    ]);
  });

  it('that is the last one is a refused file', () => {
    const change = (f: Fixture) => {
      for (const run of Object.values(f.runs)) Object.assign(run.optimizer, { amsgrad: true });
    };
    expect(refused(change)).toThrow(/no run that this model can do: .*amsgrad = true/);
  });

  it.each<[string, object, RegExp]>([
    ['adam', keras, /form of Adam is not clear/],
    ['adam', { ...keras, form: 'Keras or PyTorch' }, /form of Adam is not clear/],
    ['adam_torch', { ...keras, weight_decay: 0.1 }, /not said to be decoupled/],
    ['sgd', { lr: 0.1, momentum: 0.9, dampening: 0.5 }, /dampening = 0.5/],
    ['lion', { lr: 0.1 }, /its optimiser is not in this model/],
    ['adam_keras', { lr: 0.1, beta1: 0.9, eps: 1e-7 }, /no beta1 or beta2/],
  ])('named %s with %o is refused', (name, options, message) => {
    expect(() => optimiserOf(name, { ...options })).toThrow(message);
  });

  it.each<[string, object, object]>([
    ['adam_keras', keras, { optimiser: 'adam', learning_rate: 1e-3, epsilon: 1e-6 }],
    ['adam', { ...keras, eps: 1e-7 }, { optimiser: 'adam' }],
    ['adam', { ...keras, eps: 1e-8 }, { optimiser: 'adam_torch' }],
    ['run 3', { ...keras, form: 'p -= lr*mhat/(sqrt(vhat)+eps)' }, { optimiser: 'adam_torch' }],
    ['adamw', { ...keras, form: 'p *= 1-lr*wd; Keras', wd: 0.1 }, { weight_decay: 0.1 }],
    ['adamw_torch', { ...keras, decay: 0.01 }, { optimiser: 'adam_torch', weight_decay: 0.01 }],
    ['sgd', { lr: 0.1 }, { optimiser: 'sgd', momentum: 0, nesterov: 0 }],
    ['nesterov', { lr: 0.1, mu: 0.9 }, { optimiser: 'sgd', momentum: 0.9, nesterov: 1 }],
  ])('named %s with %o is understood', (name, options, wanted) => {
    expect(optimiserOf(name, { ...options })).toMatchObject(wanted);
  });
});

describe('layers', () => {
  const tail = [{ type: 'flatten' }, { type: 'dense', units: 4 }];

  it('3 x 3 written as a pair is the same kernel', () => {
    const report = refused(layer(0, { kernel: [3, 3] }))();
    expect(report.comparisons.every(({ pass }) => pass)).toBe(true);
  });

  it.each([
    [9, 3, 1, 'same', 9],
    [9, 3, 2, 'same', 5],
    [10, 5, 2, 'same', 5],
    [9, 5, 2, 'valid', 3],
    [9, 5, 1, 2, 9],
    [10, 3, 2, [0, 1], 5],
    [9, 3, 2, [1, 1], 5],
    [
      10,
      5,
      2,
      [
        [1, 2],
        [1, 2],
      ],
      5,
    ],
    [10, 5, 2, [1, 1, 2, 2], 5],
    [9, 3, 1, 0, 7],
  ])('side %i, kernel %i, stride %i, padding %s: side %i', (side, kernel, stride, padding, out) => {
    const layers = [
      { type: 'conv', filters: 6, kernel, stride, padding },
      { type: 'relu' },
      ...tail,
    ];
    const { parts, settings } = planLayers(layers, side, 3);
    expect(parts.map(({ shape }) => shape)).toEqual([
      [kernel, kernel, 3, 6],
      [6],
      [out * out * 6, 4],
      [4],
    ]);
    expect(settings).toMatchObject({ blocks: 1, kernel, stride, pool: 'none', head: 'flatten' });
  });

  it.each([
    ['same', [1, 0]],
    ['valid', 1],
    ['same', [1, 1]],
    [undefined, [0, 2, 0, 1]],
  ])('padding %s with rows %j is refused at side 10, kernel 3, stride 2', (padding, pads) => {
    const conv = { type: 'conv2d', filters: 2, kernel: 3, stride: 2, padding, pads };
    const plan = () => planLayers([conv, { type: 'relu' }, ...tail], 10, 1);
    expect(plan).toThrow(/layer 0: conv2d with padding = /);
  });

  it('the word and its rows go together', () => {
    const conv = {
      type: 'conv2d',
      filters: 2,
      kernel: 3,
      stride: 2,
      padding: 'SAME',
      pads: [0, 1],
    };
    const { settings } = planLayers([conv, { type: 'relu' }, ...tail], 10, 1);
    expect(settings).toMatchObject({ padding: 'same' });
  });

  it('blocks are numbered, and arrays have the places of their layers', () => {
    const layers = [
      { type: 'conv2d', filters: 4, kernel: 3, activation: 'relu' },
      { type: 'conv2d', filters: 5, kernel: 3 },
      { type: 'bn' },
      { type: 'relu' },
      { type: 'avg_pool' },
      { type: 'gap' },
      { type: 'dense', units: 7, activation: 'relu' },
      { type: 'dense', units: 4 },
    ];
    const { parts, statistics, settings } = planLayers(layers, 9, 1);
    const names = (list: typeof parts) => list.map((one) => one.names[0]);
    expect(names(parts)).toEqual([
      ...['0.kernel', '0.bias', '1.kernel', '1.bias', '2.gamma', '2.beta'],
      ...['6.kernel', '6.bias', '7.kernel', '7.bias'],
    ]);
    expect(parts.filter(({ idle }) => idle).map((one) => one.names[0])).toEqual(['1.bias']);
    expect(names(statistics)).toEqual(['2.moving_mean', '2.moving_var']);
    expect(settings).toMatchObject({
      blocks: 2,
      pool: 'none',
      norm2: 'batch',
      pool2: 'average2',
      head: 'global_average',
      hidden: 7,
    });
  });
});
