// A shipped set as a PictureSource: unpacked from the page itself on first use, in slices and without
// a canvas, so that every browser sees the same bytes. Fails with a DataError where the page was
// built without the set or its data are damaged.

import { setsText } from '../text/en-sets';
import { hashAt, STREAM } from './hash';
import type { PictureEngine } from './own_types';
import { createPace } from './pace';
import { gunzipInSlices, readPacked } from './packed';
import { checkRequest, drawThumbnails, greyToColour, prepareSet } from './prepare';
import {
  imagesOf,
  labelsOf,
  PHOTO,
  PHOTOS_FILE,
  SHIPPED,
  type ShippedId,
  type ShippedPart,
  type ShippedSet,
} from './shipped_sets';
import { DataError, type PictureSource, type ThumbnailRequest } from './source';
import { chooseTwoPools, countTwoPools } from './split';

export { SHIPPED_IDS, type ShippedId } from './shipped_sets';

/** Reads one packed file by its name; tests pass their own. */
export type ReadFile = (id: string) => Promise<Uint8Array>;
export type SetEngine = Pick<PictureEngine, 'resize' | 'readIdx'>;

/** Pixels [side][side] of picture `index` of class `label` (in the set's order); of its own. */
type Picture = (part: ShippedPart, label: number, index: number, seed: number) => Uint8Array;

interface Opened {
  picture: Picture;
  /** What the choice of pictures hashes, class by class. */
  keys: Record<ShippedPart, number[][]>;
}

/** The values of one IDX file of a set, which must have these sizes. */
type Values = (file: string, ...dims: number[]) => Promise<Uint8Array>;

function reader(set: ShippedSet, engine: SetEngine, read: ReadFile): Values {
  return async (name, ...wanted) => {
    const file = `${set.folder}/${name}`;
    const bytes = await gunzipInSlices(await read(file), file);
    try {
      const { dims, offset } = engine.readIdx(bytes);
      const same = dims.length === wanted.length && wanted.every((d, i) => d === dims[i]);
      if (same) return bytes.subarray(offset);
    } catch {
      // The core names what is wrong with a file of the user's; here only a new page helps.
    }
    throw new DataError(setsText.damaged(file));
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);

/** Two pixels to a byte, 4 bits each; 17 * 15 = 255. */
export function widen(nibbles: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(2 * nibbles.length);
  for (let i = 0; i < nibbles.length; i++) {
    const pair = nibbles[i] ?? 0;
    pixels[2 * i] = 17 * (pair >> 4);
    pixels[2 * i + 1] = 17 * (pair & 15);
  }
  return pixels;
}

async function openPictures(set: ShippedSet, values: Values): Promise<Opened> {
  const { side, form } = set;
  const width = form === 'nibbles' ? side / 2 : side;
  const openPart = async (part: ShippedPart): Promise<[Uint8Array, number[][]]> => {
    const count = sum(set[part]);
    const pixels = await values(imagesOf(part), count, side, width);
    const labels = await values(labelsOf(part), count);
    const byLabel: number[][] = set.order.map(() => []);
    labels.forEach((label, i) => {
      byLabel[label]?.push(i);
    });
    const byClass = set.order.map((label) => byLabel[label] ?? []);
    if (byClass.some((list, k) => list.length !== set[part][k])) {
      throw new DataError(setsText.damaged(`${set.folder}/${labelsOf(part)}`));
    }
    return [pixels, byClass];
  };
  const [trainPixels, train] = await openPart('train');
  const [testPixels, test] = await openPart('test');
  const pixels = { train: trainPixels, test: testPixels };
  const keys = { train, test };
  return {
    keys,
    picture(part, label, index) {
      const at = (keys[part][label]?.[index] ?? 0) * side * width;
      const stored = pixels[part].slice(at, at + side * width);
      return form === 'nibbles' ? widen(stored) : stored;
    },
  };
}

/**
 * Undoes the median prediction of LOCO-I (Weinberger, Seroussi, Sapiro 2000): each byte is what the
 * median of left, up and left + up - corner misses, modulo 256; neighbours outside are 0. In place.
 */
export async function unpredict(pixels: Uint8Array, side: number): Promise<void> {
  const pace = createPace();
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const i = y * side + x;
      const left = x > 0 ? (pixels[i - 1] ?? 0) : 0;
      const up = y > 0 ? (pixels[i - side] ?? 0) : 0;
      const plane = left + up - (x > 0 && y > 0 ? (pixels[i - side - 1] ?? 0) : 0);
      const low = left < up ? left : up;
      const high = left < up ? up : left;
      const guess = plane < low ? low : plane > high ? high : plane;
      pixels[i] = (pixels[i] ?? 0) + guess;
    }
    await pace();
  }
}

/** Left column and top row of a patch: a function of the seed, so that runs of a pair agree. */
export function patchAt(
  part: ShippedPart,
  label: number,
  index: number,
  seed: number,
  side: number,
): { x: number; y: number } {
  const [from, to] = part === 'train' ? [0, PHOTO.trainEnd] : [PHOTO.testStart, PHOTO.side];
  const hash = hashAt(
    seed,
    STREAM.patch,
    (label << 16) | (index << 1) | (part === 'train' ? 0 : 1),
  );
  // 16 bits for each axis; the product's upper part is a place in the range.
  const place = (bits: number, places: number): number => (bits * places) >>> 16;
  return {
    x: from + place(hash & 0xffff, to - from - side + 1),
    y: place(hash >>> 16, PHOTO.side - side + 1),
  };
}

async function openPhotos(set: ShippedSet, values: Values): Promise<Opened> {
  const { side, order } = set;
  const area = PHOTO.side ** 2;
  const photos = await values(PHOTOS_FILE, order.length, PHOTO.side, PHOTO.side);
  for (const label of order) {
    await unpredict(photos.subarray(label * area, (label + 1) * area), PHOTO.side);
  }
  const numbered = (counts: readonly number[]): number[][] =>
    counts.map((count) => Array.from({ length: count }, (_, i) => i));
  return {
    keys: { train: numbered(set.train), test: numbered(set.test) },
    picture(part, label, index, seed) {
      const { x, y } = patchAt(part, label, index, seed, side);
      const patch = new Uint8Array(side * side);
      for (let row = 0; row < side; row++) {
        const at = (order[label] ?? 0) * area + (y + row) * PHOTO.side + x;
        patch.set(photos.subarray(at, at + side), row * side);
      }
      return patch;
    },
  };
}

/** Waits, but not past an abort; the work itself goes on for whoever asks next. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Keeps what was opened until it is forgotten; a failure is forgotten at once: the next try may do. */
function keepOpen(open: () => Promise<Opened>): { get: () => Promise<Opened>; forget: () => void } {
  let kept: Promise<Opened> | null = null;
  return {
    get() {
      const mine = kept ?? open();
      kept = mine;
      mine.catch(() => {
        if (kept === mine) kept = null;
      });
      return mine;
    },
    forget() {
      kept = null;
    },
  };
}

export function createShippedSource(
  id: ShippedId,
  engine: SetEngine,
  read: ReadFile = readPacked,
): PictureSource {
  const set = SHIPPED[id];
  const { order, side } = set;
  const { title, credit, classes } = setsText[id];
  const names = order.map((label) => classes[label] ?? '');
  const values = reader(set, engine, read);
  const opened = keepOpen(() => (set.form === 'photos' ? openPhotos : openPictures)(set, values));

  const render =
    (picture: Picture, part: ShippedPart, request: Omit<ThumbnailRequest, 'perClass'>) =>
    (label: number, index: number): Uint8Array => {
      const { resolution, channels, seed } = request;
      const native = picture(part, label, index, seed);
      const grey = side === resolution ? native : engine.resize(native, side, resolution, 1);
      return channels === 1 ? grey : greyToColour(grey);
    };

  return {
    id: set.folder,
    title,
    credit,
    channels: 1,
    classes: names.map((name, k) => ({ name, count: set.train[k] ?? 0 })),
    maxPerClass: Math.max(...set.train),
    nativeSide: side,
    sides: set.sides,

    count: (request) => countTwoPools(set.train, set.test, request),

    async prepare(request, signal, onProgress) {
      checkRequest(request, order.length);
      signal.throwIfAborted();
      const { picture, keys } = await unlessAborted(opened.get(), signal);
      const chosen = chooseTwoPools(keys.train, keys.test, request, request.seed);
      const parts = {
        train: render(picture, 'train', request),
        test: render(picture, 'test', request),
      };
      return prepareSet({ names, chosen, request, render: parts, signal, onProgress });
    },

    async thumbnails(request, signal) {
      checkRequest(request, order.length);
      signal?.throwIfAborted();
      const { picture, keys } = await unlessAborted(opened.get(), signal);
      const chosen = chooseTwoPools(keys.train, [], { ...request, testCount: 1 }, request.seed);
      const draw = render(picture, 'train', request);
      return drawThumbnails(names, chosen.train, request, draw, signal);
    },

    release: opened.forget,
  };
}
