// Convolutions of any shape through the core's one: 3x3, stride 1, one or three channels, ReLU
// fused. What the core has no name for is put together from several of its calls:
//   no ReLU            relu(z) - relu(-z)
//   other kernels      tiles of 3x3 taps, their results added; dilated ones have taps of zero
//   other strides      every second output is read
//   more channels      threes and ones, their results added; groups one after the other
//   any padding        written into the image, except one row of zeros, which is `same` padding
import type { Plane } from './geometry';
import type { ConvShape, Kernels } from './kernels';
import { at, dims4, type Tensor, tensor, zeros } from './tensor';

const TAPS = 3;

/** Channels in the portions that the core takes: [first, count], count 3 or 1. */
export function channelPortions(channels: number, first = 0): [number, number][] {
  const portions: [number, number][] = [];
  for (let c = 0; c < channels; ) {
    const count = channels - c >= 3 ? 3 : 1;
    portions.push([first + c, count]);
    c += count;
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
  channels: [number, number];
  depthFirst: number;
  filters: [number, number];
}

function sharesOf(filter: Tensor, groups: number): Share[][] {
  const [height, width, depth, filters] = dims4(filter);
  const perGroup = filters / groups;
  return Array.from({ length: groups }, (_, group) => {
    const shares: Share[] = [];
    for (let y = 0; y < height; y += TAPS) {
      for (let x = 0; x < width; x += TAPS) {
        for (const channels of channelPortions(depth, group * depth)) {
          const depthFirst = channels[0] - group * depth;
          shares.push({
            tile: [y, x],
            channels,
            depthFirst,
            filters: [group * perGroup, perGroup],
          });
        }
      }
    }
    return shares;
  });
}

/** The 3x3 taps of a share, [3][3][channels][filters]. */
function tapsOf(filter: Tensor, { tile, channels, depthFirst, filters }: Share): Float32Array {
  const [height, width, depth, all] = dims4(filter);
  const taps = new Float32Array(TAPS * TAPS * channels[1] * filters[1]);
  for (let i = 0; i < taps.length; i++) {
    const f = i % filters[1];
    const c = Math.floor(i / filters[1]) % channels[1];
    const tap = Math.floor(i / filters[1] / channels[1]);
    const [y, x] = [tile[0] + Math.floor(tap / TAPS), tile[1] + (tap % TAPS)];
    if (y >= height || x >= width) continue;
    taps[i] = at(filter.data, ((y * width + x) * depth + depthFirst + c) * all + filters[0] + f);
  }
  return taps;
}

/** The image of a share: as `same` padding where the convolution has a row of zeros on top and on
 *  the left and nothing is lost below and on the right, else with its padding written out. */
function imageOf(x: Tensor, n: number, plane: Plane, share: Share) {
  const [vertical, horizontal] = plane;
  const reach = (axis: typeof vertical) => (axis.output - 1) * axis.stride + TAPS;
  const side = Math.max(reach(vertical), reach(horizontal));
  const origin = [share.tile[0] - vertical.begin, share.tile[1] - horizontal.begin] as const;
  const same =
    origin[0] < 0 &&
    origin[1] < 0 &&
    origin[0] + side > vertical.input &&
    origin[1] + side > horizontal.input;
  const step = same ? 1 : 0;
  const resolution = side - 2 * step;
  const corner = [origin[0] + step, origin[1] + step] as const;
  const pixels = square(x, n, corner, resolution, share.channels);
  const [channels, filters] = [share.channels[1], share.filters[1]];
  const shape: ConvShape = { resolution, channels, filters, same, pooled: false };
  return { pixels, shape, outSide: side - 2 };
}

/** The convolution's own numbers, before ReLU. */
function linear(
  k: Kernels,
  pixels: Float32Array,
  taps: Float32Array,
  bias: Float32Array,
  shape: ConvShape,
): Float64Array {
  const negative = (values: Float32Array) => values.map((value) => -value);
  const above = k.convForward(pixels, taps, bias, shape).out;
  const below = k.convForward(pixels, negative(taps), negative(bias), shape).out;
  return Float64Array.from(above, (value, i) => value - at(below, i));
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

/** Adds the outputs that the strides leave of [outSide][outSide][filters] to image n. */
function addOutputs(
  out: Tensor,
  n: number,
  result: ArrayLike<number>,
  outSide: number,
  [first, count]: readonly [number, number],
  [vertical, horizontal]: Plane,
): void {
  const [, height, width, filters] = dims4(out);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * vertical.stride * outSide + x * horizontal.stride) * count;
      const to = ((n * height + y) * width + x) * filters + first;
      for (let f = 0; f < count; f++) {
        out.data[to + f] = at(out.data, to + f) + at(result, from + f);
      }
    }
  }
}

/** Gradient of the filter HWIO (at most 3x3) for dy NHWC, summed over the images. */
export function convFilterGradient(
  k: Kernels,
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  plane: Plane,
): Tensor {
  const result = zeros(filterShape);
  const [height, width, depth, filters] = dims4(result);
  if (height > TAPS || width > TAPS) throw new RangeError('a filter of at most 3x3 is wanted');
  for (const share of at(sharesOf(result, 1), 0)) {
    const dkernel = new Float32Array(TAPS * TAPS * share.channels[1] * filters);
    const dbias = new Float32Array(filters);
    for (let n = 0; n < at(x.shape, 0); n++) {
      const { pixels, shape, outSide } = imageOf(x, n, plane, share);
      const dout = spread(dy, n, outSide, plane);
      const winner = new Uint8Array(dout.length); // without pooling: position 0, all alive
      k.convWeightGradient(dkernel, dbias, pixels, dout, winner, shape);
    }
    // No vector has the bias's gradient; it is the sum of dy whatever the image.
    const rest = dbias.map((sum, f) => sum - at(columnSums(dy), f));
    if (rest.some((value) => Math.abs(value) > 1e-5)) throw new Error('dbias is not the sum of dy');
    for (let i = 0; i < dkernel.length; i++) {
      const f = i % filters;
      const c = share.depthFirst + (Math.floor(i / filters) % share.channels[1]);
      const tap = Math.floor(i / filters / share.channels[1]);
      const [y, xx] = [Math.floor(tap / TAPS), tap % TAPS];
      if (y >= height || xx >= width) continue;
      result.data[((y * width + xx) * depth + c) * filters + f] = at(dkernel, i);
    }
  }
  return result;
}

/** Sums over all but the last axis. */
function columnSums(t: Tensor): Float64Array {
  const sums = new Float64Array(at(t.shape, t.shape.length - 1));
  t.data.forEach((value, i) => {
    sums[i % sums.length] = at(sums, i % sums.length) + value;
  });
  return sums;
}

/** Gradient of every output of stride 1: zero where the strides leave none. */
function spread(dy: Tensor, n: number, outSide: number, [vertical, horizontal]: Plane) {
  const [, height, width, filters] = dims4(dy);
  const dout = new Float32Array(outSide * outSide * filters);
  for (let i = 0; i < height * width; i++) {
    const [y, x] = [Math.floor(i / width) * vertical.stride, (i % width) * horizontal.stride];
    const from = (n * height * width + i) * filters;
    dout.set(dy.data.subarray(from, from + filters), (y * outSide + x) * filters);
  }
  return dout;
}

/** A 3x3 kernel that copies each of its channels to a filter. */
export function copyingTaps(channels: number): Float32Array {
  const taps = new Float32Array(TAPS * TAPS * channels * channels);
  const centre = Math.floor((TAPS * TAPS) / 2);
  for (let c = 0; c < channels; c++) taps[(centre * channels + c) * channels + c] = 1;
  return taps;
}

/** ReLU of every element: the convolution that copies an image. */
export function relu(k: Kernels, x: Tensor): Tensor {
  const resolution = Math.ceil(Math.sqrt(x.data.length));
  const pixels = new Float32Array(resolution * resolution);
  pixels.set(x.data);
  const shape = { resolution, channels: 1, filters: 1, same: true, pooled: false };
  const { out } = k.convForward(pixels, copyingTaps(1), new Float32Array(1), shape);
  return tensor(x.shape, out.subarray(0, x.data.length));
}

/** Gradient of ReLU: each element is a filter that sees one pixel of 1, and its bias's gradient. */
export function reluGradient(k: Kernels, x: Tensor, dy: Tensor): Tensor {
  const filters = x.data.length;
  const taps = new Float32Array(TAPS * TAPS * filters);
  taps.set(x.data, Math.floor((TAPS * TAPS) / 2) * filters);
  const shape = { resolution: 1, channels: 1, filters, same: true, pooled: false };
  const pixels = Float32Array.of(1);
  const { winner } = k.convForward(pixels, taps, new Float32Array(filters), shape);
  const dbias = new Float32Array(filters);
  const dkernel = new Float32Array(taps.length);
  k.convWeightGradient(dkernel, dbias, pixels, Float32Array.from(dy.data), winner, shape);
  return tensor(x.shape, dbias);
}
