// Means over seeds and their intervals. Student's t is computed, not looked up, so that any number
// of runs works.

import { requireCount, requireFinite } from './guard';
import type { Estimate } from './proportion';
import { incompleteBeta } from './special';

/** P(T <= t) for Student's t with `freedom` degrees, freedom > 0 (DLMF 8.17 with x = f/(f+t^2)). */
export function studentCdf(t: number, freedom: number): number {
  if (!(freedom > 0)) throw new RangeError(`freedom must be above 0, got ${freedom}`);
  if (Number.isNaN(t)) throw new RangeError('t must be a number, got NaN');
  const tail = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t < 0 ? tail : 1 - tail;
}

/**
 * t with P(T <= t) = share, by halving an interval on the upper tail until it stops shrinking.
 * 0 < share < 1, freedom > 0. 0.975 gives 4.3027, 2.7764 and 2.2622 for 2, 4 and 9 degrees.
 */
export function studentQuantile(share: number, freedom: number): number {
  if (!(share > 0 && share < 1)) throw new RangeError(`share must lie in 0..1, got ${share}`);
  if (!(freedom > 0)) throw new RangeError(`freedom must be above 0, got ${freedom}`);
  if (share === 0.5) return 0;
  if (share < 0.5) return -studentQuantile(1 - share, freedom);
  let low = 0;
  let high = 1;
  while (studentCdf(high, freedom) < share && high < 1e300) {
    low = high;
    high *= 2;
  }
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentCdf(middle, freedom) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Arithmetic mean; at least one finite value. */
export function mean(values: readonly number[]): number {
  requireCount(values.length, 'number of values');
  let sum = 0;
  for (const value of values) {
    requireFinite(value, 'value');
    sum += value;
  }
  return sum / values.length;
}

/** Standard deviation with S - 1 in the denominator; at least two finite values. */
export function standardDeviation(values: readonly number[]): number {
  requireCount(values.length, 'number of values', 2);
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * Mean with its two-sided t interval: mean +- t(S-1) sd / sqrt(S), S = number of values >= 2;
 * share = 0.95 for 95 %. It covers everything that varied between the values (data, first weights,
 * order), but with few values it is wide: t = 12.7, 4.30, 2.78, 2.26 for S = 2, 3, 5, 10.
 */
export function meanInterval(values: readonly number[], share = 0.95): Estimate {
  requireCount(values.length, 'number of values', 2);
  if (!(share > 0 && share < 1)) throw new RangeError(`share must lie in 0..1, got ${share}`);
  const estimate = mean(values);
  const t = studentQuantile(0.5 + share / 2, values.length - 1);
  const reach = (t * standardDeviation(values)) / Math.sqrt(values.length);
  return { estimate, low: estimate - reach, high: estimate + reach };
}

/** meanInterval of first[i] - second[i]: entries with the same i share a seed, equal lengths. */
export function pairedInterval(
  first: readonly number[],
  second: readonly number[],
  share = 0.95,
): Estimate {
  if (first.length !== second.length) {
    throw new RangeError(`pairs needed, got ${first.length} and ${second.length} values`);
  }
  return meanInterval(
    first.map((value, i) => value - (second[i] ?? Number.NaN)),
    share,
  );
}
