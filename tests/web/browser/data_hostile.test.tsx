// Odd and damaged pictures in a real decoder: eight EXIF orientations, palettes, 16 bits, moving
// pictures, and files with random damage, which may be refused but must not hang or crash.
import { zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../../web/data/decode';
import type { Reference } from '../../../web/data/own_types';
import { createPace } from '../../../web/data/pace';
import { readHeader } from '../../../web/data/picture_header';
import { encode, fixture } from './data_files';

type Colour = [number, number, number];
const RED: Colour = [255, 0, 0];
const GREEN: Colour = [0, 255, 0];
const BLUE: Colour = [0, 0, 255];
const WHITE: Colour = [255, 255, 255];
const SIDE = 32;

const decode = (file: Blob): Promise<Reference> => decodePicture(file, createPace());
const bytesOf = async (file: Blob): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await file.arrayBuffer());

/** The colour a quarter into the picture, each way. */
function quarter({ side, channels, pixels }: Reference, right: boolean, low: boolean): Colour {
  const place = (far: boolean): number => Math.floor(side * (far ? 0.75 : 0.25));
  const at = (place(low) * side + place(right)) * channels;
  return [0, 1, 2].map((c) => pixels[at + (channels === 3 ? c : 0)] ?? -1) as Colour;
}

function expectColour(found: Colour, wanted: Colour, tolerance: number): void {
  found.forEach((value, c) => {
    expect(Math.abs(value - (wanted[c] ?? 0)), `${found} is ${wanted}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
}

/** Red, green over blue, white. */
function expectUpright(reference: Reference, tolerance: number): void {
  expectColour(quarter(reference, false, false), RED, tolerance);
  expectColour(quarter(reference, true, false), GREEN, tolerance);
  expectColour(quarter(reference, false, true), BLUE, tolerance);
  expectColour(quarter(reference, true, true), WHITE, tolerance);
}

/**
 * Where a stored pixel (x, y) of a SIDE x SIDE picture is shown, by EXIF 2.32 table 6: which side
 * of the picture the stored row 0 and column 0 are.
 */
const SHOWN: ((x: number, y: number) => [number, number])[] = [
  (x, y) => [x, y],
  (x, y) => [SIDE - 1 - x, y],
  (x, y) => [SIDE - 1 - x, SIDE - 1 - y],
  (x, y) => [x, SIDE - 1 - y],
  (x, y) => [y, x],
  (x, y) => [SIDE - 1 - y, x],
  (x, y) => [SIDE - 1 - y, SIDE - 1 - x],
  (x, y) => [y, SIDE - 1 - x],
];

async function oriented(orientation: number): Promise<Blob> {
  const shown = SHOWN[orientation - 1];
  if (!shown) throw new Error('1 to 8');
  const jpeg = await bytesOf(
    await encode('image/jpeg', SIDE, SIDE, (x, y) => {
      const [right, down] = shown(x, y).map((v) => v >= SIDE / 2);
      const colour = down ? (right ? WHITE : BLUE) : right ? GREEN : RED;
      return [...colour, 255];
    }),
  );
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation];
  const exif = [...new TextEncoder().encode('Exif'), 0, 0, ...tiff, 0, 0, 0, 0, 0, 0];
  const segment = Uint8Array.from([0xff, 0xe1, 0, exif.length + 2, ...exif]);
  return new Blob([jpeg.slice(0, 2), segment, jpeg.slice(2)], { type: 'image/jpeg' });
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

const u32 = (v: number): number[] => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255];

function chunk(name: string, content: ArrayLike<number>): number[] {
  const body = [...new TextEncoder().encode(name), ...Array.from(content)];
  let c = 0xffffffff;
  for (const byte of body) c = (TABLE[(c ^ byte) & 255] ?? 0) ^ (c >>> 8);
  return [...u32(body.length - 4), ...body, ...u32(~c >>> 0)];
}

/** 4 x 4 pixels from lines of bytes; `before` are chunks between header and pixels. */
function png(bits: number, type: number, lines: number[][], ...before: number[][]): Blob {
  const header = [...u32(4), ...u32(4), bits, type, 0, 0, 0];
  const data = zlibSync(Uint8Array.from(lines.flatMap((line) => [0, ...line])));
  const parts = [chunk('IHDR', header), ...before, chunk('IDAT', data), chunk('IEND', [])];
  return new Blob([Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...parts.flat()])]);
}

/** Quarters as rows of four entries. */
const quarters = <T,>(a: T, b: T, c: T, d: T): T[][] => [
  [a, a, b, b],
  [a, a, b, b],
  [c, c, d, d],
  [c, c, d, d],
];
const deep = (colour: Colour): number[] => colour.flatMap((v) => [v, v]);

describe('odd pictures', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('with EXIF orientation %i are shown upright', async (n) => {
    expectUpright(await decode(await oriented(n)), 60);
  });

  it('with a palette have its colours, and white where it is see-through', async () => {
    const palette = chunk('PLTE', [...RED, ...GREEN, ...BLUE, 9, 9, 9]);
    const clear = chunk('tRNS', [255, 255, 255, 0]);
    expectUpright(await decode(png(8, 3, quarters(0, 1, 2, 3), palette, clear)), 0);
    const two = [0b00000101, 0b00000101, 0b10101111, 0b10101111].map((byte) => [byte]);
    expectUpright(await decode(png(2, 3, two, palette, clear)), 0);
  });

  it('with 16 bits a channel, with and without alpha', async () => {
    const rows = quarters(deep(RED), deep(GREEN), deep(BLUE), deep(WHITE));
    expectUpright(
      await decode(
        png(
          16,
          2,
          rows.map((row) => row.flat()),
        ),
      ),
      0,
    );
    const solid = (colour: Colour): number[] => [...deep(colour), 255, 255];
    const clear = [9, 9, 9, 9, 9, 9, 0, 0];
    const alpha = quarters(solid(RED), solid(GREEN), solid(BLUE), clear);
    expectUpright(
      await decode(
        png(
          16,
          6,
          alpha.map((row) => row.flat()),
        ),
      ),
      0,
    );
  });

  it('that move are taken by their first frame', async () => {
    const frame = (n: number, ...rest: number[]): number[] =>
      chunk('fcTL', [...u32(n), ...u32(4), ...u32(4), ...u32(0), ...u32(0), 0, 1, 0, 10, ...rest]);
    const line = quarters(RED, GREEN, BLUE, WHITE).map((row) => row.flat());
    const later = zlibSync(new Uint8Array(4 * 13));
    const still = new Uint8Array(
      await bytesOf(png(8, 2, line, chunk('acTL', [...u32(2), ...u32(0)]), frame(0, 0, 0))),
    );
    const end = still.length - 12;
    const second = [...frame(1, 0, 0), ...chunk('fdAT', [...u32(2), ...later])];
    const moving = new Blob([still.slice(0, end), Uint8Array.from(second), still.slice(end)]);
    expect(readHeader(await bytesOf(moving))).toMatchObject({ kind: 'picture', frames: 2 });
    expectUpright(await decode(moving), 0);
  });
});

/** A whole picture, or the refusal of one. */
async function expectPictureOrRefusal(file: Blob): Promise<boolean> {
  let reference: Reference;
  try {
    reference = await decode(file);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return false;
  }
  const { side, channels, pixels } = reference;
  expect(side).toBeGreaterThan(0);
  expect(side).toBeLessThanOrEqual(256);
  expect(pixels).toHaveLength(side * side * channels);
  return true;
}

describe('damaged pictures', () => {
  it('are refused or shown as far as they go', async () => {
    const noise = (x: number, y: number): [number, number, number, number] => [
      (x * 37) & 255,
      (y * 91) & 255,
      (x * y) & 255,
      255,
    ];
    const seeds = await Promise.all([
      encode('image/png', 40, 30, noise),
      encode('image/jpeg', 40, 30, noise),
      encode('image/webp', 40, 30, noise),
      fixture('exif_6.jpg'),
      fixture('cmyk.jpg'),
      fixture('grey16.png'),
    ]);
    let state = 1;
    const below = (count: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * count);
    };
    const outcomes: boolean[] = [];
    for (let i = 0; i < 60; i++) {
      const bytes = await bytesOf(seeds[i % seeds.length] ?? new Blob());
      for (let left = 1 + below(4); left > 0; left--) bytes[below(bytes.length)] = below(256);
      const kept = below(3) === 0 ? bytes.slice(0, below(bytes.length)) : bytes;
      // What the page would refuse by its header never comes to the decoder.
      const header = readHeader(kept);
      if (header.kind !== 'picture' || header.width * header.height > 1e6) continue;
      outcomes.push(await expectPictureOrRefusal(new Blob([kept])));
    }
    expect(new Set(outcomes)).toEqual(new Set([true, false]));
  });
});
