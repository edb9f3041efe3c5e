// From finished runs to the sentence under them. Pure: same input, same words. It claims only what
// the interval supports, compares across numbers of kinds by score above guessing alone, and names
// every setting that differs when more than one does.

import { mean } from '../stats/student';
import { verdictText as t } from '../text/en-verdict';
import { formatCount, formatDecimal, formatPercent, formatSetting } from '../text/format';
import {
  type Comparison,
  compare,
  type Finished,
  finished,
  gapOf,
  insideBand,
  pairs,
  SEEDS_FOR_T,
  share,
  smallGapButLow,
  stopped,
} from './compare';
import type { Arm, Badge, Verdict, VerdictInput } from './verdict-types';
import {
  armLabel,
  cannotSay,
  chanceWords,
  changedSentence,
  gapSentence,
  intervalRange,
  luckMargin,
  mainDifference,
  roundsBalance,
  subject,
  tenth,
} from './wording';

export type * from './verdict-types';
export { gapSentence } from './wording';

/** "Know by heart" from 99 % of the training pictures on. */
const BY_HEART = 0.99;

interface Pair {
  input: VerdictInput;
  a: Arm;
  b: Arm;
}

/** Throws RangeError on an arm without outcomes or with impossible counts. */
export function verdict(input: VerdictInput): Verdict {
  const { a, b } = input;
  for (const arm of b ? [a, b] : [a]) {
    if (arm.outcomes.length === 0) throw new RangeError('an arm needs at least one outcome');
  }
  if (!b) return singleVerdict(input, a);
  const pair = { input, a, b };
  if (stopped(a).length + stopped(b).length > 0) return stoppedPair(pair);
  const both = pairs(a, b);
  const runsA = both.map(([first]) => first);
  const runsB = both.map(([, second]) => second);
  const inA = insideBand(a, runsA);
  const inB = insideBand(b, runsB);
  if (inA && inB) return guessingPair(pair, runsA, runsB);
  return comparedPair(pair, { runsA, runsB, inA, inB });
}

// ---- One network --------------------------------------------------------------------------------

function singleVerdict(input: VerdictInput, arm: Arm): Verdict {
  const base = { changed: null, guessLine: null };
  const broken = stopped(arm);
  const first = broken[0];
  if (first) {
    const sentence = join(t.stoppedSingle(formatCount(first.epoch)), causeOf([arm]));
    const details = broken.length < arm.outcomes.length ? [stoppedShare(arm)] : [];
    return { ...base, kind: 'stopped', sentence, details, interval: null, badges: [] };
  }
  const runs = finished(arm);
  const opening = openingFor(runs.length);
  if (insideBand(arm, runs)) {
    const sentence = join(t.noneBeats(opening, chanceWords(arm)), t.advice[input.source]);
    const score = trainScore(runs);
    const byHeart = input.source === 'random' && score >= BY_HEART;
    const details = byHeart
      ? [t.byHeartRandomSingle(counted(arm.trainCount), formatPercent(score))]
      : [];
    const badges: Badge[] = byHeart ? ['by-heart'] : [];
    return { ...base, kind: 'guessing', sentence, details, interval: gapOf(arm), badges };
  }
  const low = smallGapButLow(arm, runs);
  const words = {
    runs: opening,
    test: formatPercent(testScore(runs)),
    testCount: testCount(runs),
    train: formatPercent(trainScore(runs)),
    trainCount: formatCount(arm.trainCount),
  };
  return {
    ...base,
    kind: 'single',
    sentence: runs.length > 1 ? t.singleAverage(words) : t.single(words),
    details: low ? [gapSentence(arm), t.smallGapLow] : [gapSentence(arm)],
    interval: gapOf(arm),
    badges: low ? ['small-gap-low'] : [],
  };
}

// ---- Two networks -------------------------------------------------------------------------------

function stoppedPair(pair: Pair): Verdict {
  const { a, b } = pair;
  const brokenA = stopped(a)[0];
  const brokenB = stopped(b)[0];
  let sentence: string;
  if (brokenA && brokenB) {
    sentence = t.stoppedBoth(formatCount(brokenA.epoch), formatCount(brokenB.epoch));
  } else {
    const letter = brokenA ? 'A' : 'B';
    sentence = t.stopped(letter, formatCount((brokenA ?? brokenB)?.epoch ?? 0));
  }
  const cause = causeOf([a, b].filter((arm) => stopped(arm).length > 0));
  const details = [a, b]
    .filter((arm) => stopped(arm).length > 0 && arm.outcomes.length > 1)
    .map(stoppedShare);
  return {
    kind: 'stopped',
    sentence: join(sentence, cause),
    details: [...new Set(details)],
    ...about(pair, Math.max(a.outcomes.length, b.outcomes.length), t.outcomeStopped),
    interval: null,
    badges: changeBadges(pair),
  };
}

/** What made the numbers of these arms run away, and what to try. */
function causeOf(arms: Arm[]): string {
  const suspect = arms.flatMap(stopped).find((outcome) => outcome.suspect)?.suspect;
  if (suspect) return t.causeOther(suspect);
  const rates = arms.map((arm) => arm.learningRate);
  return t.cause(
    [...new Set(rates.map(formatSetting))].reduce(t.and),
    [...new Set(rates.map(tenth))].reduce(t.and),
  );
}

function stoppedShare(arm: Arm): string {
  return t.stoppedRuns(stopped(arm).length, arm.outcomes.length);
}

function guessingPair(pair: Pair, runsA: Finished[], runsB: Finished[]): Verdict {
  const { a, b, input } = pair;
  const details: string[] = [];
  const badges = changeBadges(pair);
  if (input.source === 'random' && knowsByHeart(runsA) && knowsByHeart(runsB)) {
    details.push(t.byHeartRandom(heartWords(pair, runsA, runsB)));
    badges.push('by-heart');
  }
  badges.push('a-guessing', 'b-guessing');
  const runs = runsA.length;
  return {
    kind: 'guessing',
    sentence: join(t.neither(openingFor(runs), chanceWords(a, b)), t.advice[input.source]),
    details: [...details, ...warnings(pair)],
    ...about(pair, runs, t.outcomeGuessing),
    interval: compare(a, b).interval,
    badges,
  };
}

interface Sides {
  runsA: Finished[];
  runsB: Finished[];
  inA: boolean;
  inB: boolean;
}

function comparedPair(pair: Pair, sides: Sides): Verdict {
  const { a, b, input } = pair;
  const result = compare(a, b);
  const badges = changeBadges(pair);
  const details: string[] = [];
  if (result.outcome === 'worse' && knowsByHeart(sides.runsA) && knowsByHeart(sides.runsB)) {
    const words = heartWords(pair, sides.runsA, sides.runsB);
    details.push(t.byHeart({ ...words, loser: loser(pair) }));
    badges.push('by-heart');
  }
  if (result.outcome !== 'same') {
    const range = intervalRange(result.interval);
    details.push(byT(result) ? t.intervalRuns(range) : t.intervalTest(range));
  }
  if (result.interval.unit === 'kappa') {
    details.push(t.aboveScale, aboveWhy(a, b));
    badges.push('above-guessing');
  }
  if (mainDifference(a, b, input.differences)?.kind === 'head' && a.parameters !== b.parameters) {
    details.push(t.weights(formatCount(b.parameters), formatCount(a.parameters)));
  }
  details.push(...armNotes(pair, sides, badges), ...warnings(pair));
  return {
    kind: result.outcome,
    sentence: comparedSentence(pair, sides, result),
    details,
    ...about(pair, result.runs, outcomeLabel(pair, result)),
    interval: result.interval,
    badges,
  };
}

function comparedSentence(pair: Pair, sides: Sides, result: Comparison): string {
  const { a, b, input } = pair;
  const { outcome, interval, runs } = result;
  const what = subject(a, b, input.differences);
  const kappa = interval.unit === 'kappa';
  const show = kappa ? formatDecimal : formatPercent;
  const first = show(result.a);
  const second = show(result.b);
  if (outcome === 'same') {
    const size = luckMargin(interval);
    const luck = byT(result) ? t.luckOfRuns(runs, size) : t.luckOfTest(testedWords(sides), size);
    const opening = openingFor(runs);
    if (kappa) return t.sameAbove(opening, first, second, luck);
    return t.same({ runs: opening, a: first, b: second, average: runs > 1, luck });
  }
  const opening = byT(result) ? t.agreeingRuns(result.agreeing, runs) : openingFor(runs);
  const better = outcome === 'better';
  if (kappa) {
    if (what === null) return (better ? t.higherAbove : t.lowerAbove)(opening, first, second);
    return (better ? t.betterAbove : t.worseAbove)(opening, what, first, second);
  }
  const scores = t.fromTo({
    a: first,
    b: second,
    countA: testCount(sides.runsA),
    countB: testCount(sides.runsB),
    average: runs > 1,
  });
  if (what === null) return (better ? t.higher : t.lower)(opening, scores);
  return (better ? t.better : t.worse)(opening, what, scores);
}

/** Notes on one arm alone: inside the guessing band, or a small gap that is no good sign. */
function armNotes({ a, b }: Pair, sides: Sides, badges: Badge[]): string[] {
  const notes: string[] = [];
  if (sides.inA) {
    notes.push(t.armGuessing('A', chanceWords(a)));
    badges.push('a-guessing');
  }
  if (sides.inB) {
    notes.push(t.armGuessing('B', chanceWords(b)));
    badges.push('b-guessing');
  }
  const lowA = !sides.inA && smallGapButLow(a, sides.runsA);
  const lowB = !sides.inB && smallGapButLow(b, sides.runsB);
  if (lowA) notes.push(t.smallGapLowArm('A'));
  if (lowB) notes.push(t.smallGapLowArm('B'));
  if (lowA || lowB) badges.push('small-gap-low');
  return notes;
}

// ---- Parts --------------------------------------------------------------------------------------

function byT(result: Comparison): boolean {
  return result.runs >= SEEDS_FOR_T;
}

function openingFor(runs: number): string {
  if (runs === 1) return t.oneRun;
  return runs < SEEDS_FOR_T ? t.fewRuns(runs) : t.manyRuns(runs);
}

function testScore(runs: readonly Finished[]): number {
  return mean(runs.map((run) => share(run.test)));
}

function trainScore(runs: readonly Finished[]): number {
  return mean(runs.map((run) => share(run.train)));
}

function testCount(runs: readonly Finished[]): string {
  return formatCount(runs[0]?.test.count ?? 0);
}

/** All test pictures of the compared runs: "500", or "500 and 480" where the arms differ. */
function testedWords({ runsA, runsB }: Sides): string {
  const [a, b] = [runsA, runsB].map((runs) =>
    formatCount(runs.reduce((sum, run) => sum + run.test.count, 0)),
  );
  return a === b ? String(a) : t.and(String(a), String(b));
}

function knowsByHeart(runs: readonly Finished[]): boolean {
  return runs.every((run) => share(run.train) >= BY_HEART);
}

function heartWords({ a, b }: Pair, runsA: Finished[], runsB: Finished[]) {
  return {
    count: a.trainCount === b.trainCount ? counted(a.trainCount) : '',
    a: formatPercent(trainScore(runsA)),
    b: formatPercent(trainScore(runsB)),
  };
}

/** "200 ", with the space before the noun that follows. */
function counted(count: number): string {
  return `${formatCount(count)} `;
}

function loser({ a, b, input }: Pair): string {
  if (mainDifference(a, b, input.differences)?.kind !== 'resolution') return t.loser.b;
  return b.resolution > a.resolution ? t.loser.bigger : t.loser.smaller;
}

function aboveWhy(a: Arm, b: Arm): string {
  return t.aboveWhy({
    kindsA: formatCount(a.classes),
    kindsB: formatCount(b.classes),
    chanceA: formatPercent(a.chance),
    chanceB: formatPercent(b.chance),
  });
}

function outcomeLabel({ a, b, input }: Pair, result: Comparison): string {
  if (result.outcome === 'same') return t.outcomeSame;
  return armLabel(result.outcome === 'better' ? 'B' : 'A', a, b, input.differences);
}

/** What differs, and the guess beside what came out. */
function about(
  { a, b, input }: Pair,
  runs: number,
  outcome: string,
): Pick<Verdict, 'changed' | 'guessLine'> {
  const changed = changedSentence(a, b, input.differences);
  if (input.guess === null) return { changed, guessLine: null };
  const guess =
    input.guess === 'same' ? t.guessSame : armLabel(input.guess, a, b, input.differences);
  const label = runs === 1 ? t.guessOneRun : t.guessRuns(runs);
  return { changed, guessLine: t.guess(guess, label, outcome) };
}

function severalDiffer({ a, b, input }: Pair): boolean {
  return input.differences.length > 1 && mainDifference(a, b, input.differences) === null;
}

function warnings(pair: Pair): string[] {
  return severalDiffer(pair) ? [cannotSay(pair.input.differences)] : [];
}

function changeBadges(pair: Pair): Badge[] {
  const { a, b, input } = pair;
  if (input.differences.length === 0) return ['nothing-differs'];
  if (severalDiffer(pair)) return ['several-differ'];
  return roundsBalance(a, b, input.differences) ? ['rounds-differ'] : [];
}

function join(...sentences: string[]): string {
  return sentences.join(' ');
}
