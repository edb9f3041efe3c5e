// Scores that can be compared where raw accuracy cannot: across class counts, and where training
// accuracy has reached 100 %.

import { requireClasses, requireFinite, requireShare } from './guard';

/**
 * Cohen's kappa for balanced classes (Cohen 1960, with equal marginals): (A - c) / (1 - c), c the
 * score of guessing, 0 <= c < 1. 0 = guessing, 1 = perfect, below 0 = worse than guessing.
 */
export function kappaFromChance(accuracy: number, chance: number): number {
  requireShare(accuracy, 'accuracy');
  requireShare(chance, 'chance');
  if (chance === 1) throw new RangeError('chance must be below 1: with one kind all is guessed');
  return (accuracy - chance) / (1 - chance);
}

/** kappaFromChance with chance = 1/K, K >= 2. */
export function kappa(accuracy: number, classes: number): number {
  requireClasses(classes);
  return kappaFromChance(accuracy, 1 / classes);
}

/**
 * Bits that one answer tells about the kind, if wrong answers are spread evenly (Wolpaw et al.
 * 2000): log2 K + P log2 P + (1-P) log2((1-P)/(K-1)); 0 at and below guessing, log2 K at P = 1.
 * By Fano's inequality a lower bound of the mutual information for equally frequent classes.
 */
export function wolpawBits(accuracy: number, classes: number): number {
  requireShare(accuracy, 'accuracy');
  requireClasses(classes);
  if (accuracy <= 1 / classes) return 0;
  const wrong = 1 - accuracy;
  const loss = wrong === 0 ? 0 : wrong * Math.log2(wrong / (classes - 1));
  return Math.max(0, Math.log2(classes) + accuracy * Math.log2(accuracy) + loss);
}

/** Accuracy gap, seen minus new, -1..1. Below 0 is possible and right, e.g. with wrong labels. */
export function accuracyGap(train: number, test: number): number {
  requireShare(train, 'train');
  requireShare(test, 'test');
  return train - test;
}

/** Loss gap, new minus seen, in nats. Goes on growing where the accuracy gap stands still. */
export function lossGap(trainLoss: number, testLoss: number): number {
  requireLoss(trainLoss, 'trainLoss');
  requireLoss(testLoss, 'testLoss');
  return testLoss - trainLoss;
}

/** Loss / ln K: 1 = guessing with even odds, above 1 = confidently wrong. loss >= 0 nats, K >= 2. */
export function normalisedLoss(loss: number, classes: number): number {
  requireLoss(loss, 'loss');
  requireClasses(classes);
  return loss / Math.log(classes);
}

function requireLoss(loss: number, name: string): void {
  requireFinite(loss, name);
  if (loss < 0) throw new RangeError(`${name} must be at least 0, got ${loss}`);
}
