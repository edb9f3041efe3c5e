// Which pictures learn and which test: class by class and by seed alone, out of one pool or out of
// two that stand apart already. Resolution, channels and network play no part, so runs that differ
// only there see the same pictures.

import { hashAt, STREAM, type Stream } from './hash';
import type { PictureCount, PictureRequest } from './source';

/** One test picture in five, where a collection brings no test set of its own. */
const TEST_SHARE = 5;

export interface Counts extends Pick<PictureRequest, 'classes' | 'perClass' | 'testCount'> {
  /** No class gives more than the smallest could: the seed chooses which pictures. */
  balanced?: boolean;
}

/** Indices into a class's own list of pictures, class by class. */
export interface Chosen {
  train: number[][];
  test: number[][];
}

/** Positions 0..keys.length-1 in the order of their hashes; equal hashes keep their order. */
export function shuffledOrder(keys: readonly number[], seed: number, stream: Stream): number[] {
  const hashes = keys.map((key) => hashAt(seed, stream, key));
  const at = (i: number): number => hashes[i] ?? 0;
  return keys.map((_, i) => i).sort((a, b) => at(a) - at(b) || a - b);
}

/** Test pictures per class when `testCount` is shared out evenly; at least one. */
function evenShare(counts: Counts): number {
  return Math.max(1, Math.floor(counts.testCount / counts.classes));
}

/** A class's test pictures: a fifth, rounded, at least one; fewer when fewer are asked for. */
export function testShare(count: number, counts: Counts): number {
  const fifth = Math.floor((2 * count + TEST_SHARE) / (2 * TEST_SHARE));
  return Math.max(1, Math.min(fifth, evenShare(counts)));
}

/** The smallest of all classes, not only of those in use, so that it does not move with K. */
function levelled(sizes: readonly number[], { balanced }: Counts): readonly number[] {
  return balanced ? sizes.map(() => Math.min(...sizes)) : sizes;
}

function total(counts: number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function withTotals(trainPerClass: number[], testPerClass: number[]): PictureCount {
  return {
    train: total(trainPerClass),
    test: total(testPerClass),
    trainPerClass,
    testPerClass,
  };
}

/** How a collection of `sizes` pictures per class divides; sizes of at least two. */
export function countOnePool(sizes: readonly number[], counts: Counts): PictureCount {
  const used = levelled(sizes, counts).slice(0, counts.classes);
  const test = used.map((size) => testShare(size, counts));
  const train = used.map((size, k) => Math.min(counts.perClass, size - (test[k] ?? 0)));
  return withTotals(train, test);
}

/** How a set with an official test part divides. */
export function countTwoPools(
  trainSizes: readonly number[],
  testSizes: readonly number[],
  counts: Counts,
): PictureCount {
  return withTotals(
    levelled(trainSizes, counts)
      .slice(0, counts.classes)
      .map((size) => Math.min(counts.perClass, size)),
    levelled(testSizes, counts)
      .slice(0, counts.classes)
      .map((size) => Math.min(evenShare(counts), size)),
  );
}

/**
 * Chooses from one pool. `keys[k]` holds one key per picture of class k, made from its name, so
 * that adding a picture moves no other. Tests come from the front of the shuffled class and
 * training pictures from its back: more of either keeps those chosen before.
 */
export function chooseOnePool(
  keys: readonly (readonly number[])[],
  counts: Counts,
  seed: number,
): Chosen {
  const count = countOnePool(
    keys.map((list) => list.length),
    counts,
  );
  const orders = keys
    .slice(0, counts.classes)
    .map((list) => shuffledOrder(list, seed, STREAM.split));
  return {
    train: orders.map((order, k) => [...order].reverse().slice(0, count.trainPerClass[k])),
    test: orders.map((order, k) => order.slice(0, count.testPerClass[k])),
  };
}

/** Chooses from a set's training part and its official test part. */
export function chooseTwoPools(
  trainKeys: readonly (readonly number[])[],
  testKeys: readonly (readonly number[])[],
  counts: Counts,
  seed: number,
): Chosen {
  const sizes = (keys: readonly (readonly number[])[]): number[] => keys.map((list) => list.length);
  const count = countTwoPools(sizes(trainKeys), sizes(testKeys), counts);
  const choose = (
    keys: readonly (readonly number[])[],
    per: number[],
    stream: Stream,
  ): number[][] => per.map((most, k) => shuffledOrder(keys[k] ?? [], seed, stream).slice(0, most));
  return {
    train: choose(trainKeys, count.trainPerClass, STREAM.train),
    test: choose(testKeys, count.testPerClass, STREAM.test),
  };
}
