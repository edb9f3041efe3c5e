// The core's private kernels as functions on typed arrays (kernel_exports.c, kernels.wasm). Every
// call copies in, calls and copies out: nothing here computes. `plain` instances call the _ref
// twins where there are any.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { at } from './tensor';

/** Another build of the kernels may be named, to see the tests fail on a broken one. */
const PLACE =
  process.env['PVL_KERNELS'] ??
  fileURLToPath(new URL('../../build/wasm/kernels.wasm', import.meta.url));

type Pointer = number;

interface KernelExports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  kernel_alloc(bytes: number): Pointer;
  kernel_free(block: Pointer): void;
  kernel_gemm(c: Pointer, a: Pointer, b: Pointer, ...numbers: number[]): void;
  kernel_conv_shape(r: number, c: number, f: number, same: number, pooled: number): Pointer;
  kernel_conv_sizes(sizes: Pointer, shape: Pointer): void;
  kernel_conv_widen(
    image: Pointer,
    pixels: Pointer,
    table: Pointer,
    shape: Pointer,
    resolution: number,
  ): void;
  kernel_conv_forward(
    out: Pointer,
    winner: Pointer,
    image: Pointer,
    panels: Pointer,
    kernel: Pointer,
    bias: Pointer,
    shape: Pointer,
    plain: number,
  ): void;
  kernel_conv_weight_gradient(
    dkernel: Pointer,
    dbias: Pointer,
    sums: Pointer,
    dout: Pointer,
    winner: Pointer,
    image: Pointer,
    shape: Pointer,
    plain: number,
  ): void;
  kernel_losses(
    losses: Pointer,
    dlogits: Pointer,
    correct: Pointer,
    logits: Pointer,
    labels: Pointer,
    count: number,
    outputs: number,
    batch: number,
  ): void;
  kernel_adam(w: Pointer, m: Pointer, v: Pointer, g: Pointer, ...numbers: number[]): void;
  cnn_global_max(f: Pointer, place: Pointer, map: Pointer, positions: number, n: number): void;
  cnn_global_max_gradient(
    dmap: Pointer,
    df: Pointer,
    place: Pointer,
    positions: number,
    filters: number,
  ): void;
  cnn_global_average(features: Pointer, map: Pointer, side: number, filters: number): void;
  cnn_global_average_gradient(d: Pointer, df: Pointer, positions: number, filters: number): void;
  cnn_image_resize(
    output: Pointer,
    input: Pointer,
    outSide: number,
    inSide: number,
    channels: number,
  ): number;
}

/** A matrix by strides in elements; see cnn_matrix. */
export interface Matrix {
  data: ArrayLike<number>;
  row: number;
  column: number;
}

export interface ConvShape {
  resolution: number;
  channels: number;
  filters: number;
  same: boolean;
  pooled: boolean;
}

export interface AdamSettings {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** betaN^t of the update about to be made; 0 leaves the bias correction out. */
  beta1Power: number;
  beta2Power: number;
}

/** Weights and both moments, changed in place. */
export interface AdamState {
  w: Float32Array;
  m: Float32Array;
  v: Float32Array;
}

/** conv.h's mark of a unit without gradient. */
export const DEAD = 255;

export class Kernels {
  readonly plain: boolean;
  private readonly call: KernelExports;
  private blocks: Pointer[] = [];

  constructor(module: WebAssembly.Module, plain: boolean) {
    const instance = new WebAssembly.Instance(module, {});
    this.call = instance.exports as unknown as KernelExports;
    this.call._initialize();
    this.plain = plain;
  }

  /** [m][n] = start + A B; without `start` the result's old contents are NaN and must not show. */
  gemm(a: Matrix, b: Matrix, m: number, n: number, k: number, start?: ArrayLike<number>) {
    return this.frame(() => {
      const c = this.floats(start ?? new Float32Array(m * n).fill(Number.NaN));
      const numbers = [a.row, a.column, b.row, b.column, m, n, k, start ? 1 : 0];
      this.call.kernel_gemm(c, this.floats(a.data), this.floats(b.data), ...numbers, +this.plain);
      return this.readFloats(c, m * n);
    });
  }

  /** pixels [R][R][C], kernel [3][3][C][F], bias [F] -> out and winner [P][P][F]. */
  convForward(
    pixels: ArrayLike<number>,
    kernel: ArrayLike<number>,
    bias: ArrayLike<number>,
    shape: ConvShape,
  ) {
    return this.frame(() => {
      const { pointer, image, outSide, panelFloats } = this.loadImage(pixels, shape);
      const units = outSide * outSide * shape.filters;
      const out = this.floats(new Float32Array(units));
      const winner = this.bytes(new Uint8Array(units));
      this.call.kernel_conv_forward(
        out,
        winner,
        image,
        this.floats(new Float32Array(panelFloats)),
        this.floats(kernel),
        this.floats(bias),
        pointer,
        +this.plain,
      );
      return {
        out: this.readFloats(out, units),
        winner: new Uint8Array(this.call.memory.buffer, winner, units).slice(),
        outSide,
      };
    });
  }

  /** One image's gradient, added to dkernel [3][3][C][F] and dbias [F]. */
  convWeightGradient(
    dkernel: Float32Array,
    dbias: Float32Array,
    pixels: ArrayLike<number>,
    dout: ArrayLike<number>,
    winner: Uint8Array,
    shape: ConvShape,
  ): void {
    this.frame(() => {
      const { pointer, image, sumFloats } = this.loadImage(pixels, shape);
      const kernelSums = this.floats(dkernel);
      const biasSums = this.floats(dbias);
      this.call.kernel_conv_weight_gradient(
        kernelSums,
        biasSums,
        this.floats(new Float32Array(sumFloats).fill(Number.NaN)),
        this.floats(dout),
        this.bytes(winner),
        image,
        pointer,
        +this.plain,
      );
      dkernel.set(this.readFloats(kernelSums, dkernel.length));
      dbias.set(this.readFloats(biasSums, dbias.length));
    });
  }

  /** map [positions][F] -> features [F] and the position of each first maximum [F]. */
  globalMax(map: ArrayLike<number>, positions: number, filters: number) {
    return this.frame(() => {
      const features = this.floats(new Float32Array(filters));
      const place = this.ints(new Int32Array(filters));
      this.call.cnn_global_max(features, place, this.floats(map), positions, filters);
      return { features: this.readFloats(features, filters), place: this.readInts(place, filters) };
    });
  }

  globalMaxGradient(dfeatures: ArrayLike<number>, place: Int32Array, positions: number) {
    const filters = dfeatures.length;
    return this.frame(() => {
      const dmap = this.floats(new Float32Array(positions * filters).fill(Number.NaN));
      const df = this.floats(dfeatures);
      this.call.cnn_global_max_gradient(dmap, df, this.ints(place), positions, filters);
      return this.readFloats(dmap, positions * filters);
    });
  }

  /** map [side * side][F] -> [F]. */
  globalAverage(map: ArrayLike<number>, side: number, filters: number) {
    return this.frame(() => {
      const features = this.floats(new Float32Array(filters).fill(Number.NaN));
      this.call.cnn_global_average(features, this.floats(map), side, filters);
      return this.readFloats(features, filters);
    });
  }

  globalAverageGradient(dfeatures: ArrayLike<number>, positions: number) {
    const filters = dfeatures.length;
    return this.frame(() => {
      const dmap = this.floats(new Float32Array(positions * filters).fill(Number.NaN));
      this.call.cnn_global_average_gradient(dmap, this.floats(dfeatures), positions, filters);
      return this.readFloats(dmap, positions * filters);
    });
  }

  /** logits [count][outputs], labels [count] -> loss and hit [count], dlogits [count][outputs]. */
  losses(logits: ArrayLike<number>, labels: ArrayLike<number>, outputs: number, batch = 1) {
    const count = labels.length;
    return this.frame(() => {
      const losses = this.reserve(8 * count);
      const dlogits = this.floats(new Float32Array(count * outputs).fill(Number.NaN));
      const correct = this.ints(new Int32Array(count));
      const rows = this.floats(logits);
      const targets = this.bytes(Uint8Array.from(labels));
      this.call.kernel_losses(losses, dlogits, correct, rows, targets, count, outputs, batch);
      return {
        losses: new Float64Array(this.call.memory.buffer, losses, count).slice(),
        dlogits: this.readFloats(dlogits, count * outputs),
        correct: this.readInts(correct, count),
      };
    });
  }

  adam(state: AdamState, gradient: ArrayLike<number>, settings: AdamSettings): void {
    const { learningRate, beta1, beta2, epsilon, beta1Power, beta2Power } = settings;
    const count = state.w.length;
    this.frame(() => {
      const [w, m, v] = [this.floats(state.w), this.floats(state.m), this.floats(state.v)];
      const numbers = [learningRate, beta1, beta2, epsilon, beta1Power, beta2Power, count];
      this.call.kernel_adam(w, m, v, this.floats(gradient), ...numbers, +this.plain);
      state.w.set(this.readFloats(w, count));
      state.m.set(this.readFloats(m, count));
      state.v.set(this.readFloats(v, count));
    });
  }

  /** pixels [inSide][inSide][C] of 0..255 -> [outSide][outSide][C]. */
  resize(pixels: Uint8Array, outSide: number, inSide: number, channels: number): Uint8Array {
    return this.frame(() => {
      const output = this.bytes(new Uint8Array(outSide * outSide * channels));
      const input = this.bytes(pixels);
      const status = this.call.cnn_image_resize(output, input, outSide, inSide, channels);
      if (status !== 0) throw new Error(`cnn_image_resize returned ${status}`);
      const bytes = new Uint8Array(this.call.memory.buffer, output);
      return bytes.slice(0, outSide * outSide * channels);
    });
  }

  /** Lays an image out as the trainer does: bytes through a table of 256 values where the image has
   *  no more than that (cnn_conv_widen), else floats. The readable tail is NaN and must not show. */
  private loadImage(pixels: ArrayLike<number>, shape: ConvShape) {
    const { resolution, channels, filters, same, pooled } = shape;
    const pointer = this.call.kernel_conv_shape(resolution, channels, filters, +same, +pooled);
    this.blocks.push(pointer);
    const words = this.reserve(20);
    this.call.kernel_conv_sizes(words, pointer);
    const sizes = new Uint32Array(this.call.memory.buffer, words, 5).slice();
    const [side, outSide, imageFloats] = [at(sizes, 0), at(sizes, 1), at(sizes, 2)];
    const padded = new Float32Array(imageFloats).fill(Number.NaN, side * side * channels);
    const table = [...new Set(Float32Array.from(pixels))];
    const places = new Map(table.map((value, index) => [value, index]));
    const border = (side - resolution) / 2;
    if (table.length > 256) {
      for (let i = 0; i < resolution * resolution * channels; i++) {
        const row = Math.floor(i / (resolution * channels));
        const to = ((row + border) * side + border) * channels + (i % (resolution * channels));
        padded[to] = at(pixels, i);
      }
    }
    const image = this.floats(padded);
    if (table.length <= 256) {
      const bytes = Uint8Array.from(Float32Array.from(pixels), (value) => places.get(value) ?? 0);
      const values = Float32Array.from({ length: 256 }, (_, i) => table[i] ?? Number.NaN);
      const [from, via] = [this.bytes(bytes), this.floats(values)];
      this.call.kernel_conv_widen(image, from, via, pointer, resolution);
    }
    return { pointer, image, outSide, panelFloats: at(sizes, 3), sumFloats: at(sizes, 4) };
  }

  /** Frees what was allocated meanwhile, whatever happens. */
  private frame<T>(use: () => T): T {
    try {
      return use();
    } finally {
      for (const block of this.blocks) this.call.kernel_free(block);
      this.blocks = [];
    }
  }

  private reserve(bytes: number): Pointer {
    const block = this.call.kernel_alloc(bytes);
    if (block === 0) throw new RangeError(`kernels.wasm has no ${bytes} bytes left`);
    this.blocks.push(block);
    return block;
  }

  private floats(values: ArrayLike<number>): Pointer {
    const block = this.reserve(4 * values.length);
    new Float32Array(this.call.memory.buffer, block, values.length).set(values);
    return block;
  }

  private ints(values: Int32Array): Pointer {
    const block = this.reserve(4 * values.length);
    new Int32Array(this.call.memory.buffer, block, values.length).set(values);
    return block;
  }

  private bytes(values: Uint8Array): Pointer {
    const block = this.reserve(values.length);
    new Uint8Array(this.call.memory.buffer, block, values.length).set(values);
    return block;
  }

  private readFloats(block: Pointer, count: number): Float32Array {
    return new Float32Array(this.call.memory.buffer, block, count).slice();
  }

  private readInts(block: Pointer, count: number): Int32Array {
    return new Int32Array(this.call.memory.buffer, block, count).slice();
  }
}

/** The SIMD kernels and their plain twins, each in an instance of its own. */
export function openKernels(): { fast: Kernels; plain: Kernels } {
  if (!existsSync(PLACE)) {
    throw new Error(
      `${PLACE} is missing: build it with "node scripts/test.mjs wasm", or name it in PVL_KERNELS.`,
    );
  }
  const module = new WebAssembly.Module(readFileSync(PLACE));
  return { fast: new Kernels(module, false), plain: new Kernels(module, true) };
}
