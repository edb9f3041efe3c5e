// From a picture file to its reference: the browser decodes (EXIF orientation applied), the middle
// square is read pixel by pixel over white, and the core's exact area average brings it to at most
// REFERENCE_SIDE. Needs a page (canvas); refuses what the browser cannot decode.

import { limits } from './limits';
import { REFERENCE_SIDE, type Reference } from './own_types';
import type { Pace } from './pace';
import type { Resize } from './source';

/** Pixels read from the canvas at once: 1 MiB of RGBA, a few milliseconds. */
const STRIP_PIXELS = 256 * 1024;
/** See-through pixels show the paper behind them. */
const PAPER = '#fff';

/** What drawImage takes, with its upright size. */
interface Opened {
  image: ImageBitmap | HTMLImageElement;
  width: number;
  height: number;
  close(): void;
}

/** For browsers whose createImageBitmap knows no options: an <img> element is upright by itself. */
async function openAsElement(file: Blob): Promise<Opened> {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    return { image, width, height, close: () => URL.revokeObjectURL(url) };
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

async function open(file: Blob): Promise<Opened> {
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch (error) {
    // TypeError = the option is not known; anything else is about the picture.
    if (!(error instanceof TypeError)) throw error;
    return openAsElement(file);
  }
  return { image, width: image.width, height: image.height, close: () => image.close() };
}

/** A middle square larger than the core takes is drawn down by the browser first. */
async function shrunk(opened: Opened): Promise<Opened> {
  const crop = Math.min(opened.width, opened.height);
  if (crop <= limits.resizeSide) return opened;
  const left = Math.floor((opened.width - crop) / 2);
  const top = Math.floor((opened.height - crop) / 2);
  const side = limits.resizeSide;
  const options = { resizeWidth: side, resizeHeight: side, resizeQuality: 'high' } as const;
  try {
    const image = await createImageBitmap(opened.image, left, top, crop, crop, options);
    return { image, width: side, height: side, close: () => image.close() };
  } finally {
    opened.close();
  }
}

interface Square {
  side: number;
  /** [side][side][3] */
  colour: Uint8Array;
  grey: boolean;
}

/** The middle square at its own size; an odd rest is cut right and below. */
async function readSquare(opened: Opened, pace: Pace): Promise<Square> {
  const side = Math.min(opened.width, opened.height);
  const left = Math.floor((opened.width - side) / 2);
  const top = Math.floor((opened.height - side) / 2);
  const rowsAtOnce = Math.min(side, Math.max(1, Math.floor(STRIP_PIXELS / side)));
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = rowsAtOnce;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  const colour = new Uint8Array(side * side * 3);
  let grey = true;
  let at = 0;
  for (let y = 0; y < side; y += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, side - y);
    context.fillStyle = PAPER;
    context.fillRect(0, 0, side, rows);
    context.drawImage(opened.image, left, top + y, side, rows, 0, 0, side, rows);
    const { data } = context.getImageData(0, 0, side, rows);
    for (let i = 0; i < data.length; i += 4, at += 3) {
      const r = data[i] ?? 0;
      const g = data[i + 1] ?? 0;
      const b = data[i + 2] ?? 0;
      colour[at] = r;
      colour[at + 1] = g;
      colour[at + 2] = b;
      grey &&= r === g && g === b;
    }
    await pace();
  }
  canvas.width = 0; // frees the pixels at once; some browsers keep them until collected
  return { side, colour, grey };
}

/** Red of every pixel, in place: a large photograph's bytes are not copied once more. */
function firstChannel(colour: Uint8Array): Uint8Array {
  const count = colour.length / 3;
  for (let i = 0; i < count; i++) colour[i] = colour[3 * i] ?? 0;
  return colour.subarray(0, count);
}

export async function decodePicture(file: Blob, resize: Resize, pace: Pace): Promise<Reference> {
  const opened = await shrunk(await open(file));
  let square: Square;
  try {
    square = await readSquare(opened, pace);
  } finally {
    opened.close();
  }
  const { side, colour, grey } = square;
  const channels = grey ? 1 : 3;
  const pixels = grey ? firstChannel(colour) : colour;
  // A copy of its own, so that a third of it does not keep the whole in memory.
  if (side <= REFERENCE_SIDE) return { side, channels, pixels: pixels.slice() };
  return {
    side: REFERENCE_SIDE,
    channels,
    pixels: resize(pixels, side, REFERENCE_SIDE, channels),
  };
}
