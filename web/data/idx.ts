// Reads IDX, the format that MNIST is published in: two zero bytes, a type byte (8 = u8), the
// number of dimensions, each dimension as a big-endian u32, then the values. Refuses another type,
// another number of dimensions, a zero dimension, and a length that is not exactly header + values.

import { dataText } from '../text/en-data';
import { DataError } from './source';

const text = dataText.idx;
const TYPE_U8 = 0x08;

export interface IdxImages {
  count: number;
  side: number;
  /** [count][side][side], a view into the parsed bytes. */
  pixels: Uint8Array;
}

interface IdxArray {
  dimensions: number[];
  values: Uint8Array;
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** `what` names the file in messages. */
function parseArray(bytes: Uint8Array, rank: number, what: string): IdxArray {
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < 4) throw new DataError(text.tooShort(what));
  const magic = Uint8Array.of(0, 0, TYPE_U8, rank);
  if (magic.some((byte, i) => byte !== bytes[i])) {
    throw new DataError(text.magic(what, hex(magic), hex(bytes.subarray(0, 4))));
  }
  if (bytes.length < headerBytes) throw new DataError(text.tooShort(what));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dimensions: number[] = [];
  // BigInt: three u32 multiply to 96 bits, which a number would round to something plausible.
  let product = 1n;
  for (let i = 0; i < rank; i++) {
    const dimension = view.getUint32(4 + 4 * i, false);
    if (dimension === 0) throw new DataError(text.dimension(what, i));
    dimensions.push(dimension);
    product *= BigInt(dimension);
  }
  const expected = product + BigInt(headerBytes);
  if (expected !== BigInt(bytes.length)) {
    throw new DataError(text.length(what, expected.toString(), bytes.length));
  }
  return { dimensions, values: bytes.subarray(headerBytes) };
}

export function parseIdxImages(bytes: Uint8Array, what: string): IdxImages {
  const { dimensions, values } = parseArray(bytes, 3, what);
  const [count = 0, height = 0, width = 0] = dimensions;
  if (height !== width) throw new DataError(text.notSquare(what, height, width));
  return { count, side: height, pixels: values };
}

export function parseIdxLabels(bytes: Uint8Array, what: string): Uint8Array {
  return parseArray(bytes, 1, what).values;
}

/** Indices of each class's pictures in file order; refuses files that do not belong together. */
export function indexByLabel(images: IdxImages, labels: Uint8Array, classes: number): number[][] {
  if (images.count !== labels.length) {
    throw new DataError(text.counts(images.count, labels.length));
  }
  const lists: number[][] = Array.from({ length: classes }, () => []);
  labels.forEach((label, i) => {
    const list = lists[label];
    if (!list) throw new DataError(text.label(label, classes));
    list.push(i);
  });
  return lists;
}
