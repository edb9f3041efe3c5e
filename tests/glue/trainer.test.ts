// Saving and looking inside, through the typed face: bytes go out and in, the run goes on as if it
// had never stopped, and what a network shows is what it computes.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Core, CoreError } from '../../wasm_glue/core';
import type { CoreImages } from '../../wasm_glue/images';
import type { NetworkConfig } from '../../wasm_glue/protocol';
import type { Trainer } from '../../wasm_glue/trainer';
import { newCore, runStraight, smallRun } from './support';

let core: Core;
beforeAll(async () => {
  core = await newCore();
});

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof CoreError) return error.code;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const FULL = {
  ...{ blocks: 2, padding: 'same', norm: 'batch', filters2: 6, pool2: 'none', norm2: 'layer' },
  ...{ head: 'attention', dropout: 0.2, shift: 1, flip: 1, schedule: 'cosine', batch: 8 },
} as const satisfies Partial<NetworkConfig>;

/** A new trainer on the pictures of smallRun, in this instance of the core or another one. */
function trainerOn(where: Core, network: Partial<NetworkConfig>, seed = 1) {
  const spec = smallRun(where, network, { seed });
  if (spec.data.kind !== 'scene') throw new Error('a scene was asked for');
  const { scene, trainCount, testCount } = spec.data;
  const fill = (split: 'train' | 'test', count: number) => {
    const images = where.createImages(count, 12, 1);
    images.drawNext(scene, split, count);
    return images;
  };
  const [train, test] = [fill('train', trainCount), fill('test', testCount)];
  return { train, test, trainer: where.createTrainer(spec.network, train, test) };
}

function finish(trainer: Trainer): string {
  while (trainer.progress().phase !== 'finished') trainer.run(1e15);
  return trainer.fingerprint();
}

function pictureOf(images: CoreImages, index: number): Uint8Array {
  return images.read(index, 1).pixels;
}

describe('a saved state', () => {
  it.each([
    ['everything at once', FULL],
    ['early stopping', { patience: 2, epochs: 30, learning_rate: 0.05 }],
    ['sgd', { optimiser: 'sgd', nesterov: 1, learning_rate: 0.01 }],
  ] as const)('goes on in another instance to the same run code: %s', async (_what, network) => {
    const whole = runStraight(core, smallRun(core, network)).fingerprint;
    const { trainer } = trainerOn(core, network);
    for (const cut of [1, 3, 10, 20]) {
      for (let i = 0; i < cut; i++) trainer.run(20000);
      const bytes = trainer.save('state');
      const other = trainerOn(await newCore(), network);
      other.trainer.run(50000);
      other.trainer.load(bytes);
      expect(other.trainer.progress()).toEqual(trainer.progress());
      expect(other.trainer.save('state')).toEqual(bytes);
      expect(finish(other.trainer)).toBe(whole);
    }
    expect(finish(trainer)).toBe(whole);
  });

  it('knows its settings and kind', () => {
    const { trainer } = trainerOn(core, FULL);
    for (const kind of ['model', 'state'] as const) {
      const { kind: read, network } = core.savedConfig(trainer.save(kind));
      expect(read).toBe(kind);
      expect(network).toEqual({ ...core.networkDefaults(), ...trainer.network });
      core.checkNetwork(network);
    }
  });

  it('of other pictures or settings, and damaged bytes, are refused', () => {
    const { trainer } = trainerOn(core, FULL);
    trainer.run(1e15);
    const bytes = trainer.save('state');
    expect(codeOf(() => trainerOn(core, FULL, 2).trainer.load(bytes))).toBe('CNN_ERROR_SAVED');
    expect(codeOf(() => trainerOn(core, { ...FULL, l2: 0.1 }).trainer.load(bytes))).toBe(
      'CNN_ERROR_SAVED',
    );
    const before = trainer.save('state');
    for (const at of [0, 8, 100, bytes.length >> 1, bytes.length - 1]) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 4;
      expect(codeOf(() => trainer.load(damaged))).toBe('CNN_ERROR_SAVED');
      expect(codeOf(() => core.savedConfig(damaged))).toBe('CNN_ERROR_SAVED');
      expect(codeOf(() => trainer.load(bytes.subarray(0, at)))).toBe('CNN_ERROR_SAVED');
    }
    expect(trainer.save('state')).toEqual(before);
    trainer.load(bytes);
  });
});

describe('a saved model', () => {
  it('says the same of any picture, and starts a run of its own', () => {
    const { trainer, test } = trainerOn(core, FULL);
    finish(trainer);
    const bytes = trainer.save('model');
    const { kind, network } = core.savedConfig(bytes);
    expect(kind).toBe('model');
    const elsewhere = trainerOn(core, network, 7).trainer;
    elsewhere.load(bytes);
    const { pixels, count } = test.read();
    expect(elsewhere.logits(pixels, count)).toEqual(trainer.logits(pixels, count));
    expect(elsewhere.statistics()).toEqual(trainer.statistics());
    expect(elsewhere.progress()).toMatchObject({ phase: 'train', epoch: 0, step: 0, bestEpoch: 0 });
  });
});

describe('moving averages', () => {
  it('go out and in, and count in what the network says', () => {
    const { trainer, test } = trainerOn(core, FULL);
    trainer.run(1e15);
    const { pixels, count } = test.read();
    const [kept, logits] = [trainer.statistics(), trainer.logits(pixels, count)];
    expect(kept.length).toBe(trainer.plan.statistics);
    trainer.setStatistics(kept.map((value) => value * 2 + 1));
    expect(trainer.logits(pixels, count)).not.toEqual(logits);
    trainer.setStatistics(kept);
    expect(trainer.logits(pixels, count)).toEqual(logits);
    expect(() => trainer.setStatistics(new Float32Array(1))).toThrow(/8 moving averages, not 1/);
  });
});

describe('looking inside', () => {
  let trainer: Trainer;
  let test: CoreImages;
  beforeAll(() => {
    ({ trainer, test } = trainerOn(core, FULL));
    trainer.run(1e15);
  });

  it('shows every layer in its shape, the last ones as the network says them', () => {
    const picture = pictureOf(test, 3);
    const layers = trainer.layers();
    const values = layers.map((_, i) => trainer.activations(picture, i));
    expect(values.map((v) => v.length)).toEqual(layers.map((l) => l.side ** 2 * l.channels));
    const at = (kind: string) => values[layers.findIndex((l) => l.kind === kind)] ?? [];
    expect(at('logits')).toEqual(trainer.logits(picture, 1));
    expect(Array.from(at('probabilities')).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(at('relu')).toEqual(Float32Array.from(at('norm'), (value) => Math.max(0, value)));
    expect(new Set(at('input')).size).toBe(new Set(picture).size);
  });

  it('shows where the evidence lies', () => {
    const picture = pictureOf(test, 0);
    const map = trainer.classMap(picture, 1);
    expect(map.length).toBe(16);
    expect(map.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    const flat = trainerOn(core, {}).trainer;
    const [logit = 0] = flat.logits(picture, 1).subarray(2);
    const sum = flat.classMap(picture, 2).reduce((a, b) => a + b);
    const bias = flat.parameters().at(-3) ?? 0;
    expect(sum + bias).toBeCloseTo(logit, 5);
  });

  it('covers the picture in slices', () => {
    const picture = pictureOf(test, 5);
    const part = { patch: 4, stride: 2, first: 0, count: 25 };
    const whole = trainer.occlusion(picture, 0, part);
    const slices = [0, 10, 20].flatMap((first) =>
      Array.from(
        trainer.occlusion(picture, 0, { ...part, first, count: Math.min(10, 25 - first) }),
      ),
    );
    expect(slices).toEqual(Array.from(whole));
    const covered = picture.slice();
    for (let y = 2; y < 6; y++) covered.fill(128, y * 12 + 4, y * 12 + 8);
    const last = trainer.layers().length - 1;
    const [before = 0] = trainer.activations(picture, last);
    const [after = 0] = trainer.activations(covered, last);
    expect(whole[5 + 2]).toBe(Math.fround(before - after));
  });

  it('judges every picture', () => {
    const judged = trainer.judge(test);
    const { labels } = test.read();
    const { loss, correct, count } = trainer.evaluate(test);
    expect(judged.reduce((sum, j) => sum + j.loss, 0) / count).toBeCloseTo(loss, 10);
    expect(judged.filter(({ predicted }, i) => predicted === labels[i]).length).toBe(correct);
    const { confidence, predicted } = judged[4] ?? { confidence: 0, predicted: 0 };
    const last = trainer.layers().length - 1;
    expect(trainer.activations(pictureOf(test, 4), last)[predicted]).toBe(confidence);
    const counts = new Int32Array(25);
    judged.forEach((j, i) => {
      const at = (labels[i] ?? 0) * 5 + j.predicted;
      counts[at] = (counts[at] ?? 0) + 1;
    });
    expect(trainer.confusion(test)).toEqual(counts);
  });

  it('refuses what is not there, with a remedy', () => {
    const picture = pictureOf(test, 0);
    expect(() => trainer.classMap(picture.subarray(1), 0)).toThrow(/144 values, not 143: scale/);
    expect(codeOf(() => trainer.activations(picture, 99))).toBe('CNN_ERROR_ARGUMENT');
    expect(codeOf(() => trainer.classMap(picture, 5))).toBe('CNN_ERROR_ARGUMENT');
    const hidden = trainerOn(core, { hidden: 3 }).trainer;
    expect(codeOf(() => hidden.classMap(picture, 0))).toBe('CNN_ERROR_CONFIG');
    const busy = trainerOn(core, {});
    busy.trainer.run(1);
    expect(codeOf(() => busy.trainer.judge(busy.test))).toBe('CNN_ERROR_BUSY');
  });

  it('leaves no memory behind', () => {
    const picture = pictureOf(test, 0);
    const look = () => {
      trainer.load(trainer.save('state'));
      for (let i = 0; i < 10; i++) trainer.activations(picture, i);
      trainer.occlusion(picture, 0, { patch: 2, stride: 2, first: 0, count: 36 });
      trainer.judge(test);
      trainer.confusion(test);
    };
    look();
    const bytes = core.memoryBytes();
    for (let i = 0; i < 200; i++) look();
    expect(core.memoryBytes()).toBe(bytes);
  });
});

describe('a run that ran away', () => {
  it.each([
    ['learning_rate', { learning_rate: 1e25 }],
    [
      'momentum',
      { optimiser: 'sgd', momentum: 0.9999, learning_rate: 0.9, l2: 2.2, batch: 5, epochs: 200 },
    ],
    ['l2', { optimiser: 'sgd', l2: 10, learning_rate: 0.9, epochs: 90 }],
    ['weight_decay', { weight_decay: 10, learning_rate: 0.9, epochs: 90 }],
  ] as const)('names its %s', (name, network) => {
    const { trainer } = trainerOn(core, network);
    expect(trainer.suspect()).toBeUndefined();
    expect(codeOf(() => finish(trainer))).toBe('CNN_ERROR_NOT_FINITE');
    expect(trainer.suspect()).toBe(name);
  });
});
