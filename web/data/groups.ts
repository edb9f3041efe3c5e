// Which pictures belong together (one burst, one person) and a split that never parts them. A
// picture's group is the one it came with, else the folder below its kind, else its file name.

import { hashAt, hashText, STREAM } from './hash';
import type { OwnPicture } from './own_types';
import { partOf, partsOf, shortName } from './paths';
import { testShare } from './split';

/** Orders of the groups that are tried before a split is given up. */
const ATTEMPTS = 8;

/** Folders between the kind's and the file, as one name; null where there are none. */
export function folderGroup({ path, className }: OwnPicture): string | null {
  const folders = partsOf(path).slice(0, -1);
  const kind = folders.findLastIndex((folder) => shortName(folder) === className);
  if (kind < 0) return null;
  const below = folders.slice(kind + 1).filter((folder) => partOf(folder) === null);
  return below.length === 0 ? null : below.join('/');
}

/** "anna_003.jpg" -> "anna_": the file's name without its ending, up to its last number. */
function nameGroup(path: string): string {
  const stem = (partsOf(path).at(-1) ?? '').replace(/\.[^.]*$/, '');
  return /^(.*?)\d+\D*$/.exec(stem)?.[1] ?? stem;
}

/** One name for one group in all kinds: the same person may show every sign. */
export function groupOf(picture: OwnPicture): string {
  return picture.group ?? folderGroup(picture) ?? nameGroup(picture.path);
}

interface Group {
  name: string;
  /** Pictures per kind; kinds that it does not touch are absent. */
  counts: Map<number, number>;
}

function gather(groups: readonly (readonly string[])[]): Group[] {
  const byName = new Map<string, Group>();
  groups.forEach((names, kind) => {
    for (const name of names) {
      const group = byName.get(name) ?? { name, counts: new Map<number, number>() };
      byName.set(name, group);
      group.counts.set(kind, (group.counts.get(kind) ?? 0) + 1);
    }
  });
  return [...byName.values()];
}

export interface GroupSplit {
  /** Groups whose pictures are for the test. */
  test: ReadonlySet<string>;
  /** Kinds that this leaves without a picture on one of the sides. */
  oneSided: number[];
}

/**
 * Takes groups in the order of their hashes and puts one into the test when that brings the kinds
 * nearer to their shares (squares of the distances, each relative to the kind's size), unless a
 * kind would be left with nothing to learn from. Kinds still without a test then get their best
 * group. So a kind whose groups lie in it alone ends within half its largest group of its share,
 * or has one group where all are larger than twice the share.
 */
function splitOnce(sizes: readonly number[], all: readonly Group[], hash: number[]): GroupSplit {
  const wanted = sizes.map((size) => testShare(size, WHOLE));
  const inTest = sizes.map(() => 0);
  const test = new Set<string>();
  const order = all.map((_, i) => i).sort((a, b) => (hash[a] ?? 0) - (hash[b] ?? 0) || a - b);
  const at = (list: readonly number[], kind: number): number => list[kind] ?? 0;
  const off = (kind: number, count: number): number =>
    ((at(inTest, kind) + count - at(wanted, kind)) / at(sizes, kind)) ** 2;
  /** How much further from the shares the test gets; infinite where a kind loses all learning. */
  const cost = (group: Group): number => {
    let sum = 0;
    for (const [kind, count] of group.counts) {
      if (at(inTest, kind) + count >= at(sizes, kind)) return Infinity;
      sum += off(kind, count) - off(kind, 0);
    }
    return sum;
  };
  const take = (group: Group): void => {
    test.add(group.name);
    for (const [kind, count] of group.counts) inTest[kind] = at(inTest, kind) + count;
  };
  for (const i of order) {
    const group = all[i];
    if (group && cost(group) < 0) take(group);
  }
  for (const kind of sizes.keys()) {
    if (at(inTest, kind) > 0) continue;
    let best: Group | null = null;
    let least = Infinity;
    for (const i of order) {
      const group = all[i];
      if (!group?.counts.has(kind)) continue;
      const costs = cost(group);
      if (costs < least) [best, least] = [group, costs];
    }
    if (best) take(best);
  }
  return { test, oneSided: [...sizes.keys()].filter((kind) => at(inTest, kind) === 0) };
}

/** A kind's whole share, whatever a run asks for: so the split does not move with other settings. */
const WHOLE = { classes: 1, perClass: 1, testCount: Infinity };

/** `groups[k]` names the group of every picture of kind k. By seed alone. */
export function splitByGroups(groups: readonly (readonly string[])[], seed: number): GroupSplit {
  const sizes = groups.map((names) => names.length);
  const all = gather(groups);
  let best: GroupSplit | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const key = (name: string): number => hashText(`${attempt} ${name}`);
    const hash = all.map(({ name }) => hashAt(seed, STREAM.groups, key(name)));
    const split = splitOnce(sizes, all, hash);
    if (split.oneSided.length === 0) return split;
    if (best === null || split.oneSided.length < best.oneSided.length) best = split;
  }
  return best ?? { test: new Set(), oneSided: [...sizes.keys()] };
}
