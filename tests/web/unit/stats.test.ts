// The statistics against published values, against the worked values of the science notes, and
// against references computed here by another way (exact integers, root finding, integration).

import { describe, expect, it } from 'vitest';
import {
  binomialQuantile,
  chanceBand,
  chanceLimit,
  logBinomial,
  majorityChance,
} from '../../../web/stats/binomial';
import {
  hybridDifference,
  newcombeDifference,
  wilsonInterval,
  Z95,
} from '../../../web/stats/proportion';
import {
  accuracyGap,
  kappa,
  kappaFromChance,
  lossGap,
  normalisedLoss,
  wolpawBits,
} from '../../../web/stats/score';
import { incompleteBeta, logGamma } from '../../../web/stats/special';
import {
  mean,
  meanInterval,
  pairedInterval,
  standardDeviation,
  studentCdf,
  studentQuantile,
} from '../../../web/stats/student';

describe('Wilson interval', () => {
  // First four: worked values of the science notes. Then Newcombe 1998 (single proportion), table I.
  it.each([
    [50, 100, 0.404, 0.596],
    [100, 100, 0.963, 1],
    [40, 40, 0.912, 1],
    [900, 1000, 0.88, 0.917],
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i is %f to %f', (correct, count, low, high) => {
    const interval = wilsonInterval(correct, count);
    expect(interval.low).toBeCloseTo(low, 3);
    expect(interval.high).toBeCloseTo(high, 3);
  });

  it('solves |p - share| = z sqrt(p(1-p)/n) at both ends', () => {
    for (const [correct, count] of [
      [3, 7],
      [348, 500],
      [1, 1000],
      [999, 1000],
      [12, 50],
    ] as const) {
      const share = correct / count;
      const { low, high } = wilsonInterval(correct, count);
      for (const end of [low, high]) {
        expect(Math.abs(end - share)).toBeCloseTo(Z95 * Math.sqrt((end * (1 - end)) / count), 12);
      }
      expect(low).toBeLessThan(share);
      expect(high).toBeGreaterThan(share);
    }
  });

  it('keeps a width at 0 and 100 % and never leaves 0..1', () => {
    expect(wilsonInterval(0, 10).low).toBe(0);
    expect(wilsonInterval(0, 10).high).toBeCloseTo(0.27753, 5);
    expect(wilsonInterval(10, 10).high).toBe(1);
    expect(wilsonInterval(1, 1).low).toBeCloseTo(0.20655, 5);
  });
});

describe('Newcombe interval of a difference', () => {
  // Newcombe 1998 (two proportions), table II, method 10; then the worked values of the notes.
  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [0, 10, 0, 10, -0.2775, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
    [100, 100, 47, 100, 0.4261, 0.6249],
    [200, 200, 348, 500, 0.261, 0.3457],
  ])('%i/%i minus %i/%i is %f to %f', (c1, n1, c2, n2, low, high) => {
    const d = newcombeDifference({ correct: c1, count: n1 }, { correct: c2, count: n2 });
    expect(d.estimate).toBeCloseTo(c1 / n1 - c2 / n2, 12);
    expect(d.low).toBeCloseTo(low, 4);
    expect(d.high).toBeCloseTo(high, 4);
  });

  it('changes sign with its arguments', () => {
    const first = { correct: 348, count: 500 };
    const second = { correct: 487, count: 500 };
    const d = newcombeDifference(first, second);
    const e = newcombeDifference(second, first);
    expect(d.low).toBeCloseTo(-e.high, 12);
    expect(d.high).toBeCloseTo(-e.low, 12);
  });

  it('refuses an estimate outside its own interval', () => {
    const good = { estimate: 0.5, low: 0.4, high: 0.6 };
    expect(() => hybridDifference({ ...good, estimate: 0.7 }, good)).toThrow(RangeError);
  });
});

describe('binomial', () => {
  /** P(X <= k) for p = 1/K from whole numbers alone: no rounding before the last division. */
  function exactQuantile(numerator: bigint, n: number, classes: number): number {
    const total = BigInt(classes) ** BigInt(n);
    let choose = 1n;
    let sum = 0n;
    for (let k = 0; k <= n; k++) {
      sum += choose * BigInt(classes - 1) ** BigInt(n - k);
      if (sum * 1000n >= total * numerator) return k;
      choose = (choose * BigInt(n - k)) / BigInt(k + 1);
    }
    return n;
  }

  it.each([2, 5, 20, 100])(
    'band of guessing among %i kinds equals exact integer sums',
    (classes) => {
      for (const n of [1, 7, 17, 100, 500, 1000]) {
        const { low, high } = chanceBand(n, 1 / classes);
        expect(Math.round(low * n)).toBe(exactQuantile(25n, n, classes));
        expect(Math.round(high * n)).toBe(exactQuantile(975n, n, classes));
      }
    },
  );

  it.each([
    [100, 2, 0.6],
    [100, 5, 0.28],
    [100, 20, 0.1],
    [100, 100, 0.03],
    [1000, 2, 0.531],
    [1000, 5, 0.225],
    [1000, 20, 0.064],
    [1000, 100, 0.017],
    [500, 5, 0.236],
  ])('limit for %i pictures and %i kinds is %f', (n, classes, limit) => {
    expect(chanceLimit(n, 1 / classes)).toBeCloseTo(limit, 12);
  });

  it('gives probabilities that add up to 1', () => {
    for (const [n, p] of [
      [1, 0.5],
      [30, 0.2],
      [500, 0.01],
    ] as const) {
      let sum = 0;
      for (let k = 0; k <= n; k++) sum += Math.exp(logBinomial(k, n, p));
      expect(sum).toBeCloseTo(1, 12);
    }
    expect(Math.exp(logBinomial(2, 4, 0.5))).toBeCloseTo(6 / 16, 14);
  });

  it('reaches a million pictures and the ends of p', () => {
    // 97.5 % of binomial(10^6, 1/2): 500,000 + 1.96 * 500 = 500,980 by the normal law.
    expect(binomialQuantile(0.975, 1_000_000, 0.5)).toBe(500_980);
    expect(binomialQuantile(0.975, 10, 0)).toBe(0);
    expect(binomialQuantile(0.025, 10, 1)).toBe(10);
  });

  it('takes the largest kind of an unbalanced set', () => {
    expect(majorityChance([10, 30, 60])).toBe(0.6);
    expect(majorityChance([25, 25, 25, 25])).toBe(0.25);
    expect(majorityChance([0, 4])).toBe(1);
  });
});

describe("Student's t", () => {
  // Two-sided 95 % and 99 %: the tables printed in every textbook.
  it.each([
    [1, 12.7062, 63.6567],
    [2, 4.3027, 9.9248],
    [3, 3.1824, 5.8409],
    [4, 2.7764, 4.6041],
    [5, 2.5706, 4.0321],
    [7, 2.3646, 3.4995],
    [9, 2.2622, 3.2498],
    [19, 2.093, 2.8609],
    [30, 2.0423, 2.75],
    [60, 2.0003, 2.6603],
    [120, 1.9799, 2.6174],
  ])('%i degrees', (freedom, t95, t99) => {
    expect(studentQuantile(0.975, freedom)).toBeCloseTo(t95, 3);
    expect(studentQuantile(0.995, freedom)).toBeCloseTo(t99, 3);
    expect(studentQuantile(0.025, freedom)).toBeCloseTo(-t95, 3);
  });

  it('has the closed forms of 1 and 2 degrees and the normal limit', () => {
    for (const t of [-3, -0.2, 0, 0.7, 5]) {
      expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 13);
      expect(studentCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 13);
    }
    expect(studentQuantile(0.975, 1e7)).toBeCloseTo(Z95, 5);
  });

  it('equals the integral of its density', () => {
    const freedom = 6;
    const scale =
      Math.exp(logGamma((freedom + 1) / 2) - logGamma(freedom / 2)) / Math.sqrt(freedom * Math.PI);
    const density = (x: number) => scale * (1 + (x * x) / freedom) ** (-(freedom + 1) / 2);
    const steps = 2000;
    const width = 1.7 / steps;
    let sum = density(0) + density(1.7);
    for (let i = 1; i < steps; i++) sum += density(i * width) * (i % 2 ? 4 : 2);
    expect(studentCdf(1.7, freedom)).toBeCloseTo(0.5 + (sum * width) / 3, 12);
  });

  it('finds mean, spread and interval', () => {
    expect(mean([2, 4, 9])).toBe(5);
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
    const interval = meanInterval([1, 2, 3]);
    expect(interval.estimate).toBe(2);
    expect(interval.high - 2).toBeCloseTo(4.302652729749 / Math.sqrt(3), 9);
  });

  it('pairs by position: the default experiment over five seeds', () => {
    const d = pairedInterval([70, 71, 65, 75, 66], [97, 96, 98, 99, 98]);
    expect(d.estimate).toBeCloseTo(-28.2, 10);
    expect(d.low).toBeCloseTo(-33.27, 2);
    expect(d.high).toBeCloseTo(-23.13, 2);
    expect(pairedInterval([1, 2, 3], [1, 2, 3])).toEqual({ estimate: 0, low: 0, high: 0 });
  });
});

describe('scores across numbers of kinds', () => {
  // The five-classes table of the science notes: accuracy, kappa, bits, 20 pictures per kind.
  it.each([
    [2, 0.827, 0.65, 0.34],
    [4, 0.736, 0.65, 0.75],
    [8, 0.696, 0.65, 1.26],
    [16, 0.659, 0.64, 1.74],
    [32, 0.623, 0.61, 2.18],
    [63, 0.568, 0.56, 2.42],
  ])('%i kinds at %f', (classes, accuracy, kappaWanted, bits) => {
    expect(kappa(accuracy, classes)).toBeCloseTo(kappaWanted, 1);
    expect(Math.abs(kappa(accuracy, classes) - kappaWanted)).toBeLessThan(0.006);
    expect(Math.abs(wolpawBits(accuracy, classes) - bits)).toBeLessThan(0.006);
  });

  it('is 0 at guessing, 1 (and log2 K bits) when all is right, and clamps bits below guessing', () => {
    expect(kappa(0.25, 4)).toBe(0);
    expect(kappa(1, 4)).toBe(1);
    expect(kappa(0, 4)).toBeCloseTo(-1 / 3, 14);
    expect(kappaFromChance(0.8, 0.6)).toBeCloseTo(0.5, 14);
    expect(wolpawBits(1, 4)).toBe(2);
    expect(wolpawBits(0.25, 4)).toBe(0);
    expect(wolpawBits(0.1, 4)).toBe(0);
    expect(wolpawBits(0.9, 2)).toBeCloseTo(1 + 0.9 * Math.log2(0.9) + 0.1 * Math.log2(0.1), 14);
  });

  it('measures gaps and losses', () => {
    expect(accuracyGap(1, 0.696)).toBeCloseTo(0.304, 14);
    expect(accuracyGap(0.692, 0.913)).toBeCloseTo(-0.221, 14);
    expect(lossGap(0.01, 0.54)).toBeCloseTo(0.53, 14);
    expect(normalisedLoss(Math.log(5), 5)).toBe(1);
    expect(normalisedLoss(2.18, 2)).toBeGreaterThan(1);
  });
});

describe('special functions', () => {
  it('has the gamma values known in closed form', () => {
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
    expect(logGamma(1)).toBeCloseTo(0, 13);
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 13);
    expect(logGamma(501)).toBeCloseTo(2611.330458460156, 9);
  });

  it('has the incomplete beta values known in closed form', () => {
    expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 14);
    expect(incompleteBeta(0.3, 2, 1)).toBeCloseTo(0.09, 14);
    expect(incompleteBeta(0.3, 1, 4)).toBeCloseTo(1 - 0.7 ** 4, 14);
    expect(incompleteBeta(0.5, 7.5, 7.5)).toBeCloseTo(0.5, 13);
    expect(incompleteBeta(0, 2, 3)).toBe(0);
    expect(incompleteBeta(1, 2, 3)).toBe(1);
  });
});

describe('bad input', () => {
  it.each<[string, () => unknown]>([
    ['no pictures', () => wilsonInterval(0, 0)],
    ['more right than pictures', () => wilsonInterval(11, 10)],
    ['a fraction of a picture', () => wilsonInterval(1.5, 10)],
    ['a negative count', () => wilsonInterval(-1, 10)],
    ['z of 0', () => wilsonInterval(1, 10, 0)],
    ['no trials', () => binomialQuantile(0.5, 0, 0.5)],
    ['chance above 1', () => chanceBand(10, 1.1)],
    ['chance not a number', () => chanceLimit(10, Number.NaN)],
    ['quantile of 1', () => binomialQuantile(1, 10, 0.5)],
    ['k above n', () => logBinomial(11, 10, 0.5)],
    ['empty set', () => majorityChance([])],
    ['one kind', () => kappa(0.5, 1)],
    ['accuracy above 1', () => kappa(1.2, 2)],
    ['chance of 1', () => kappaFromChance(1, 1)],
    ['bits of one kind', () => wolpawBits(0.5, 1)],
    ['negative loss', () => normalisedLoss(-1, 2)],
    ['endless loss', () => lossGap(0, Number.POSITIVE_INFINITY)],
    ['one value', () => meanInterval([1])],
    ['no values', () => mean([])],
    ['a value that is not finite', () => mean([1, Number.NaN])],
    ['pairs of unlike length', () => pairedInterval([1, 2], [1])],
    ['no degrees of freedom', () => studentQuantile(0.9, 0)],
    ['share of 0', () => studentQuantile(0, 3)],
    ['gamma of 0', () => logGamma(0)],
    ['beta beyond 1', () => incompleteBeta(1.1, 1, 1)],
  ])('%s is refused with its name', (_what, run) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(/must|needed|outside/);
  });
});
