// Format and size from a file's first bytes: every format by hand, and what must not be believed.
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../web/data/picture_header';
import { bytesOf, fixture } from './files';

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const u16le = (v: number): number[] => [v & 255, v >> 8];
const u16be = (v: number): number[] => [v >> 8, v & 255];
const u32be = (v: number): number[] => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255];
const u32le = (v: number): number[] => u32be(v).reverse();
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

function png(width: number, height: number): Uint8Array {
  return bytesOf(PNG, u32be(13), 'IHDR', u32be(width), u32be(height), [8, 2, 0, 0, 0]);
}
const segment = (marker: number, content: number[]): number[] => [
  0xff,
  marker,
  ...u16be(content.length + 2),
  ...content,
];
const frame = (marker: number, width: number, height: number): number[] =>
  segment(marker, [8, ...u16be(height), ...u16be(width), 3, ...zeros(9)]);
const jpeg = (...parts: number[][]): Uint8Array => bytesOf([0xff, 0xd8], ...parts);
const riff = (chunk: string, ...content: number[][]): Uint8Array =>
  bytesOf('RIFF', zeros(4), 'WEBP', chunk, zeros(4), ...content, zeros(10));
function bmp(header: number, ...sides: number[][]): Uint8Array {
  return bytesOf('BM', zeros(4), zeros(4), zeros(4), u32le(header), ...sides, zeros(20));
}
const join = (...parts: ArrayLike<number>[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)));
const chunk = (name: string, content: number[]): Uint8Array =>
  bytesOf(u32be(content.length), name, content, zeros(4));
const late = join(chunk('IDAT', zeros(9)), chunk('acTL', u32be(2)));
const GIF_FRAME = [0x2c, ...zeros(4), 9, 0, 9, 0, 0, 2, 2, 0x4c, 1, 0];
const GIF_COLOURS = [0x2c, ...zeros(4), 9, 0, 9, 0, 0x80, ...zeros(6), 2, 2, 0x4c, 1, 0];
function gif(flags: number, ...blocks: number[][]): Uint8Array {
  const colours = flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
  return bytesOf('GIF89a', [9, 0, 9, 0, flags, 0, 0], zeros(colours), ...blocks);
}
const vp8l = (width: number, height: number): number[] =>
  u32le(((width - 1) | ((height - 1) << 14)) >>> 0);

describe('readHeader', () => {
  const sizes: [string, Uint8Array, string, number, number][] = [
    ['PNG', png(640, 480), 'PNG', 640, 480],
    ['GIF87a', bytesOf('GIF87a', u16le(300), u16le(200)), 'GIF', 300, 200],
    ['GIF89a', bytesOf('GIF89a', u16le(65535), u16le(1)), 'GIF', 65535, 1],
    ['BMP', bmp(40, u32le(17), u32le(5)), 'BMP', 17, 5],
    ['BMP from the top down', bmp(124, u32le(17), u32le(-5)), 'BMP', 17, 5],
    ['OS/2 BMP', bmp(12, u16le(17), u16le(5)), 'BMP', 17, 5],
    ['JPEG', jpeg(frame(0xc0, 640, 480)), 'JPEG', 640, 480],
    ['progressive JPEG', jpeg(frame(0xc2, 640, 480)), 'JPEG', 640, 480],
    [
      'JPEG behind metadata, tables and fill bytes',
      jpeg(segment(0xe1, zeros(500)), segment(0xc4, zeros(20)), [0xff], frame(0xc1, 9, 7)),
      'JPEG',
      9,
      7,
    ],
    [
      'JPEG with a thumbnail in its metadata',
      jpeg(segment(0xe1, [0xff, 0xd8, ...frame(0xc0, 160, 120)]), frame(0xc0, 4000, 3000)),
      'JPEG',
      4000,
      3000,
    ],
    [
      'lossy WebP',
      riff('VP8 ', zeros(3), [0x9d, 1, 0x2a], u16le(0x4000 | 550), u16le(368)),
      'WebP',
      550,
      368,
    ],
    ['lossless WebP', riff('VP8L', [0x2f], vp8l(16384, 2)), 'WebP', 16384, 2],
    ['extended WebP', riff('VP8X', zeros(4), [0xff, 0xff, 0], [0, 0, 1]), 'WebP', 65536, 65537],
    ['the control PNG', fixture('ok_32x32.png'), 'PNG', 32, 32],
    ['the turned JPEG as stored', fixture('exif_6.jpg'), 'JPEG', 16, 24],
    ['four-channel JPEG', fixture('cmyk.jpg'), 'JPEG', 16, 16],
    ['a claim of 4 gigapixels', fixture('header_only_65535x65535.png'), 'PNG', 65535, 65535],
  ];
  it.each(sizes)('reads %s', (_, bytes, format, width, height) => {
    expect(readHeader(bytes)).toEqual({ kind: 'picture', format, width, height, frames: 1 });
  });

  const moving: [string, Uint8Array, number][] = [
    ['APNG', join(png(9, 9), u32be(0), chunk('acTL', [...u32be(30), ...zeros(4)])), 30],
    [
      'APNG that counts behind other chunks',
      join(png(9, 9), u32be(0), chunk('gAMA', zeros(4)), chunk('acTL', u32be(2))),
      2,
    ],
    ['a PNG that counts behind its pixels', join(png(9, 9), u32be(0), late), 1],
    ['APNG of no frame', join(png(9, 9), u32be(0), chunk('acTL', zeros(8))), 1],
    ['GIF of three frames', gif(0x80, GIF_FRAME, GIF_FRAME, GIF_FRAME), 3],
    ['GIF of one frame behind its comment', gif(0, [0x21, 0xfe, 2, 0x2c, 0x2c, 0], GIF_FRAME), 1],
    ['GIF with tables of colours of its own', gif(0x87, GIF_COLOURS, GIF_COLOURS), 2],
    ['GIF cut after its first frame', gif(0, GIF_FRAME, GIF_FRAME.slice(0, 9)), 1],
    ['GIF with rubbish behind its frame', gif(0, GIF_FRAME, [0x55, ...GIF_FRAME]), 1],
    ['WebP that moves', riff('VP8X', [2, 0, 0, 0], [8, 0, 0], [8, 0, 0]), 2],
    ['WebP with metadata that does not', riff('VP8X', [0x2c, 0, 0, 0], [8, 0, 0], [8, 0, 0]), 1],
  ];
  it.each(moving)('counts frames: %s', (_, bytes, frames) => {
    expect(readHeader(bytes)).toMatchObject({ kind: 'picture', width: 9, height: 9, frames });
  });

  it('counts nothing twice and stops where a chunk says that it is endless', () => {
    const endless = join(png(9, 9), u32be(0), u32be(0xffffffff), bytesOf('acTX'), zeros(64));
    expect(readHeader(endless)).toMatchObject({ frames: 1 });
  });

  it('reads from the middle of a larger buffer', () => {
    const file = png(3, 4);
    const larger = new Uint8Array(file.length + 9);
    larger.set(file, 6);
    expect(readHeader(larger.subarray(6, 6 + file.length))).toMatchObject({ width: 3, height: 4 });
  });

  const noSize: [string, Uint8Array][] = [
    ['a PNG without width', png(0, 5)],
    ['a PNG whose first chunk is another', bytesOf(PNG, u32be(13), 'tEXt', zeros(13))],
    ['a PNG whose IHDR has another length', bytesOf(PNG, u32be(14), 'IHDR', zeros(14))],
    ['a JPEG that starts its scan first', jpeg(segment(0xda, zeros(10)), frame(0xc0, 2, 2))],
    ['a JPEG that ends first', jpeg([0xff, 0xd9, 0, 0])],
    ['a JPEG that lost its way', jpeg(segment(0xe0, zeros(4)), [1, 2, 3, 4])],
    ['a JPEG with a segment of length 0', jpeg([0xff, 0xe0, 0, 0])],
    ['a JPEG that tells its height later', jpeg(frame(0xc0, 640, 0))],
    ['a BMP with a negative width', bmp(40, u32le(-17), u32le(5))],
    ['a BMP with an unknown header', bmp(39, u32le(17), u32le(5))],
    ['a WebP without its start code', riff('VP8 ', zeros(16))],
    ['a WebP of an unknown kind', riff('VP9 ', zeros(16))],
  ];
  it.each(noSize)('finds no size in %s', (_, bytes) => {
    expect(readHeader(bytes).kind).toBe('no-size');
  });

  it('asks for more when metadata fill what it was given', () => {
    const long = jpeg(
      segment(0xe1, zeros(60_000)),
      segment(0xe2, zeros(60_000)),
      frame(0xc0, 5, 6),
    );
    expect(readHeader(long.subarray(0, 65536))).toEqual({ kind: 'more', format: 'JPEG' });
    expect(readHeader(long)).toMatchObject({ width: 5, height: 6 });
  });

  it('survives every cut of every format', () => {
    for (const [, bytes] of sizes) {
      for (let length = 0; length < Math.min(bytes.length, 700); length++) {
        expect(readHeader(bytes.subarray(0, length))).toBeDefined();
      }
    }
  });

  const others: [string, Uint8Array, object][] = [
    ['an empty file', fixture('empty.png'), { kind: 'unknown' }],
    ['text named as a picture', fixture('png_named_text.png'), { kind: 'unknown' }],
    ['text that starts with BM', bytesOf('BMW is a car, not a picture'), { kind: 'unknown' }],
    ['SVG', fixture('script.svg'), { kind: 'svg' }],
    ['SVG behind a prologue', bytesOf('\n<?xml version="1.0"?><!-- -->\n<svg >'), { kind: 'svg' }],
    [
      'SVG behind a byte order mark',
      bytesOf([0xef, 0xbb, 0xbf], '<svg/>'.replace('/', ' ')),
      { kind: 'svg' },
    ],
    ['a web page', bytesOf('<!doctype html><p>svg</p>'), { kind: 'unknown' }],
    ['a zip', fixture('ok.zip'), { kind: 'zip' }],
    ['an empty zip', bytesOf('PK', [5, 6], zeros(18)), { kind: 'zip' }],
    ['HEIC', bytesOf(zeros(4), 'ftypheic', zeros(8)), { kind: 'heic' }],
    ['AVIF', bytesOf(zeros(4), 'ftypavif', zeros(8)), { kind: 'other-format', format: 'AVIF' }],
    ['video', bytesOf(zeros(4), 'ftypisom', zeros(8)), { kind: 'unknown' }],
    ['TIFF', bytesOf('II*', [0], zeros(8)), { kind: 'other-format', format: 'TIFF' }],
    ['PDF', bytesOf('%PDF-1.7'), { kind: 'other-format', format: 'PDF' }],
  ];
  it.each(others)('tells %s from a picture', (_, bytes, expected) => {
    expect(readHeader(bytes)).toEqual(expected);
  });
});
