// Decoded pictures in little room: what shrinks, what is decoded again, and that no bit of a run
// depends on either. A small stand-in for `npm run soak`, which measures thousands of real ones.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { averageSquare } from '../../web/data/area';
import { collect } from '../../web/data/collect';
import { classesOf, createOwnSource } from '../../web/data/own';
import type { FoundFile, OwnPicture, Reference } from '../../web/data/own_types';
import { PictureStore } from '../../web/data/store';
import { fixture } from './files';

const signal = new AbortController().signal;
const OK = fixture('ok_32x32.png');
const SIDE = 96;
const WHOLE = SIDE * SIDE * 3;
/** 8, 12, 16, 24, 32 and 48 pixels a side, in three channels. */
const SMALL = 13_104;

/** A valid header, then the picture's number. */
const file = (i: number): Blob => new Blob([OK, Uint8Array.of(i & 255, i >> 8)]);

let decoded = 0;
/** Comparing millions of values one by one would take the test framework a minute. */
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Noise of its own for every number. */
async function decode(blob: Blob): Promise<Reference> {
  decoded++;
  const [low = 0, high = 0] = new Uint8Array(await blob.slice(-2).arrayBuffer());
  const pixels = new Uint8Array(WHOLE);
  for (let i = 0; i < WHOLE; i++) {
    pixels[i] = Math.imul(i + 65_537 * (low + 256 * high + 1), 0x9e3779b1) >>> 24;
  }
  return { side: SIDE, channels: 3, pixels };
}

function picture(i: number): OwnPicture {
  return { path: `a/${i}.png`, className: 'a', file: file(i) };
}

describe('PictureStore', () => {
  it('shrinks the oldest, and decodes them again only for a size it has not', async () => {
    const store = new PictureStore(decode, 2 * WHOLE);
    const pictures = [0, 1, 2].map(picture);
    const [first, second, third] = pictures as [OwnPicture, OwnPicture, OwnPicture];
    const reference = await store.get(first);
    await store.get(second);
    expect(store.bytes).toBe(2 * WHOLE);
    await store.get(third);
    expect(store.bytes).toBe(2 * SMALL + WHOLE);

    decoded = 0;
    for (const side of [8, 12, 16, 24, 32, 48]) {
      const kept = await store.at(first, side);
      expect(kept).toMatchObject({ side, channels: 3 });
      expect(digest(kept.pixels)).toBe(digest(averageSquare(reference.pixels, SIDE, side, 3)));
    }
    expect((await store.get(third)).side).toBe(SIDE);
    expect(decoded).toBe(0);
    const odd = await store.at(first, 20);
    expect(digest(odd.pixels)).toBe(digest(averageSquare(reference.pixels, SIDE, 20, 3)));
    const again = await store.get(second);
    expect(digest(again.pixels)).toBe(digest((await decode(second.file)).pixels));
    expect(decoded).toBe(3);
    expect(store.bytes).toBe(2 * SMALL + WHOLE);
  });

  it('stays within its bytes, and empty once all is forgotten', async () => {
    const cap = 5 * SMALL + 100;
    const store = new PictureStore(decode, cap);
    const pictures = Array.from({ length: 9 }, (_, i) => picture(i));
    for (const one of pictures) {
      await store.get(one);
      expect(store.bytes).toBeLessThanOrEqual(cap);
    }
    expect(store.bytes).toBe(5 * SMALL);
    expect(store.isGrey(pictures)).toBe(false);
    for (const one of pictures) store.forget(one);
    expect(store.bytes).toBe(0);
  });

  it('shares its bytes with what waits aside, and gets them back', async () => {
    const store = new PictureStore(decode, WHOLE + SMALL);
    await store.get(picture(0));
    const aside = store.aside();
    const [wanted, refused] = [picture(1), picture(2)];
    await aside.get(wanted);
    await aside.get(refused);
    expect(store.bytes).toBe(3 * SMALL);
    store.takeFrom(aside, [wanted]);
    expect(store.bytes).toBe(2 * SMALL);
    decoded = 0;
    await store.at(wanted, 24);
    expect(decoded).toBe(0);
    const abandoned = store.aside();
    await abandoned.get(picture(3));
    abandoned.release();
    expect(store.bytes).toBe(2 * SMALL);
  });
});

describe('a collection of 156 pictures in 26 kinds', () => {
  const found: FoundFile[] = Array.from({ length: 156 }, (_, i) => ({
    path: `all/${String.fromCharCode(97 + (i % 26))}/${i}.png`,
    file: file(i),
  }));

  /** What a run at each size gets from a store of so many bytes, and what had to be decoded. */
  async function runs(bytes: number): Promise<{ sets: object[]; again: number }> {
    const store = new PictureStore(decode, bytes);
    const keep = (one: OwnPicture, reference: Reference): void => store.keep(one, reference);
    const { pictures } = await collect(found, { decode, keep, already: 0, signal });
    const source = createOwnSource(classesOf(pictures), store);
    const rest = { channels: 3, classes: 26, perClass: 5, testCount: 500, seed: 3 } as const;
    decoded = 0;
    const sets: object[] = [];
    for (const resolution of [24, 48]) {
      const { train, test } = await source.prepare({ ...rest, resolution }, signal);
      sets.push([train, test].map((half) => [digest(half.pixels), half.labels.join(), half.count]));
    }
    return { sets, again: decoded };
  }

  it('gives every run the same bits, and decodes nothing twice where the small sizes fit', async () => {
    const roomy = await runs(156 * WHOLE);
    const close = await runs(156 * SMALL);
    const none = await runs(0);
    expect(roomy.sets[0]).toMatchObject([{ 2: 26 * 5 }, { 2: 26 }]);
    expect(roomy.sets[1]).not.toEqual(roomy.sets[0]);
    expect(close.sets).toEqual(roomy.sets);
    expect(none.sets).toEqual(roomy.sets);
    expect([roomy.again, close.again, none.again]).toEqual([0, 0, 2 * 156]);
  });
});
