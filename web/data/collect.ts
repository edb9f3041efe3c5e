// Reads one choice (a drop, a folder, files, a zip) into pictures with kinds. Whatever cannot be
// used is listed with its reason and skipped, the rest goes on; an abort rejects and leaves what
// the caller already had as it was. Goes by content, so a wrong extension does no harm.

import type { SkipReason } from '../text/en-data';
import { limits as defaults, type Limits } from './limits';
import type { FoundFile, OwnPicture, Reference, Skipped } from './own_types';
import { createPace, type Pace } from './pace';
import { isSystemPath, kindsFromNames, partsOf, placePaths } from './paths';
import { type Header, readHeader } from './picture_header';
import type { OnProgress } from './source';
import type { Decode } from './store';
import { listZip, unpackEntry, ZipProblem } from './zip';

/** Decoding runs beside the page's thread: one picture decodes while another is read out. */
const AT_ONCE = 2;
/** Enough for every format's size but a JPEG's behind long metadata. */
const FIRST_BYTES = 64 * 1024;

export interface Collected {
  pictures: OwnPicture[];
  /** Came without a folder, and their names give no kinds: the user has to name their kind. */
  loose: OwnPicture[];
  skipped: Skipped[];
}

export interface CollectOptions {
  decode: Decode;
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
  const header = await read(FIRST_BYTES);
  return header.kind === 'more' && file.size > FIRST_BYTES ? read(limits.headerBytes) : header;
}

/** Why a file is left out before decoding, or null. */
async function inspect(file: Blob, limits: Limits): Promise<SkipReason | null> {
  if (file.size === 0) return { kind: 'empty' };
  try {
    const reason = refuse(await headerOf(file, limits), limits);
    if (reason !== null) return reason;
  } catch {
    return { kind: 'unreadable' };
  }
  if (file.size <= limits.fileBytes) return null;
  return { kind: 'too-many-bytes', bytes: file.size, limit: limits.fileBytes };
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
        if (!(error instanceof ZipProblem) || error.reason.kind === 'zip-too-much') throw error;
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
  const placed = placePaths(files.map(({ path }) => path));
  const loose: FoundFile[] = [];
  files.forEach(({ path, file }, i) => {
    const place = placed[i];
    const clean = partsOf(path).join('/');
    if (place?.kind === 'class') {
      into.pictures.push({ path: clean, className: place.name, file });
    } else if (place?.kind === 'outside') {
      into.skipped.push({ path: clean, reason: { kind: 'no-kind' } });
    } else {
      loose.push({ path: clean, file });
    }
  });
  const kinds = kindsFromNames(loose.map(({ path }) => path));
  loose.forEach(({ path, file }, i) => {
    if (kinds === null) into.loose.push({ path, className: '', file });
    else into.pictures.push({ path, className: kinds[i] ?? '', file });
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

export async function collect(
  found: readonly FoundFile[],
  options: CollectOptions,
): Promise<Collected> {
  const { signal, onProgress, limits = defaults } = options;
  signal.throwIfAborted();
  const pace = createPace(signal);
  const skipped: Skipped[] = [];
  const batches = await batchesOf(found, pace, limits, skipped);
  const sifted = await sift(batches, pace, limits, options.already);
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
      options.keep(picture, await options.decode(picture.file, createPace(signal)));
    } catch {
      signal.throwIfAborted();
      broken.add(picture);
    }
    onProgress?.(++done, all.length);
  });
  for (const { path } of broken) skipped.push({ path, reason: { kind: 'broken' } });
  const isGood = (picture: OwnPicture): boolean => !broken.has(picture);
  return {
    pictures: sifted.pictures.filter(isGood),
    loose: sifted.loose.filter(isGood),
    skipped,
  };
}
