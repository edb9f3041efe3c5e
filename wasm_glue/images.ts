// A set of pictures inside the core's memory, filled in order slice by slice, so that no slice of
// work takes long. Its hash runs along with the filling and does not depend on the slices.
import type { CoreModule, Pointer } from './module';
import type { ImageSet, SceneConfig } from './protocol';
import { withScene } from './settings';

/** A word's place is the core's number (CNN_SPLIT_*). */
export const SPLITS = ['train', 'test'] as const;
export type Split = (typeof SPLITS)[number];

export class CoreImages {
  /** Pictures filled so far; the set may be used when this is `count`. */
  filled = 0;
  /** The cnn_images struct. */
  readonly struct: Pointer;
  /** Two running 64-bit hashes, pixels and labels. */
  readonly hashes: Pointer;
  private readonly pixels: Pointer;
  private readonly labels: Pointer;
  private readonly blocks: Pointer[] = [];

  constructor(
    private readonly core: CoreModule,
    readonly count: number,
    readonly side: number,
    readonly channels: number,
  ) {
    try {
      this.pixels = this.alloc(count * this.valuesPerImage);
      this.labels = this.alloc(count);
      this.hashes = this.alloc(16);
      this.struct = this.newStruct(0, count);
      this.blocks.push(this.struct);
    } catch (error) {
      this.free();
      throw error;
    }
    core.exports.pvl_hash_begin(this.hashes);
    core.exports.pvl_hash_begin(this.hashes + 8);
  }

  get valuesPerImage(): number {
    return this.side * this.side * this.channels;
  }

  /** Draws the next `count` pictures of a balanced scene set. */
  drawNext(scene: SceneConfig, split: Split, count: number): void {
    withScene(this.core, scene, this.side, (struct) => {
      const { pvl_scene_work_bytes, pvl_scene_draw_set } = this.core.exports;
      this.core.borrow(pvl_scene_work_bytes(struct) >>> 0, (work) => {
        const status = this.core.guard(() =>
          pvl_scene_draw_set(
            this.pixels + this.filled * this.valuesPerImage,
            this.labels + this.filled,
            struct,
            this.side,
            SPLITS.indexOf(split),
            this.filled,
            count,
            work,
          ),
        );
        this.core.check(status);
      });
    });
    this.filledMore(count);
  }

  /** Copies the next `count` pictures from the same places of a set outside the core. */
  copyNext(from: ImageSet, count: number): void {
    const values = this.valuesPerImage;
    const [first, last] = [this.filled, this.filled + count];
    this.core.writeBytes(
      this.pixels + first * values,
      from.pixels.subarray(first * values, last * values),
    );
    this.core.writeBytes(this.labels + first, from.labels.subarray(first, last));
    this.filledMore(count);
  }

  /** A copy of pictures first..first+count-1 for use outside. */
  read(first = 0, count = this.filled - first): ImageSet {
    const values = this.valuesPerImage;
    return {
      pixels: this.core.readBytes(this.pixels + first * values, count * values),
      labels: this.core.readBytes(this.labels + first, count),
      count,
    };
  }

  /** Calls `use` with a cnn_images struct of a part of this set. */
  withPart<T>(first: number, count: number, use: (struct: Pointer) => T): T {
    const struct = this.newStruct(first, count);
    try {
      return use(struct);
    } finally {
      this.core.free(struct);
    }
  }

  free(): void {
    for (const block of this.blocks.splice(0)) this.core.free(block);
  }

  private newStruct(first: number, count: number): Pointer {
    const { pvl_images_new } = this.core.exports;
    const pixels = this.pixels + first * this.valuesPerImage;
    return this.core.allocated(16, () => pvl_images_new(pixels, this.labels + first, count));
  }

  private filledMore(count: number): void {
    const { pvl_hash_add } = this.core.exports;
    const values = this.valuesPerImage;
    this.core.guard(() => {
      pvl_hash_add(this.hashes, this.pixels + this.filled * values, count * values);
      pvl_hash_add(this.hashes + 8, this.labels + this.filled, count);
    });
    this.filled += count;
  }

  private alloc(bytes: number): Pointer {
    const block = this.core.alloc(bytes);
    this.blocks.push(block);
    return block;
  }
}
