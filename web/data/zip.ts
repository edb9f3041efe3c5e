// Opens a .zip by its central directory and unpacks one entry at a time, counting what comes out.
// Refuses what is locked, packed in another way than stored or deflate, larger than it says, or
// over the limits. Stored entries are not copied: they stay parts of the file on disk.
// Format: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.16 (end).

import { Inflate } from 'fflate';
import type { SkipReason } from '../text/en-data';
import { limits as defaults, type Limits } from './limits';
import type { Pace } from './pace';

export interface ZipEntry {
  path: string;
  method: number;
  locked: boolean;
  packedBytes: number;
  bytes: number;
  /** Where its local header starts in the file. */
  offset: number;
}

/** Counts what one archive has unpacked to, over all its entries. */
export interface ZipBudget {
  unpacked: number;
}

export class ZipProblem extends Error {
  constructor(readonly reason: SkipReason) {
    super(reason.kind);
  }
}

const END = { signature: 0x06054b50, bytes: 22, commentBytes: 0xffff } as const;
const DIRECTORY = { signature: 0x02014b50, bytes: 46 } as const;
const LOCAL = { signature: 0x04034b50, bytes: 30 } as const;
const FLAG = { locked: 0x0001, strongLock: 0x0040, utf8: 0x0800 } as const;
const METHOD = { stored: 0, deflate: 8 } as const;
/** Bytes that one packed byte can become: 258 for every two bits (RFC 1951 section 3.2.5). */
const DEFLATE_RATIO = 1032;
/** Packed bytes read from the file at once. */
const READ_BYTES = 256 * 1024;
/** Saturated fields point to ZIP64 records, which archives below 4 GB never need. */
const ZIP64 = { u16: 0xffff, u32: 0xffffffff } as const;

async function readView(file: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await file.slice(from, to).arrayBuffer());
}

/** Old archives do not say how names are written: UTF-8 where it reads as such, else Latin. */
function decodeName(bytes: Uint8Array, flags: number): string {
  if (flags & FLAG.utf8) return new TextDecoder().decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

interface Directory {
  entries: number;
  bytes: number;
  offset: number;
}

async function findDirectory(file: Blob): Promise<Directory> {
  const from = Math.max(0, file.size - END.bytes - END.commentBytes);
  const tail = await readView(file, from, file.size);
  for (let at = tail.byteLength - END.bytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END.signature) continue;
    // The comment must reach exactly to the end, else these four bytes are part of a comment.
    if (at + END.bytes + tail.getUint16(at + 20, true) !== tail.byteLength) continue;
    const directory = {
      entries: tail.getUint16(at + 10, true),
      bytes: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
    };
    if (directory.entries === ZIP64.u16 || directory.offset === ZIP64.u32) break;
    if (directory.offset + directory.bytes > from + at) break;
    return directory;
  }
  throw new ZipProblem({ kind: 'zip-not-a-zip' });
}

/** The archive's files in directory order, folders left out; nothing is unpacked yet. */
export async function listZip(file: Blob, limits: Limits = defaults): Promise<ZipEntry[]> {
  if (file.size > limits.zipBytes) {
    throw new ZipProblem({ kind: 'zip-too-large', limit: limits.zipBytes });
  }
  const directory = await findDirectory(file);
  if (directory.bytes > limits.zipDirectoryBytes) {
    throw new ZipProblem({ kind: 'zip-too-many', limit: limits.zipEntries });
  }
  const view = await readView(file, directory.offset, directory.offset + directory.bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < directory.entries; i++) {
    if (
      at + DIRECTORY.bytes > view.byteLength ||
      view.getUint32(at, true) !== DIRECTORY.signature
    ) {
      throw new ZipProblem({ kind: 'zip-not-a-zip' });
    }
    const u16 = (offset: number): number => view.getUint16(at + offset, true);
    const u32 = (offset: number): number => view.getUint32(at + offset, true);
    const nameAt = at + DIRECTORY.bytes;
    const nameBytes = u16(28);
    const next = nameAt + nameBytes + u16(30) + u16(32);
    if (next > view.byteLength) throw new ZipProblem({ kind: 'zip-not-a-zip' });
    const flags = u16(8);
    const path = decodeName(new Uint8Array(view.buffer, nameAt, nameBytes), flags);
    if (!/[/\\]$/.test(path)) {
      entries.push({
        path,
        method: u16(10),
        locked: (flags & (FLAG.locked | FLAG.strongLock)) !== 0,
        packedBytes: u32(20),
        bytes: u32(24),
        offset: u32(42),
      });
    }
    if (entries.length > limits.zipEntries) {
      throw new ZipProblem({ kind: 'zip-too-many', limit: limits.zipEntries });
    }
    at = next;
  }
  // Said at once where the archive says it itself; what it hides is counted as it comes out.
  const promised = entries.filter(({ bytes }) => bytes <= limits.fileBytes);
  checkBudget({ unpacked: promised.reduce((sum, { bytes }) => sum + bytes, 0) }, limits);
  return entries;
}

/** The packed bytes of an entry: after its local header, whose name and extra lengths may differ. */
async function packedPart(file: Blob, entry: ZipEntry): Promise<Blob> {
  const header = await readView(file, entry.offset, entry.offset + LOCAL.bytes);
  if (header.byteLength < LOCAL.bytes || header.getUint32(0, true) !== LOCAL.signature) {
    throw new ZipProblem({ kind: 'zip-damaged' });
  }
  const from = entry.offset + LOCAL.bytes + header.getUint16(26, true) + header.getUint16(28, true);
  if (from + entry.packedBytes > file.size) throw new ZipProblem({ kind: 'zip-damaged' });
  return file.slice(from, from + entry.packedBytes);
}

/** Refuses by what the directory says, before a byte is unpacked. */
function checkEntry(entry: ZipEntry, limits: Limits): void {
  if (entry.locked) throw new ZipProblem({ kind: 'zip-locked' });
  if (entry.method !== METHOD.stored && entry.method !== METHOD.deflate) {
    throw new ZipProblem({ kind: 'zip-method' });
  }
  if (entry.bytes > limits.fileBytes) {
    throw new ZipProblem({
      kind: 'too-many-bytes',
      bytes: entry.bytes,
      limit: limits.fileBytes,
    });
  }
  if (entry.method === METHOD.stored && entry.bytes !== entry.packedBytes) {
    throw new ZipProblem({ kind: 'zip-damaged' });
  }
}

/**
 * One entry's content. Throws a ZipProblem about this entry; 'zip-too-much' is about the whole
 * archive, and reading should stop there.
 */
export async function unpackEntry(
  file: Blob,
  entry: ZipEntry,
  budget: ZipBudget,
  pace: Pace,
  limits: Limits = defaults,
): Promise<Blob> {
  checkEntry(entry, limits);
  const packed = await packedPart(file, entry);
  if (entry.method === METHOD.stored) {
    budget.unpacked += entry.bytes;
    checkBudget(budget, limits);
    return packed;
  }

  return inflate(packed, entry, budget, pace, limits);
}

/** Packed bytes to push next, so that what comes out passes no limit by much. */
function pushBytes(
  taken: number,
  bytes: number,
  entry: ZipEntry,
  left: number,
  limits: Limits,
): number {
  const byRatio = Math.max(limits.zipRatioFreeBytes, limits.zipRatio * taken) - bytes;
  const room = Math.min(entry.bytes - bytes, left, byRatio);
  const most = Math.min(limits.zipPushBytes, Math.floor(room / DEFLATE_RATIO));
  return Math.max(limits.zipLeastPushBytes, most);
}

async function inflate(
  packed: Blob,
  entry: ZipEntry,
  budget: ZipBudget,
  pace: Pace,
  limits: Limits,
): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  let finished = false;
  const stream = new Inflate((chunk, final) => {
    bytes += chunk.length;
    budget.unpacked += chunk.length;
    finished = final;
    // Keep nothing that will be refused: the check below comes after this push. A chunk is a copy.
    if (bytes <= entry.bytes) chunks.push(chunk as Uint8Array<ArrayBuffer>);
  });
  for (let from = 0; from < packed.size; from += READ_BYTES) {
    const part = new Uint8Array(await packed.slice(from, from + READ_BYTES).arrayBuffer());
    for (let at = 0; at < part.length; ) {
      const left = limits.zipUnpackedBytes - budget.unpacked;
      const to = Math.min(part.length, at + pushBytes(from + at, bytes, entry, left, limits));
      try {
        stream.push(part.subarray(at, to), from + to === packed.size);
      } catch {
        throw new ZipProblem({ kind: 'zip-damaged' });
      }
      at = to;
      const suspicious = bytes > limits.zipRatioFreeBytes && bytes > limits.zipRatio * (from + at);
      // First, so that an archive full of lies comes to its end.
      checkBudget(budget, limits);
      if (bytes > entry.bytes || suspicious) throw new ZipProblem({ kind: 'zip-lies' });
      await pace();
    }
  }
  if (!finished || bytes !== entry.bytes) throw new ZipProblem({ kind: 'zip-damaged' });
  return new Blob(chunks);
}

function checkBudget(budget: ZipBudget, limits: Limits): void {
  if (budget.unpacked > limits.zipUnpackedBytes) {
    throw new ZipProblem({ kind: 'zip-too-much', limit: limits.zipUnpackedBytes });
  }
}
