// Files that hold many pictures as rows of pixels: IDX pairs (the format of MNIST, also gzipped) and
// CSV with a label column. Known by their content, read by the core, handed on as raw pictures whose
// kind is their label. Refuses what has no partner, no square, or too much, and says so.

import { CoreError } from '../../wasm_glue/errors';
import { tableText } from '../text/en-capture';
import type { SkipReason } from '../text/en-data';
import { readCsvInSlices } from './csv_slices';
import { limits as defaults, type Limits } from './limits';
import type { CsvTable, FoundFile, Part, PictureEngine, Skipped } from './own_types';
import type { Pace } from './pace';
import { gunzipInSlices } from './packed';
import { cleanName, partOf, partsOf } from './paths';
import { readHeader } from './picture_header';
import { RAW_TYPE, toRaw } from './raw_picture';
import type { Channels } from './source';

/** Enough of a file to tell a table from a picture. */
const FIRST_BYTES = 4096;

/** Pictures of one file, or of one pair. */
interface Table {
  path: string;
  count: number;
  width: number;
  height: number;
  channels: Channels;
  /** [count][height][width][channels] */
  pixels: Uint8Array;
  labels: readonly string[];
}

interface IdxFile {
  path: string;
  dims: number[];
  values: Uint8Array;
}

/** One file is left out, for this reason. */
class Refusal extends Error {}

type Kind = 'idx' | 'csv' | 'gzip';

/** Three commas stand in the first line of the smallest table: a label and 2 x 2 pixels. */
function isCsv(first: Uint8Array): boolean {
  let text: string;
  try {
    // A stream's end is left open: the last letter may be cut in two.
    text = new TextDecoder('utf-8', { fatal: true }).decode(first, { stream: true });
  } catch {
    return false;
  }
  const line = text.trimStart().split(/[\r\n]/, 1)[0] ?? '';
  return !text.includes('\0') && [',', ';', '\t'].some((sign) => line.split(sign).length > 4);
}

function kindOf(first: Uint8Array): Kind | null {
  const [a, b, type, rank = 0] = first;
  // Types of the format: u8, i8, i16, i32, f32, f64; the core refuses all but the first in words.
  const typed = type !== undefined && [0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e].includes(type);
  if (a === 0 && b === 0 && typed && rank >= 1 && rank <= 8) return 'idx';
  if (a === 0x1f && b === 0x8b && type === 8) return 'gzip';
  return readHeader(first).kind === 'unknown' && isCsv(first) ? 'csv' : null;
}

/** What is left of a file's name without what tells images from labels: "train", "t10k". */
function stemOf(path: string): string {
  const name = (partsOf(path).at(-1) ?? '').toLowerCase().replace(/\.gz$/, '');
  return name.replace(/idx\d|u?byte|images?|labels?|[^\p{L}\p{N}]+/gu, '');
}

const folderOf = (path: string): string => partsOf(path).slice(0, -1).join('/');

/** By a word of the file's name; MNIST calls its test set t10k. */
function partOfFile(path: string): Part | undefined {
  const words = (partsOf(path).at(-1) ?? '').split(/[^\p{L}\p{N}]+/u);
  const parts = words.map((word) => (word.toLowerCase() === 't10k' ? 'test' : partOf(word)));
  return parts.find((part) => part !== null) ?? undefined;
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

/** One file's table, or its half of an IDX pair. */
async function readTable(
  path: string,
  kind: Kind,
  file: Blob,
  engine: PictureEngine,
  pace: Pace,
): Promise<Table | IdxFile> {
  let bytes = await bytesOf(file);
  let inside: Kind | null = kind;
  if (kind === 'gzip') {
    bytes = await gunzipInSlices(bytes, path).catch(() => {
      throw new Refusal(tableText.gzip);
    });
    inside = kindOf(bytes.subarray(0, FIRST_BYTES));
  }
  await pace();
  if (inside === 'csv') return csvTable(path, await readCsvInSlices(bytes, engine, pace));
  if (inside !== 'idx') throw new Refusal(tableText.inside);
  const { dims, offset } = engine.readIdx(bytes);
  if (dims.length === 2 || dims.length > 4) throw new Refusal(tableText.rank(dims.length));
  return { path, dims, values: bytes.subarray(offset) };
}

/** Sides and channels of a CSV row's values, whose channels stand side by side. */
function csvTable(path: string, csv: CsvTable): Table {
  const grey = Math.sqrt(csv.values);
  const channels = Number.isInteger(grey) ? 1 : 3;
  const side = channels === 1 ? grey : Math.sqrt(csv.values / 3);
  if (!Number.isInteger(side) || csv.values === 0) throw new Refusal(tableText.square(csv.values));
  const { rows: count, pixels, labels } = csv;
  return checked({ path, count, width: side, height: side, channels, pixels, labels });
}

function idxTable(images: IdxFile, labels: IdxFile): Table {
  const [count = 0, height = 0, width = 0, channels = 1] = images.dims;
  if (channels !== 1 && channels !== 3) throw new Refusal(tableText.channels(channels));
  const names = Array.from({ length: 256 }, (_, label) => String(label));
  return checked({
    path: images.path,
    count,
    width,
    height,
    channels,
    pixels: images.values,
    labels: Array.from(labels.values, (label) => names[label] ?? ''),
  });
}

function checked(table: Table): Table {
  const { width, height } = table;
  if (Math.max(width, height) <= defaults.resizeSide) return table;
  throw new Refusal(tableText.side(width, height, defaults.resizeSide));
}

const isImages = ({ dims }: IdxFile): boolean => dims.length > 1;

/** Images and labels that `belong` together, taken out of `files`, each with its first partner. */
function takePairs(
  files: Set<IdxFile>,
  belong: (images: IdxFile, labels: IdxFile) => boolean,
): [IdxFile, IdxFile][] {
  const pairs: [IdxFile, IdxFile][] = [];
  for (const images of [...files].filter(isImages)) {
    const labels = [...files].find(
      (file) => !isImages(file) && file.dims[0] === images.dims[0] && belong(images, file),
    );
    if (!labels) continue;
    pairs.push([images, labels]);
    files.delete(images);
    files.delete(labels);
  }
  return pairs;
}

/** By name in one folder, then by name alone, then the only two that are left. */
function pairsOf(files: Set<IdxFile>): [IdxFile, IdxFile][] {
  const sameName = (a: IdxFile, b: IdxFile): boolean => stemOf(a.path) === stemOf(b.path);
  const sameFolder = (a: IdxFile, b: IdxFile): boolean => folderOf(a.path) === folderOf(b.path);
  const near = takePairs(files, (a, b) => sameName(a, b) && sameFolder(a, b));
  const far = takePairs(files, sameName);
  return [...near, ...far, ...(files.size === 2 ? takePairs(files, () => true) : [])];
}

/** Pictures that each table may give: equal shares, and what a small one leaves goes to the rest. */
function sharesOf(tables: readonly Table[], room: number): Map<Table, number> {
  const shares = new Map<Table, number>();
  let left = Math.max(0, room);
  [...tables]
    .sort((a, b) => a.count - b.count)
    .forEach((table, i) => {
      const share = Math.min(table.count, Math.floor(left / (tables.length - i)));
      shares.set(table, share);
      left -= share;
    });
  return shares;
}

/** `take` of a table's pictures, evenly spaced, because many tables are sorted by label. */
async function rowsOf(table: Table, take: number, pace: Pace): Promise<FoundFile[]> {
  const { path, count, width, height, channels, pixels, labels } = table;
  const bytes = width * height * channels;
  const parts = partsOf(path);
  const base = parts.join('/').replace(/(?:\.(?:csv|tsv|txt|idx|gz))+$/i, '');
  const part = partOfFile(path);
  const digits = String(count).length;
  const found: FoundFile[] = [];
  for (let i = 0; i < take; i++) {
    const row = Math.floor((i * count) / take);
    const file = toRaw(width, height, channels, pixels.subarray(row * bytes, (row + 1) * bytes));
    found.push({
      path: `${base} ${String(row + 1).padStart(digits, '0')}`,
      file,
      className: cleanName(labels[row] ?? '') || '?',
      part,
    });
    await pace();
  }
  return found;
}

/** What a file may be besides a picture; one that cannot be read is for the pictures' checks. */
async function tableKind({ path, file }: FoundFile): Promise<Kind | null> {
  // Thousands of pictures need not be opened once more to learn that they are no tables.
  if (file.type === RAW_TYPE || /\.(?:png|jpe?g|webp|gif|bmp)$/i.test(path)) return null;
  try {
    return kindOf(await bytesOf(file.slice(0, FIRST_BYTES)));
  } catch {
    return null;
  }
}

/**
 * `found` with every table replaced by its pictures. `limits.pictures` is how many more the
 * collection takes. Rejects with the signal's reason once the pace's is aborted.
 */
export async function openTables(
  found: readonly FoundFile[],
  engine: PictureEngine,
  pace: Pace,
  limits: Limits = defaults,
): Promise<{ found: FoundFile[]; skipped: Skipped[] }> {
  const rest: FoundFile[] = [];
  const skipped: Skipped[] = [];
  const tables: Table[] = [];
  const idx = new Set<IdxFile>();
  const skip = (path: string, reason: SkipReason): void => {
    skipped.push({ path: partsOf(path).join('/'), reason });
  };
  const skipTable = (path: string, message: string): void => skip(path, { kind: 'table', message });
  const attempt = async (path: string, work: () => Promise<void> | void): Promise<void> => {
    try {
      await work();
    } catch (error) {
      await pace(); // throws when it was an abort
      const told = error instanceof Refusal || error instanceof CoreError;
      skipTable(path, told ? error.message : tableText.unread);
    }
  };

  for (const item of found) {
    await pace();
    const kind = await tableKind(item);
    const { path, file } = item;
    if (kind === null) rest.push(item);
    else if (file.size > limits.fileBytes) {
      skip(path, { kind: 'too-many-bytes', bytes: file.size, limit: limits.fileBytes });
    } else {
      await attempt(path, async () => {
        const read = await readTable(path, kind, file, engine, pace);
        if ('dims' in read) idx.add(read);
        else tables.push(read);
      });
    }
  }
  for (const [images, labels] of pairsOf(idx)) {
    await attempt(images.path, () => void tables.push(idxTable(images, labels)));
  }
  for (const file of idx) {
    const count = file.dims[0] ?? 0;
    skipTable(file.path, isImages(file) ? tableText.noLabels(count) : tableText.noImages(count));
  }
  const shares = sharesOf(tables, limits.pictures);
  for (const table of tables) {
    const take = shares.get(table) ?? 0;
    if (take < table.count) skipTable(table.path, tableText.cut(take, table.count));
    for (const picture of await rowsOf(table, take, pace)) rest.push(picture);
  }
  return { found: rest, skipped };
}
