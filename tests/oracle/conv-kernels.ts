// The convolution's kernels (conv.h) on typed arrays; kernels.ts adds all others.
import { KernelMemory } from './kernel-memory';
import { at } from './tensor';

type Numbers = ArrayLike<number>;

/** Block settings of cnn_conv_shape_of on an image [side][side][channels]. */
export interface ConvShape {
  side: number;
  channels: number;
  filters: number;
  kernel: 3 | 5;
  stride: 1 | 2;
  same: boolean;
  pooled: boolean;
}

export class ConvKernels extends KernelMemory {
  constructor(
    module: WebAssembly.Module,
    readonly plain: boolean,
  ) {
    super(module);
  }

  /** pixels [side][side][C], kernel [k][k][C][F], bias [F] -> out and winner [P][P][F]. */
  convForward(pixels: Numbers, kernel: Numbers, bias: Numbers, shape: ConvShape) {
    return this.frame(() => {
      const { pointer, image, sizes } = this.loadImage(pixels, shape);
      const units = sizes.out ** 2 * shape.filters;
      const [out, winner] = [this.room(units), this.reserve(units)];
      const scratch = [this.room(sizes.panelFloats), this.room(sizes.workFloats)];
      const operands = [this.floats(kernel), this.floats(bias), pointer, +this.plain];
      this.call('kernel_conv_forward', out, winner, image, ...scratch, ...operands);
      return {
        out: this.readFloats(out, units),
        winner: this.readBytes(winner, units),
        outSide: sizes.out,
      };
    });
  }

  /** The convolution with its bias before ReLU and pool: z [side'][side'][F]. */
  convLinear(pixels: Numbers, kernel: Numbers, bias: Numbers, shape: ConvShape) {
    return this.frame(() => {
      const { pointer, image, sizes } = this.loadImage(pixels, shape);
      const units = sizes.conv ** 2 * shape.filters;
      const z = this.room(units);
      const operands = [this.floats(kernel), this.floats(bias), pointer, +this.plain];
      this.call('kernel_conv_linear', z, image, this.room(sizes.panelFloats), ...operands);
      return { z: this.readFloats(z, units), outSide: sizes.conv };
    });
  }

  /** One image's gradient, added to dkernel [k][k][C][F] and dbias [F]. Without winner: from dz. */
  convWeightGradient(
    dkernel: Float32Array,
    dbias: Float32Array,
    pixels: Numbers,
    dout: Numbers,
    winner: Uint8Array | null,
    shape: ConvShape,
  ): void {
    this.frame(() => {
      const { pointer, image, sizes } = this.loadImage(pixels, shape);
      const [kernelSums, biasSums] = [this.floats(dkernel), this.floats(dbias)];
      const places = winner ? this.bytes(winner) : 0;
      const list = this.reserve(sizes.listBytes);
      const operands = [this.room(sizes.sumFloats), this.floats(dout), places, image, list];
      const rest = [pointer, +this.plain];
      this.call('kernel_conv_weight_gradient', kernelSums, biasSums, ...operands, ...rest);
      dkernel.set(this.readFloats(kernelSums, dkernel.length));
      dbias.set(this.readFloats(biasSums, dbias.length));
    });
  }

  /** Gradient of the image [side][side][C], the border left away. Without winner: from dz. */
  convInputGradient(
    dout: Numbers,
    winner: Uint8Array | null,
    kernel: Numbers,
    shape: ConvShape,
  ): Float32Array {
    return this.frame(() => {
      const { pointer, sizes } = this.shapeOf(shape);
      const values = shape.side ** 2 * shape.channels;
      const dimage = this.room(sizes.image ** 2 * shape.channels);
      const places = winner ? this.bytes(winner) : 0;
      const operands = [this.floats(dout), places, this.room(sizes.turnedFloats)];
      const rest = [this.floats(kernel), pointer, +this.plain];
      this.call('kernel_conv_input_gradient', dimage, ...operands, ...rest);
      const map = this.room(values);
      this.call('kernel_conv_unframe', map, dimage, pointer);
      return this.readFloats(map, values);
    });
  }

  private shapeOf({ side, channels, filters, kernel, stride, same, pooled }: ConvShape) {
    const numbers = [side, channels, filters, kernel, stride, +same, +pooled];
    const pointer = this.own(this.call('kernel_conv_shape', ...numbers));
    const words = this.reserve(40);
    this.call('kernel_conv_sizes', words, pointer);
    const size = this.readInts(words, 10);
    const sizes = {
      before: at(size, 0),
      image: at(size, 1),
      conv: at(size, 2),
      out: at(size, 3),
      imageFloats: at(size, 4),
      panelFloats: at(size, 5),
      sumFloats: at(size, 6),
      workFloats: at(size, 7),
      turnedFloats: at(size, 8),
      listBytes: at(size, 9),
    };
    return { pointer, sizes };
  }

  /** Lays an image out as the trainer does: a map of floats (cnn_conv_frame), or bytes through a
   *  table of 256 values where it has no more than that (cnn_conv_widen), which must be the same.
   *  The readable tail is NaN and must not show. */
  private loadImage(pixels: Numbers, shape: ConvShape) {
    const { pointer, sizes } = this.shapeOf(shape);
    const used = sizes.image ** 2 * shape.channels;
    const empty = () => this.floats(new Float32Array(sizes.imageFloats).fill(Number.NaN, used));
    const image = empty();
    this.call('kernel_conv_frame', image, this.floats(pixels), pointer);
    const table = [...new Set(Float32Array.from(pixels))];
    if (table.length <= 256) {
      const places = new Map(table.map((value, index) => [value, index]));
      const bytes = Uint8Array.from(Float32Array.from(pixels), (value) => places.get(value) ?? 0);
      const values = Float32Array.from({ length: 256 }, (_, i) => table[i] ?? Number.NaN);
      const widened = empty();
      this.call('kernel_conv_widen', widened, this.bytes(bytes), this.floats(values), pointer);
      const framed = this.readFloats(image, used);
      if (this.readFloats(widened, used).some((value, i) => value !== at(framed, i))) {
        throw new Error('an image by its table differs from the same in floats');
      }
    }
    return { pointer, image, sizes };
  }
}
