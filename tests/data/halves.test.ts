// The ways to divide own pictures: by folders, group by group, and the same number for each kind.
import { describe, expect, it } from 'vitest';
import { groupOf, splitByGroups } from '../../web/data/groups';
import { defaultMode, halvesOf, kindsWithoutParts } from '../../web/data/halves';
import { classesOf, createOwnSource } from '../../web/data/own';
import { moved, NO_PICTURES } from '../../web/data/own_edits';
import type { OwnPicture, Part } from '../../web/data/own_types';
import { PictureStore } from '../../web/data/store';

function picture(path: string, more: Partial<OwnPicture> = {}): OwnPicture {
  const className = path.split('/').at(-2) ?? '';
  return { path, className, file: new Blob([path]), ...more };
}

/** Pictures of `counts[kind][part]`. */
function parted(counts: Record<string, Partial<Record<Part | 'none', number>>>): OwnPicture[] {
  return Object.entries(counts).flatMap(([kind, parts]) =>
    Object.entries(parts).flatMap(([part, count]) =>
      Array.from({ length: count }, (_, i) =>
        picture(`${part}/${kind}/${i}.png`, part === 'none' ? {} : { part: part as Part }),
      ),
    ),
  );
}

const ask = (classes: number, perClass: number, testCount: number, balanced = false) => ({
  classes,
  perClass,
  testCount,
  balanced,
});
const sizes = (lists: number[][]): number[] => lists.map((list) => list.length);

describe('by folders', () => {
  const pictures = parted({
    cats: { train: 30, test: 10, validation: 5 },
    dogs: { train: 12, test: 4, validation: 5, none: 3 },
  });
  const classes = classesOf(pictures);
  const halves = halvesOf(classes, 'parts');

  it('tests with the test folder alone and learns from the rest but validation', () => {
    expect(defaultMode(classes)).toBe('parts');
    expect(halves.problem()).toBeNull();
    const chosen = halves.choose(ask(2, Infinity, Infinity), 3);
    const seen = (side: 'train' | 'test'): Set<string | undefined> =>
      new Set(chosen[side].flatMap((list, k) => list.map((i) => classes[k]?.pictures[i]?.part)));
    expect(sizes(chosen.train)).toEqual([30, 15]);
    expect(sizes(chosen.test)).toEqual([10, 4]);
    expect(seen('train')).toEqual(new Set(['train', undefined]));
    expect(seen('test')).toEqual(new Set(['test']));
  });

  it('takes validation for the test where there is no test', () => {
    const two = classesOf(
      parted({ a: { train: 4, validation: 2 }, b: { train: 4, validation: 3 } }),
    );
    expect(defaultMode(two)).toBe('parts');
    expect(halvesOf(two, 'parts').count(ask(2, 9, 99)).testPerClass).toEqual([2, 3]);
  });

  it('is not the default, and says why, where a kind lacks a side', () => {
    const lacking = classesOf(
      parted({ a: { train: 4, test: 2 }, b: { train: 4 }, c: { test: 4 } }),
    );
    expect(defaultMode(lacking)).toBe('stratified');
    expect(kindsWithoutParts(lacking)).toEqual(['b', 'c']);
    expect(halvesOf(lacking, 'parts').problem()).toMatch(/“b”, “c”. Choose another split/);
    expect(defaultMode(classesOf(parted({ a: { train: 4 }, b: { none: 4 } })))).toBe('stratified');
  });

  it('nests, counts what it chooses, and moves with the seed alone', () => {
    const few = halves.choose(ask(2, 5, 6), 3);
    const many = halves.choose(ask(2, 20, 6), 3);
    expect(many.test).toEqual(few.test);
    few.train.forEach((list, k) => {
      expect(many.train[k]?.slice(0, list.length)).toEqual(list);
    });
    expect(halves.count(ask(2, 20, 6)).trainPerClass).toEqual(sizes(many.train));
    expect(halves.count(ask(2, 20, 6)).testPerClass).toEqual(sizes(many.test));
    expect(halves.choose(ask(2, 5, 6), 4)).not.toEqual(few);
  });
});

describe('groups', () => {
  it.each([
    ['the one it came with', picture('p/cats/7.png', { group: 'burst 3' }), 'burst 3'],
    ['the folder below its kind', picture('p/cats/anna/7.png', { className: 'cats' }), 'anna'],
    ['no part of a split', picture('p/cats/test/anna_7.png', { className: 'cats' }), 'anna_'],
    ['the name up to its last number', picture('cats/anna 2_003 b.png'), 'anna 2_'],
    ['the whole name without a number', picture('cats/anna.png'), 'anna'],
    ['no number of the ending', picture('cats/anna.jp2'), 'anna'],
  ])('%s', (_, one, group) => {
    expect(groupOf(one)).toBe(group);
  });

  it('keep what the folder said when a picture goes to another kind', () => {
    const one = picture('p/cats/anna/7.png', { className: 'cats' });
    const after = moved({ ...NO_PICTURES, pictures: [one] }, () => true, 'felines');
    expect(after.pictures[0]?.className).toBe('felines');
    expect(after.pictures.map(groupOf)).toEqual(['anna']);
  });

  /** `groups` of the given sizes in one kind. */
  const bursts = (kind: string, groups: readonly number[]): string[] =>
    groups.flatMap((size, g) => Array.from({ length: size }, () => `${kind}${g}`));
  const inTest = (groups: string[][], seed: number): { counts: number[]; test: Set<string> } => {
    const { test, oneSided } = splitByGroups(groups, seed);
    expect(oneSided).toEqual([]);
    return {
      counts: groups.map((g) => g.filter((name) => test.has(name)).length),
      test: new Set(test),
    };
  };

  it('stay near a fifth of each kind, for every seed', () => {
    const groups = [
      bursts(
        'a',
        Array.from({ length: 40 }, (_, i) => 1 + (i % 7)),
      ), // 157 pictures
      bursts('b', [10, 10, 10, 10, 10]),
      bursts('c', [30, 3, 3, 3]),
      bursts('d', [5, 4]),
    ];
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const { counts, test } = inTest(groups, seed);
      seen.add([...test].sort().join());
      // Within half the largest group of the wanted 31, 10, 8; two groups leave no choice but one.
      expect(Math.abs((counts[0] ?? 0) - 31)).toBeLessThanOrEqual(3);
      expect(counts[1]).toBe(10);
      expect([6, 9]).toContain(counts[2]);
      expect(counts[3]).toBe(4);
    }
    expect(seen.size).toBeGreaterThan(100);
  });

  it('stay whole across kinds: one person shows every sign', () => {
    const people = Array.from({ length: 12 }, (_, i) => `person${i}`);
    const groups = [0, 1, 2].map((k) =>
      people.flatMap((name, i) => new Array(3 + ((i + k) % 4)).fill(name)),
    );
    for (let seed = 0; seed < 100; seed++) {
      const { counts } = inTest(groups, seed);
      groups.forEach((group, k) => {
        expect(Math.abs((counts[k] ?? 0) - group.length / 5)).toBeLessThanOrEqual(6);
      });
    }
  });

  it('say so where they cannot be parted', () => {
    const one = classesOf(
      ['a/IMG_1.png', 'a/IMG_2.png', 'b/x1.png', 'b/y1.png'].map((p) => picture(p)),
    );
    expect(halvesOf(one, 'groups').problem()).toMatch(/one group: “a”. Name the files apart/);
    expect(halvesOf(one, 'stratified').problem()).toBeNull();
    // Three people, each pair of them shows one kind: whoever is new, a kind loses a side.
    expect(
      splitByGroups(
        [
          ['x', 'y'],
          ['x', 'z'],
          ['y', 'z'],
        ],
        1,
      ).oneSided,
    ).toHaveLength(1);
  });

  it('put no group on both sides, whatever the request', () => {
    const pictures = Array.from({ length: 300 }, (_, i) =>
      picture(`p/${'abc'[i % 3]}/${'uvwxyz'[(i % 17) % 6]}${i % 17}_${i}.png`),
    );
    const classes = classesOf(pictures);
    const halves = halvesOf(classes, 'groups');
    for (const [perClass, testCount] of [
      [200, 900],
      [3, 12],
      [50, 6],
    ] as const) {
      for (let seed = 0; seed < 20; seed++) {
        const chosen = halves.choose(ask(3, perClass, testCount), seed);
        const names = (side: 'train' | 'test'): string[] =>
          chosen[side].flatMap((list, k) =>
            list.map((i) => groupOf(classes[k]?.pictures[i] ?? picture(''))),
          );
        const train = new Set(names('train'));
        expect(names('test').filter((name) => train.has(name))).toEqual([]);
        expect(halves.count(ask(3, perClass, testCount), seed).testPerClass).toEqual(
          sizes(chosen.test),
        );
        expect(names('test').length).toBeGreaterThan(0);
      }
    }
  });
});

describe('the same number for each kind', () => {
  const pictures = ['a', 'b', 'c'].flatMap((kind, k) =>
    Array.from({ length: [50, 10, 400][k] ?? 0 }, (_, i) => picture(`p/${kind}/${i}.png`)),
  );
  const classes = classesOf(pictures);

  it('holds however it is divided, by seed', () => {
    const counts = ask(3, Infinity, Infinity, true);
    const halves = halvesOf(classes, 'stratified');
    const chosen = halves.choose(counts, 1);
    expect([sizes(chosen.train), sizes(chosen.test)]).toEqual([
      [8, 8, 8],
      [2, 2, 2],
    ]);
    expect(halves.count(counts)).toMatchObject({ train: 24, test: 6 });
    expect(halves.choose(counts, 2).train[2]).not.toEqual(chosen.train[2]);
    const named = classesOf(
      pictures.map((one, i) => ({ ...one, group: `g${i % 25}`, part: i % 4 ? 'train' : 'test' })),
    );
    for (const mode of ['parts', 'groups'] as const) {
      const { train, test } = halvesOf(named, mode).choose(counts, 1);
      for (const lists of [train, test]) expect(new Set(sizes(lists)).size).toBe(1);
    }
  });

  it('reaches the source that runs are given', async () => {
    const decode = async () => ({
      side: 4,
      channels: 3 as const,
      pixels: new Uint8Array(48).fill(9),
    });
    const open = (balanced: boolean) =>
      createOwnSource(classes, new PictureStore(decode), { balanced, grey: true });
    const request = {
      resolution: 4,
      channels: 3,
      classes: 3,
      perClass: 40,
      testCount: 99,
      seed: 1,
    } as const;
    const set = await open(true).prepare(request, new AbortController().signal);
    expect(set.trainPerClass).toEqual([8, 8, 8]);
    expect(open(true).maxPerClass).toBe(8);
    expect(open(true).channels).toBe(1);
    expect(open(false).count(request).trainPerClass).toEqual([40, 8, 40]);
  });

  it('changes nothing for a split without it', () => {
    const halves = halvesOf(classes, 'stratified');
    expect(halves.choose(ask(3, 5, 30, false), 1)).toEqual(
      halves.choose({ classes: 3, perClass: 5, testCount: 30 }, 1),
    );
  });
});
