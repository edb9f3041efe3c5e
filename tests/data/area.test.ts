// The page's own exact area average: the core's definition to the bit, for blocks in any order, for
// rectangles, enlargement and borders.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Core, compileCore, instantiateCore } from '../../wasm_glue/core';
import { AreaAverage, averageSquare } from '../../web/data/area';
import type { Channels } from '../../web/data/source';

let core: Core;
beforeAll(async () => {
  const bytes = readFileSync(new URL('../../build/wasm/core.wasm', import.meta.url));
  core = instantiateCore(await compileCore(new Uint8Array(bytes)));
});

/** Fixed noise; every third picture nearly white, where sums are largest. */
function noise(count: number, seed: number): Uint8Array {
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const value = Math.imul(i + 7919 * seed, 0x9e3779b1) >>> 24;
    values[i] = seed % 3 === 0 ? 255 - (value >> 6) : value;
  }
  return values;
}

/** Every input pixel as side x side cells and every output pixel the mean of its cells. */
function plainly(pixels: Uint8Array, width: number, height: number, side: number): number[] {
  const output = new Array<number>(side * side).fill(0);
  for (let y = 0; y < height * side; y++) {
    for (let x = 0; x < width * side; x++) {
      const value = pixels[Math.floor(y / side) * width + Math.floor(x / side)] ?? 0;
      const at = Math.floor(y / height) * side + Math.floor(x / width);
      output[at] = (output[at] ?? 0) + value;
    }
  }
  return output.map((sum) => Math.floor((2 * sum + width * height) / (2 * width * height)));
}

describe('averageSquare', () => {
  it.each<[number, number, Channels]>([
    [1, 1, 1],
    [1, 5, 3],
    [7, 7, 3],
    [28, 56, 1],
    [256, 48, 3],
    [257, 256, 3],
    [511, 256, 1],
    [512, 256, 3],
    [700, 256, 1],
    [1023, 8, 1],
  ])('%i to %i in %i channels is the core’s, bit for bit', (side, outSide, channels) => {
    for (const seed of [2, 3]) {
      const pixels = noise(side * side * channels, seed);
      const ours = averageSquare(pixels, side, outSide, channels);
      expect(Buffer.compare(ours, core.resize(pixels, side, outSide, channels))).toBe(0);
    }
  });
});

describe('AreaAverage', () => {
  it.each([
    [6, 4, 3],
    [5, 9, 4],
    [11, 3, 7],
    [3, 2, 5],
  ])('%i x %i to %i is the mean of the cells', (width, height, side) => {
    for (const seed of [1, 2, 3]) {
      const pixels = noise(width * height, seed);
      const average = new AreaAverage({ width, height, side, channels: 1 });
      average.add({ data: pixels, x: 0, y: 0, columns: width, rows: height, stride: 1 });
      expect([...average.finish()]).toEqual(plainly(pixels, width, height, side));
    }
  });

  it('gives the same for blocks of RGBA in any order', () => {
    const [width, height, side] = [37, 23, 8];
    const rgba = noise(width * height * 4, 1);
    const whole = new AreaAverage({ width, height, side, channels: 3 });
    whole.add({ data: rgba, x: 0, y: 0, columns: width, rows: height, stride: 4 });
    const parts = new AreaAverage({ width, height, side, channels: 3 });
    for (const [y, rows] of [
      [16, 7],
      [0, 9],
      [9, 7],
    ] as const) {
      for (const [x, columns] of [
        [20, 17],
        [0, 20],
      ] as const) {
        const data = new Uint8ClampedArray(rows * columns * 4);
        for (let r = 0; r < rows; r++) {
          const from = ((y + r) * width + x) * 4;
          data.set(rgba.subarray(from, from + 4 * columns), r * columns * 4);
        }
        parts.add({ data, x, y, columns, rows, stride: 4 });
      }
    }
    expect(parts.finish().join()).toBe(whole.finish().join());
  });

  it('fills what no block brings with the border', () => {
    // 2 x 4 in the middle of 4 x 4, to 2 x 2: each quarter is half border, half picture.
    const average = new AreaAverage({ width: 4, height: 4, side: 2, channels: 1, border: 128 });
    const data = Uint8Array.of(0, 255, 0, 255, 10, 20, 10, 21);
    average.add({ data, x: 1, y: 0, columns: 2, rows: 4, stride: 1 });
    expect([...average.finish()]).toEqual([64, 192, 69, 74]);
  });
});
