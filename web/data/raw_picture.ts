// A picture that is nothing but its pixels: a row of a table, a camera frame, a drawing. It travels
// as a Blob like any picture file and needs no canvas to decode. Eight bytes stand before the
// pixels: "PX1", channels (1 or 3), width and height as u16, low byte first. Whatever does not
// keep to that is refused, because a collection kept in the browser comes from outside.

import { captureText } from '../text/en-capture';
import { limits } from './limits';
import { type Channels, DataError } from './source';

/** Blob.type of these pictures; a file that only claims it still has to pass readRaw. */
export const RAW_TYPE = 'application/x-pixels';

export interface RawPicture {
  /** 1..limits.resizeSide */
  width: number;
  height: number;
  channels: Channels;
  /** [height][width][channels] */
  pixels: Uint8Array;
}

const MAGIC = [0x50, 0x58, 0x31] as const;
const HEADER_BYTES = 8;

function fits(side: number): boolean {
  return Number.isInteger(side) && side >= 1 && side <= limits.resizeSide;
}

/** Copies the pixels. Throws a RangeError when sides, channels and length do not fit together. */
export function toRaw(width: number, height: number, channels: Channels, pixels: Uint8Array): Blob {
  const bytes = width * height * channels;
  if (!fits(width) || !fits(height) || pixels.length !== bytes) {
    throw new RangeError(`${width} x ${height} x ${channels} is not ${pixels.length} values`);
  }
  const raw = new Uint8Array(HEADER_BYTES + bytes);
  raw.set([...MAGIC, channels, width & 255, width >> 8, height & 255, height >> 8]);
  raw.set(pixels, HEADER_BYTES);
  return new Blob([raw], { type: RAW_TYPE });
}

/** Throws a DataError when these are not the bytes of a raw picture, whole and no more. */
export async function readRaw(blob: Blob): Promise<RawPicture> {
  if (blob.size > HEADER_BYTES + 3 * limits.resizeSide ** 2) throw damaged();
  const raw = new Uint8Array(await blob.arrayBuffer());
  const [a, b, c, channels, w0 = 0, w1 = 0, h0 = 0, h1 = 0] = raw;
  const width = w0 | (w1 << 8);
  const height = h0 | (h1 << 8);
  if (a !== MAGIC[0] || b !== MAGIC[1] || c !== MAGIC[2]) throw damaged();
  if ((channels !== 1 && channels !== 3) || !fits(width) || !fits(height)) throw damaged();
  const pixels = raw.subarray(HEADER_BYTES);
  if (pixels.length !== width * height * channels) throw damaged();
  return { width, height, channels, pixels };
}

function damaged(): DataError {
  return new DataError(captureText.rawDamaged);
}
