// Pictures that are nothing but pixels: what goes in comes out, and nothing else does.
import { describe, expect, it } from 'vitest';
import { RAW_TYPE, readRaw, toRaw } from '../../web/data/raw_picture';
import { DataError } from '../../web/data/source';

const PIXELS = Uint8Array.from({ length: 300 * 2 * 3 }, (_, i) => i & 255);

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}

describe('toRaw and readRaw', () => {
  it.each([
    [300, 2, 3],
    [2, 300, 3],
    [30, 60, 1],
  ] as const)('give back %i x %i pixels of %i channels', async (width, height, channels) => {
    const raw = toRaw(width, height, channels, PIXELS);
    expect(raw.type).toBe(RAW_TYPE);
    expect(await readRaw(raw)).toEqual({ width, height, channels, pixels: PIXELS });
  });

  it('take a copy, so that the caller may go on drawing', async () => {
    const pixels = Uint8Array.of(1, 2, 3, 4);
    const raw = toRaw(2, 2, 1, pixels);
    pixels.fill(9);
    expect((await readRaw(raw)).pixels).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it.each([
    ['a wrong length', 2, 2, 5],
    ['no width', 0, 2, 0],
    ['a broken width', 1.5, 2, 3],
    ['a side above the limit', 4097, 1, 4097],
  ])('refuse to make %s', (_, width, height, length) => {
    expect(() => toRaw(width, height, 1, new Uint8Array(length))).toThrow(RangeError);
  });

  it.each<[string, (bytes: Uint8Array<ArrayBuffer>) => BlobPart]>([
    ['nothing', () => new Uint8Array(0)],
    ['a header cut short', (bytes) => bytes.slice(0, 7)],
    ['a header alone', (bytes) => bytes.slice(0, 8)],
    ['one byte less', (bytes) => bytes.slice(0, -1)],
    ['one byte more', (bytes) => Uint8Array.of(...bytes, 0)],
    ['another magic', (bytes) => bytes.with(2, 0x32)],
    ['two channels', (bytes) => bytes.with(3, 2)],
    ['width 0', (bytes) => bytes.with(4, 0)],
    ['a width that is not there', (bytes) => bytes.with(5, 0xff)],
    ['a height that is not there', (bytes) => bytes.with(7, 0x0f)],
  ])('refuse %s', async (_, change) => {
    const bytes = await bytesOf(toRaw(2, 3, 1, Uint8Array.of(1, 2, 3, 4, 5, 6)));
    const blob = new Blob([change(bytes)], { type: RAW_TYPE });
    await expect(readRaw(blob)).rejects.toBeInstanceOf(DataError);
  });

  it('do not read a file that is too large to be one', async () => {
    const huge = { size: 1e9, arrayBuffer: () => Promise.reject(new Error('was read')) };
    await expect(readRaw(huge as unknown as Blob)).rejects.toBeInstanceOf(DataError);
  });
});
