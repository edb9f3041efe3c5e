// Exact area average of a rectangle of u8 pixels that arrives in blocks, in any order, brought to a
// square. Lengths count in units of 1/(in * out), so that every overlap is a whole number and the
// result the core's own to the bit (tests/data/area.test.ts); the core's wants the whole square at
// once, in memory that WebAssembly never gives back. Sums stay below 2^53 for any picture accepted.

import type { Channels } from './source';

/** The rectangle that is averaged, and the side of the square that it becomes. */
export interface AreaShape {
  width: number;
  height: number;
  side: number;
  channels: Channels;
  /** Value of every pixel that no block brings. */
  border?: number;
}

/** Where input pixel i goes along one axis: to bins `first[i]`.., with `weights[start[i]..]`. */
interface Axis {
  first: Uint16Array;
  start: Uint32Array;
  weights: Uint32Array;
}

function axisOf(length: number, side: number): Axis {
  const first = new Uint16Array(length);
  const start = new Uint32Array(length + 1);
  const weights: number[] = [];
  for (let i = 0; i < length; i++) {
    const from = i * side;
    const to = from + side;
    first[i] = Math.floor(from / length);
    for (let bin = first[i] ?? 0; bin * length < to; bin++) {
      weights.push(Math.min(to, (bin + 1) * length) - Math.max(from, bin * length));
    }
    start[i + 1] = weights.length;
  }
  return { first, start, weights: Uint32Array.from(weights) };
}

/** Pixels [rows][columns][stride] whose upper left one lies at (x, y) of the rectangle. */
export interface Block {
  data: Uint8Array | Uint8ClampedArray;
  x: number;
  y: number;
  columns: number;
  rows: number;
  /** Bytes from one pixel to the next, at least `channels`: 4 for RGBA read as colour. */
  stride: number;
}

export class AreaAverage {
  private readonly xs: Axis;
  private readonly ys: Axis;
  private readonly border: number;
  /** Of the pixels less the border: [side][side][channels], times width * height. */
  private readonly sums: Float64Array;
  /** Of one row of a block: at most 255 * width each. */
  private readonly row: Int32Array;

  constructor(private readonly shape: AreaShape) {
    const { width, height, side, channels, border = 0 } = shape;
    this.xs = axisOf(width, side);
    this.ys = width === height ? this.xs : axisOf(height, side);
    this.border = border;
    this.sums = new Float64Array(side * side * channels);
    this.row = new Int32Array(side * channels);
  }

  /** Every pixel must be brought once, or never where the border is to show. */
  add(block: Block): void {
    const { channels } = this.shape;
    for (let r = 0; r < block.rows; r++) {
      this.row.fill(0);
      const at = r * block.columns * block.stride;
      if (channels === 1) this.sumGrey(block, at);
      else this.sumColour(block, at);
      this.spread(block, block.y + r);
    }
  }

  private sumGrey({ data, x, columns, stride }: Block, from: number): void {
    const { row, border } = this;
    const { first, start, weights } = this.xs;
    let at = from;
    let t = start[x] ?? 0;
    for (let i = x; i < x + columns; i++, at += stride) {
      const value = (data[at] ?? 0) - border;
      const end = start[i + 1] ?? 0;
      for (let bin = first[i] ?? 0; t < end; t++, bin++) {
        row[bin] = (row[bin] ?? 0) + (weights[t] ?? 0) * value;
      }
    }
  }

  private sumColour({ data, x, columns, stride }: Block, from: number): void {
    const { row, border } = this;
    const { first, start, weights } = this.xs;
    let at = from;
    let t = start[x] ?? 0;
    for (let i = x; i < x + columns; i++, at += stride) {
      const r = (data[at] ?? 0) - border;
      const g = (data[at + 1] ?? 0) - border;
      const b = (data[at + 2] ?? 0) - border;
      const end = start[i + 1] ?? 0;
      for (let bin = 3 * (first[i] ?? 0); t < end; t++, bin += 3) {
        const weight = weights[t] ?? 0;
        row[bin] = (row[bin] ?? 0) + weight * r;
        row[bin + 1] = (row[bin + 1] ?? 0) + weight * g;
        row[bin + 2] = (row[bin + 2] ?? 0) + weight * b;
      }
    }
  }

  /** Adds the row's sums to the bins that row y of the rectangle touches. */
  private spread({ x, columns }: Block, y: number): void {
    const { row, sums, xs, ys } = this;
    const { channels } = this.shape;
    const low = (xs.first[x] ?? 0) * channels;
    const last = x + columns - 1;
    const bins = (xs.start[last + 1] ?? 0) - (xs.start[last] ?? 0);
    const high = ((xs.first[last] ?? 0) + bins) * channels;
    let bin = ys.first[y] ?? 0;
    for (let t = ys.start[y] ?? 0; t < (ys.start[y + 1] ?? 0); t++, bin++) {
      const weight = ys.weights[t] ?? 0;
      const at = bin * row.length;
      for (let i = low; i < high; i++) {
        sums[at + i] = (sums[at + i] ?? 0) + weight * (row[i] ?? 0);
      }
    }
  }

  /** [side][side][channels], rounded half up. */
  finish(): Uint8Array {
    const area = this.shape.width * this.shape.height;
    const { sums, border } = this;
    const result = new Uint8Array(sums.length);
    // Not Uint8Array.from: its callback takes ten times as long, which a reader of thousands feels.
    for (let i = 0; i < sums.length; i++)
      result[i] = Math.floor((sums[i] ?? 0) / area + border + 0.5);
    return result;
  }
}

/** A square picture [side][side][channels] at another side. */
export function averageSquare(
  data: Uint8Array,
  side: number,
  outSide: number,
  channels: Channels,
): Uint8Array {
  const shape = { width: side, height: side, side: outSide, channels };
  const average = new AreaAverage(shape);
  average.add({ data, x: 0, y: 0, columns: side, rows: side, stride: channels });
  return average.finish();
}
