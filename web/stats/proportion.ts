// Intervals for shares of right answers on a test set. They cover the luck of the test pictures
// only, not the luck of the seed: for that see meanInterval and pairedInterval.
// Never p +- 1.96 sd: that has no width at 100 %.

import { requireFinite, requireTally } from './guard';

export interface Interval {
  low: number;
  high: number;
}

/** An estimate inside its interval. */
export interface Estimate extends Interval {
  estimate: number;
}

/** 97.5 % quantile of the normal distribution: two-sided 95 %. */
export const Z95 = 1.959963984540054;

/**
 * Wilson score interval of a proportion (Wilson 1927; recommended by Brown, Cai and DasGupta 2001):
 * (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
 * count >= 1, 0 <= correct <= count, z > 0. Ends lie in 0..1 and are exact at 0 and at 1.
 */
export function wilsonInterval(correct: number, count: number, z: number = Z95): Interval {
  requireTally(correct, count);
  requirePositive(z);
  const p = correct / count;
  const z2n = (z * z) / count;
  const centre = p + z2n / 2;
  const reach = z * Math.sqrt((p * (1 - p)) / count + z2n / (4 * count));
  return {
    low: correct === 0 ? 0 : (centre - reach) / (1 + z2n),
    high: correct === count ? 1 : (centre + reach) / (1 + z2n),
  };
}

/**
 * Interval of a difference first - second of two independent estimates from the interval of each
 * (the square-and-add rule of Newcombe 1998, method 10; Zou and Donner 2008 for any parameters):
 * d - sqrt((e1-l1)^2 + (h2-e2)^2), d + sqrt((h1-e1)^2 + (e2-l2)^2).
 */
export function hybridDifference(first: Estimate, second: Estimate): Estimate {
  for (const end of [first, second]) {
    requireFinite(end.estimate, 'estimate');
    if (!(end.low <= end.estimate && end.estimate <= end.high)) {
      throw new RangeError(`estimate ${end.estimate} lies outside ${end.low}..${end.high}`);
    }
  }
  const estimate = first.estimate - second.estimate;
  return {
    estimate,
    low: estimate - Math.hypot(first.estimate - first.low, second.high - second.estimate),
    high: estimate + Math.hypot(first.high - first.estimate, second.estimate - second.low),
  };
}

/** A share with its Wilson interval, ready for hybridDifference. */
export function wilsonEstimate(correct: number, count: number, z: number = Z95): Estimate {
  const { low, high } = wilsonInterval(correct, count, z);
  const estimate = correct / count;
  // Rounding can put an end a last digit on the wrong side of p.
  return { estimate, low: Math.min(low, estimate), high: Math.max(high, estimate) };
}

/**
 * Newcombe's hybrid score interval of p1 - p2, independent samples (1998, method 10).
 * Counts as wilsonInterval. 100/100 against 47/100 gives .53 [.426, .625].
 */
export function newcombeDifference(
  first: { correct: number; count: number },
  second: { correct: number; count: number },
  z: number = Z95,
): Estimate {
  return hybridDifference(
    wilsonEstimate(first.correct, first.count, z),
    wilsonEstimate(second.correct, second.count, z),
  );
}

function requirePositive(z: number): void {
  if (!(z > 0 && Number.isFinite(z))) throw new RangeError(`z must be above 0, got ${z}`);
}
