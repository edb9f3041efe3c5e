// The ceiling and the few-samples line against the science notes' values, closed forms, and ideal
// observers drawn by chance; and which settings the page draws them for.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Core, compileCore, instantiateCore } from '../../../wasm_glue/core';
import { sceneConfig } from '../../../web/settings/spec';
import { defaultSettings, type Settings } from '../../../web/settings/table';
import { ceilingOf } from '../../../web/state/ceiling';
import { core as engine } from '../../../web/state/engine';
import {
  fewSamplesAccuracy,
  idealAccuracy,
  idealSortedAccuracy,
  normalCdf,
} from '../../../web/stats/ceiling';
import { mean } from '../../../web/stats/student';

/** Normal deviates, the same in every run (mulberry32, Box-Muller). */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return (((x ^ (x >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Share of right answers of who weighs all patterns of a class by their likelihood. */
function drawnIdeal(classes: number, patterns: number, strength: number): number {
  const normal = normals(7);
  const each = patterns / classes;
  const tries = 8000;
  let right = 0;
  for (let i = 0; i < tries; i++) {
    const evidence = new Float64Array(classes);
    for (let p = 0; p < patterns; p++) {
      const seen = normal() + (p === 0 ? strength : 0);
      const own = Math.floor(p / each);
      evidence[own] = (evidence[own] ?? 0) + Math.exp(strength * seen);
    }
    if (evidence.indexOf(Math.max(...evidence)) === 0) right += 1;
  }
  return right / tries;
}

describe('the normal distribution', () => {
  // Abramowitz and Stegun 1972, table 26.1.
  it.each([
    [0, 0.5],
    [1, 0.841344746068543],
    [2.5, 0.993790334674224],
    [-1.5, 0.066807201268858],
    [5, 0.999999713348428],
  ])('is right at %f', (x, expected) => expect(normalCdf(x)).toBeCloseTo(expected, 14));

  it('ends at 0 and 1', () => {
    expect([normalCdf(-40), normalCdf(40)]).toEqual([0, 1]);
    expect(normalCdf(-8.4)).toBeGreaterThanOrEqual(0);
  });
});

describe('the ideal observer', () => {
  it.each([
    [4, 2, 0.998],
    [4, 5, 0.992],
    [4, 10, 0.983],
    [4, 20, 0.97],
    [4, 50, 0.943],
    [4, 100, 0.915],
    [5, 2, 0.9998],
    [5, 100, 0.988],
  ])('at strength %f with %i classes gets %f', (strength, classes, expected) =>
    expect(Math.abs(idealAccuracy(classes, strength) - expected)).toBeLessThanOrEqual(5e-4),
  );

  it.each([0, 0.1, 1, 3.255, 8, 64, 1000])('is Phi(s / sqrt 2) for two classes at %f', (s) =>
    expect(idealAccuracy(2, s)).toBeCloseTo(normalCdf(s / Math.SQRT2), 12),
  );

  it('guesses where there is no signal, and rises with it', () => {
    for (const classes of [2, 5, 63, 255]) {
      expect(idealAccuracy(classes, 0)).toBeCloseTo(1 / classes, 12);
      for (let s = 0; s < 8; s++)
        expect(idealAccuracy(classes, s + 1)).toBeGreaterThan(idealAccuracy(classes, s));
    }
  });

  it.each([
    [5, 5, 2],
    [20, 20, 3],
    [2, 8, 1],
    [2, 32, 2],
    [4, 32, 1],
    [16, 32, 3],
  ])('for %i classes of %i patterns at %f scores as one drawn by chance', (k, p, s) => {
    const formula = p === k ? idealAccuracy(k, s) : idealSortedAccuracy(k, p, s);
    expect(Math.abs(formula - drawnIdeal(k, p, s))).toBeLessThan(0.03);
  });

  it('is the plain one where every class has one pattern', () => {
    expect(idealSortedAccuracy(8, 8, 2)).toBeCloseTo(idealAccuracy(8, 2), 12);
    expect(idealSortedAccuracy(2, 32, 0)).toBeCloseTo(0.5, 12);
  });

  it('refuses what is no strength and no number of classes', () => {
    expect(() => idealAccuracy(1, 2)).toThrow(RangeError);
    expect(() => idealAccuracy(2, -1)).toThrow(RangeError);
    expect(() => idealAccuracy(2, Number.NaN)).toThrow(RangeError);
  });
});

describe('the few-samples line', () => {
  // Worked by hand: s = 4, D = 1,600, n = 25, so (1 + 1600/400) (1 + 1/50) = 5.1.
  it('is Phi(s / sqrt 2 / sqrt((1 + D/(n s^2)) (1 + 1/(2n))))', () =>
    expect(fewSamplesAccuracy(2, 4, 1600, 25)).toBeCloseTo(normalCdf(4 / Math.sqrt(2 * 5.1)), 12));

  it('nears the ceiling with many pictures, and guessing without signal', () => {
    expect(fewSamplesAccuracy(7, 2, 100, 1e7)).toBeCloseTo(idealAccuracy(7, 2), 5);
    expect(fewSamplesAccuracy(4, 0, 100, 20)).toBeCloseTo(0.25, 12);
  });
});

describe('the ceiling that the page shows', () => {
  let core: Core;
  const before = engine.peek();
  const at = (part: Partial<Settings>) =>
    ceilingOf({ ...defaultSettings(), source: 'templates', kinds: 2, perKind: 20, ...part });

  beforeAll(async () => {
    const wasm = readFileSync(new URL('../../../build/wasm/core.wasm', import.meta.url));
    core = instantiateCore(await compileCore(new Uint8Array(wasm)));
    engine.value = core;
  });
  afterAll(() => {
    engine.value = before;
  });

  it('follows the strength of the patterns at the picture size', () => {
    for (const size of [8, 16, 32, 96]) {
      const s = { ...defaultSettings(), source: 'templates' as const, kinds: 2, size };
      const strength = core.sceneStrength(sceneConfig(s), size);
      expect(at({ size })).toEqual({
        best: idealAccuracy(2, strength),
        strength,
        fewSamples: fewSamplesAccuracy(2, strength, size * size, 20),
      });
    }
    expect(at({ size: 8 })?.strength).toBeCloseTo(3.255, 1);
  });

  // The science notes' theory at s = 4 and 20 labelled pictures of each of two kinds.
  it.each([
    [8, 0.976],
    [16, 0.973],
    [32, 0.909],
    [64, 0.773],
    [96, 0.696],
  ])('has the few-samples line of the notes at %i pixels', (size, expected) => {
    const few = at({ size })?.fewSamples ?? Number.NaN;
    expect(Math.abs(few - expected)).toBeLessThan(0.005);
  });

  it('has a few-samples line that 20 kinds of scenes keep to', () => {
    const s = { ...defaultSettings(), source: 'templates' as const, kinds: 20, perKind: 5 };
    const scores = [1, 2, 3].map((dataLuck) => {
      const scene = sceneConfig({ ...s, dataLuck });
      const train = core.createImages(100, s.size, 1);
      const test = core.createImages(200, s.size, 1);
      train.drawNext(scene, 'train', train.count);
      test.drawNext(scene, 'test', test.count);
      return core.nearestMean(train, test, s.kinds).correct / test.count;
    });
    const few = ceilingOf(s)?.fewSamples ?? Number.NaN;
    expect(Math.abs(few - mean(scores))).toBeLessThan(0.05);
  });

  it('is not lowered by wrong labels in learning, but is guessing when the test is shuffled', () => {
    expect(at({ wrongLabels: 90 })?.best).toBe(at({})?.best);
    expect(at({ wrongLabels: 90 })?.fewSamples).toBeNull();
    expect(at({ wrongLabels: 100 })).toEqual({ best: 0.5, strength: null, fewSamples: null });
  });

  it('is guessing for pure noise', () =>
    expect(at({ source: 'noise', kinds: 4 })).toEqual({
      best: 0.25,
      strength: null,
      fewSamples: null,
    }));

  it('counts sorted patterns as patterns, not as kinds', () => {
    const strength = at({ patterns: 32 })?.strength ?? Number.NaN;
    expect(at({ patterns: 32 })?.best).toBeCloseTo(idealSortedAccuracy(2, 32, strength), 12);
    expect(at({ patterns: 32 })?.fewSamples).toBeNull();
  });

  it.each<Partial<Settings>>([
    { jitter: 10 },
    { clutter: 20 },
    { cue: 40 },
    { source: 'striped_ball' },
    { source: 'signs' },
    { source: 'fashion' },
  ])('is not drawn where nobody knows it: %o', (part) => expect(at(part)).toBeNull());
});
