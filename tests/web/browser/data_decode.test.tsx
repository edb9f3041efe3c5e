// What the browser's decoders and canvas make of picture files: every accepted format, orientation,
// transparency, the middle square, and exact pixels where the file keeps them.
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../../web/data/decode';
import type { Reference, SquarePolicy } from '../../../web/data/own_types';
import { createPace } from '../../../web/data/pace';
import { toRaw } from '../../../web/data/raw_picture';
import { areaAverage } from '../../data/area_average';
import { bmp, encode, fixture, gif, type Pixel } from './data_files';

const decode = (file: Blob, square?: SquarePolicy): Promise<Reference> =>
  decodePicture(file, createPace(), square);

/** The colour at (x, y) given as shares of the side. */
function at({ side, channels, pixels }: Reference, x: number, y: number): number[] {
  const i = (Math.floor(y * side) * side + Math.floor(x * side)) * channels;
  return Array.from({ length: channels }, (_, c) => pixels[i + c] ?? -1);
}

function expectNear(found: number[], wanted: number[], tolerance: number): void {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - (wanted[i] ?? 0)), `${found} near ${wanted}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
}

/** Fixed noise without a pattern that a wrong stride could keep. */
const noise: Pixel = (x, y) => {
  const v = Math.imul(x * 7919 + y * 104_729 + 1, 0x9e3779b1) >>> 0;
  return [v & 255, (v >>> 8) & 255, (v >>> 16) & 255, 255];
};
/** The middle square of `pixel`, as the bytes of an RGB picture. */
function square(width: number, height: number, pixel: Pixel): Uint8Array {
  const side = Math.min(width, height);
  const left = Math.floor((width - side) / 2);
  const top = Math.floor((height - side) / 2);
  const bytes = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      bytes.set(pixel(left + x, top + y).slice(0, 3), 3 * (y * side + x));
    }
  }
  return bytes;
}
/** Red, green over blue, white, as in the EXIF fixtures. */
const quarters =
  (width: number, height: number): Pixel =>
  (x, y) => {
    const right = x >= width / 2;
    const low = y >= height / 2;
    if (low) return right ? [255, 255, 255, 255] : [0, 0, 255, 255];
    return right ? [0, 255, 0, 255] : [255, 0, 0, 255];
  };

/** As quarters, filled by the browser: 17 million pixels one by one take seconds. */
async function bigQuarters(side: number): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d');
  const fills = ['#f00', '#0f0', '#00f', '#fff'];
  fills.forEach((fill, i) => {
    if (!context) throw new Error('no canvas');
    context.fillStyle = fill;
    context.fillRect((i % 2) * (side / 2), Math.floor(i / 2) * (side / 2), side / 2, side / 2);
  });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no PNG'))), 'image/png'),
  );
}

function expectQuarters(reference: Reference, tolerance: number): void {
  expectNear(at(reference, 0.2, 0.2), [255, 0, 0], tolerance);
  expectNear(at(reference, 0.8, 0.2), [0, 255, 0], tolerance);
  expectNear(at(reference, 0.2, 0.8), [0, 0, 255], tolerance);
  expectNear(at(reference, 0.8, 0.8), [255, 255, 255], tolerance);
}

describe('decodePicture', () => {
  it.each([
    [31, 20],
    [20, 31],
    [200, 199],
  ])('keeps every pixel of the middle square of a %i x %i PNG', async (width, height) => {
    const reference = await decode(await encode('image/png', width, height, noise));
    expect(reference).toMatchObject({ side: Math.min(width, height), channels: 3 });
    expect(reference.pixels.join()).toBe(square(width, height, noise).join());
  });

  it('averages a larger one exactly, over the seams of its strips', async () => {
    const reference = await decode(await encode('image/png', 900, 700, noise));
    const expected = areaAverage(square(900, 700, noise), 700, 256, 3);
    expect(reference.side).toBe(256);
    expect(reference.pixels.join()).toBe(expected.join());
  });

  it('reads BMP exactly', async () => {
    const reference = await decode(bmp(21, 13, noise));
    expect(reference.pixels.join()).toBe(square(21, 13, noise).join());
  });

  it.each(['image/jpeg', 'image/webp'] as const)('reads %s', async (type) => {
    expectQuarters(await decode(await encode(type, 64, 64, quarters(64, 64))), 12);
  });

  it('takes the first picture of an animated GIF', async () => {
    const reference = await decode(
      gif(
        6,
        5,
        [
          [250, 10, 20],
          [1, 2, 3],
        ],
        [0, 1],
      ),
    );
    expect(reference).toMatchObject({ side: 5, channels: 3 });
    expect(at(reference, 0.5, 0.5)).toEqual([250, 10, 20]);
  });

  it.each(['exif_1.jpg', 'exif_6.jpg', 'exif_8.jpg'])('turns %s upright', async (name) => {
    const reference = await decode(await fixture(name));
    expect(reference.side).toBe(16);
    expectQuarters(reference, 40);
  });

  it('averages a picture wider than any canvas block', async () => {
    const reference = await decode(await bigQuarters(4100));
    expect(reference).toMatchObject({ side: 256, channels: 3 });
    expectQuarters(reference, 1);
  });

  describe('the square', () => {
    // One row of three pixels over another: an odd rest of 1 beside the middle square of 2.
    const wide = (): Blob => bmp(3, 2, (x, y) => [10 * (x + 1) + 100 * y, 7, 7, 255]);
    const reds = async (square: SquarePolicy): Promise<[number, number[]]> => {
      const { side, pixels } = await decode(wide(), square);
      return [side, [...pixels].filter((_, i) => i % 3 === 0)];
    };

    it('is cut from the middle, an odd rest to the right', async () => {
      expect(await reds('crop')).toEqual([2, [10, 20, 110, 120]]);
    });

    it('holds all of it on mid grey, an odd rest below', async () => {
      expect(await reds('fit')).toEqual([3, [10, 20, 30, 110, 120, 130, 128, 128, 128]]);
    });

    it('holds all of it stretched, tiles averaged half up', async () => {
      expect(await reds('stretch')).toEqual([3, [10, 20, 30, 60, 70, 80, 110, 120, 130]]);
    });

    it('is that of raw pixels too, whatever the policy', async () => {
      const raw = toRaw(3, 2, 1, Uint8Array.of(1, 2, 3, 101, 102, 103));
      expect([...(await decode(raw)).pixels]).toEqual([1, 2, 101, 102]);
      expect([...(await decode(raw, 'fit')).pixels]).toEqual([
        1, 2, 3, 101, 102, 103, 128, 128, 128,
      ]);
      expect([...(await decode(raw, 'stretch')).pixels]).toEqual([
        1, 2, 3, 51, 52, 53, 101, 102, 103,
      ]);
    });
  });

  it('puts see-through pixels on white', async () => {
    const clear = await decode(await fixture('alpha_zero.png'));
    expect(new Set(clear.pixels)).toEqual(new Set([255]));
    const half = await decode(await encode('image/png', 4, 4, () => [255, 0, 0, 128]));
    expectNear(at(half, 0, 0), [255, 127, 127], 2);
  });

  it('keeps grey pictures in one channel', async () => {
    const deep = await decode(await fixture('grey16.png'));
    expect(deep.channels).toBe(1);
    expectNear(at(deep, 0, 0), [156], 1);
    const steps = await decode(
      await encode('image/png', 5, 5, (x, y) => [10 * x + y, 10 * x + y, 10 * x + y, 255]),
    );
    expect(steps.channels).toBe(1);
    expect([...steps.pixels.slice(5, 10)]).toEqual([1, 11, 21, 31, 41]);
    const one = await decode(
      await encode('image/png', 9, 9, (x, y) =>
        x === 8 && y === 8 ? [9, 9, 8, 255] : [9, 9, 9, 255],
      ),
    );
    expect(one.channels).toBe(3);
  });

  it('reads four-channel JPEG', async () => {
    expectNear(at(await decode(await fixture('cmyk.jpg')), 0.5, 0.5), [255, 0, 0], 40);
  });

  it.each(['empty.png', 'png_named_text.png', 'header_only_65535x65535.png', 'script.svg'])(
    'rejects %s',
    async (name) => {
      await expect(decode(await fixture(name))).rejects.toBeInstanceOf(Error);
    },
  );

  it.each(['truncated_half.png', 'bad_crc.png'])('rejects or shows %s', async (name) => {
    const result = await decode(await fixture(name)).catch((error: unknown) => error);
    if (result instanceof Error) return;
    expect((result as Reference).side).toBe(32);
  });

  it('stops when aborted', async () => {
    const blob = await encode('image/png', 300, 300, noise);
    const pace = createPace(AbortSignal.abort());
    await expect(decodePicture(blob, pace)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
