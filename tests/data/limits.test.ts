// Every limit with its number: the last that is taken, and the first that is not.
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { collect } from '../../web/data/collect';
import { filesOfInput } from '../../web/data/drop';
import { limits } from '../../web/data/limits';
import { classesOf, problemOf } from '../../web/data/own';
import type { FoundFile, OwnPicture, Reference } from '../../web/data/own_types';
import { shortName } from '../../web/data/paths';
import { listZip, type ZipProblem } from '../../web/data/zip';
import { bytesOf, fixture } from './files';

const MIB = 1024 * 1024;

/** 64 megapixels a file, 10,000 pictures; zip: 256 MB unpacked, 5,000 entries, 200 to 1. */
const NUMBERS = {
  pictures: 10_000,
  files: 20_000,
  folderDepth: 12,
  fileBytes: 64 * MIB,
  pixels: 64_000_000,
  sideRatio: 200,
  headerBytes: MIB,
  zipBytes: 256 * MIB,
  zipEntries: 5_000,
  zipDirectoryBytes: 16 * MIB,
  zipUnpackedBytes: 256 * MIB,
  zipRatio: 200,
  zipRatioFreeBytes: 4 * MIB,
  zipPushBytes: 16 * 1024,
  zipLeastPushBytes: 1536,
  minClasses: 2,
  maxClasses: 255,
  minPerClass: 2,
  nameLength: 60,
  resizeSide: 4096,
  cacheBytes: 256 * MIB,
  setBytes: 64 * MIB,
  preparedBytes: 512 * MIB,
};

it('the limits are these', () => {
  expect(limits).toEqual(NUMBERS);
});

const u32 = (v: number): number[] => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255];

/** A PNG's header and nothing behind it. */
function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  const start = [0x89, ...'PNG\r\n\x1a\n'].map((c) =>
    typeof c === 'string' ? c.charCodeAt(0) : c,
  );
  const header = bytesOf(start, u32(13), 'IHDR', u32(width), u32(height), [8, 2, 0, 0, 0]);
  return new Uint8Array(header);
}

/** A JPEG whose size stands behind this much metadata. */
function jpeg(metadata: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(metadata + 13);
  bytes.set([0xff, 0xd8]);
  let at = 2;
  while (at < metadata) {
    const length = Math.min(65_000, metadata - at);
    bytes.set([0xff, 0xe1, (length - 2) >> 8, (length - 2) & 255], at);
    at += length;
  }
  bytes.set([0xff, 0xc0, 0, 17, 8, 0, 9, 0, 9], at);
  return bytes;
}

/** What the page says of one file before anything decodes it; null = it is taken. */
async function reasonFor(file: Blob, already = 0): Promise<string | null> {
  const decode = async (): Promise<Reference> => {
    return { side: 1, channels: 1, pixels: new Uint8Array(1) };
  };
  const found: FoundFile[] = [{ path: 'a/1.png', file }];
  const { signal } = new AbortController();
  const { skipped } = await collect(found, { decode, keep: () => undefined, already, signal });
  return skipped[0]?.reason.kind ?? null;
}

describe('a picture', () => {
  const headers: [string, Uint8Array<ArrayBuffer>, string | null][] = [
    ['64 megapixels', png(8000, 8000), null],
    ['one row more', png(8000, 8001), 'too-many-pixels'],
    ['65,535 x 65,535', png(65_535, 65_535), 'too-many-pixels'],
    ['2^31 x 1', png(2 ** 31, 1), 'too-many-pixels'],
    ['1 x 2^32 - 1', png(1, 2 ** 32 - 1), 'too-many-pixels'],
    ['2^32 - 1 both ways', png(2 ** 32 - 1, 2 ** 32 - 1), 'too-many-pixels'],
    ['0 x 5', png(0, 5), 'no-size'],
    ['200 to 1', png(2000, 10), null],
    ['201 to 1', png(2010, 10), 'too-thin'],
    ['1 to 201', png(10, 2010), 'too-thin'],
    ['metadata of nearly 1 MiB', jpeg(MIB - 13), null],
    ['metadata of 1 MiB', jpeg(MIB), 'no-size'],
  ];
  it.each(headers)('of %s', async (_, bytes, reason) => {
    expect(await reasonFor(new Blob([bytes]))).toBe(reason);
  });

  it('of 64 MiB, and one byte more', async () => {
    const header = png(9, 9);
    const rest = new Uint8Array(64 * MIB - header.length);
    expect(await reasonFor(new Blob([header, rest]))).toBeNull();
    expect(await reasonFor(new Blob([header, rest, Uint8Array.of(0)]))).toBe('too-many-bytes');
  });

  it('that is the 10,000th, and the next', async () => {
    expect(await reasonFor(new Blob([png(9, 9)]), 9_999)).toBeNull();
    expect(await reasonFor(new Blob([png(9, 9)]), 10_000)).toBe('too-many-pictures');
  });
});

it('20,000 files are looked at', () => {
  const file = new File([], 'a.png');
  const { found, skipped } = filesOfInput(Array.from({ length: 20_001 }, () => file));
  expect(found).toHaveLength(20_000);
  expect(skipped).toEqual([{ path: 'a.png', reason: { kind: 'too-many-files', limit: 20_000 } }]);
});

it('5,000 files in a zip are listed', async () => {
  const OK = fixture('ok_32x32.png');
  const many = (count: number): Blob => {
    const files = Array.from({ length: count }, (_, i) => [`${i}.png`, OK]);
    return new Blob([new Uint8Array(zipSync(Object.fromEntries(files), { level: 0 }))]);
  };
  expect(await listZip(many(5_000))).toHaveLength(5_000);
  const error = await listZip(many(5_001)).catch((e: unknown) => e);
  expect((error as ZipProblem).reason).toEqual({ kind: 'zip-too-many', limit: 5_000 });
});

it('2 to 255 kinds of 2 pictures work', () => {
  const of = (kinds: number, each: number): OwnPicture[] =>
    Array.from({ length: kinds * each }, (_, i) => {
      return { path: `${i}`, className: `${i % kinds}`, file: new Blob() };
    });
  const problems = [of(1, 2), of(2, 1), of(2, 2), of(255, 2), of(256, 2)].map(
    (pictures) => problemOf(classesOf(pictures)) !== null,
  );
  expect(problems).toEqual([true, true, false, false, true]);
});

it('60 characters of a name are kept, counted as they are read', () => {
  expect(shortName('🐕'.repeat(60))).toBe('🐕'.repeat(60));
  expect(shortName('🐕'.repeat(61))).toBe(`${'🐕'.repeat(59)}…`);
});
