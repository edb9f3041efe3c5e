// What a collection of the user's own pictures is made of. Files stay files (Blobs) until decoded.

import type { SkipReason } from '../text/en-data';
import type { Channels } from './source';

/** A file found in a drop, a folder, a choice of files or a zip. */
export interface FoundFile {
  path: string;
  file: Blob;
}

export interface OwnPicture {
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
