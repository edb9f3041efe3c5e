// Training fixtures from another framework, inside their gates; and the comparison itself, which
// must notice every kind of error, and refuse by name what the core does not have.
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../wasm_glue/core';
import { compareArray } from './fixture_arrays';
import { newCore } from './support';
import { type Fixture, parseFixture, runFixture, UnsupportedFixture } from './training_fixture';

const folder = new URL('../fixtures/training/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string) => parseFixture(readFileSync(new URL(name, folder), 'utf8'));
const SMALL = 'seed_r8_c3_k5.json';

function firstRun(fixture: Fixture) {
  const { adam_keras: run } = fixture.runs;
  if (!run) throw new Error('the fixture has no adam_keras run');
  return run;
}

let core: Core;
beforeAll(async () => {
  core = await newCore();
});

describe('the core, against PyTorch', () => {
  it('has fixtures of every kind to run', () => {
    expect(files.length).toBe(9);
  });

  it.each(files)('%s is inside every gate', (file) => {
    const { comparisons } = runFixture(core, read(file));
    expect(comparisons.filter(({ pass }) => !pass)).toEqual([]);
    expect(comparisons.length).toBe(14);
  });
});

describe('the comparison', () => {
  const spoil = (change: (fixture: Fixture) => unknown) => {
    const fixture = read(SMALL);
    change(fixture);
    return runFixture(core, fixture)
      .comparisons.filter(({ pass }) => !pass)
      .map(({ name }) => name);
  };

  it('passes the untouched file', () => {
    expect(spoil(() => undefined)).toEqual([]);
  });

  const zeros = (count: number) => ({ shape: [count], data: new Array<number>(count).fill(0) });

  it.each<[string, string, (fixture: Fixture) => unknown]>([
    ['a loss', '20 losses', (f) => firstRun(f).losses_f64.splice(19, 1, 1)],
    ['the first loss', 'step 0 loss', (f) => Object.assign(f.step0, { loss_f64: 1.6393 })],
    [
      'a gradient',
      'step 0 gradient 4.bias',
      (f) => Object.assign(f.step0.grads, { '4.bias': zeros(5) }),
    ],
    ['a weight', 'final 4.bias', (f) => Object.assign(firstRun(f).final, { '4.bias': zeros(5) })],
    ['a length', 'final 4.bias', (f) => Object.assign(firstRun(f).final, { '4.bias': zeros(4) })],
    [
      'an accuracy',
      'final accuracy',
      (f) => Object.assign(firstRun(f).final_eval, { accuracy: 1 }),
    ],
    [
      'the learning rate',
      'final 0.kernel',
      (f) => Object.assign(firstRun(f).optimizer, { lr: 2e-3 }),
    ],
    ['the order of batches', '20 losses', (f) => f.batches.reverse()],
    ['the labels', 'step 0 loss', (f) => f.y.reverse()],
    [
      'a picture',
      'step 0 logits',
      (f) => Object.assign(f.x_u8, { u8_b64: f.x_u8.u8_b64.replaceAll('A', 'B') }),
    ],
  ])('notices %s', (_what, name, change) => {
    expect(spoil(change)).toContain(name);
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

describe('what the core does not have', () => {
  const refused = (change: (fixture: Fixture) => unknown) => () => {
    const fixture = read(SMALL);
    change(fixture);
    return runFixture(core, fixture);
  };
  const layer = (place: number, options: object) => (f: Fixture) => {
    f.layers[place] = { ...f.layers[place], ...options } as Fixture['layers'][number];
  };

  const extra = { type: 'conv2d', filters: 8, kernel: 3 };

  it.each<[string, RegExp, (fixture: Fixture) => unknown]>([
    ['a layer', /layer 2: avgpool/, layer(2, { type: 'avgpool' })],
    ['a kernel', /layer 0: conv2d with kernel = 5/, layer(0, { kernel: 5 })],
    ['a stride', /conv2d with stride = \[2,2\]/, layer(0, { stride: [2, 2] })],
    ['a pool', /maxpool with size = 3/, layer(2, { size: 3 })],
    ['an order', /layers conv2d, conv2d/, (f) => f.layers.splice(1, 0, extra)],
    ['weight decay', /l2 = 0.01/, (f) => Object.assign(f, { l2: 0.01 })],
    ['a loss', /loss "hinge"/, (f) => Object.assign(f, { loss: 'hinge' })],
    [
      'an optimiser option',
      /decay = 0.1/,
      (f) => Object.assign(firstRun(f).optimizer, { decay: 0.1 }),
    ],
    [
      'other runs only',
      /only adam_torch, sgd_momentum/,
      (f) => Reflect.deleteProperty(f.runs, 'adam_keras'),
    ],
    ['too many filters', /filters is 65/, layer(0, { filters: 65 })],
  ])('%s is refused by name', (_what, message, change) => {
    expect(refused(change)).toThrow(UnsupportedFixture);
    expect(refused(change)).toThrow(message);
  });

  it('3 x 3 written as a pair is the same kernel', () => {
    const fixture = read(SMALL);
    layer(0, { kernel: [3, 3] })(fixture);
    expect(runFixture(core, fixture).comparisons.every(({ pass }) => pass)).toBe(true);
  });
});
