// What the page sees of a set of real pictures, shipped or its user's own: one interface, so that
// nothing after it knows where a picture came from. Scenes are not here; the worker draws those.
// A request outside the stated ranges is refused with a DataError whose message names the remedy.

import type { ImageSet } from '../../wasm_glue/protocol';
import type { ShippedSet } from './shipped_sets';

export type Channels = 1 | 3;

/**
 * The core's exact area average of one square picture, [inSide][inSide][channels] to
 * [outSide][outSide][channels]; pass `Core.resize`. Must return bytes of its own, not a heap view.
 */
export type Resize = (
  pixels: Uint8Array,
  inSide: number,
  outSide: number,
  channels: Channels,
) => Uint8Array;

export interface PictureRequest {
  /** R, 4..256; need not be one of `sides`. */
  resolution: number;
  channels: Channels;
  /** K: the first K of `classes`, 2..classes.length. */
  classes: number;
  /** Labelled pictures per class to learn from; a class that has fewer gives all it has. */
  perClass: number;
  /** New pictures wanted as the test, all classes together; the set may have fewer. */
  testCount: number;
  /** Chooses which pictures learn and which test, 0..2^31-1. */
  seed: number;
}

/** Labels run 0..K-1 in the order of classNames; pictures lie class by class. */
export interface PreparedSet {
  train: ImageSet;
  test: ImageSet;
  classNames: string[];
  trainPerClass: number[];
  testPerClass: number[];
  /** A sentence for the page when the set could not give all that was asked for. */
  note?: string;
}

export interface Thumbnail {
  /** Index into `classes`. */
  label: number;
  className: string;
  side: number;
  channels: Channels;
  /** [side][side][channels] */
  pixels: Uint8Array;
}

export type ThumbnailRequest = Pick<
  PictureRequest,
  'resolution' | 'channels' | 'classes' | 'seed'
> & { perClass: number };

export type OnProgress = (done: number, total: number) => void;

/**
 * For one seed the pictures chosen to learn from and to test with do not depend on resolution,
 * channels or network, so runs that differ only there are paired. More pictures per class keep
 * those that fewer would have chosen; the test pictures do not depend on perClass.
 */
export interface PictureSource {
  readonly id: ShippedSet['folder'] | 'own';
  readonly title: string;
  /** Who made the pictures and under which licence; empty for the user's own. */
  readonly credit: string;
  /** What suits the pictures: 1 when they are all grey. prepare() delivers either on request. */
  readonly channels: Channels;
  /** All classes in the order that `classes: K` takes them from, with their labelled pictures. */
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** The most labelled pictures that a class can give beside its test share; smaller classes give
   * all they have. The end of a "pictures per kind" slider. */
  readonly maxPerClass: number;
  /** Side that the pictures have by themselves; null when they differ. */
  readonly nativeSide: number | null;
  /** Resolutions for the slider, ascending. Some belong to no scene (Fashion-MNIST: 7, 14, 28, 56,
   * 112), so the slider's ladder must hold them too. */
  readonly sides: readonly number[];
  /** How many pictures prepare() would give, without reading any. For live numbers on the page. */
  count(
    request: Pick<PictureRequest, 'classes' | 'perClass' | 'testCount'> & { seed?: number },
  ): PictureCount;
  /** Rejects with the signal's reason when aborted. Yields to the page while it works. */
  prepare(
    request: PictureRequest,
    signal: AbortSignal,
    onProgress?: OnProgress,
  ): Promise<PreparedSet>;
  /** The first pictures of each class that a run with this seed would learn from, class by class. */
  thumbnails(request: ThumbnailRequest, signal?: AbortSignal): Promise<Thumbnail[]>;
  /** Frees decoded pixels; the source can be used again and decodes anew. */
  release(): void;
}

export interface PictureCount {
  train: number;
  test: number;
  trainPerClass: number[];
  testPerClass: number[];
}

/** A failure whose message is a sentence for the user: what, where, remedy. */
export class DataError extends Error {
  override readonly name = 'DataError';
}
