// Decoded pictures, within a number of bytes. What does not fit is decoded again when asked for. A
// full store keeps what it has: a run walks through all pictures in turn, and throwing out the
// oldest would throw out each one just before it is needed.

import { dataText } from '../text/en-data';
import { limits } from './limits';
import type { OwnPicture, Reference } from './own_types';
import { createPace, type Pace } from './pace';
import { DataError } from './source';

export type Decode = (file: Blob, pace: Pace) => Promise<Reference>;

export class PictureStore {
  private readonly kept = new Map<OwnPicture, Reference>();
  private used = 0;

  constructor(
    private readonly decode: Decode,
    private readonly capBytes: number = limits.cacheBytes,
  ) {}

  get bytes(): number {
    return this.used;
  }

  get roomBytes(): number {
    return Math.max(0, this.capBytes - this.used);
  }

  /** Keeps a reference if it fits. */
  keep(picture: OwnPicture, reference: Reference): void {
    if (this.kept.has(picture) || this.used + reference.pixels.length > this.capBytes) return;
    this.kept.set(picture, reference);
    this.used += reference.pixels.length;
  }

  /** For a picture that decoded before: failing now means that its file has gone or changed. */
  async get(picture: OwnPicture, signal?: AbortSignal): Promise<Reference> {
    const known = this.kept.get(picture);
    if (known) return known;
    try {
      const reference = await this.decode(picture.file, createPace(signal));
      this.keep(picture, reference);
      return reference;
    } catch (error) {
      signal?.throwIfAborted();
      throw new DataError(dataText.request.gone(picture.path), { cause: error });
    }
  }

  forget(picture: OwnPicture): void {
    this.used -= this.kept.get(picture)?.pixels.length ?? 0;
    this.kept.delete(picture);
  }

  /** Moves what another store keeps of these pictures into this one. */
  takeFrom(other: PictureStore, pictures: readonly OwnPicture[]): void {
    for (const picture of pictures) {
      const reference = other.kept.get(picture);
      if (reference) this.keep(picture, reference);
    }
    other.release();
  }

  /** Another object for the same picture. */
  rename(from: OwnPicture, to: OwnPicture): void {
    const reference = this.kept.get(from);
    if (!reference) return;
    this.kept.delete(from);
    this.kept.set(to, reference);
  }

  /** True when every kept picture is grey; unknown ones do not count. */
  isGrey(pictures: readonly OwnPicture[]): boolean {
    return pictures.every((picture) => this.kept.get(picture)?.channels !== 3);
  }

  release(): void {
    this.kept.clear();
    this.used = 0;
  }
}
