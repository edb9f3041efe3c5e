// Exact binomial probabilities, and from them the band of scores that guessing alone can give.

import { requireCount, requireShare } from './guard';
import type { Interval } from './proportion';
import { logGamma } from './special';

/** ln P(X = k), X binomial(n, p); -Infinity where it cannot happen. 0 <= k <= n, 0 <= p <= 1. */
export function logBinomial(k: number, n: number, p: number): number {
  requireCount(n, 'n');
  requireCount(k, 'k', 0);
  requireShare(p, 'p');
  if (k > n) throw new RangeError(`k must be at most n (${n}), got ${k}`);
  const hits = k === 0 ? 0 : k * Math.log(p);
  const misses = k === n ? 0 : (n - k) * Math.log1p(-p);
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + hits + misses;
}

/**
 * Smallest k with P(X <= k) >= share, by summing the probabilities themselves; each term comes from
 * the last by its ratio, in logs, so nothing underflows. n >= 1, 0 <= p <= 1, 0 < share < 1.
 */
export function binomialQuantile(share: number, n: number, p: number): number {
  requireCount(n, 'n');
  requireShare(p, 'p');
  if (!(share > 0 && share < 1)) throw new RangeError(`share must lie in 0..1, got ${share}`);
  if (p === 0) return 0;
  if (p === 1) return n;
  // Below 12 standard deviations (and 12 more for tiny n p) the sum is under 1e-30.
  let k = Math.max(0, Math.floor(n * p - 12 * Math.sqrt(n * p * (1 - p)) - 12));
  const logOdds = Math.log(p) - Math.log1p(-p);
  let log = logBinomial(k, n, p);
  let sum = Math.exp(log);
  while (sum < share && k < n) {
    log += Math.log((n - k) / (k + 1)) + logOdds;
    k += 1;
    sum += Math.exp(log);
  }
  return k;
}

/**
 * Shares of right answers that guessing gives in 95 of 100 tests: 2.5 % and 97.5 % quantiles of
 * binomial(count, chance), both ends inside. A score inside is not distinguishable from guessing.
 * count = 100 gives upper ends .60, .28, .10 and .03 for 2, 5, 20 and 100 classes.
 */
export function chanceBand(count: number, chance: number): Interval {
  return {
    low: binomialQuantile(0.025, count, chance) / count,
    high: binomialQuantile(0.975, count, chance) / count,
  };
}

/** The highest score that is not distinguishable from guessing: chanceBand's upper end. */
export function chanceLimit(count: number, chance: number): number {
  return chanceBand(count, chance).high;
}

/**
 * Score of the best constant answer: the largest class' share of the test pictures. 1/K for a
 * balanced set. perClass: pictures of each class, at least one in all.
 */
export function majorityChance(perClass: readonly number[]): number {
  let total = 0;
  let largest = 0;
  for (const count of perClass) {
    requireCount(count, 'pictures of a class', 0);
    total += count;
    largest = Math.max(largest, count);
  }
  requireCount(total, 'pictures in all');
  return largest / total;
}
