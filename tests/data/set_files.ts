// The packed sets as plain arrays, unpacked a second way, and their sources where those are at hand.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SHARED = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

export interface Idx {
  dims: number[];
  values: Uint8Array;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes of a file, gunzipped where it is gzip. */
export function unpacked(path: string): Buffer {
  const bytes = readFileSync(path);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

export function readIdxFile(path: string): Idx {
  const bytes = unpacked(path);
  const rank = bytes[3] ?? 0;
  const dims = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  return { dims, values: bytes.subarray(4 + 4 * rank) };
}

/** Item i along the first dimension. */
export function itemOf({ dims, values }: Idx, i: number): Uint8Array {
  const size = dims.slice(1).reduce((all, dim) => all * dim, 1);
  return values.subarray(i * size, (i + 1) * size);
}

/** Whether ../shared/data is there; says what is not compared otherwise. */
export function sharedPresent(what: string): boolean {
  const present = existsSync(SHARED);
  if (!present) console.warn(`SKIPPED: ${what}. ${SHARED} is not here; hashes stand in for it.`);
  return present;
}

/** 4 bits a pixel, as glyphs are stored, the left of two in the high half; from 8. */
export function toNibbles(pixels: Uint8Array): Uint8Array {
  const packed = new Uint8Array(pixels.length / 2);
  const level = (at: number): number => Math.round((pixels[at] ?? 0) / 17);
  for (let i = 0; i < packed.length; i++) packed[i] = 16 * level(2 * i) + level(2 * i + 1);
  return packed;
}
