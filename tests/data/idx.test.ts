// IDX files: what is read, and every way a header and a file can disagree.
import { describe, expect, it } from 'vitest';
import { indexByLabel, parseIdxImages, parseIdxLabels } from '../../web/data/idx';
import { DataError } from '../../web/data/source';
import { fixture } from './files';

/** Header with any magic and dimensions, then `values` bytes counting up. */
function idx(magic: number[], dimensions: number[], values: number): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + values);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  for (const [i, d] of dimensions.entries()) view.setUint32(4 + 4 * i, d, false);
  for (let i = 0; i < values; i++) bytes[4 + 4 * dimensions.length + i] = i;
  return bytes;
}

const IMAGES = [0, 0, 8, 3];
const LABELS = [0, 0, 8, 1];

describe('parseIdxImages', () => {
  it('reads count, side and pixels', () => {
    const images = parseIdxImages(idx(IMAGES, [3, 2, 2], 12), 'images');
    expect(images).toEqual({
      count: 3,
      side: 2,
      pixels: Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    });
  });

  it('reads from the middle of a larger buffer', () => {
    const file = idx(IMAGES, [1, 2, 2], 4);
    const larger = new Uint8Array(file.length + 7);
    larger.set(file, 5);
    expect(parseIdxImages(larger.subarray(5, 5 + file.length), 'x').pixels).toEqual(
      Uint8Array.from([0, 1, 2, 3]),
    );
  });

  it('reads the control file', () => {
    expect(parseIdxImages(fixture('ok.idx3'), 'ok')).toMatchObject({ count: 4, side: 8 });
  });

  const cases: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /shorter than its header/],
    ['three bytes', Uint8Array.of(0, 0, 8), /shorter than its header/],
    ['a cut header', idx(IMAGES, [3, 2, 2], 12).subarray(0, 15), /shorter than its header/],
    ['labels instead', idx(LABELS, [12], 12), /00 00 08 01 instead of 00 00 08 03/],
    ['float values', idx([0, 0, 0x0d, 3], [1, 2, 2], 16), /instead of/],
    ['a first byte that is not zero', idx([1, 0, 8, 3], [1, 2, 2], 4), /instead of/],
    ['no pictures', idx(IMAGES, [0, 2, 2], 0), /dimension 1 is zero/],
    ['no width', idx(IMAGES, [1, 2, 0], 0), /dimension 3 is zero/],
    ['one byte too few', idx(IMAGES, [3, 2, 2], 11), /asks for 28 bytes, the file has 27/],
    ['one byte too many', idx(IMAGES, [3, 2, 2], 13), /asks for 28 bytes, the file has 29/],
    ['oblong pictures', idx(IMAGES, [1, 2, 3], 6), /2 × 3 pixels are not square/],
    ['the short file', fixture('short.idx3'), /asks for 784016 bytes/],
    ['a product above 32 bits', fixture('overflow.idx3'), /asks for 17179869200 bytes/],
    ['a product of 0 modulo 2^32', idx(IMAGES, [65536, 65536, 1], 0), /asks for 4294967312 bytes/],
    // 65536 * 65536 * 2^32 is 0 modulo 2^64 and 2^64 as a double: both would hide the mismatch.
    ['a product above 64 bits', idx(IMAGES, [65536, 65536, 0xffffffff], 0), /asks for 184467440/],
  ];
  it.each(cases)('refuses %s', (_, bytes, message) => {
    expect(() => parseIdxImages(bytes, 'file')).toThrow(DataError);
    expect(() => parseIdxImages(bytes, 'file')).toThrow(message);
  });
});

describe('labels', () => {
  it('are read and indexed in file order', () => {
    const images = parseIdxImages(idx(IMAGES, [4, 1, 1], 4), 'images');
    const bytes = idx(LABELS, [4], 4);
    bytes.set([1, 0, 1, 0], 8);
    expect(indexByLabel(images, parseIdxLabels(bytes, 'labels'), 3)).toEqual([[1, 3], [0, 2], []]);
  });

  it('refuses another number of labels than pictures', () => {
    const images = parseIdxImages(idx(IMAGES, [4, 1, 1], 4), 'images');
    expect(() => indexByLabel(images, Uint8Array.of(0, 1, 0), 2)).toThrow(
      /4 pictures but 3 labels/,
    );
  });

  it('refuses a label that is no class', () => {
    const images = parseIdxImages(idx(IMAGES, [2, 1, 1], 2), 'images');
    expect(() => indexByLabel(images, Uint8Array.of(0, 2), 2)).toThrow(/label is 2/);
  });
});
