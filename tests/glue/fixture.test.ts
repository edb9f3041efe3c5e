// Training fixtures from another framework, inside their gates; and the comparison itself, which
// must notice every kind of error. fixture_refusal.test.ts is about what the core does not have.
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../wasm_glue/core';
import { compareArray } from './fixture_arrays';
import { newCore } from './support';
import { type Fixture, parseFixture, runFixture } from './training_fixture';

const folder = new URL('../fixtures/training/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string) => parseFixture(readFileSync(new URL(name, folder), 'utf8'));
const SMALL = 'seed_r8_c3_k5.json';
const NORMED = 'batchnorm_r16_c3_k5.json';

function runOf(fixture: Fixture, name: string) {
  const run = fixture.runs[name];
  if (!run) throw new Error(`the fixture has no ${name} run`);
  return run;
}
const firstRun = (fixture: Fixture) => runOf(fixture, 'adam_keras');

let core: Core;
beforeAll(async () => {
  core = await newCore();
});

describe('the core, against PyTorch', () => {
  it('has fixtures of every kind to run', () => {
    expect(files.filter((file) => file.startsWith('own_')).length).toBe(13);
    expect(files.length).toBe(13 + 13);
  });

  it.each(files)('%s is inside every gate, with every optimiser', (file) => {
    const fixture = read(file);
    const { comparisons, runs, refused } = runFixture(core, fixture);
    expect(comparisons.filter(({ pass }) => !pass)).toEqual([]);
    expect(refused).toEqual([]);
    expect(runs).toEqual(Object.keys(fixture.runs));
    // Step 0: a loss, logits or not, and every gradient; a run: four numbers and every weight.
    const idle = fixture.layers.filter(({ type }) => type === 'batchnorm').length;
    const weights = Object.keys(fixture.init).length - idle;
    const perRun = 4 + weights + 2 * idle;
    expect(comparisons.length).toBe(1 + (idle > 0 ? 0 : 1) + weights + runs.length * perRun);
  });
});

describe('the comparison', () => {
  const spoil = (change: (fixture: Fixture) => unknown, file = SMALL) => {
    const fixture = read(file);
    change(fixture);
    return runFixture(core, fixture)
      .comparisons.filter(({ pass }) => !pass)
      .map(({ name }) => name);
  };

  const zeros = (count: number) => ({ shape: [count], data: new Array<number>(count).fill(0) });

  it('passes the untouched file', () => {
    expect(spoil(() => undefined)).toEqual([]);
  });

  it.each<[string, string, (fixture: Fixture) => unknown]>([
    ['a loss', 'adam_keras 20 losses', (f) => firstRun(f).losses_f64.splice(19, 1, 1)],
    ['the first loss', 'step 0 loss', (f) => Object.assign(f.step0, { loss_f64: 1.6393 })],
    [
      'a gradient',
      'step 0 gradient 4.bias',
      (f) => Object.assign(f.step0.grads, { '4.bias': zeros(5) }),
    ],
    [
      'a weight',
      'adam_keras final 4.bias',
      (f) => Object.assign(firstRun(f).final, { '4.bias': zeros(5) }),
    ],
    [
      'a length',
      'adam_keras final 4.bias',
      (f) => Object.assign(firstRun(f).final, { '4.bias': zeros(4) }),
    ],
    [
      'an accuracy',
      'adam_keras final accuracy',
      (f) => Object.assign(firstRun(f).final_eval, { accuracy: 1 }),
    ],
    [
      'the learning rate',
      'adam_keras final 0.kernel',
      (f) => Object.assign(firstRun(f).optimizer, { lr: 2e-3 }),
    ],
    ['the order of batches', 'adam_keras 20 losses', (f) => f.batches.reverse()],
    ['the labels', 'step 0 loss', (f) => f.y.reverse()],
    [
      'a picture',
      'step 0 logits',
      (f) => Object.assign(f.x_u8, { u8_b64: f.x_u8.u8_b64.replaceAll('A', 'B') }),
    ],
    [
      'the other Adam',
      'adam_torch 20 losses',
      (f) => Object.assign(runOf(f, 'adam_torch').optimizer, { form: 'Keras' }),
    ],
    [
      'sums without numbers',
      'adam_torch final 0.kernel',
      (f) => Object.assign(runOf(f, 'adam_torch').final['0.kernel'] ?? {}, { l2: 5.2 }),
    ],
    [
      'a momentum',
      'sgd_momentum 20 losses',
      (f) => Object.assign(runOf(f, 'sgd_momentum').optimizer, { momentum: 0.89 }),
    ],
    [
      'a look ahead',
      'sgd_momentum final 4.kernel',
      (f) => Object.assign(runOf(f, 'sgd_momentum').optimizer, { nesterov: true }),
    ],
    [
      'a decay',
      'adam_keras final 4.kernel',
      (f) => Object.assign(firstRun(f).optimizer, { weight_decay: 0.1, decoupled: true }),
    ],
    ['a penalty', 'step 0 loss', (f) => Object.assign(f, { l2: 0.001 })],
    ['a smoothing', 'step 0 loss', (f) => Object.assign(f, { label_smoothing: 0.01 })],
  ])('notices %s', (_what, name, change) => {
    expect(spoil(change)).toContain(name);
  });

  it.each<[string, string, (fixture: Fixture) => unknown]>([
    [
      'a moving average',
      'sgd_momentum final 1.moving_var',
      (f) =>
        Object.assign(runOf(f, 'sgd_momentum').final_state ?? {}, { '1.moving_var': zeros(8) }),
    ],
    [
      'where a norm begins',
      'step 0 loss',
      (f) => Object.assign(f.init, { '1.gamma': { shape: [8], data: Array(8).fill(0.9) } }),
    ],
    [
      "a norm's gradient",
      'step 0 gradient 1.beta',
      (f) => Object.assign(f.step0.grads, { '1.beta': zeros(8) }),
    ],
  ])('notices %s', (_what, name, change) => {
    expect(spoil(change, NORMED)).toContain(name);
  });

  it('leaves a bias in front of batch normalisation alone, and says so', () => {
    const change = (f: Fixture) => {
      Object.assign(firstRun(f).final, { '0.bias': zeros(8) });
      Object.assign(f.step0.grads, { '0.bias': zeros(8) });
    };
    expect(spoil(change, NORMED)).toEqual([]);
    expect(runFixture(core, read(NORMED)).notes[0]).toMatch(/0\.bias.*not compared/);
  });

  it('knows the other spellings of layers, options and arrays', () => {
    const change = (f: Fixture) => {
      f.layers = [
        { type: 'Conv2D', out_channels: 8, kernel_size: [3, 3], strides: [1, 1], padding: 'VALID' },
        { type: 'BatchNormalization', epsilon: 0.001, momentum: 0.99 },
        { type: 'activation', activation: 'relu' },
        { type: 'MaxPooling2D', pool_size: [2, 2], strides: 2 },
        { type: 'Flatten' },
        { type: 'Linear', out_features: 5 },
      ];
      const { optimizer } = runOf(f, 'adam_torch');
      const { lr, beta1, beta2, eps } = optimizer;
      Object.assign(runOf(f, 'adam_torch'), {
        optimizer: {
          name: 'torch.optim.Adam',
          learning_rate: lr,
          betas: [beta1, beta2],
          epsilon: eps,
        },
      });
      const renamed = Object.entries(f.init).map(([name, array]) => [
        name.replace('5.kernel', '5.weight'),
        array,
      ]);
      f.init = Object.fromEntries(renamed);
    };
    expect(spoil(change, NORMED)).toEqual([]);
  });

  it('reads arrays as numbers, base64, samples and sums', () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => i / 8 - 3);
    const base64 = (floats: Float32Array) =>
      Buffer.from(floats.buffer as ArrayBuffer).toString('base64');
    const sum = values.reduce((a, b) => a + b, 0);
    const l2 = Math.hypot(...values);
    const forms = [
      { data: [...values] },
      { f32_le_b64: base64(values) },
      { every_31st_f32_le_b64: base64(values.filter((_, i) => i % 31 === 0)), sum, l2 },
      { sum, l2 },
    ];
    const off = values.map((value, i) => (i === 31 ? value + 1 : value));
    for (const form of forms) {
      const array = { shape: [8, 8], ...form };
      expect(compareArray('a', values, array, 1e-6, true).pass).toBe(true);
      expect(compareArray('a', off, array, 1e-6, true).pass).toBe(false);
    }
    const broken = values.map((value, i) => (i === 3 ? Number.NaN : value));
    expect(compareArray('a', broken, { shape: [64], sum, l2 }, 1e-6, true).pass).toBe(false);
  });

  it('reads the NaN that Python writes', () => {
    expect(parseFixture('{"a": NaN, "b": [1, -Infinity]}')).toEqual({ a: null, b: [1, null] });
  });
});
