// The area average of images, cnn_image_resize, where it is the same as picking the nearest pixel:
// when a square image of whole grey levels grows by a whole factor.
import type { Kernels } from './kernels';
import { dims4, type Tensor, zeros } from './tensor';

/** x NHWC, square, integers 0..255 -> [N][side][side][C]. */
export function resizeByWhole(k: Kernels, x: Tensor, side: number): Tensor {
  const [images, height, , channels] = dims4(x);
  const out = zeros([images, side, side, channels]);
  for (let n = 0; n < images; n++) {
    const size = height * height * channels;
    const pixels = Uint8Array.from(x.data.subarray(n * size, (n + 1) * size));
    out.data.set(k.resize(pixels, side, height, channels), n * side * side * channels);
  }
  return out;
}

/** Whether an image [N, H, W, C] can be asked of the core for this new side. */
export function growsByWhole(x: Tensor, side: number): boolean {
  const [, height, width] = dims4(x);
  const levels = x.data.every((v) => Number.isInteger(v) && v >= 0 && v <= 255);
  return height === width && side % height === 0 && levels;
}
