// Copies among a collection's pictures: the same pixels, or almost the same (saved again, resized,
// made brighter). Two pictures are alike when their 16 x 16 thumbnails, brightness and contrast set
// aside, correlate at 0.995 or more, or where contrast is weak differ by under 3 grey levels rms. Of
// 1,000 pieces of clothing and of 1,400 digits no two do; photographs at 60% of their size all do.

import type { Reference } from './own_types';
import type { Pace } from './pace';
import type { Resize } from './source';

const SIDE = 16;
const AREA = SIDE * SIDE;
const CORRELATION = 0.995;
/** Of two vectors of length 1 at that correlation, squared: |u - v|^2 = 2 - 2 u.v. */
const NEAR = 2 - 2 * CORRELATION;
/** Brighter or darker by more, or by this factor in contrast, is another picture. Grey levels. */
const MAX_SHIFT = 48;
const MAX_GAIN = 1.6;
/** Of two thumbnails with an rms contrast below WEAK, in grey levels rms: so much is noise. */
const WEAK = 30;
const NOISE = 3;
/** Below this rms contrast a thumbnail is blank, and only its brightness counts. Grey levels. */
const BLANK = 4;
const BLANK_SHIFT = 2;

/** Terms compared before asking whether more are needed; those of the 4 x 4 thumbnail in grey. */
const COARSE = 16;
/** Of the grid in which pictures are looked up: axes, and more cells along one than there can be. */
const AXES = 3;
const CELLS = 64;

/** What a picture is compared by, made once from its reference. */
export interface Print {
  /** Equal for equal pixels: two independent 32-bit hashes, with side and channels in them. */
  exact: string;
  /** [16][16][channels] */
  thumb: Uint8Array;
}

/** Whole words where they fill the bytes; a reference has bytes of its own. */
function wordsOf(pixels: Uint8Array): ArrayLike<number> {
  const whole = pixels.byteOffset % 4 === 0 && pixels.length % 4 === 0;
  return whole ? new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4) : pixels;
}

export function printOf({ side, channels, pixels }: Reference, resize: Resize): Print {
  const words = wordsOf(pixels);
  let a = 0x811c9dc5 ^ side;
  let b = 0x9e3779b9 ^ channels;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? 0;
    // Multipliers of FNV-1a and of MurmurHash3; the turn brings high bits down again.
    a = Math.imul(a ^ word, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x85ebca6b);
    b = (b << 13) | (b >>> 19);
  }
  const exact = `${side}.${channels}.${a >>> 0}.${b >>> 0}`;
  return { exact, thumb: side === SIDE ? pixels : resize(pixels, side, SIDE, channels) };
}

/**
 * Haar transform of one channel of a thumbnail, orthonormal and coarse before fine, so that the
 * first terms of a distance tell most of it.
 */
function haar(plane: Float32Array, out: Float32Array): void {
  for (let n = SIDE; n > 1; n /= 2) {
    const half = n / 2;
    const quarter = half * half;
    const low = new Float32Array(quarter);
    for (let y = 0; y < half; y++) {
      for (let x = 0; x < half; x++) {
        const p = plane[2 * y * n + 2 * x] ?? 0;
        const q = plane[2 * y * n + 2 * x + 1] ?? 0;
        const r = plane[(2 * y + 1) * n + 2 * x] ?? 0;
        const s = plane[(2 * y + 1) * n + 2 * x + 1] ?? 0;
        const cell = y * half + x;
        low[cell] = (p + q + r + s) / 2;
        out[quarter + cell] = (p - q + r - s) / 2;
        out[2 * quarter + cell] = (p + q - r - s) / 2;
        out[3 * quarter + cell] = (p - q - r + s) / 2;
      }
    }
    plane.set(low);
  }
  out[0] = plane[0] ?? 0;
}

/** Thumbnails made comparable, one row each. */
interface Features {
  /** Values a row. */
  width: number;
  mean: Float32Array;
  /** rms contrast in grey levels */
  contrast: Float32Array;
  /** [rows][width] Haar terms, coarse before fine, of length 1 or 0. */
  terms: Float32Array;
}

/** A grey picture among coloured ones has three equal channels. */
async function featuresOf(thumbs: readonly Uint8Array[], pace: Pace): Promise<Features> {
  const channels = Math.max(1, ...new Set(thumbs.map((thumb) => thumb.length / AREA)));
  const width = channels * AREA;
  const mean = new Float32Array(thumbs.length);
  const contrast = new Float32Array(thumbs.length);
  const terms = new Float32Array(thumbs.length * width);
  const plane = new Float32Array(AREA);
  const out = new Float32Array(AREA);
  for (const [row, thumb] of thumbs.entries()) {
    const own = thumb.length / AREA;
    let sum = 0;
    for (const value of thumb) sum += value;
    const middle = sum / thumb.length;
    let squares = 0;
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < AREA; i++) {
        const value = (thumb[own * i + (own === channels ? c : 0)] ?? 0) - middle;
        plane[i] = value;
        squares += value * value;
      }
      haar(plane, out);
      for (let i = 0; i < AREA; i++) terms[row * width + channels * i + c] = out[i] ?? 0;
    }
    const length = Math.sqrt(squares) || 1;
    for (let i = row * width; i < (row + 1) * width; i++) terms[i] = (terms[i] ?? 0) / length;
    mean[row] = middle;
    contrast[row] = Math.sqrt(squares / width);
    await pace();
  }
  return { width, mean, contrast, terms };
}

/** |a - b|^2 of two rows, or some of it once that is above `limit`. */
function distance({ terms, width }: Features, a: number, b: number, limit: number): number {
  let sum = 0;
  for (let i = 0; i < width && sum <= limit; i += COARSE) {
    for (let j = i; j < i + COARSE; j++) {
      const d = (terms[a * width + j] ?? 0) - (terms[b * width + j] ?? 0);
      sum += d * d;
    }
  }
  return sum;
}

/** The coarse terms in which the rows differ most. */
function widestTerms({ terms, width }: Features, rows: readonly number[]): number[] {
  const spread = Array.from({ length: COARSE }, (_, term) => {
    let sum = 0;
    let squares = 0;
    for (const row of rows) {
      const value = terms[row * width + term] ?? 0;
      sum += value;
      squares += value * value;
    }
    return { term, size: squares - (sum * sum) / rows.length };
  });
  const widest = spread.sort((a, b) => b.size - a.size).slice(0, AXES);
  return widest.map(({ term }) => term);
}

/** Indices 0..count-1 in sets that only grow together. */
class Unions {
  private readonly parent: Int32Array;
  constructor(count: number) {
    this.parent = Int32Array.from({ length: count }, (_, i) => i);
  }
  find(i: number): number {
    const { parent } = this;
    let at = i;
    for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) {
      parent[at] = parent[up] ?? up; // halves the way for the next time
      at = up;
    }
    return at;
  }
  /** The lower index leads. */
  join(i: number, j: number): void {
    const [a, b] = [this.find(i), this.find(j)];
    this.parent[Math.max(a, b)] = Math.min(a, b);
  }
  /** Sets of two or more, each ascending. */
  sets(): number[][] {
    const byRoot = new Map<number, number[]>();
    for (const i of this.parent.keys()) {
      const root = this.find(i);
      const set = byRoot.get(root);
      if (set) set.push(i);
      else byRoot.set(root, [i]);
    }
    return [...byRoot.values()].filter((set) => set.length > 1);
  }
}

export interface Copies {
  /** Sets with the same pixels, as indices into the prints. */
  exact: number[][];
  /** Sets alike, those with the same pixels among them; a chain of likenesses is one set. */
  alike: number[][];
}

/** Cells of a grid around one, itself among them, as steps of its key. */
const AROUND = Array.from({ length: 3 ** AXES }, (_, n) => {
  let step = 0;
  for (let axis = 0, rest = n; axis < AXES; axis++, rest = Math.floor(rest / 3)) {
    step = step * CELLS + (rest % 3) - 1;
  }
  return step;
});

/**
 * Joins rows that lie within `reach` and whose brightness and contrast allow it. No term differs by
 * more than the whole distance, so a row is compared only with those in the cells around its own,
 * in a grid over the widest terms.
 */
async function joinClose(
  sets: Unions,
  features: Features,
  rows: readonly number[],
  reach: number,
  allowed: (a: number, b: number) => boolean,
  pace: Pace,
): Promise<void> {
  const { terms, width } = features;
  const axes = widestTerms(features, rows);
  const grid = new Map<number, number[]>();
  const limit = reach * reach;
  for (const row of rows) {
    let key = 0;
    for (const axis of axes) {
      key = key * CELLS + Math.floor((terms[row * width + axis] ?? 0) / reach) + CELLS / 2;
    }
    for (const step of AROUND) {
      for (const other of grid.get(key + step) ?? []) {
        if (!allowed(row, other) || sets.find(row) === sets.find(other)) continue;
        if (distance(features, row, other, limit) <= limit) sets.join(row, other);
      }
    }
    const cell = grid.get(key);
    if (cell) cell.push(row);
    else grid.set(key, [row]);
    await pace();
  }
}

/** Compares all with all, in slices; throws the reason of an abort. */
export async function findCopies(prints: readonly Print[], pace: Pace): Promise<Copies> {
  const same = new Unions(prints.length);
  const near = new Unions(prints.length);
  const first = new Map<string, number>();
  prints.forEach(({ exact }, i) => {
    const known = first.get(exact);
    if (known === undefined) first.set(exact, i);
    else for (const sets of [same, near]) sets.join(known, i);
  });
  const features = await featuresOf(
    prints.map(({ thumb }) => thumb),
    pace,
  );
  const { mean, contrast, terms, width } = features;
  // One of each from here on.
  const rows = [...first.values()];
  const shift = (a: number, b: number): number => Math.abs((mean[a] ?? 0) - (mean[b] ?? 0));
  const correlate = (a: number, b: number): boolean => {
    const [one, other] = [contrast[a] ?? 0, contrast[b] ?? 0];
    const [low, high] = [Math.min(one, other), Math.max(one, other)];
    // A blank one has no pattern that could correlate.
    return low >= BLANK && high <= MAX_GAIN * low && shift(a, b) <= MAX_SHIFT;
  };
  await joinClose(near, features, rows, Math.sqrt(NEAR), correlate, pace);
  // Of length `contrast`, rows are as far apart as their thumbnails are, rms in grey levels.
  for (const row of rows) {
    const by = contrast[row] ?? 0;
    for (let i = row * width; i < (row + 1) * width; i++) terms[i] = (terms[i] ?? 0) * by;
    await pace();
  }
  const weak = rows.filter((row) => (contrast[row] ?? 0) < WEAK);
  const noise = (a: number, b: number): boolean => {
    const blank = Math.max(contrast[a] ?? 0, contrast[b] ?? 0) < BLANK;
    return shift(a, b) <= (blank ? BLANK_SHIFT : MAX_SHIFT);
  };
  await joinClose(near, features, weak, NOISE, noise, pace);
  return { exact: same.sets(), alike: near.sets() };
}
