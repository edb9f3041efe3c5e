// The ways to divide own pictures into those to learn from and those to test with: by seed, by the
// folders that they lie in, or group by group. A pool is fixed before a run takes its share of it.

import { ownText } from '../text/en-own';
import { groupOf, splitByGroups } from './groups';
import { hashText } from './hash';
import type { OwnClass } from './own';
import type { OwnPicture, Part } from './own_types';
import { partsOf } from './paths';
import type { PictureCount } from './source';
import {
  type Chosen,
  type Counts,
  chooseOnePool,
  chooseTwoPools,
  countOnePool,
  countTwoPools,
} from './split';

export const SPLIT_MODES = ['stratified', 'parts', 'groups'] as const;
export type SplitMode = (typeof SPLIT_MODES)[number];

/** Of the page's settings, where a caller knows of none: their default. */
const SEED = 1;

/** Indices into each kind's pictures; those in neither pool are not used. */
type Pools = Chosen;

/**
 * The part whose pictures are new to the network: the test's, or the validation's where there is
 * no test; null where folders say nothing. With both, validation pictures stand aside.
 */
export function testPartOf(classes: readonly OwnClass[]): Exclude<Part, 'train'> | null {
  const has = (part: Part): boolean =>
    classes.some(({ pictures }) => pictures.some((picture) => picture.part === part));
  return has('test') ? 'test' : has('validation') ? 'validation' : null;
}

function indicesOf(
  classes: readonly OwnClass[],
  wanted: (picture: OwnPicture) => boolean,
): number[][] {
  return classes.map(({ pictures }) =>
    pictures.flatMap((picture, i) => (wanted(picture) ? [i] : [])),
  );
}

function poolsByParts(classes: readonly OwnClass[]): Pools {
  const test = testPartOf(classes);
  return {
    // A picture in no such folder is one to learn from: nobody set it aside.
    train: indicesOf(classes, ({ part }) => part === undefined || part === 'train'),
    test: indicesOf(classes, ({ part }) => part !== undefined && part === test),
  };
}

function poolsByGroups(classes: readonly OwnClass[], seed: number): Pools {
  const { test } = splitByGroups(
    classes.map(({ pictures }) => pictures.map(groupOf)),
    seed,
  );
  return {
    train: indicesOf(classes, (picture) => !test.has(groupOf(picture))),
    test: indicesOf(classes, (picture) => test.has(groupOf(picture))),
  };
}

/** Kinds with an empty pool, by index. */
function oneSided({ train, test }: Pools): number[] {
  return [...train.keys()].filter((k) => train[k]?.length === 0 || test[k]?.length === 0);
}

/** Names of kinds that the folders' parts leave without a picture on one side. */
export function kindsWithoutParts(classes: readonly OwnClass[]): string[] {
  return oneSided(poolsByParts(classes)).map((k) => classes[k]?.name ?? '');
}

/** The folders' parts where every kind has both, else by seed. */
export function defaultMode(classes: readonly OwnClass[]): SplitMode {
  if (classes.length === 0 || testPartOf(classes) === null) return 'stratified';
  return kindsWithoutParts(classes).length === 0 ? 'parts' : 'stratified';
}

/** One split of a collection, for every seed and request. */
export interface Halves {
  count(counts: Counts, seed?: number): PictureCount;
  choose(counts: Counts, seed: number): Chosen;
  /** What stops this split, as a sentence with its remedy; null when nothing does. */
  problem(seed?: number): string | null;
}

const sizesOf = (lists: readonly (readonly unknown[])[]): number[] => lists.map((l) => l.length);

export function halvesOf(classes: readonly OwnClass[], mode: SplitMode): Halves {
  // Kind and file name only: the same pictures from a folder and from a zip split alike.
  const keys = classes.map(({ name, pictures }) =>
    pictures.map(({ path }) => hashText(`${name}/${partsOf(path).at(-1) ?? ''}`)),
  );
  if (mode === 'stratified') {
    return {
      count: (counts) => countOnePool(sizesOf(keys), counts),
      choose: (counts, seed) => chooseOnePool(keys, counts, seed),
      problem: () => null,
    };
  }
  let last: { seed: number; pools: Pools } | null = null;
  const poolsAt = (seed: number): Pools => {
    const known = mode === 'parts' || last?.seed === seed ? last : null;
    const pools =
      known?.pools ?? (mode === 'parts' ? poolsByParts(classes) : poolsByGroups(classes, seed));
    last = { seed, pools };
    return pools;
  };
  return {
    count(counts, seed = SEED) {
      const { train, test } = poolsAt(seed);
      return countTwoPools(sizesOf(train), sizesOf(test), counts);
    },
    choose(counts, seed) {
      const { train, test } = poolsAt(seed);
      const keysIn = (pools: number[][]): number[][] =>
        pools.map((pool, k) => pool.map((i) => keys[k]?.[i] ?? 0));
      const chosen = chooseTwoPools(keysIn(train), keysIn(test), counts, seed);
      const back = (lists: number[][], pools: number[][]): number[][] =>
        lists.map((list, k) => list.map((i) => pools[k]?.[i] ?? 0));
      return { train: back(chosen.train, train), test: back(chosen.test, test) };
    },
    problem(seed = SEED) {
      const kinds = oneSided(poolsAt(seed)).map((k) => classes[k]?.name ?? '');
      if (kinds.length === 0) return null;
      return ownText.oneSided[mode](ownText.names(kinds));
    },
  };
}
