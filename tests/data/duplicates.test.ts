// Copies: the same pixels, known changes of a photograph, and pictures that only look alike to us.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { copiesOf, spans } from '../../web/data/copies';
import { findCopies, type Print, printOf } from '../../web/data/duplicates';
import { classesOf } from '../../web/data/own';
import type { OwnPicture, Reference } from '../../web/data/own_types';
import { areaAverage } from './area_average';
import { itemOf, readIdxFile } from './set_files';

const SETS = fileURLToPath(new URL('../../web/data/sets/', import.meta.url));
const idx = (name: string) => readIdxFile(`${SETS}${name}-idx3-ubyte.gz`);
const calm = () => undefined;
const grey = (side: number, pixels: Uint8Array): Reference => ({ side, channels: 1, pixels });
const print = (reference: Reference): Print => printOf(reference, areaAverage);
const alike = async (...references: Reference[]): Promise<number[][]> =>
  (await findCopies(references.map(print), calm)).alike;

/** Squares out of the three photographs, no two overlapping. */
const photos = idx('textures3/photos');
const SIDE = 192;
function squareAt(photo: number, left: number, top: number, side = SIDE): Reference {
  const width = photos.dims[2] ?? 0;
  const all = itemOf(photos, photo);
  const pixels = Uint8Array.from(
    { length: side * side },
    (_, i) => all[(top + Math.floor(i / side)) * width + left + (i % side)] ?? 0,
  );
  return grey(side, pixels);
}
const squares = [0, 1, 2].flatMap((photo) =>
  Array.from({ length: 4 }, (_, i) => squareAt(photo, SIDE * (i % 2), SIDE * Math.floor(i / 2))),
);

/** Normal with sd 1, the same on every machine. */
function noise(i: number): number {
  const u = (n: number): number => ((Math.imul(n ^ (n >>> 15), 0x2c1b3c6d) >>> 0) + 0.5) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(u(2 * i + 1))) * Math.cos(2 * Math.PI * u(2 * i + 2));
}
const each = (one: Reference, change: (value: number, i: number) => number): Reference => ({
  ...one,
  pixels: Uint8Array.from(one.pixels, (value, i) =>
    Math.max(0, Math.min(255, Math.round(change(value, i)))),
  ),
});
const scaled = ({ side, pixels }: Reference, to: number): Reference =>
  grey(to, areaAverage(pixels, side, to, 1));

describe('pictures alike', () => {
  it.each<[string, (one: Reference) => Reference]>([
    ['brighter', (one) => each(one, (v) => 1.15 * v + 12)],
    ['with less contrast', (one) => each(one, (v) => 0.8 * v + 26)],
    ['saved again, with errors of 4 levels', (one) => each(one, (v, i) => v + 4 * noise(i))],
    ['at 60% of the size', (one) => scaled(one, Math.round(0.6 * SIDE))],
    ['at 64 px and brighter', (one) => each(scaled(one, 64), (v) => v + 20)],
  ])('are found when one is %s', async (_, change) => {
    const sets = await alike(...squares, ...squares.map(change));
    expect(sets).toEqual(squares.map((_, i) => [i, i + squares.length]));
  });

  it.each<[string, (one: Reference) => Reference]>([
    ['the negative', (one) => each(one, (v) => 255 - v)],
    ['far brighter', (one) => each(one, (v) => v / 2 + 127)],
    ['of half the contrast', (one) => each(one, (v) => v / 2 + 50)],
    ['turned', (one) => ({ ...one, pixels: one.pixels.slice().reverse() })],
  ])('are not taken for it when one is %s', async (_, change) => {
    expect(await alike(...squares.slice(0, 8), ...squares.slice(0, 8).map(change))).toEqual([]);
  });

  it('are not found among a thousand pieces of clothing, nor among digits', async () => {
    for (const name of ['fashion6k/test-images', 'digits8x8/train-images']) {
      const set = idx(name);
      const [count = 0, side = 0] = set.dims;
      const references = Array.from({ length: count }, (_, i) => grey(side, itemOf(set, i)));
      expect(count).toBeGreaterThanOrEqual(1000);
      expect(await alike(...references)).toEqual([]);
    }
  });

  it('are told apart by colour, and blank ones by brightness', async () => {
    const flat = (...colour: number[]): Reference => ({
      side: 8,
      channels: 3,
      pixels: Uint8Array.from({ length: 192 }, (_, i) => colour[i % 3] ?? 0),
    });
    const sets = await alike(
      flat(200, 60, 60),
      flat(60, 130, 60),
      flat(201, 61, 59),
      flat(90, 90, 90),
      flat(130, 130, 130),
      flat(91, 90, 90),
      grey(8, new Uint8Array(64).fill(131)),
    );
    expect(sets).toEqual([
      [0, 2],
      [3, 5],
      [4, 6],
    ]);
  });

  it('join to one set over several steps, which the first leads', async () => {
    const [one] = squares;
    if (!one) throw new Error('no square');
    const steps = [0, 30, 60, 90].map((by) => each(one, (v) => 0.5 * v + by));
    // 60 levels apart is too far by itself; 30 is not.
    expect(await alike(steps[0] ?? one, steps[2] ?? one)).toEqual([]);
    expect(await alike(...steps.toReversed())).toEqual([[0, 1, 2, 3]]);
  });
});

describe('findCopies', () => {
  it('tells the same pixels from almost the same', async () => {
    const [a, b, c] = squares;
    if (!a || !b || !c) throw new Error('no squares');
    const touched = each(a, (v, i) => (i === 40 ? v ^ 1 : v));
    const copy = { ...a, pixels: a.pixels.slice() };
    const found = await findCopies([a, b, touched, copy, c].map(print), calm);
    expect(found.exact).toEqual([[0, 3]]);
    expect(found.alike).toEqual([[0, 2, 3]]);
    // Sizes that do not fill whole words, and one shape in two sizes.
    const odd = (side: number): Reference => grey(side, new Uint8Array(side * side).fill(7));
    expect((await findCopies([odd(3), odd(3), odd(5)].map(print), calm)).exact).toEqual([[0, 1]]);
  });

  it('finds every pair that comparing all with all finds', async () => {
    const set = idx('glyphs62/test-images');
    const [, side = 0] = set.dims;
    const prints = Array.from({ length: 150 }, (_, i) => print(grey(side, itemOf(set, i))));
    const pairs = new Set<string>();
    for (let i = 0; i < prints.length; i++) {
      for (let j = i + 1; j < prints.length; j++) {
        const [a, b] = [prints[i], prints[j]];
        if (a && b && (await findCopies([a, b], calm)).alike.length > 0) pairs.add(`${i} ${j}`);
      }
    }
    const { alike: sets } = await findCopies(prints, calm);
    const together = (i: number, j: number): boolean =>
      sets.some((all) => all.includes(i) && all.includes(j));
    expect(pairs.size).toBeGreaterThan(0);
    for (const pair of pairs) {
      const [i = 0, j = 0] = pair.split(' ').map(Number);
      expect(together(i, j), pair).toBe(true);
    }
    // And no set without pairs that hold it together.
    const steps = sets.reduce((sum, all) => sum + all.length - 1, 0);
    expect(pairs.size).toBeGreaterThanOrEqual(steps);
  });

  it('may be stopped between any two pictures', async () => {
    let calls = 0;
    const stop = (): undefined => {
      if (++calls === 18) throw new DOMException('', 'AbortError');
    };
    await expect(findCopies(squares.map(print), stop)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(calls).toBe(18); // 12 thumbnails, then half of the rows
  });
});

describe('copies of a collection', () => {
  it('are sets of pictures, and span the halves or not', async () => {
    const pictures: OwnPicture[] = ['a/1', 'a/2', 'b/1', 'b/2'].map((path) => ({
      path,
      className: path[0] ?? '',
      file: new Blob([path]),
    }));
    const references = [squares[0], squares[1], squares[0], squares[2]];
    const own = {
      printsOf: async (all: readonly OwnPicture[]) =>
        all.map((one) => print(references[pictures.indexOf(one)] ?? grey(1, new Uint8Array(1)))),
    };
    const classes = classesOf(pictures);
    const found = await copiesOf(classes, own, new AbortController().signal);
    const [a1, a2, b1, b2] = pictures as [OwnPicture, OwnPicture, OwnPicture, OwnPicture];
    expect(found).toEqual({ classes, exact: [[a1, b1]], alike: [[a1, b1]] });
    const across = (test: OwnPicture): number =>
      found.alike.filter(
        spans({ train: new Set(pictures.filter((one) => one !== test)), test: new Set([test]) }),
      ).length;
    expect([a1, a2, b1, b2].map(across)).toEqual([1, 0, 1, 0]);
  });
});
