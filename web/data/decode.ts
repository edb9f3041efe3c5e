// From a picture file to its reference: the browser decodes (EXIF orientation applied, colour
// profiles ignored, see-through parts on white), its pixels are read in blocks, and the exact area
// average (area.ts: the core's wants the whole square in its memory) brings them to a square of at
// most REFERENCE_SIDE. Pictures that are only pixels touch no canvas. Refuses what the browser cannot decode.
//
// The square of a picture of w x h pixels, by policy; every average is rounded half up once:
//   crop     the middle square of side m = min(w, h), from pixel floor((w - m) / 2) across and
//            floor((h - m) / 2) down, so that an odd rest is cut right and below
//   fit      a square of side m = max(w, h) of mid grey (BORDER), the picture in it at the same
//            kind of place, so that an odd rest of border is right and below
//   stretch  m = max(w, h); each axis averaged by itself, the shorter one enlarged as if its
//            pixels were tiles
// m above REFERENCE_SIDE becomes REFERENCE_SIDE. The border is there before the average.

import { AreaAverage, type Block } from './area';
import { REFERENCE_SIDE, type Reference, type SquarePolicy } from './own_types';
import type { Pace } from './pace';
import { RAW_TYPE, readRaw } from './raw_picture';
import type { Channels } from './source';

/** Pixels read from the canvas at once: 1 MiB of RGBA, a few milliseconds. */
const BLOCK_PIXELS = 256 * 1024;
/** No browser's canvas is narrower than it can be. */
const BLOCK_COLUMNS = 8192;
/** See-through pixels show the paper behind them. */
const PAPER = '#fff';
/** Mid grey: half of 255, rounded up. */
const BORDER = 128;

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
    image = await createImageBitmap(file, {
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
  } catch (error) {
    // TypeError = an option is not known; anything else is about the picture.
    if (!(error instanceof TypeError)) throw error;
    return openAsElement(file);
  }
  return { image, width: image.width, height: image.height, close: () => image.close() };
}

/** A part of the picture and where it lies in the rectangle that becomes the square. */
interface Layout {
  /** Of the rectangle. */
  width: number;
  height: number;
  /** Of the part: its upper left pixel in the picture, and its size. */
  left: number;
  top: number;
  columns: number;
  rows: number;
  /** Place of that pixel in the rectangle. */
  x: number;
  y: number;
}

/** The definition at the head of this file, for a picture of w x h. */
function layoutOf(w: number, h: number, square: SquarePolicy): Layout {
  const whole = { left: 0, top: 0, columns: w, rows: h, x: 0, y: 0 };
  const half = (rest: number): number => Math.floor(rest / 2);
  switch (square) {
    case 'crop': {
      const m = Math.min(w, h);
      const cut = { left: half(w - m), top: half(h - m), columns: m, rows: m };
      return { ...whole, ...cut, width: m, height: m };
    }
    case 'fit': {
      const m = Math.max(w, h);
      return { ...whole, width: m, height: m, x: half(m - w), y: half(m - h) };
    }
    case 'stretch':
      return { ...whole, width: w, height: h };
    default:
      return square satisfies never;
  }
}

/** Where pixels come from: [rows][columns][stride] of a part of the picture. */
interface Pixels {
  width: number;
  height: number;
  stride: number;
  read(left: number, top: number, columns: number, rows: number): Block['data'];
  close(): void;
}

async function readFile(file: Blob): Promise<Pixels> {
  const { image, width, height, close } = await open(file);
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  return {
    width,
    height,
    stride: 4,
    read(left, top, columns, rows) {
      if (!context) throw new Error('no canvas');
      // Not for every block: setting a side clears the canvas and takes it anew.
      if (canvas.width !== columns || canvas.height !== rows) {
        canvas.width = columns;
        canvas.height = rows;
      }
      context.fillStyle = PAPER;
      context.fillRect(0, 0, columns, rows);
      context.drawImage(image, left, top, columns, rows, 0, 0, columns, rows);
      return context.getImageData(0, 0, columns, rows).data;
    },
    close() {
      close();
      canvas.width = 0; // frees the pixels at once; some browsers keep them until collected
    },
  };
}

async function readPixels(file: Blob): Promise<Pixels> {
  const { width, height, channels, pixels } = await readRaw(file);
  return {
    width,
    height,
    stride: channels,
    read(left, top, columns, rows) {
      const data = new Uint8Array(rows * columns * channels);
      for (let r = 0; r < rows; r++) {
        const from = ((top + r) * width + left) * channels;
        data.set(pixels.subarray(from, from + columns * channels), r * columns * channels);
      }
      return data;
    },
    close: () => undefined,
  };
}

function isGrey({ data, stride }: Block): boolean {
  for (let i = 0; i < data.length; i += stride) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}

/** Red of every pixel of [][3]; equal channels have equal averages. */
function firstChannel(colour: Uint8Array): Uint8Array {
  const grey = new Uint8Array(colour.length / 3);
  for (let i = 0; i < grey.length; i++) grey[i] = colour[3 * i] ?? 0;
  return grey;
}

async function average(pixels: Pixels, square: SquarePolicy, pace: Pace): Promise<Reference> {
  const { width, height, left, top, columns, rows, x, y } = layoutOf(
    pixels.width,
    pixels.height,
    square,
  );
  const side = Math.min(REFERENCE_SIDE, Math.max(width, height));
  const { stride } = pixels;
  const channels: Channels = stride === 1 ? 1 : 3;
  const sum = new AreaAverage({ width, height, side, channels, border: BORDER });
  const wide = Math.min(columns, BLOCK_COLUMNS);
  const high = Math.min(rows, Math.max(1, Math.floor(BLOCK_PIXELS / wide)));
  let grey = true;
  for (let r = 0; r < rows; r += high) {
    for (let c = 0; c < columns; c += wide) {
      await pace();
      const size = { columns: Math.min(wide, columns - c), rows: Math.min(high, rows - r) };
      const data = pixels.read(left + c, top + r, size.columns, size.rows);
      const block = { ...size, data, x: x + c, y: y + r, stride };
      sum.add(block);
      grey &&= channels === 1 || isGrey(block);
    }
  }
  await pace();
  const result = sum.finish();
  return grey && channels === 3
    ? { side, channels: 1, pixels: firstChannel(result) }
    : { side, channels, pixels: result };
}

/** `pace` is awaited between blocks; it ends the work by throwing. */
export async function decodePicture(
  file: Blob,
  pace: Pace,
  square: SquarePolicy = 'crop',
): Promise<Reference> {
  const pixels = await (file.type === RAW_TYPE ? readPixels(file) : readFile(file));
  try {
    return await average(pixels, square, pace);
  } finally {
    pixels.close();
  }
}
