// Damaged files through every parser of bytes: each may refuse, in its own words, and nothing else.
// The seeds are tests/fuzz/corpus and the hostile fixtures; a file's damage follows from one number.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Core } from '../../wasm_glue/core';
import { CoreError } from '../../wasm_glue/core';
import { limits } from '../../web/data/limits';
import { createPace } from '../../web/data/pace';
import { gunzipInSlices } from '../../web/data/packed';
import { readHeader } from '../../web/data/picture_header';
import { readRaw } from '../../web/data/raw_picture';
import { DataError } from '../../web/data/source';
import { listZip, unpackEntry, ZipProblem } from '../../web/data/zip';

export type Bytes = Uint8Array<ArrayBuffer>;
type Random = () => number;

const FOLDERS = ['tests/fuzz/corpus', 'tests/fixtures/hostile'];
/** Where one number read wrongly becomes a crash. */
const EDGES = [0, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** Every seed by its path; `root` is the project's folder. */
export function seedFiles(root: string): Map<string, Bytes> {
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  );
  return new Map(paths.map((path) => [path, new Uint8Array(readFileSync(join(root, path)))]));
}

/** Numbers 0..2^32-1 in an order fixed by the seed (mulberry32). */
function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (x ^ (x >>> 14)) >>> 0;
  };
}

function splice(bytes: Bytes, at: number, remove: number, insert: Uint8Array): Bytes {
  const result = new Uint8Array(bytes.length - Math.min(remove, bytes.length - at) + insert.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(at + remove), at + insert.length);
  return result;
}

/** One piece of damage. */
function damage(bytes: Bytes, other: Bytes, random: Random): Bytes {
  const below = (count: number): number => (count > 0 ? random() % count : 0);
  const at = below(bytes.length);
  const some = 1 + below(32);
  const changed = bytes.slice();
  const edge = EDGES[below(EDGES.length)] ?? 0;
  switch (below(8)) {
    case 0:
      changed[at] = (changed[at] ?? 0) ^ (1 << below(8));
      return changed;
    case 1:
      changed[at] = random();
      return changed;
    case 2:
    case 3: {
      const wide = bytes.length >= at + 4;
      if (wide) new DataView(changed.buffer).setUint32(at, edge, random() % 2 === 0);
      return changed;
    }
    case 4:
      return bytes.slice(0, at);
    case 5:
      return splice(bytes, at, some, new Uint8Array(0));
    case 6:
      return splice(bytes, at, 0, bytes.subarray(below(bytes.length)).subarray(0, some));
    default:
      return splice(bytes, at, 0, other.subarray(below(other.length)).subarray(0, some));
  }
}

/** A seed with one to six pieces of damage. */
export function mutated(seeds: readonly Bytes[], number: number): Bytes {
  const random = randomOf(number);
  const pick = (): Bytes => seeds[random() % seeds.length] ?? new Uint8Array(0);
  let bytes = pick();
  for (let left = 1 + (random() % 6); left > 0; left--) bytes = damage(bytes, pick(), random);
  return bytes;
}

/** Everything that the page would do with these bytes short of decoding. */
export async function feed(core: Core, bytes: Bytes): Promise<void> {
  const file = new Blob([bytes]);
  await refusing(() => readHeader(bytes));
  await refusing(() => core.readIdx(bytes));
  await refusing(() => core.readCsv(bytes));
  await refusing(() => core.savedConfig(bytes));
  await refusing(() => readRaw(file));
  await refusing(() => gunzipInSlices(bytes, 'seed'));
  await refusing(() => unzip(file));
}

/** Throws too where more comes out than the limits allow. */
async function unzip(file: Blob): Promise<void> {
  const budget = { unpacked: 0 };
  for (const entry of await listZip(file)) {
    await refusing(() => unpackEntry(file, entry, budget, createPace()));
  }
  if (budget.unpacked > 1.5 * limits.zipUnpackedBytes) throw new Error('a bomb went off');
}

async function refusing(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    const known =
      error instanceof DataError ||
      error instanceof ZipProblem ||
      (error instanceof CoreError && error.code.startsWith('CNN_ERROR_'));
    if (!known) throw error;
  }
}
