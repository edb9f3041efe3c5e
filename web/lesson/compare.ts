// The numbers behind a verdict, without words: which runs can be compared, what the interval is,
// and whether a network is inside the guessing band.
// One or two seeds: Newcombe's interval on the pooled test pictures. It takes both arms' pictures
// as independent draws, although they share them, so it is a little wide rather than too narrow.
// Three seeds or more: the t interval of the differences seed by seed.

import { chanceLimit } from '../stats/binomial';
import {
  type Estimate,
  hybridDifference,
  newcombeDifference,
  wilsonEstimate,
} from '../stats/proportion';
import { kappaFromChance } from '../stats/score';
import { mean, meanInterval } from '../stats/student';
import type { Arm, SeedOutcome, Tally, VerdictInterval } from './verdict-types';

export type Finished = Extract<SeedOutcome, { kind: 'finished' }>;
export type Stopped = Extract<SeedOutcome, { kind: 'stopped' }>;

/** From this many seeds on the spread over seeds is shown instead of the luck of one test. */
export const SEEDS_FOR_T = 3;
/** Differences under half a point are not told apart on a page of whole percents. */
const SMALLEST_SHOWN = 0.005;
/** A gap up to 5 points is called small; scores are low under 0.7 of the way to perfect. */
const SMALL_GAP = 0.05;
const LOW_KAPPA = 0.7;

export function finished(arm: Arm): Finished[] {
  return arm.outcomes.filter((outcome) => outcome.kind === 'finished');
}

export function stopped(arm: Arm): Stopped[] {
  return arm.outcomes.filter((outcome) => outcome.kind === 'stopped');
}

export function share(tally: Tally): number {
  return tally.correct / tally.count;
}

export function pool(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, tally) => ({ correct: sum.correct + tally.correct, count: sum.count + tally.count }),
    { correct: 0, count: 0 },
  );
}

/** Score that guessing gets; 1/K where one kind fills the whole test and nothing can be compared. */
function guessing(arm: Arm): number {
  return arm.chance < 1 ? arm.chance : 1 / arm.classes;
}

/** Score above guessing of an accuracy on this arm's task. */
export function above(arm: Arm, accuracy: number): number {
  return kappaFromChance(accuracy, guessing(arm));
}

/** Runs of A and B with the same seed; runs in order if no seed is shared. */
export function pairs(a: Arm, b: Arm): [Finished, Finished][] {
  const ofB = new Map(finished(b).map((outcome) => [outcome.seed, outcome]));
  const shared: [Finished, Finished][] = [];
  for (const first of finished(a)) {
    const second = ofB.get(first.seed);
    if (second) shared.push([first, second]);
  }
  if (shared.length > 0) return shared;
  const inOrder = finished(b);
  return finished(a).flatMap((first, i): [Finished, Finished][] => {
    const second = inOrder[i];
    return second ? [[first, second]] : [];
  });
}

export interface Comparison {
  runs: number;
  /** Mean test score of each arm over the compared runs: a share, or a score above guessing. */
  a: number;
  b: number;
  interval: VerdictInterval;
  outcome: 'worse' | 'better' | 'same';
  /** Runs in which the difference has the sign of the mean difference. */
  agreeing: number;
}

/** B against A: by accuracy with the same number of kinds, else by score above guessing. */
export function compare(a: Arm, b: Arm): Comparison {
  const both = pairs(a, b);
  if (both.length === 0) throw new RangeError('no finished run of A and B to compare');
  const unit = a.classes === b.classes ? 'score' : 'kappa';
  const valueA = (tally: Tally) => (unit === 'score' ? share(tally) : above(a, share(tally)));
  const valueB = (tally: Tally) => (unit === 'score' ? share(tally) : above(b, share(tally)));
  const differences = both.map(([first, second]) => valueB(second.test) - valueA(first.test));
  const byT = both.length >= SEEDS_FOR_T;
  const estimate = byT ? meanInterval(differences) : pooledDifference(both, a, b, unit);
  return {
    runs: both.length,
    a: mean(both.map(([first]) => valueA(first.test))),
    b: mean(both.map(([, second]) => valueB(second.test))),
    interval: { ...estimate, unit, method: byT ? 'paired t' : 'newcombe', seeds: both.length },
    outcome: outcomeOf(estimate),
    agreeing: differences.filter((d) => Math.sign(d) === Math.sign(estimate.estimate)).length,
  };
}

function pooledDifference(
  both: readonly [Finished, Finished][],
  a: Arm,
  b: Arm,
  unit: 'score' | 'kappa',
): Estimate {
  const ofA = wilsonOf(both.map(([first]) => first.test));
  const ofB = wilsonOf(both.map(([, second]) => second.test));
  if (unit === 'score') return hybridDifference(ofB, ofA);
  // kappa is linear in accuracy, so the interval's ends carry over.
  return hybridDifference(onKappa(b, ofB), onKappa(a, ofA));
}

function wilsonOf(tallies: readonly Tally[]): Estimate {
  const { correct, count } = pool(tallies);
  return wilsonEstimate(correct, count);
}

function onKappa(arm: Arm, estimate: Estimate): Estimate {
  return {
    estimate: above(arm, estimate.estimate),
    low: above(arm, estimate.low),
    high: above(arm, estimate.high),
  };
}

function outcomeOf(d: Estimate): Comparison['outcome'] {
  if (Math.abs(d.estimate) < SMALLEST_SHOWN) return 'same';
  if (d.high < 0) return 'worse';
  if (d.low > 0) return 'better';
  return 'same';
}

/** How large a difference luck can make: from the estimate to its end beyond zero. */
export function margin(d: Estimate): number {
  const down = d.estimate - d.low;
  const up = d.high - d.estimate;
  if (d.estimate > 0) return down;
  return d.estimate < 0 ? up : Math.max(down, up);
}

/** Seen minus new, with its interval. */
export function gapOf(arm: Arm): VerdictInterval {
  const runs = finished(arm);
  if (runs.length >= SEEDS_FOR_T) {
    const gaps = meanInterval(runs.map((run) => share(run.train) - share(run.test)));
    return { ...gaps, unit: 'gap', method: 't', seeds: runs.length };
  }
  const gap = newcombeDifference(
    pool(runs.map((run) => run.train)),
    pool(runs.map((run) => run.test)),
  );
  return { ...gap, unit: 'gap', method: 'newcombe', seeds: runs.length };
}

/**
 * Whether the test scores of these runs cannot be told from guessing. One or two seeds: right
 * answers within the 97.5 % binomial quantile. From three seeds on a t interval that reaches down
 * to guessing says so too: the careful side.
 */
export function insideBand(arm: Arm, runs: readonly Finished[]): boolean {
  const pooled = pool(runs.map((run) => run.test));
  if (share(pooled) <= chanceLimit(pooled.count, arm.chance)) return true;
  if (runs.length < SEEDS_FOR_T) return false;
  return meanInterval(runs.map((run) => share(run.test))).low <= arm.chance;
}

/** A small gap with both scores low: it looks healthy and is not. */
export function smallGapButLow(arm: Arm, runs: readonly Finished[]): boolean {
  const train = mean(runs.map((run) => share(run.train)));
  const test = mean(runs.map((run) => share(run.test)));
  return (
    Math.abs(train - test) <= SMALL_GAP &&
    above(arm, train) < LOW_KAPPA &&
    above(arm, test) < LOW_KAPPA
  );
}
