// Reads one choice (a drop, a folder, files, a zip) into pictures with kinds. Whatever cannot be
// used is listed with its reason and skipped, the rest goes on; an abort rejects and leaves what
// the caller already had as it was. Goes by content, so a wrong extension does no harm.

import type { SkipReason } from '../text/en-data';
import { sizeOf } from './file_size';
import { limits as defaults, type Limits } from './limits';
import type { FoundFile, OwnPicture, PictureEngine, Reference, Skipped } from './own_types';
import { createPace, nextTask, orAborted, type Pace } from './pace';
import { cleanName, isSystemPath, kindsFromNames, partsOf, placePaths } from './paths';
import { type Header, readHeader } from './picture_header';
import { RAW_TYPE } from './raw_picture';
import type { OnProgress } from './source';
import type { Decode } from './store';
import { openTables } from './tables';
import { listZip, unpackEntry, ZipProblem } from './zip';

/** Decoding runs beside the page's thread: one picture decodes while another is read out. */
const AT_ONCE = 2;
/** Enough for every format's size but a JPEG's, which may stand behind long metadata. */
const FIRST_BYTES = [4 * 1024, 64 * 1024] as const;

export interface Collected {
  pictures: OwnPicture[];
  /** Came without a folder, and their names give no kinds: the user has to name their kind. */
  loose: OwnPicture[];
  skipped: Skipped[];
}

export interface CollectOptions {
  decode: Decode;
  /** Reads tables of pixel rows; without it they are left out like any file that is no picture. */
  engine?: PictureEngine | undefined;
  /** Called for every picture that decoded, so that it need not be decoded again. */
  keep: (picture: OwnPicture, reference: Reference) => void;
  /** Pictures that the collection has already; they count towards the limit. */
  already: number;
  signal: AbortSignal;
  onProgress?: OnProgress | undefined;
  limits?: Limits;
}

/** Why a file with this header is no picture for us, or null when it is one. */
function refuse(header: Header, limits: Limits): SkipReason | null {
  switch (header.kind) {
    case 'zip':
      return { kind: 'nested-zip' };
    case 'svg':
    case 'heic':
      return { kind: header.kind };
    case 'other-format':
      return { kind: 'other-format', format: header.format };
    case 'unknown':
      return { kind: 'not-a-picture' };
    case 'no-size':
    case 'more':
      return { kind: 'no-size' };
    case 'picture': {
      const { width, height } = header;
      if (width * height > limits.pixels) {
        return { kind: 'too-many-pixels', width, height, limit: limits.pixels };
      }
      if (Math.max(width, height) > limits.sideRatio * Math.min(width, height)) {
        return { kind: 'too-thin', width, height, limit: limits.sideRatio };
      }
      return null;
    }
    default:
      return header satisfies never;
  }
}

async function headerOf(file: Blob, limits: Limits): Promise<Header> {
  const read = async (length: number): Promise<Header> =>
    readHeader(new Uint8Array(await file.slice(0, length).arrayBuffer()));
  for (const length of FIRST_BYTES) {
    const header = await read(length);
    if (header.kind !== 'more' || sizeOf(file) <= length) return header;
  }
  return read(limits.headerBytes);
}

/** Why a file is left out before decoding, or null. */
async function inspect(file: Blob, limits: Limits): Promise<SkipReason | null> {
  if (sizeOf(file) === 0) return { kind: 'empty' };
  try {
    // Its sides stand in front of its pixels, and decoding it checks both.
    const reason = file.type === RAW_TYPE ? null : refuse(await headerOf(file, limits), limits);
    if (reason !== null) return reason;
  } catch {
    return { kind: 'unreadable' };
  }
  if (sizeOf(file) <= limits.fileBytes) return null;
  return { kind: 'too-many-bytes', bytes: sizeOf(file), limit: limits.fileBytes };
}

/** Runs `work` over items, a few at once, in order of starting; the first rejection ends it. */
async function forEachAtOnce<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function isZip({ path, file }: FoundFile): Promise<boolean> {
  if (!/\.zip$/i.test(path)) return false;
  try {
    return readHeader(new Uint8Array(await file.slice(0, 64).arrayBuffer())).kind === 'zip';
  } catch {
    return false;
  }
}

/** Nothing more of a zip is opened after these: it is too much, or cannot be trusted. */
const ENDS_ARCHIVE: ReadonlySet<SkipReason['kind']> = new Set(['zip-too-much', 'zip-lies']);

/** A zip's files under a folder of its own name, so that "cats.zip" full of cats is a kind. */
async function openZip(
  zip: FoundFile,
  pace: Pace,
  limits: Limits,
  skipped: Skipped[],
): Promise<FoundFile[]> {
  const top = (partsOf(zip.path).at(-1) ?? '').replace(/\.zip$/i, '');
  const found: FoundFile[] = [];
  const budget = { unpacked: 0 };
  try {
    for (const entry of await listZip(zip.file, limits)) {
      await pace();
      if (isSystemPath(entry.path)) continue;
      const path = `${top}/${partsOf(entry.path).join('/')}`;
      try {
        found.push({ path, file: await unpackEntry(zip.file, entry, budget, pace, limits) });
      } catch (error) {
        if (!(error instanceof ZipProblem) || ENDS_ARCHIVE.has(error.reason.kind)) throw error;
        skipped.push({ path, reason: error.reason });
      }
    }
  } catch (error) {
    await pace(); // throws when it was an abort
    const reason: SkipReason = error instanceof ZipProblem ? error.reason : { kind: 'unreadable' };
    skipped.push({ path: zip.path, reason });
  }
  return found;
}

/** Each zip is a choice of its own; everything else that came together is another. */
async function batchesOf(
  found: readonly FoundFile[],
  pace: Pace,
  limits: Limits,
  skipped: Skipped[],
): Promise<FoundFile[][]> {
  const plain: FoundFile[] = [];
  const zips: FoundFile[][] = [];
  for (const item of found) {
    if (isSystemPath(item.path)) continue;
    if (await isZip(item)) zips.push(await openZip(item, pace, limits, skipped));
    else plain.push(item);
    await pace();
  }
  return [plain, ...zips];
}

/** Gives every picture its kind; those without one go to `loose` or are skipped. */
function giveKinds(files: readonly FoundFile[], into: Collected): void {
  const loose: Omit<OwnPicture, 'className'>[] = [];
  // What a table, a camera or a pen has named says nothing about the folders of the rest.
  const unnamed: FoundFile[] = [];
  for (const { path, file, className, group, part } of files) {
    const clean = partsOf(path).join('/');
    if (!className) unnamed.push({ path: clean, file, group, part });
    else
      into.pictures.push({
        path: clean,
        file,
        group,
        part,
        className: cleanName(className) || '?',
      });
  }
  const placed = placePaths(unnamed.map(({ path }) => path));
  unnamed.forEach(({ path, file, group, part }, i) => {
    const place = placed[i];
    const told = part ?? (place?.kind === 'outside' ? undefined : place?.part);
    const picture = { path, file, group, part: told };
    if (place?.kind === 'class') into.pictures.push({ ...picture, className: place.name });
    else if (place?.kind === 'outside') {
      into.skipped.push({ path: picture.path, reason: { kind: 'no-kind' } });
    } else loose.push(picture);
  });
  const kinds = kindsFromNames(loose.map(({ path }) => path));
  loose.forEach((picture, i) => {
    if (kinds === null) into.loose.push({ ...picture, className: '' });
    else into.pictures.push({ ...picture, className: kinds[i] ?? '' });
  });
}

/** Looks at headers only; what stays has a kind or is loose. */
async function sift(
  batches: readonly FoundFile[][],
  pace: Pace,
  limits: Limits,
  already: number,
): Promise<Collected> {
  const result: Collected = { pictures: [], loose: [], skipped: [] };
  let room = limits.pictures - already;
  for (const batch of batches) {
    const usable: FoundFile[] = [];
    for (const item of batch) {
      let reason = await inspect(item.file, limits);
      if (reason === null && room <= 0) {
        reason = { kind: 'too-many-pictures', limit: limits.pictures };
      }
      if (reason === null) {
        usable.push(item);
        room--;
      } else {
        result.skipped.push({ path: partsOf(item.path).join('/'), reason });
      }
      await pace();
    }
    giveKinds(usable, result);
  }
  return result;
}

/** The batches with their tables opened, where there is an engine to read them. */
async function openAllTables(
  batches: FoundFile[][],
  engine: PictureEngine | undefined,
  pace: Pace,
  limits: Limits,
  skipped: Skipped[],
): Promise<FoundFile[][]> {
  if (engine === undefined) return batches;
  const opened: FoundFile[][] = [];
  for (const batch of batches) {
    const tables = await openTables(batch, engine, pace, limits);
    opened.push(tables.found);
    skipped.push(...tables.skipped);
  }
  return opened;
}

async function collectAll(
  found: readonly FoundFile[],
  { decode, engine, keep, already, signal, onProgress, limits = defaults }: CollectOptions,
): Promise<Collected> {
  const pace = createPace(signal);
  const skipped: Skipped[] = [];
  const closed = await batchesOf(found, pace, limits, skipped);
  const room = { ...limits, pictures: Math.max(0, limits.pictures - already) };
  const batches = await openAllTables(closed, engine, pace, room, skipped);
  const sifted = await sift(batches, pace, limits, already);
  skipped.push(...sifted.skipped);

  // Every picture is decoded once now: only that shows which are broken, and a split must not
  // change later because one turned out to be.
  const broken = new Set<OwnPicture>();
  const all = [...sifted.pictures, ...sifted.loose];
  let done = 0;
  onProgress?.(0, all.length);
  await forEachAtOnce(all, async (picture) => {
    signal.throwIfAborted();
    try {
      const reference = await decode(picture.file, createPace(signal));
      // Keeping may shrink others first: as much work as a slice, so it gets one of its own.
      await nextTask();
      signal.throwIfAborted();
      keep(picture, reference);
    } catch {
      signal.throwIfAborted();
      broken.add(picture);
    }
    onProgress?.(++done, all.length);
  });
  // In the order of the choice, not of decoding.
  const isGood = (picture: OwnPicture): boolean => !broken.has(picture);
  for (const picture of all) {
    if (!isGood(picture)) skipped.push({ path: picture.path, reason: { kind: 'broken' } });
  }
  return {
    pictures: sifted.pictures.filter(isGood),
    loose: sifted.loose.filter(isGood),
    skipped,
  };
}

/** Rejects with the signal's reason as soon as it is aborted; nothing is kept after that. */
export async function collect(
  found: readonly FoundFile[],
  options: CollectOptions,
): Promise<Collected> {
  options.signal.throwIfAborted();
  return orAborted(options.signal, collectAll(found, options));
}
