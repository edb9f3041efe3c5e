// What can be known about a scene before anything is trained: the best score that any rule can
// reach, and what averaging a few labelled pictures comes to. Both know nothing of networks.

import { requireClasses, requireCount, requireFinite } from './guard';

/** Beyond this many standard deviations nothing is left that a double could hold. */
const FAR = 8.5;
/** Trapezoids of this width leave an error far below 1e-12 on the whole line, for K up to 1,000. */
const STEP = 1 / 16;

function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** Phi(x), the normal distribution, to about 1e-15: 1/2 + phi(x) (x + x^3/3 + x^5/(3*5) + ...),
 *  DLMF 7.6.2. */
export function normalCdf(x: number): number {
  if (x < -FAR) return 0;
  if (x > FAR) return 1;
  let term = x;
  let sum = x;
  for (let k = 3; sum + term !== sum; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + normalDensity(x) * sum;
}

/**
 * Share of right answers of the ideal observer of K equally likely patterns, all equally far from
 * each other, in white noise: Pc(K, s) = integral phi(t - s) Phi(t)^(K-1) dt ("1 of M orthogonal
 * signals": Green & Dai 1991, Hacker & Ratcliff 1979). s >= 0 is the distance of two patterns over
 * sqrt(2) times the noise's sd; s = 0 is guessing, 1/K.
 */
export function idealAccuracy(classes: number, strength: number): number {
  requireClasses(classes);
  requireStrength(strength);
  let sum = 0;
  for (let t = strength - FAR; t <= strength + FAR; t += STEP) {
    sum += normalDensity(t - strength) * normalCdf(t) ** (classes - 1);
  }
  return Math.min(1, sum * STEP);
}

/**
 * As idealAccuracy where `patterns` are sorted evenly into fewer classes: the nearest pattern is
 * named and then its class, so a mix-up inside the class costs nothing. The ideal observer, who
 * weighs all patterns of a class together, is better by less than the chart can show (ceiling's
 * tests: at most 0.02).
 */
export function idealSortedAccuracy(classes: number, patterns: number, strength: number): number {
  const right = idealAccuracy(patterns, strength);
  return right + ((1 - right) * (patterns / classes - 1)) / (patterns - 1);
}

/**
 * Share of right answers of the nearest class mean, from `perClass` labelled pictures of each class
 * with `inputs` numbers a picture: Pc(K, s / sqrt((1 + D/(n s^2)) (1 + 1/(2n)))). For K = 2 that is
 * the closed form Phi(s/sqrt(2) / sqrt(...)); for more classes it takes the means' errors for
 * independent, which the scenes bear out (the unit test, and to 0.02 for K up to 48). D/(n s^2),
 * inputs per label per unit of signal, is what overfitting goes by.
 */
export function fewSamplesAccuracy(
  classes: number,
  strength: number,
  inputs: number,
  perClass: number,
): number {
  requireStrength(strength);
  requireCount(inputs, 'inputs');
  requireCount(perClass, 'perClass');
  if (strength === 0) return idealAccuracy(classes, 0);
  const spread = (1 + inputs / (perClass * strength ** 2)) * (1 + 1 / (2 * perClass));
  return idealAccuracy(classes, strength / Math.sqrt(spread));
}

function requireStrength(strength: number): void {
  requireFinite(strength, 'strength');
  if (strength < 0) throw new RangeError(`strength must be at least 0, got ${strength}`);
}
