// Convolutions of any shape through the core's: 3x3 or 5x5, stride 1 or 2, valid or same. What the
// core has no name for is put together from several of its calls:
//   other kernels      tiles of taps, their results added; missing and dilated ones are zero
//   other strides      every third (...) output of stride 1 is read
//   groups             one after the other
//   other padding      written into the image
import type { ConvShape } from './conv-kernels';
import type { Plane } from './geometry';
import type { Kernels } from './kernels';
import { at, dims4, type Tensor, tensor, zeros } from './tensor';

/** As many channels as the core takes. */
const MOST = 64;

/** Channels in the portions that the core takes: [first, count]. */
export function channelPortions(channels: number, first = 0): [number, number][] {
  const portions: [number, number][] = [];
  for (let c = 0; c < channels; c += MOST) {
    portions.push([first + c, Math.min(MOST, channels - c)]);
  }
  return portions;
}

/** A square cut [side][side][count] out of image n of an NHWC tensor; zeros outside of it. */
export function square(
  x: Tensor,
  n: number,
  [top, left]: readonly [number, number],
  side: number,
  [first, count]: readonly [number, number],
): Float32Array {
  const [, height, width, channels] = dims4(x);
  const cut = new Float32Array(side * side * count);
  for (let i = 0; i < side * side; i++) {
    const [y, xx] = [top + Math.floor(i / side), left + (i % side)];
    if (y < 0 || y >= height || xx < 0 || xx >= width) continue;
    for (let c = 0; c < count; c++) {
      cut[i * count + c] = at(x.data, ((n * height + y) * width + xx) * channels + first + c);
    }
  }
  return cut;
}

/** HWIO with `dilation - 1` zeros between the taps. */
function dilated(filter: Tensor, [vertical, horizontal]: Plane): Tensor {
  const [height, width, channels, filters] = dims4(filter);
  const wide = zeros([
    vertical.dilation * (height - 1) + 1,
    horizontal.dilation * (width - 1) + 1,
    channels,
    filters,
  ]);
  const depth = channels * filters;
  for (let i = 0; i < height * width; i++) {
    const y = vertical.dilation * Math.floor(i / width);
    const x = horizontal.dilation * (i % width);
    const taps = filter.data.subarray(i * depth, (i + 1) * depth);
    wide.data.set(taps, (y * at(wide.shape, 1) + x) * depth);
  }
  return wide;
}

/** One call's share of a convolution. `tile`: first tap; portion of the image's channels, and where
 *  they begin within the filter's; portion of the filters. */
interface Share {
  tile: [number, number];
  taps: 3 | 5;
  channels: [number, number];
  depthFirst: number;
  filters: [number, number];
}

function sharesOf(filter: Tensor, groups: number): Share[][] {
  const [height, width, depth, filters] = dims4(filter);
  const perGroup = filters / groups;
  const taps = Math.max(height, width) > 3 ? 5 : 3;
  return Array.from({ length: groups }, (_, group) => {
    const shares: Share[] = [];
    for (let y = 0; y < height; y += taps) {
      for (let x = 0; x < width; x += taps) {
        for (const channels of channelPortions(depth, group * depth)) {
          for (const own of channelPortions(perGroup, group * perGroup)) {
            const depthFirst = channels[0] - group * depth;
            shares.push({ tile: [y, x], taps, channels, depthFirst, filters: own });
          }
        }
      }
    }
    return shares;
  });
}

/** The taps of a share, [taps][taps][channels][filters]. */
function tapsOf(filter: Tensor, share: Share): Float32Array {
  const { tile, taps: side, channels, depthFirst, filters } = share;
  const [height, width, depth, all] = dims4(filter);
  const taps = new Float32Array(side * side * channels[1] * filters[1]);
  for (let i = 0; i < taps.length; i++) {
    const f = i % filters[1];
    const c = Math.floor(i / filters[1]) % channels[1];
    const tap = Math.floor(i / filters[1] / channels[1]);
    const [y, x] = [tile[0] + Math.floor(tap / side), tile[1] + (tap % side)];
    if (y >= height || x >= width) continue;
    taps[i] = at(filter.data, ((y * width + x) * depth + depthFirst + c) * all + filters[0] + f);
  }
  return taps;
}

/** The stride that the core goes by itself. */
function ownStride([vertical, horizontal]: Plane): 1 | 2 {
  return vertical.stride === 2 && horizontal.stride === 2 ? 2 : 1;
}

/** Where a share's image begins, and the core's shape for it: `same` where the core's own padding
 *  is what the convolution has, else with all padding written out. */
function placeOf(plane: Plane, share: Share) {
  const [vertical, horizontal] = plane;
  const [kernel, stride] = [share.taps, ownStride(plane)];
  const grid = (axis: typeof vertical) => ((axis.output - 1) * axis.stride) / stride + 1;
  const outSide = Math.max(grid(vertical), grid(horizontal));
  const reach = (outSide - 1) * stride + kernel;
  const origin = [share.tile[0] - vertical.begin, share.tile[1] - horizontal.begin] as const;
  const [channels, filters] = [share.channels[1], share.filters[1]];
  const rest = { channels, filters, kernel, stride, pooled: false };
  const largest = Math.max(vertical.input, horizontal.input);
  for (let side = largest; origin[0] === origin[1] && Math.ceil(side / stride) <= outSide; side++) {
    const total = Math.max(reach - side, 0);
    if (Math.ceil(side / stride) < outSide || Math.floor(total / 2) !== -origin[0]) continue;
    const shape: ConvShape = { side, same: true, ...rest };
    return { corner: [0, 0] as const, outSide, shape };
  }
  const shape: ConvShape = { side: reach, same: false, ...rest };
  return { corner: origin, outSide, shape };
}

function imageOf(x: Tensor, n: number, plane: Plane, share: Share) {
  const { corner, outSide, shape } = placeOf(plane, share);
  return { pixels: square(x, n, corner, shape.side, share.channels), shape, outSide };
}

/** The convolution's own numbers, before ReLU; the fused pass must have the same in its halves. */
function linear(
  k: Kernels,
  pixels: Float32Array,
  taps: Float32Array,
  bias: Float32Array,
  shape: ConvShape,
): Float32Array {
  const negative = (values: Float32Array) => values.map((value) => -value);
  const { z } = k.convLinear(pixels, taps, bias, shape);
  const above = k.convForward(pixels, taps, bias, shape).out;
  const below = k.convForward(pixels, negative(taps), negative(bias), shape).out;
  if (z.some((value, i) => value !== at(above, i) - at(below, i))) {
    throw new Error('the fused and the linear convolution differ');
  }
  return z;
}

export type Activation = 'linear' | 'relu';

/** x NHWC, filter HWIO with I = channels / groups, bias [F] -> NHWC. */
export function convolve(
  k: Kernels,
  x: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  plane: Plane,
  activation: Activation = 'linear',
  groups = 1,
): Tensor {
  const wide = dilated(filter, plane);
  const [images, filters] = [at(x.shape, 0), at(wide.shape, 3)];
  const out = zeros([images, plane[0].output, plane[1].output, filters]);
  const byGroup = sharesOf(wide, groups);
  const fused = activation === 'relu' && at(byGroup, 0).length === 1;
  for (let n = 0; n < images; n++) {
    for (const shares of byGroup) {
      shares.forEach((share, index) => {
        const { pixels, shape, outSide } = imageOf(x, n, plane, share);
        const own = new Float32Array(share.filters[1]);
        if (bias && index === 0) own.set(bias.data.subarray(...span(share.filters)));
        const taps = tapsOf(wide, share);
        const result = fused
          ? k.convForward(pixels, taps, own, shape).out
          : linear(k, pixels, taps, own, shape);
        addOutputs(out, n, result, outSide, share.filters, plane);
      });
    }
  }
  return activation === 'relu' && !fused ? relu(k, out) : out;
}

function span([first, count]: readonly [number, number]): [number, number] {
  return [first, first + count];
}

/** Steps between outputs in what the core made. */
function stepsOf(plane: Plane): [number, number] {
  const own = ownStride(plane);
  return [plane[0].stride / own, plane[1].stride / own];
}

/** Adds the outputs that the strides leave of [outSide][outSide][filters] to image n. */
function addOutputs(
  out: Tensor,
  n: number,
  result: ArrayLike<number>,
  outSide: number,
  [first, count]: readonly [number, number],
  plane: Plane,
): void {
  const [, height, width, filters] = dims4(out);
  const [down, across] = stepsOf(plane);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * down * outSide + x * across) * count;
      const to = ((n * height + y) * width + x) * filters + first;
      for (let f = 0; f < count; f++) {
        out.data[to + f] = at(out.data, to + f) + at(result, from + f);
      }
    }
  }
}

/** Gradient of the filter HWIO for dy NHWC, summed over the images. Every unit is alive, so the
 *  gradient by winners and the one of a linear convolution must be the same. */
export function convFilterGradient(
  k: Kernels,
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  plane: Plane,
): Tensor {
  const result = zeros(filterShape);
  const [height, width, depth, filters] = dims4(result);
  for (const share of at(sharesOf(result, 1), 0)) {
    const { taps, channels, filters: own, tile, depthFirst } = share;
    const sums = () => [
      new Float32Array(taps ** 2 * channels[1] * own[1]),
      new Float32Array(own[1]),
    ];
    const [[dkernel, dbias], [linearKernel, linearBias]] = [sums(), sums()];
    if (!dkernel || !dbias || !linearKernel || !linearBias) throw new Error('no sums');
    for (let n = 0; n < at(x.shape, 0); n++) {
      const { pixels, shape, outSide } = imageOf(x, n, plane, share);
      const dout = spread(dy, n, outSide, plane, own);
      const winner = new Uint8Array(dout.length); // without pooling: position 0, all alive
      k.convWeightGradient(dkernel, dbias, pixels, dout, winner, shape);
      k.convWeightGradient(linearKernel, linearBias, pixels, dout, null, shape);
    }
    if (dkernel.some((value, i) => value !== at(linearKernel, i))) {
      throw new Error('the gradients by winners and of the linear convolution differ');
    }
    // No vector has the bias's gradient; it is the sum of dy whatever the image.
    const rest = dbias.map((sum, f) => sum - at(columnSums(dy), own[0] + f));
    if (rest.some((value) => Math.abs(value) > 1e-5)) throw new Error('dbias is not the sum of dy');
    for (let i = 0; i < dkernel.length; i++) {
      const f = own[0] + (i % own[1]);
      const c = depthFirst + (Math.floor(i / own[1]) % channels[1]);
      const tap = Math.floor(i / own[1] / channels[1]);
      const [y, xx] = [tile[0] + Math.floor(tap / taps), tile[1] + (tap % taps)];
      if (y >= height || xx >= width) continue;
      result.data[((y * width + xx) * depth + c) * filters + f] = at(dkernel, i);
    }
  }
  return result;
}

/** Gradient of the image [N][H][W][C] for dy NHWC: a transposed convolution. */
export function convInputGradient(
  k: Kernels,
  dy: Tensor,
  filter: Tensor,
  plane: Plane,
  groups = 1,
): Tensor {
  const wide = dilated(filter, plane);
  const [height, width] = [plane[0].input, plane[1].input];
  const channels = at(wide.shape, 2) * groups;
  const dx = zeros([at(dy.shape, 0), height, width, channels]);
  for (const share of sharesOf(wide, groups).flat()) {
    const { corner, outSide, shape } = placeOf(plane, share);
    const taps = tapsOf(wide, share);
    for (let n = 0; n < at(dy.shape, 0); n++) {
      const dout = spread(dy, n, outSide, plane, share.filters);
      const dmap = k.convInputGradient(dout, new Uint8Array(dout.length), taps, shape);
      const twin = k.convInputGradient(dout, null, taps, shape);
      if (twin.some((value, i) => value !== at(dmap, i))) {
        throw new Error('the image gradients by winners and of the linear convolution differ');
      }
      for (let i = 0; i < shape.side ** 2; i++) {
        const [y, x] = [corner[0] + Math.floor(i / shape.side), corner[1] + (i % shape.side)];
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        const to = ((n * height + y) * width + x) * channels + share.channels[0];
        for (let c = 0; c < share.channels[1]; c++) {
          dx.data[to + c] = at(dx.data, to + c) + at(dmap, i * share.channels[1] + c);
        }
      }
    }
  }
  return dx;
}

/** Sums over all but the last axis. */
function columnSums(t: Tensor): Float64Array {
  const sums = new Float64Array(at(t.shape, t.shape.length - 1));
  t.data.forEach((value, i) => {
    sums[i % sums.length] = at(sums, i % sums.length) + value;
  });
  return sums;
}

/** Gradient of every output that the core makes: zero where the strides leave none. */
function spread(
  dy: Tensor,
  n: number,
  outSide: number,
  plane: Plane,
  [first, count]: readonly [number, number],
) {
  const [, height, width, filters] = dims4(dy);
  const [down, across] = stepsOf(plane);
  const dout = new Float32Array(outSide * outSide * count);
  // tfjs takes a dy that is larger than the outputs, and reads its corner.
  const [rows, columns] = [plane[0].output, plane[1].output];
  for (let i = 0; i < rows * columns; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const from = ((n * height + row) * width + column) * filters + first;
    const to = (row * down * outSide + column * across) * count;
    dout.set(dy.data.subarray(from, from + count), to);
  }
  return dout;
}

/** A kernel that copies each of its channels to a filter. */
export function copyingTaps(channels: number, side: 3 | 5): Float32Array {
  const taps = new Float32Array(side * side * channels * channels);
  const centre = Math.floor((side * side) / 2);
  for (let c = 0; c < channels; c++) taps[(centre * channels + c) * channels + c] = 1;
  return taps;
}

/** All of an array as one square map of one channel; zeros fill it up. */
function asMap(x: Tensor) {
  const side = Math.ceil(Math.sqrt(x.data.length));
  const map = new Float32Array(side * side);
  map.set(x.data);
  return { map, side };
}

/** ReLU of every element: of a hidden layer, of a block without pool, and of the convolution that
 *  copies an image; all three must agree. */
export function relu(k: Kernels, x: Tensor): Tensor {
  const { map, side } = asMap(x);
  const shape: ConvShape = {
    side,
    channels: 1,
    filters: 1,
    kernel: 3,
    stride: 1,
    same: true,
    pooled: false,
  };
  const fused = k.convForward(map, copyingTaps(1, 3), new Float32Array(1), shape);
  const block = k.activatePool(map, 'none', side);
  const hidden = k.denseRelu(map);
  if (hidden.some((value, i) => value !== at(fused.out, i) || value !== at(block.out, i))) {
    throw new Error('the ReLUs of the hidden layer, the block and the convolution differ');
  }
  return tensor(x.shape, hidden.subarray(0, x.data.length));
}

/** Gradient of ReLU, of a hidden layer and of a block without pool, which must agree. */
export function reluGradient(k: Kernels, x: Tensor, dy: Tensor): Tensor {
  const { map, side } = asMap(x);
  const dout = asMap(dy).map;
  const { winner } = k.activatePool(map, 'none', side);
  const block = k.activatePoolGradient(dout, winner, 'none', side, 1);
  const hidden = k.denseReluGradient(dout, k.denseRelu(map));
  if (hidden.some((value, i) => value !== at(block, i))) {
    throw new Error('the gradients of ReLU of the hidden layer and the block differ');
  }
  return tensor(x.shape, hidden.subarray(0, x.data.length));
}
