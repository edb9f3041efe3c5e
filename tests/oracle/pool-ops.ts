// Pools of any window through the core's. A window is a small map of its own to the global pools
// (cnn_global_max, cnn_global_average); padding is left out of it. Windows of 2x2 go through the
// block's pools as well (cnn_activate_pool), and largest ones through the convolution's fused pool,
// behind a kernel that copies the image; all must agree bit for bit. That kernel is 5x5, because the
// pool behind 3x3 has Winograd's sums, which copy nothing exactly. The average is over square windows
// only: the core knows no other.
import type { ConvShape } from './conv-kernels';
import { channelPortions, copyingTaps, square } from './conv-ops';
import type { Plane } from './geometry';
import { DEAD, type Kernels } from './kernels';
import { at, dims4, type Tensor, zeros } from './tensor';

interface Window {
  image: number;
  /** Output position, counted over images, rows and columns. */
  index: number;
  /** Pixels y * width + x that lie inside of the image, row by row. */
  pixels: number[];
  /** Rows that lie inside. */
  rows: number;
  /** Upper left corner, which may lie in the padding. */
  top: number;
  left: number;
}

function windowsOf(x: Tensor, [vertical, horizontal]: Plane): Window[] {
  const [images, height, width] = dims4(x);
  const windows: Window[] = [];
  for (let index = 0; index < images * vertical.output * horizontal.output; index++) {
    const column = index % horizontal.output;
    const row = Math.floor(index / horizontal.output) % vertical.output;
    const top = row * vertical.stride - vertical.begin;
    const left = column * horizontal.stride - horizontal.begin;
    const pixels: number[] = [];
    for (let i = 0; i < vertical.kernel * horizontal.kernel; i++) {
      const y = top + Math.floor(i / horizontal.kernel) * vertical.dilation;
      const xx = left + (i % horizontal.kernel) * horizontal.dilation;
      if (y >= 0 && y < height && xx >= 0 && xx < width) pixels.push(y * width + xx);
    }
    const image = Math.floor(index / horizontal.output / vertical.output);
    const rows = new Set(pixels.map((pixel) => Math.floor(pixel / width))).size;
    windows.push({ image, index, pixels, rows, top, left });
  }
  return windows;
}

/** The pixels of a window as a map [positions][C]. */
function mapOf(x: Tensor, { image, pixels }: Window): Float64Array {
  const [, height, width, channels] = dims4(x);
  const map = new Float64Array(pixels.length * channels);
  pixels.forEach((pixel, i) => {
    const from = (image * height * width + pixel) * channels;
    map.set(x.data.subarray(from, from + channels), i * channels);
  });
  return map;
}

/** Adds a window's gradient [positions][C] to the image's. */
function addMap(dx: Tensor, { image, pixels }: Window, dmap: ArrayLike<number>): void {
  const [, height, width, channels] = dims4(dx);
  pixels.forEach((pixel, i) => {
    const to = (image * height * width + pixel) * channels;
    for (let c = 0; c < channels; c++) {
      dx.data[to + c] = at(dx.data, to + c) + at(dmap, i * channels + c);
    }
  });
}

function outputShape(x: Tensor, plane: Plane): number[] {
  return [at(x.shape, 0), plane[0].output, plane[1].output, at(x.shape, 3)];
}

function isCell([vertical, horizontal]: Plane): boolean {
  return [vertical, horizontal].every(({ kernel, dilation }) => kernel === 2 && dilation === 1);
}

/** x NHWC -> values NHWC, and y * width + x of the first maximum in each window. */
export function maxPool(k: Kernels, x: Tensor, plane: Plane): { values: Tensor; place: Tensor } {
  const values = zeros(outputShape(x, plane));
  const place = zeros(values.shape);
  const channels = at(x.shape, 3);
  for (const window of windowsOf(x, plane)) {
    const pool = k.globalMax(mapOf(x, window), window.pixels.length, channels);
    values.data.set(pool.features, window.index * channels);
    const pixels = Array.from(pool.place, (position) => at(window.pixels, position));
    place.data.set(pixels, window.index * channels);
  }
  if (isCell(plane)) {
    const fused = fusedMaxPool(k, x, plane);
    if (fused.values.data.some((value, i) => value !== at(values.data, i))) {
      throw new Error('the fused pool and the global maximum of the window differ in value');
    }
    if (fused.place.data.some((value, i) => value !== at(place.data, i))) {
      throw new Error('the fused pool and the global maximum of the window differ in place');
    }
  }
  return { values, place };
}

/** All 2x2 cells of an image that begin at an even distance from (top, left). */
interface Phase {
  winner: Uint8Array;
  out: Float32Array;
  outSide: number;
}

function copyingShape(side: number, channels: number): ConvShape {
  return { side, channels, filters: channels, kernel: 5, stride: 1, same: true, pooled: true };
}

/** Runs the fused pool over one portion of channels of one image. What lies outside of the image is
 *  lower than all of it; ReLU is lifted out of the way by the bias, which comes after the maximum. */
function runPhase(
  k: Kernels,
  x: Tensor,
  image: number,
  [top, left]: readonly [number, number],
  portion: readonly [number, number],
): { phase: Phase; pixels: Float32Array; lift: number } {
  const [, height, width] = dims4(x);
  const resolution = 2 * Math.ceil((Math.max(height - top, width - left) + 1) / 2);
  const [lowest, channels] = [x.data.reduce((low, v) => Math.min(low, v), 0), portion[1]];
  const lift = 2 ** Math.ceil(Math.log2(2 - lowest));
  const pixels = square(x, image, [top, left], resolution, portion);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = Math.floor(i / channels);
    const [y, xx] = [top + Math.floor(pixel / resolution), left + (pixel % resolution)];
    if (y < 0 || y >= height || xx < 0 || xx >= width) pixels[i] = lowest - 1;
  }
  const shape = copyingShape(resolution, channels);
  const bias = new Float32Array(channels).fill(lift);
  const phase = k.convForward(pixels, copyingTaps(channels, 5), bias, shape);
  const lifted = k.activatePool(
    pixels.map((pixel) => pixel + lift),
    'max',
    resolution,
  );
  if (lifted.out.some((value, i) => value !== at(phase.out, i))) {
    throw new Error("the block's pool and the convolution's differ");
  }
  return { phase, pixels, lift };
}

function fusedMaxPool(k: Kernels, x: Tensor, plane: Plane): { values: Tensor; place: Tensor } {
  const values = zeros(outputShape(x, plane));
  const place = zeros(values.shape);
  const [, , width, channels] = dims4(x);
  const runs = new Map<string, ReturnType<typeof runPhase>>();
  for (const window of windowsOf(x, plane)) {
    // Cells begin at even steps from a corner: at the padding's, or one step further.
    const corner = [window.top, window.left].map((start) => (start & 1) - 2 * +(start < 0));
    const origin = [at(corner, 0), at(corner, 1)] as const;
    for (const portion of channelPortions(channels)) {
      const key = [window.image, ...origin, ...portion].join();
      const run = runs.get(key) ?? runPhase(k, x, window.image, origin, portion);
      runs.set(key, run);
      const cell =
        ((window.top - origin[0]) / 2) * run.phase.outSide + (window.left - origin[1]) / 2;
      for (let c = 0; c < portion[1]; c++) {
        const unit = cell * portion[1] + c;
        const position = at(run.phase.winner, unit);
        if (position === DEAD) throw new Error('a lifted maximum is dead');
        const [y, xx] = [window.top + (position >> 1), window.left + (position & 1)];
        const side = run.phase.outSide * 2;
        const pixel = (y - origin[0]) * side + xx - origin[1];
        const value = at(run.pixels, pixel * portion[1] + c);
        if (at(run.phase.out, unit) !== Math.fround(value + run.lift)) {
          throw new Error('the fused pool returned another value than its winner has');
        }
        values.data[window.index * channels + portion[0] + c] = value;
        place.data[window.index * channels + portion[0] + c] = y * width + xx;
      }
    }
  }
  return { values, place };
}

/** Gradient of the input NHWC for dy NHWC: all of it to each window's first maximum. */
export function maxPoolGradient(k: Kernels, x: Tensor, dy: Tensor, plane: Plane): Tensor {
  const dx = zeros(x.shape);
  const channels = at(x.shape, 3);
  for (const window of windowsOf(x, plane)) {
    const positions = window.pixels.length;
    const { place } = k.globalMax(mapOf(x, window), positions, channels);
    const dfeatures = dy.data.subarray(window.index * channels, (window.index + 1) * channels);
    addMap(dx, window, k.globalMaxGradient(dfeatures, place, positions));
  }
  if (isCell(plane) && plane[0].stride === 2 && plane[0].begin === 0) {
    const fused = fusedMaxPoolGradient(k, x, dy);
    if (fused.data.some((value, i) => value !== at(dx.data, i))) {
      throw new Error('the gradients by winner and by global maximum differ');
    }
  }
  return dx;
}

/** The same through the convolution's backward pass, one channel at a time: the gradient of the tap
 *  in the middle, with an image that is 1 at one pixel, is what the pool sends to that pixel. */
function fusedMaxPoolGradient(k: Kernels, x: Tensor, dy: Tensor): Tensor {
  const [images, height, width, channels] = dims4(x);
  const dx = zeros(x.shape);
  for (let plane = 0; plane < images * channels; plane++) {
    const [image, c] = [Math.floor(plane / channels), plane % channels];
    const { phase, pixels } = runPhase(k, x, image, [0, 0], [c, 1]);
    const resolution = phase.outSide * 2;
    const dout = square(dy, image, [0, 0], phase.outSide, [c, 1]);
    const shape = copyingShape(resolution, 1);
    const block = k.activatePoolGradient(dout, phase.winner, 'max', resolution, 1);
    for (let i = 0; i < height * width; i++) {
      const pixel = Math.floor(i / width) * resolution + (i % width);
      const one = Float32Array.from(pixels, (_, p) => +(p === pixel));
      const dkernel = new Float32Array(25);
      k.convWeightGradient(dkernel, new Float32Array(1), one, dout, phase.winner, shape);
      const own = at(dkernel, 12);
      if (own !== at(block, pixel)) throw new Error("the block's gradient and the tap's differ");
      dx.data[(image * height * width + i) * channels + c] = own;
    }
  }
  return dx;
}

function sideOf({ pixels, rows }: Window): number {
  if (pixels.length !== rows * rows) throw new RangeError('the window is not square');
  return rows;
}

/** Whether the core can average every window of a pool. */
export function windowsAreSquare(x: Tensor, plane: Plane): boolean {
  return windowsOf(x, plane).every(({ pixels, rows }) => pixels.length === rows * rows);
}

/** Whether a window is a whole cell of the block's pool. */
function isWhole(plane: Plane, { pixels }: Window): boolean {
  return isCell(plane) && pixels.length === 4;
}

/** x NHWC; padding is not counted, unless it is part of x. */
export function averagePool(k: Kernels, x: Tensor, plane: Plane): Tensor {
  const out = zeros(outputShape(x, plane));
  const channels = at(x.shape, 3);
  for (const window of windowsOf(x, plane)) {
    const map = mapOf(x, window);
    const features = isWhole(plane, window)
      ? cellAverage(k, map)
      : k.globalAverage(map, sideOf(window), channels);
    out.data.set(features, window.index * channels);
  }
  return out;
}

/** The mean of a cell [2][2][C]: of what ReLU lets through, and of what it does not. */
function cellAverage(k: Kernels, map: Float64Array): Float32Array {
  const above = k.activatePool(map, 'average', 2).out;
  const negative = map.map((value) => -value);
  const below = k.activatePool(negative, 'average', 2).out;
  return above.map((value, i) => value - at(below, i));
}

export function averagePoolGradient(k: Kernels, x: Tensor, dy: Tensor, plane: Plane): Tensor {
  const dx = zeros(x.shape);
  const channels = at(x.shape, 3);
  for (const window of windowsOf(x, plane)) {
    const dfeatures = dy.data.subarray(window.index * channels, (window.index + 1) * channels);
    const dmap = k.globalAverageGradient(dfeatures, sideOf(window) ** 2);
    if (isWhole(plane, window)) {
      const { winner } = k.activatePool(new Float32Array(dmap.length).fill(1), 'average', 2);
      const cell = k.activatePoolGradient(dfeatures, winner, 'average', 2, channels);
      if (cell.some((value, i) => value !== at(dmap, i))) {
        throw new Error("the gradients of the block's average and the global one differ");
      }
    }
    addMap(dx, window, dmap);
  }
  return dx;
}
