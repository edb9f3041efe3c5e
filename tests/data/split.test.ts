// Which pictures learn and which test: stratified, by seed alone, nested, nothing in both.
import { describe, expect, it } from 'vitest';
import { hashAt, hashText, STREAM } from '../../web/data/hash';
import { chooseOnePool, chooseTwoPools, countOnePool, testShare } from '../../web/data/split';

const keysOf = (sizes: number[]): number[][] =>
  sizes.map((size, k) => Array.from({ length: size }, (_, i) => hashText(`${k}/${i}.png`)));
const ask = (classes: number, perClass: number, testCount: number) => ({
  classes,
  perClass,
  testCount,
});

describe('hash', () => {
  it('never changes: shared links and run records rely on it', () => {
    expect(hashText('cats/1.png')).toBe(122596681);
    expect([0, 1, 2].map((key) => hashAt(1, STREAM.split, key))).toEqual([
      3246237840, 2816819969, 2282440337,
    ]);
  });

  it('tells seeds, streams and keys apart', () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      for (const stream of Object.values(STREAM)) {
        for (let key = 0; key < 50; key++) seen.add(hashAt(seed, stream, key));
      }
    }
    expect(seen.size).toBeGreaterThan(2995); // of 3000; 32 bits may collide once
  });

  it('gives every picture an even chance', () => {
    // 4000 seeds, 10 pictures, 2 tests each: 800 +- 25 each; 6 sd are 152.
    const drawn = new Array<number>(10).fill(0);
    const keys = keysOf([10, 10]);
    for (let seed = 0; seed < 4000; seed++) {
      for (const i of chooseOnePool(keys, ask(2, 8, 500), seed).test[0] ?? []) {
        drawn[i] = (drawn[i] ?? 0) + 1;
      }
    }
    for (const count of drawn) expect(Math.abs(count - 800)).toBeLessThan(152);
  });
});

describe('testShare', () => {
  it.each([
    [2, 1],
    [3, 1],
    [7, 1],
    [8, 2],
    [10, 2],
    [12, 2],
    [13, 3],
    [100, 20],
    [5000, 1000],
  ])('of %i pictures is %i', (count, share) => {
    expect(testShare(count, ask(2, 1, 100_000))).toBe(share);
  });

  it('is at most an even share of what was asked for, and at least one', () => {
    expect(testShare(1000, ask(5, 1, 500))).toBe(100);
    expect(testShare(1000, ask(7, 1, 500))).toBe(71);
    expect(testShare(1000, ask(5, 1, 3))).toBe(1);
  });
});

describe('chooseOnePool', () => {
  const sizes = [2, 7, 30, 30, 400];
  const keys = keysOf(sizes);

  it('gives each class its own share and no picture twice', () => {
    const chosen = chooseOnePool(keys, ask(5, 20, 500), 3);
    expect(chosen.test.map((list) => list.length)).toEqual([1, 1, 6, 6, 80]);
    expect(chosen.train.map((list) => list.length)).toEqual([1, 6, 20, 20, 20]);
    chosen.train.forEach((list, k) => {
      const both = [...list, ...(chosen.test[k] ?? [])];
      expect(new Set(both).size).toBe(both.length);
      for (const i of both) expect(i).toBeLessThan(sizes[k] ?? 0);
    });
  });

  it('agrees with its count', () => {
    for (const request of [ask(2, 1, 10), ask(5, 1000, 10_000), ask(3, 4, 1)]) {
      const chosen = chooseOnePool(keys, request, 9);
      const count = countOnePool(sizes, request);
      expect(chosen.train.map((list) => list.length)).toEqual(count.trainPerClass);
      expect(chosen.test.map((list) => list.length)).toEqual(count.testPerClass);
      expect(count.train).toBe(count.trainPerClass.reduce((a, b) => a + b));
    }
  });

  it('nests: more to learn from keeps the fewer, and the test stays', () => {
    const few = chooseOnePool(keys, ask(5, 5, 500), 3);
    const many = chooseOnePool(keys, ask(5, 300, 500), 3);
    expect(many.test).toEqual(few.test);
    few.train.forEach((list, k) => {
      expect(many.train[k]?.slice(0, list.length)).toEqual(list);
    });
  });

  it('does not move when a class is added or a picture is', () => {
    const before = chooseOnePool(keys, ask(4, 10, 500), 3);
    const fewerKinds = chooseOnePool(keys, ask(3, 10, 500), 3);
    expect(fewerKinds.train).toEqual(before.train.slice(0, 3));
    const more = keys.map((list, k) => (k === 4 ? [...list, hashText('new')] : list));
    expect(chooseOnePool(more, ask(4, 10, 500), 3)).toEqual(before);
    // One more picture in a class changes at most one of its ten to learn from.
    const wider = keys.map((list, k) => (k === 3 ? [...list, hashText('new')] : list));
    const after = chooseOnePool(wider, ask(4, 10, 500), 3);
    const kept = after.train[3]?.filter((i) => before.train[3]?.includes(i)) ?? [];
    expect(kept.length).toBeGreaterThanOrEqual(9);
  });

  it('changes with the seed', () => {
    const one = chooseOnePool(keys, ask(5, 20, 500), 1);
    expect(chooseOnePool(keys, ask(5, 20, 500), 1)).toEqual(one);
    expect(chooseOnePool(keys, ask(5, 20, 500), 2)).not.toEqual(one);
  });
});

describe('chooseTwoPools', () => {
  it('takes tests from the official part only', () => {
    const chosen = chooseTwoPools(keysOf([50, 50]), keysOf([10, 10]), ask(2, 60, 500), 1);
    expect(chosen.train.map((list) => list.length)).toEqual([50, 50]);
    expect(chosen.test.map((list) => list.length)).toEqual([10, 10]);
    for (const list of chosen.test) expect(Math.max(...list)).toBeLessThan(10);
  });
});
