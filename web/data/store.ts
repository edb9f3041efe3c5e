// Decoded pictures, within a number of bytes. A reference that no longer fits shrinks to the sizes
// that runs ask for most (SMALL_SIDES), each made from it as ever, so that thousands of pictures are
// not decoded again for every run; for other sizes they are. When even that is full, what is there
// stays: a run walks through all pictures in turn, and throwing out the oldest would throw out each
// one just before it is needed.

import { dataText } from '../text/en-data';
import { averageSquare } from './area';
import { limits } from './limits';
import type { OwnPicture, Reference } from './own_types';
import { createPace, type Pace } from './pace';
import { DataError } from './source';

export type Decode = (file: Blob, pace: Pace) => Promise<Reference>;

/** 13.1 KB together in colour, where a reference of 256 px has 196.6 KB. */
const SMALL_SIDES = [8, 12, 16, 24, 32, 48] as const;
const SMALL_PIXELS = SMALL_SIDES.reduce<number>((sum, side) => sum + side * side, 0);

/** What is kept of one picture: its reference, or it at smaller sides. */
interface Entry {
  sizes: readonly Reference[];
  whole: boolean;
}

const bytesOf = ({ sizes }: Entry): number =>
  sizes.reduce((sum, { pixels }) => sum + pixels.length, 0);

function atSide(reference: Reference, side: number): Reference {
  const { channels, pixels } = reference;
  if (side === reference.side) return reference;
  return { side, channels, pixels: averageSquare(pixels, reference.side, side, channels) };
}

function small(reference: Reference): Reference[] {
  return SMALL_SIDES.map((side) => atSide(reference, side));
}

/** The bytes that one or more stores share. */
class Pool {
  used = 0;
  /** Those that can shrink, oldest first. */
  private readonly large = new Set<Entry>();

  constructor(readonly cap: number) {}

  /** False when it does not fit, even shrunk. */
  add(entry: Entry): boolean {
    const [reference] = entry.sizes;
    const canShrink = reference !== undefined && reference.side ** 2 > SMALL_PIXELS;
    this.makeRoom(bytesOf(entry));
    if (canShrink && entry.whole && this.used + bytesOf(entry) > this.cap) shrink(entry);
    if (this.used + bytesOf(entry) > this.cap) return false;
    if (canShrink && entry.whole) this.large.add(entry);
    this.used += bytesOf(entry);
    return true;
  }

  remove(entry: Entry): void {
    this.large.delete(entry);
    this.used -= bytesOf(entry);
  }

  private makeRoom(bytes: number): void {
    for (const entry of this.large) {
      if (this.used + bytes <= this.cap) return;
      this.remove(entry);
      shrink(entry);
      this.used += bytesOf(entry);
    }
  }
}

function shrink(entry: Entry): void {
  const [reference] = entry.sizes;
  if (reference === undefined) return;
  entry.sizes = small(reference);
  entry.whole = false;
}

export class PictureStore {
  private readonly kept = new Map<OwnPicture, Entry>();
  private readonly pool: Pool;

  constructor(
    private readonly decode: Decode,
    cap: number | Pool = limits.cacheBytes,
  ) {
    this.pool = cap instanceof Pool ? cap : new Pool(cap);
  }

  /** A store for pictures that may come to this one; they share the bytes. Release it in any case. */
  aside(): PictureStore {
    return new PictureStore(this.decode, this.pool);
  }

  get bytes(): number {
    return this.pool.used;
  }

  get roomBytes(): number {
    return Math.max(0, this.pool.cap - this.pool.used);
  }

  /** Keeps a reference, or it at small sides, if that fits. */
  keep(picture: OwnPicture, reference: Reference): void {
    if (this.kept.has(picture)) return;
    const entry = { sizes: [reference], whole: true };
    if (this.pool.add(entry)) this.kept.set(picture, entry);
  }

  /** For a picture that decoded before: failing now means that its file has gone or changed. */
  async get(picture: OwnPicture, signal?: AbortSignal): Promise<Reference> {
    const known = this.kept.get(picture);
    if (known?.whole && known.sizes[0]) return known.sizes[0];
    try {
      const reference = await this.decode(picture.file, createPace(signal));
      this.keep(picture, reference);
      return reference;
    } catch (error) {
      signal?.throwIfAborted();
      throw new DataError(dataText.request.gone(picture.path), { cause: error });
    }
  }

  /** The picture at a side, in the channels of its reference. */
  async at(picture: OwnPicture, side: number, signal?: AbortSignal): Promise<Reference> {
    const known = this.kept.get(picture)?.sizes.find((size) => size.side === side);
    return known ?? atSide(await this.get(picture, signal), side);
  }

  forget(picture: OwnPicture): void {
    const entry = this.kept.get(picture);
    if (entry) this.pool.remove(entry);
    this.kept.delete(picture);
  }

  /** Moves what another store keeps of these pictures into this one, and empties it. */
  takeFrom(other: PictureStore, pictures: readonly OwnPicture[]): void {
    for (const picture of pictures) {
      const entry = other.kept.get(picture);
      if (!entry || this.kept.has(picture)) continue;
      other.forget(picture);
      if (this.pool.add(entry)) this.kept.set(picture, entry);
    }
    other.release();
  }

  /** Another object for the same picture. */
  rename(from: OwnPicture, to: OwnPicture): void {
    const entry = this.kept.get(from);
    if (!entry) return;
    this.kept.delete(from);
    this.kept.set(to, entry);
  }

  /** True when every kept picture is grey; unknown ones do not count. */
  isGrey(pictures: readonly OwnPicture[]): boolean {
    return pictures.every((picture) => this.kept.get(picture)?.sizes[0]?.channels !== 3);
  }

  release(): void {
    for (const picture of [...this.kept.keys()]) this.forget(picture);
  }
}
