// The collection as a .zip of folders, one a kind, that any other tool reads: picture files byte for
// byte, raw pictures as PNG, names that every system takes. The files' bytes are looked at once, for
// their checksum, and then stand in the archive as references, so that memory holds no copy.
// Formats: PKWARE APPNOTE 6.3.10 sections 4.3.7, 4.3.12, 4.3.16; PNG (ISO/IEC 15948) section 5.

import { captureText, keepText } from '../text/en-capture';
import type { OwnPicture } from './own_types';
import { createPace, type Pace } from './pace';
import { isSystemPath, partsOf, shortName } from './paths';
import { type PictureFormat, readHeader } from './picture_header';
import { RAW_TYPE, readRaw } from './raw_picture';
import { DataError, type OnProgress } from './source';

/** Bytes between two looks at the clock: some 3 ms of checksum. */
const SLICE = 1024 * 1024;
/** Bytes that sizes and places in an archive without ZIP64 can name. */
const ZIP_BYTES = 0xffffffff;

const ENDINGS: Readonly<Record<PictureFormat, RegExp>> = {
  PNG: /\.png$/i,
  JPEG: /\.(?:jpe?g|jpe|jfif)$/i,
  WebP: /\.webp$/i,
  GIF: /\.gif$/i,
  BMP: /\.(?:bmp|dib)$/i,
};

/** CRC-32 of ISO 3309, reflected polynomial 0xedb88320, one table entry a byte. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** Of `bytes` behind those whose checksum is `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let c = ~before;
  for (let i = 0; i < bytes.length; i++) {
    c = (CRC_TABLE[(c ^ (bytes[i] ?? 0)) & 255] ?? 0) ^ (c >>> 8);
  }
  return ~c >>> 0;
}

async function crcOf(file: Blob, pace: Pace): Promise<number> {
  let crc = 0;
  for (let at = 0; at < file.size; at += SLICE) {
    crc = crc32(new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer()), crc);
    await pace();
  }
  return crc;
}

/** Low byte first, as zip has it: [value, bytes] one behind the other. */
function fields(...list: [value: number, bytes: number][]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    list.flatMap(([value, bytes]) =>
      Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) & 255),
    ),
  );
}

function u32be(value: number): Uint8Array<ArrayBuffer> {
  return fields([value, 4]).reverse();
}

function chunk(type: string, data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const name = new TextEncoder().encode(type);
  return [u32be(data.length), name, data, u32be(crc32(data, crc32(name)))];
}

/** 8 bits, grey or RGB, no filter. */
async function pngOf(raw: Blob): Promise<Blob> {
  const { width, height, channels, pixels } = await readRaw(raw);
  const row = width * channels;
  const lines = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y++) {
    lines.set(pixels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  }
  const deflated = new Blob([lines]).stream().pipeThrough(new CompressionStream('deflate'));
  const data = new Uint8Array(await new Response(deflated).arrayBuffer());
  const colour = channels === 1 ? 0 : 2;
  return new Blob([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    ...chunk('IHDR', Uint8Array.of(...u32be(width), ...u32be(height), 8, colour, 0, 0, 0)),
    ...chunk('IDAT', data),
    ...chunk('IEND', new Uint8Array(0)),
  ]);
}

/** Names of devices, which Windows gives to no file, with any ending. */
const DEVICES = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)/i;

/** A name for a file or folder that every system takes, and that a re-import does not pass over. */
export function safeName(name: string, fallback: string): string {
  const plain = partsOf(name)
    .join('_')
    .replace(/[<>:"|?*\p{Cs}]/gu, '_')
    .replace(/^\.+/, '_');
  const short = shortName(plain).replace(/[. ]+$/, '');
  if (short === '') return fallback;
  return DEVICES.test(short) || isSystemPath(short) ? `_${short}` : short;
}

/** `stem` + `ending`, or "stem (2)" and so on: some systems take "Cat" and "cat" for the same. */
function unique(taken: Set<string>, stem: string, ending: string): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? stem + ending : `${stem} (${i})${ending}`;
    const key = name.toLowerCase();
    if (taken.has(key)) continue;
    taken.add(key);
    return name;
  }
}

async function formatOf(file: Blob): Promise<PictureFormat> {
  const header = readHeader(new Uint8Array(await file.slice(0, 64).arrayBuffer()));
  if ('format' in header && header.kind !== 'other-format') return header.format;
  throw new Error('no picture any more');
}

/** Gives every picture its path in the archive: [part/]kind/name.ending. */
class Namer {
  private readonly kinds = new Map<string, string>();
  private readonly kindsTaken = new Set<string>();
  private readonly files = new Map<string, Set<string>>();

  path({ className, path, part }: OwnPicture, format: PictureFormat): string {
    let kind = this.kinds.get(className);
    if (kind === undefined) {
      kind = unique(this.kindsTaken, safeName(className, captureText.kindFolder), '');
      this.kinds.set(className, kind);
    }
    const folder = part === undefined ? kind : `${part}/${kind}`;
    const taken = this.files.get(folder) ?? new Set<string>();
    this.files.set(folder, taken);
    const name = partsOf(path).at(-1) ?? '';
    // An ending that names the format stays as it is written, a wrong one goes, "v1.2" stays.
    const known = Object.values(ENDINGS).find((ending) => ending.test(name));
    const stem = known ? name.replace(known, '') : name;
    const usual = format === 'JPEG' ? '.jpg' : `.${format.toLowerCase()}`;
    const ending = ENDINGS[format].exec(name)?.[0] ?? usual;
    return `${folder}/${unique(taken, safeName(stem, captureText.pictureFile), ending)}`;
  }
}

/** 1 January 1980, the first day that the format knows: the same pictures give the same archive. */
const DAY = 0x21;
const UTF8_NAMES = 0x0800;

/** The part that an entry's own header and its record in the directory share. */
function shared(crc: number, size: number, nameBytes: number): Uint8Array<ArrayBuffer> {
  return fields(
    [20, 2],
    [UTF8_NAMES, 2],
    [0, 2],
    [0, 2],
    [DAY, 2],
    [crc, 4],
    [size, 4],
    [size, 4],
    [nameBytes, 2],
    [0, 2],
  );
}

/** The pictures as a .zip. Rejects with a DataError, or with the signal's reason when aborted. */
export async function exportZip(
  pictures: readonly OwnPicture[],
  signal?: AbortSignal,
  onProgress?: OnProgress,
): Promise<Blob> {
  const pace = createPace(signal);
  const namer = new Namer();
  const parts: BlobPart[] = [];
  const directory: BlobPart[] = [];
  let at = 0;
  for (const [i, picture] of pictures.entries()) {
    onProgress?.(i, pictures.length);
    try {
      const raw = picture.file.type === RAW_TYPE;
      const file = raw ? await pngOf(picture.file) : picture.file;
      const path = namer.path(picture, raw ? 'PNG' : await formatOf(file));
      const name = new TextEncoder().encode(path);
      const head = shared(await crcOf(file, pace), file.size, name.length);
      parts.push(fields([0x04034b50, 4]), head, name, file);
      directory.push(fields([0x02014b50, 4], [20, 2]), head, fields([0, 10], [at, 4]), name);
      at += 4 + head.length + name.length + file.size;
    } catch (error) {
      signal?.throwIfAborted();
      throw new DataError(keepText.exportGone(picture.path), { cause: error });
    }
    // The directory behind the pictures takes far less than this margin.
    if (at > ZIP_BYTES - 16 * SLICE) throw new DataError(keepText.exportTooLarge);
  }
  const end = new Blob(directory);
  const count = pictures.length;
  const last = fields(
    [0x06054b50, 4],
    [0, 4],
    [count, 2],
    [count, 2],
    [end.size, 4],
    [at, 4],
    [0, 2],
  );
  return new Blob([...parts, end, last], { type: 'application/zip' });
}
