// The collection in the browser's own storage, only when its user asks. All files go in as one Blob
// with a list of what lies where: one write that happens whole or not at all, so that a full disk
// loses neither the pictures nor what was saved before. What comes out is checked like any file:
// pages opened from a disk share their storage in some browsers.

import { createStore, del, get, set, type UseStore } from 'idb-keyval';
import { keepText } from '../text/en-capture';
import { sizeOf } from './file_size';
import type { FoundFile, OwnPicture, Part } from './own_types';
import { DataError } from './source';

interface Entry {
  path: string;
  className: string;
  type: string;
  bytes: number;
  group?: string | undefined;
  part?: Part | undefined;
}

interface Stored {
  when: number;
  entries: Entry[];
  files: Blob;
}

export interface Kept {
  count: number;
  bytes: number;
  /** Milliseconds since 1970. */
  when: number;
}

const KEY = 'own-pictures';

let opened: UseStore | null = null;
/** Opened at first use, which throws in some browsers for a page from a disk. */
function store(): UseStore {
  opened ??= createStore('pixels-vs-labels', 'pictures');
  return opened;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const optional = (value: unknown): boolean => value === undefined || isText(value);

function isEntry(value: unknown): value is Entry {
  const { path, className, type, bytes, group, part } = Object(value) as Partial<Entry>;
  const parts = [undefined, 'train', 'test', 'validation'];
  const size = Number.isInteger(bytes) && Number(bytes) >= 0;
  return (
    isText(path) &&
    isText(className) &&
    isText(type) &&
    size &&
    optional(group) &&
    parts.includes(part)
  );
}

function isStored(value: unknown): value is Stored {
  const { when, entries, files } = Object(value) as Partial<Stored>;
  if (!Number.isFinite(when) || !(files instanceof Blob) || !Array.isArray(entries)) return false;
  if (!entries.every(isEntry)) return false;
  return entries.reduce((sum, { bytes }) => sum + bytes, 0) === files.size;
}

/** Runs one access to the storage; its failures become sentences. */
async function access<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const full = error instanceof DOMException && error.name === 'QuotaExceededError';
    throw new DataError(full ? keepText.full : keepText.failed, { cause: error });
  }
}

/** Throws a DataError when it cannot be read, or is not what keep() writes. */
async function stored(): Promise<Stored | null> {
  const value: unknown = await access(() => get(KEY, store()));
  if (value === undefined) return null;
  if (!isStored(value)) throw new DataError(keepText.damaged);
  return value;
}

export function bytesOf(pictures: readonly OwnPicture[]): number {
  return pictures.reduce((sum, { file }) => sum + sizeOf(file), 0);
}

/** What was saved here before, or null. Throws a DataError where that cannot be told. */
export async function keptHere(): Promise<Kept | null> {
  const kept = await stored();
  return kept && { count: kept.entries.length, bytes: kept.files.size, when: kept.when };
}

/** Replaces what was saved before, unless it throws a DataError: then that is still there. */
export async function keep(pictures: readonly OwnPicture[], when: number): Promise<Kept> {
  const entries = pictures.map(
    ({ path, className, file, group, part }): Entry => ({
      path,
      className,
      type: file.type,
      bytes: sizeOf(file),
      group,
      part,
    }),
  );
  const files = new Blob(pictures.map(({ file }) => file));
  await access(() => set(KEY, { when, entries, files } satisfies Stored, store()));
  return { count: entries.length, bytes: files.size, when };
}

/** The saved pictures, as if they had just been chosen; an empty kind waits to be named again. */
export async function keptPictures(): Promise<FoundFile[]> {
  const kept = await stored();
  let at = 0;
  return (kept?.entries ?? []).map(({ path, className, type, bytes, group, part }) => {
    const file = (kept?.files ?? new Blob()).slice(at, at + bytes, type);
    at += bytes;
    return { path, file, className: className === '' ? undefined : className, group, part };
  });
}

export async function forgetKept(): Promise<void> {
  await access(() => del(KEY, store()));
}
