// The sets of real pictures that ship inside the page, one row each. What differs between sets
// stands here and in text/en-sets.ts; the code in shipped.ts, the build's packer and the card about
// the data read these rows and know no set by name.

export const SHIPPED_IDS = ['fashion', 'glyphs', 'photos', 'digits'] as const;
export type ShippedId = (typeof SHIPPED_IDS)[number];

/**
 * How the pixels lie in the packed files: a byte each; two to a byte, 4 bits each, the left one in the
 * high half; or as whole photographs, one a class, from which patches are cut.
 */
export type Form = 'bytes' | 'nibbles' | 'photos';

export interface ShippedSet {
  /** Of the packed files and of PictureSource. */
  readonly folder: 'fashion6k' | 'glyphs62' | 'textures3' | 'digits8x8';
  readonly form: Form;
  /** Side of a picture by itself. */
  readonly side: number;
  /** Resolutions for the slider: divisors and multiples of the side, and the scenes' own sizes. */
  readonly sides: readonly number[];
  /** Published labels in the order that the number of kinds takes them. */
  readonly order: readonly number[];
  /** Pictures per class, in `order`. */
  readonly train: readonly number[];
  readonly test: readonly number[];
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const each = (classes: number, count: number): number[] => upTo(classes).map(() => count);

export const SHIPPED: Readonly<Record<ShippedId, ShippedSet>> = {
  fashion: {
    folder: 'fashion6k',
    form: 'bytes',
    side: 28,
    sides: [7, 8, 12, 14, 16, 24, 28, 32, 48, 56, 64, 96, 112],
    // First those that look least alike, then the look-alikes (pullover, coat, shirt), so that every
    // added kind is harder than the one before. Two kinds: T-shirt and trousers.
    order: [0, 1, 8, 9, 3, 5, 7, 2, 4, 6],
    train: each(10, 500),
    test: each(10, 100),
  },
  glyphs: {
    folder: 'glyphs62',
    form: 'nibbles',
    side: 64,
    sides: [8, 12, 16, 24, 32, 48, 64, 96, 128],
    order: upTo(62),
    train: each(62, 135),
    test: each(62, 54),
  },
  photos: {
    folder: 'textures3',
    form: 'photos',
    side: 64,
    sides: [4, 8, 12, 16, 24, 32, 48, 64, 96, 128],
    order: upTo(3),
    train: each(3, 200),
    test: each(3, 80),
  },
  digits: {
    folder: 'digits8x8',
    form: 'bytes',
    side: 8,
    sides: [4, 8, 12, 16, 24, 32, 48, 64],
    order: upTo(10),
    train: [151, 161, 143, 131, 147, 154, 150, 136, 127, 138],
    test: [27, 21, 34, 52, 34, 28, 31, 43, 47, 42],
  },
};

/** Photographs are cut: training patches left of the gap, test patches right of it. */
export const PHOTO = { side: 512, trainEnd: 256, testStart: 320 } as const;

export const PARTS = ['train', 'test'] as const;
export type ShippedPart = (typeof PARTS)[number];

export const imagesOf = (part: ShippedPart): string => `${part}-images-idx3-ubyte.gz`;
export const labelsOf = (part: ShippedPart): string => `${part}-labels-idx1-ubyte.gz`;
export const PHOTOS_FILE = 'photos-idx3-ubyte.gz';

/** The packed files of a set. */
export function filesOf({ form }: ShippedSet): readonly string[] {
  if (form === 'photos') return [PHOTOS_FILE];
  return PARTS.flatMap((part) => [imagesOf(part), labelsOf(part)]);
}

export function isShipped(source: string): source is ShippedId {
  return (SHIPPED_IDS as readonly string[]).includes(source);
}
