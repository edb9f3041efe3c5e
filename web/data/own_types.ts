// What a collection of the user's own pictures is made of. Files stay files (Blobs) until decoded.

import type { SkipReason } from '../text/en-data';
import type { Channels, Resize } from './source';

/** How a picture that is not square becomes so: middle cut out, border added, sides pulled equal. */
export type SquarePolicy = 'crop' | 'fit' | 'stretch';

/** Where a picture belongs by a folder named so, in whatever spelling. */
export type Part = 'train' | 'test' | 'validation';

/** An IDX array of bytes: its sizes, outermost first, and where in the file the values begin. */
export interface IdxArray {
  dims: number[];
  offset: number;
}

/** Pixel rows of a CSV: `pixels` is [rows][values], one label a row. */
export interface CsvTable {
  rows: number;
  values: number;
  pixels: Uint8Array;
  labels: string[];
}

/** What reading pictures needs of the core; `Core` has it all. The parsers throw a CoreError. */
export interface PictureEngine {
  resize: Resize;
  readIdx(bytes: Uint8Array): IdxArray;
  readCsv(bytes: Uint8Array): CsvTable;
}

/** What may be known of a picture beside its path; it wins over what the path says. */
interface Known {
  /** Pictures of one burst or person, which must stay on one side of the split. */
  group?: string | undefined;
  part?: Part | undefined;
}

/** A file found in a drop, a folder, a choice of files or a zip, or made by camera or pen. */
export interface FoundFile extends Known {
  path: string;
  file: Blob;
  /** Absent: the folder or the file's name tells. */
  className?: string | undefined;
}

export interface OwnPicture extends Known {
  /** Cleaned path, unique in a collection together with the kind. */
  path: string;
  className: string;
  file: Blob;
}

export interface Skipped {
  path: string;
  reason: SkipReason;
}

/**
 * A decoded picture at most REFERENCE_SIDE pixels a side, cut square, alpha gone. Every resolution
 * is made from it, so a picture at R never depends on the sizes of other runs.
 */
export interface Reference {
  side: number;
  channels: Channels;
  /** [side][side][channels] */
  pixels: Uint8Array;
}

/** The core's largest resolution: no run needs more. */
export const REFERENCE_SIDE = 256;
