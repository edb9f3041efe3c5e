// Puts the parts of a verdict into words: ranges, what differs, how the arms are called. Every word
// itself comes from web/text/en-verdict.ts.

import { mean } from '../stats/student';
import { verdictText as t } from '../text/en-verdict';
import {
  formatCount,
  formatDecimal,
  formatPercent,
  formatPoints,
  formatSetting,
  formatSize,
  pointsBetween,
  wholePercent,
} from '../text/format';
import { finished, gapOf, margin, share } from './compare';
import type { Arm, Difference, VerdictInterval } from './verdict-types';

export type Letter = 'A' | 'B';

/** Largest ratio of weight updates that still counts as "about as many steps". */
const ABOUT_AS_MANY = 1.5;

/** "23 to 31 points", "under 1 to 3 points", "about 3 points"; the ends in either order. */
export function pointRange(first: number, second: number): string {
  const ends = [Math.abs(first), Math.abs(second)].sort((x, y) => x - y).map(wholePercent);
  const [low = 0, high = 0] = ends;
  if (high === 0) return t.about(t.underOne, t.onePoint);
  if (low === high) return t.about(String(low), low === 1 ? t.onePoint : t.points);
  const unit = high === 1 ? t.onePoint : t.points;
  return t.range(low === 0 ? t.underOne : String(low), String(high), unit);
}

/** A range of differences in the interval's own unit. */
export function intervalRange(interval: VerdictInterval): string {
  if (interval.unit !== 'kappa') return pointRange(interval.low, interval.high);
  const ends = [Math.abs(interval.low), Math.abs(interval.high)].sort((x, y) => x - y);
  return t.range(formatDecimal(ends[0] ?? 0), formatDecimal(ends[1] ?? 0), '');
}

/** Differences up to here can be luck, rounded up: "3 points" or "0.12". */
export function luckMargin(interval: VerdictInterval): string {
  const reach = margin(interval);
  if (interval.unit === 'kappa') return formatDecimal(Math.max(0.01, Math.ceil(reach * 100) / 100));
  return formatPoints(Math.min(100, Math.max(1, Math.ceil(reach * 100 - 1e-9))));
}

/** "The gap between seen and new pictures is 30 points; allowing for luck, 26 to 35 points." */
export function gapSentence(arm: Arm): string {
  const gap = gapOf(arm);
  const runs = finished(arm);
  const train = mean(runs.map((run) => share(run.train)));
  const test = mean(runs.map((run) => share(run.test)));
  const points = pointsBetween(train, test);
  if (gap.high < 0) return t.gapNegative(pointRange(gap.low, gap.high));
  if (points === 0) return t.gapNone;
  if (gap.low <= 0) return t.gapLuck(formatPoints(points));
  return t.gap(formatPoints(points), pointRange(gap.low, gap.high));
}

/** What B has and A has not, as the subject of a sentence; null: no single thing to name. */
export function subject(a: Arm, b: Arm, differences: readonly Difference[]): string | null {
  const only = mainDifference(a, b, differences);
  if (!only) return null;
  switch (only.kind) {
    case 'resolution':
      return t.subject.pixels((b.resolution / a.resolution) ** 2);
    case 'classes':
      return t.subject.kinds(b.classes / a.classes);
    case 'perClass':
      return t.subject.perKind(b.perClass / a.perClass);
    case 'epochs':
      return t.subject.rounds(b.epochs / a.epochs);
    case 'head':
      return t.subject.ending[b.head];
    case 'other':
      return t.subject.changing(only.name);
    default:
      return only satisfies never;
  }
}

/**
 * The one difference that a sentence may name. Rounds that differ only to keep the number of weight
 * updates about equal are not a second one.
 */
export function mainDifference(
  a: Arm,
  b: Arm,
  differences: readonly Difference[],
): Difference | null {
  const rest = roundsBalance(a, b, differences)
    ? differences.filter((difference) => difference.kind !== 'epochs')
    : differences;
  return rest.length === 1 ? (rest[0] ?? null) : null;
}

export function roundsBalance(a: Arm, b: Arm, differences: readonly Difference[]): boolean {
  const rounds = differences.some((difference) => difference.kind === 'epochs');
  if (!rounds || differences.length !== 2 || a.trainCount === b.trainCount) return false;
  const ratio = steps(a) / steps(b);
  return ratio <= ABOUT_AS_MANY && ratio >= 1 / ABOUT_AS_MANY;
}

/** Weight updates of a whole run; the last partial batch counts. */
function steps(arm: Arm): number {
  return arm.epochs * Math.ceil(arm.trainCount / arm.batch);
}

function nameOf(difference: Difference): string {
  return difference.kind === 'other' ? difference.name : t.factor[difference.kind];
}

/** "Only the picture size differs." or the warning. */
export function changedSentence(a: Arm, b: Arm, differences: readonly Difference[]): string {
  if (differences.length === 0) return t.nothingDiffers;
  const only = mainDifference(a, b, differences);
  if (!only) return t.severalDiffer(differences.map(nameOf));
  if (!roundsBalance(a, b, differences)) return t.onlyDiffers(nameOf(only));
  const rounds = t.rounds({
    a: formatCount(a.epochs),
    b: formatCount(b.epochs),
    stepsA: formatCount(steps(a)),
    stepsB: formatCount(steps(b)),
  });
  return `${t.onlyDiffers(nameOf(only))} ${rounds}`;
}

/** Names the differences that stand in each other's way. */
export function cannotSay(differences: readonly Difference[]): string {
  return t.cannotSay(differences.map(nameOf));
}

/** What an arm is called in the guess line: "48 × 48", "32 kinds", "global max", "network B". */
export function armLabel(
  letter: Letter,
  a: Arm,
  b: Arm,
  differences: readonly Difference[],
): string {
  const arm = letter === 'A' ? a : b;
  const only = mainDifference(a, b, differences);
  switch (only?.kind) {
    case 'resolution':
      return formatSize(arm.resolution);
    case 'classes':
      return t.armKinds(formatCount(arm.classes));
    case 'perClass':
      return t.armPerKind(formatCount(arm.perClass));
    case 'epochs':
      return t.armRounds(formatCount(arm.epochs));
    case 'head':
      return t.armEnding[arm.head];
    case 'other':
      return (letter === 'A' ? only.labelA : only.labelB) ?? t.network(letter);
    case undefined:
      return t.network(letter);
    default:
      return only satisfies never;
  }
}

/** "20%", or both where the arms differ. */
export function chanceWords(a: Arm, b?: Arm): string {
  const first = formatPercent(a.chance);
  const second = b ? formatPercent(b.chance) : first;
  return first === second ? first : t.and(first, second);
}

/** A tenth of a learning rate in words. */
export function tenth(rate: number): string {
  return formatSetting(rate / 10);
}
