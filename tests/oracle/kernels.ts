// The core's private kernels as functions on typed arrays (kernel_exports.c, kernels.wasm). Every
// call copies in, calls and copies out: nothing here computes. `plain` instances call the _ref
// twins where there are any.
import { ConvKernels } from './conv-kernels';
import { kernelModule } from './kernel-memory';

type Numbers = ArrayLike<number>;

/** CNN_OPTIMISER_* by their numbers. */
export const OPTIMISERS = ['adam', 'adam_torch', 'sgd'] as const;

export interface UpdateSettings {
  optimiser: (typeof OPTIMISERS)[number];
  learningRate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  momentum?: number;
  nesterov?: boolean;
  weightDecay?: number;
  /** betaN^t of the update about to be made; 0 leaves the bias correction out. */
  beta1Power?: number;
  beta2Power?: number;
}

/** Weights and both moments, changed in place. */
export interface UpdateState {
  w: Float32Array;
  m: Float32Array;
  v: Float32Array;
}

/** conv.h's mark of a unit without gradient. */
export const DEAD = 255;
/** CNN_POOL_* by their numbers. */
const POOLS = { none: 0, max: 1, average: 2 };
export type PoolKind = keyof typeof POOLS;

export class Kernels extends ConvKernels {
  // ---- Dense

  /** x [n][rows] w [rows][outputs] + start [n][outputs]. */
  denseForward(x: Numbers, w: Numbers, start: Numbers, n: number, rows: number): Float32Array {
    const outputs = start.length / n;
    return this.frame(() => {
      const y = this.floats(start);
      const operands = [this.floats(x), this.floats(w), this.denseWork(outputs)];
      this.call('kernel_dense_forward', y, ...operands, n, rows, outputs, +this.plain);
      return this.readFloats(y, n * outputs);
    });
  }

  /** x [n][rows], dy [n][outputs] -> x^T dy [rows][outputs]. */
  denseWeightGradient(x: Numbers, dy: Numbers, n: number): Float32Array {
    const [rows, outputs] = [x.length / n, dy.length / n];
    return this.frame(() => {
      const dw = this.room(rows * outputs);
      const operands = [this.floats(x), this.floats(dy), this.denseWork(outputs)];
      this.call('kernel_dense_weight_gradient', dw, ...operands, n, rows, outputs, +this.plain);
      return this.readFloats(dw, rows * outputs);
    });
  }

  /** dy [n][outputs], w [rows][outputs] -> dy w^T [n][rows]. */
  denseInputGradient(dy: Numbers, w: Numbers, n: number): Float32Array {
    const outputs = dy.length / n;
    const rows = w.length / outputs;
    return this.frame(() => {
      const dx = this.room(n * rows);
      const operands = [this.floats(dy), this.floats(w), this.denseWork(outputs)];
      this.call('kernel_dense_input_gradient', dx, ...operands, n, rows, outputs, +this.plain);
      return this.readFloats(dx, n * rows);
    });
  }

  private denseWork(outputs: number) {
    return this.room(this.call('kernel_dense_work_floats', outputs));
  }

  denseRelu(x: Numbers): Float32Array {
    return this.frame(() => {
      const own = this.floats(x);
      this.call('cnn_dense_relu', own, x.length);
      return this.readFloats(own, x.length);
    });
  }

  denseReluGradient(dy: Numbers, y: Numbers): Float32Array {
    return this.frame(() => {
      const dx = this.floats(dy);
      this.call('cnn_dense_relu_gradient', dx, this.floats(y), y.length);
      return this.readFloats(dx, y.length);
    });
  }

  /** A kernel, or its plain twin. */
  private twin(name: string): string {
    return this.plain ? `${name}_ref` : name;
  }

  // ---- Norms and pools

  /** Mean and biased variance [F] of maps [positions][F], one for each image. */
  batchStatistics(maps: readonly Numbers[], filters: number) {
    const positions = (maps[0]?.length ?? 0) / filters;
    const count = maps.length * positions;
    return this.frame(() => {
      const sum = this.doubles(new Float64Array(filters));
      const square = this.doubles(new Float64Array(filters));
      for (const map of maps) {
        this.call(this.twin('cnn_batch_norm_add_sum'), sum, this.floats(map), positions, filters);
      }
      const mean = this.readDoubles(sum, filters).map((value) => value / count);
      const means = this.doubles(mean);
      for (const map of maps) {
        const z = this.floats(map);
        this.call(this.twin('cnn_batch_norm_add_square'), square, z, means, positions, filters);
      }
      return { mean, variance: this.readDoubles(square, filters).map((value) => value / count) };
    });
  }

  /** z [positions][F] with the statistics [F] given, epsilon 1e-3. */
  batchNorm(z: Numbers, mean: Numbers, variance: Numbers, gamma: Numbers, beta: Numbers) {
    const filters = mean.length;
    return this.frame(() => {
      const [y, scale] = [this.room(z.length), this.room(filters)];
      this.call('cnn_batch_norm_scale', scale, this.doubles(variance), filters);
      const operands = [z, mean].map((values) => this.floats(values));
      const affine = [gamma, beta].map((values) => this.floats(values));
      const positions = z.length / filters;
      this.call(
        this.twin('cnn_batch_norm_apply'),
        y,
        ...operands,
        scale,
        ...affine,
        positions,
        filters,
      );
      return this.readFloats(y, z.length);
    });
  }

  /** The moving statistics after one batch, momentum 0.99. */
  batchNormMove(moving: Numbers, movingVariance: Numbers, mean: Numbers, variance: Numbers) {
    const filters = mean.length;
    return this.frame(() => {
      const [a, b] = [this.floats(moving), this.floats(movingVariance)];
      const batch = [this.doubles(mean), this.doubles(variance)];
      this.call('cnn_batch_norm_move', a, b, ...batch, filters);
      return { mean: this.readFloats(a, filters), variance: this.readFloats(b, filters) };
    });
  }

  /** Over the F values of each position of z [positions][F], epsilon 1e-3. */
  layerNorm(z: Numbers, gamma: Numbers, beta: Numbers): Float32Array {
    const filters = gamma.length;
    return this.frame(() => {
      const y = this.room(z.length);
      const operands = [z, gamma, beta].map((values) => this.floats(values));
      this.call(this.twin('cnn_layer_norm'), y, ...operands, z.length / filters, filters);
      return this.readFloats(y, z.length);
    });
  }

  /** ReLU and pool of y [side][side][F] -> out [P][P][F] and winner. */
  activatePool(y: Numbers, kind: PoolKind, side: number) {
    const filters = y.length / side ** 2;
    const outSide = kind === 'none' ? side : Math.floor(side / 2);
    const count = outSide ** 2 * filters;
    return this.frame(() => {
      const winners = this.call('cnn_winner_bytes', POOLS[kind], side, filters);
      const [out, winner] = [this.room(count), this.reserve(winners)];
      this.call('cnn_activate_pool', out, winner, this.floats(y), POOLS[kind], side, filters);
      return { out: this.readFloats(out, count), winner: this.readBytes(winner, winners), outSide };
    });
  }

  /** dy [side][side][F] from dout [P][P][F]. */
  activatePoolGradient(
    dout: Numbers,
    winner: Uint8Array,
    kind: PoolKind,
    side: number,
    filters: number,
  ): Float32Array {
    return this.frame(() => {
      const dy = this.room(side ** 2 * filters);
      const operands = [this.floats(dout), this.bytes(winner), POOLS[kind], side, filters];
      this.call('cnn_activate_pool_gradient', dy, ...operands);
      return this.readFloats(dy, side ** 2 * filters);
    });
  }

  // ---- Heads

  /** map [positions][F] -> features [F] and the position of each first maximum [F]. */
  globalMax(map: Numbers, positions: number, filters: number) {
    return this.frame(() => {
      const features = this.room(filters);
      const place = this.ints(new Int32Array(filters));
      this.call('cnn_global_max', features, place, this.floats(map), positions, filters);
      return { features: this.readFloats(features, filters), place: this.readInts(place, filters) };
    });
  }

  globalMaxGradient(dfeatures: Numbers, place: Int32Array, positions: number): Float32Array {
    const filters = dfeatures.length;
    return this.frame(() => {
      const dmap = this.room(positions * filters);
      const df = this.floats(dfeatures);
      this.call('cnn_global_max_gradient', dmap, df, this.ints(place), positions, filters);
      return this.readFloats(dmap, positions * filters);
    });
  }

  /** map [side * side][F] -> [F]. */
  globalAverage(map: Numbers, side: number, filters: number): Float32Array {
    return this.frame(() => {
      const features = this.room(filters);
      this.call('cnn_global_average', features, this.floats(map), side, filters);
      return this.readFloats(features, filters);
    });
  }

  globalAverageGradient(dfeatures: Numbers, positions: number): Float32Array {
    const filters = dfeatures.length;
    return this.frame(() => {
      const dmap = this.room(positions * filters);
      const df = this.floats(dfeatures);
      this.call('cnn_global_average_gradient', dmap, df, positions, filters);
      return this.readFloats(dmap, positions * filters);
    });
  }

  /** map [positions][F] and query [F] -> the positions' weights. */
  attentionWeights(map: Numbers, query: Numbers): Float32Array {
    const filters = query.length;
    const positions = map.length / filters;
    return this.frame(() => {
      const weights = this.room(positions);
      const operands = [this.floats(map), this.floats(query), positions, filters];
      this.call('cnn_attention', this.room(filters), weights, ...operands);
      return this.readFloats(weights, positions);
    });
  }

  // ---- Loss, update, pictures

  /** logits [count][outputs], labels [count] -> loss and hit [count], dlogits [count][outputs]. */
  losses(logits: Numbers, labels: Numbers, outputs: number, batch = 1, smoothing = 0) {
    const count = labels.length;
    return this.frame(() => {
      const losses = this.reserve(8 * count);
      const dlogits = this.room(count * outputs);
      const correct = this.ints(new Int32Array(count));
      const operands = [this.floats(logits), this.bytes(labels), count, outputs, batch, smoothing];
      this.call('kernel_losses', losses, dlogits, correct, ...operands);
      return {
        losses: this.readDoubles(losses, count),
        dlogits: this.readFloats(dlogits, count * outputs),
        correct: this.readInts(correct, count),
      };
    });
  }

  update(state: UpdateState, gradient: Numbers, settings: UpdateSettings): void {
    const own = { beta1: 0, beta2: 0, epsilon: 1e-7, momentum: 0, weightDecay: 0, ...settings };
    const numbers = [
      OPTIMISERS.indexOf(own.optimiser),
      own.learningRate,
      own.beta1,
      own.beta2,
      own.epsilon,
      own.momentum,
      own.nesterov ? 1 : 0,
      own.weightDecay,
      own.beta1Power ?? 0,
      own.beta2Power ?? 0,
      1,
    ];
    const count = state.w.length;
    this.frame(() => {
      const [w, m, v] = [this.floats(state.w), this.floats(state.m), this.floats(state.v)];
      const operands = [this.floats(gradient), this.doubles(numbers), count, +this.plain];
      this.call('kernel_update', w, m, v, ...operands);
      state.w.set(this.readFloats(w, count));
      state.m.set(this.readFloats(m, count));
      state.v.set(this.readFloats(v, count));
    });
  }

  /** Gradient with the penalty's, and the weights' sum of squares. */
  penalty(gradient: Numbers, weights: Numbers, l2: number) {
    return this.frame(() => {
      const g = this.floats(gradient);
      const squares = this.call('cnn_l2_add', g, this.floats(weights), l2, weights.length);
      return { gradient: this.readFloats(g, weights.length), squares };
    });
  }

  /** pixels [inSide][inSide][C] of 0..255 -> [outSide][outSide][C]. */
  resize(pixels: Uint8Array, outSide: number, inSide: number, channels: number): Uint8Array {
    return this.frame(() => {
      const output = this.reserve(outSide ** 2 * channels);
      const input = this.bytes(pixels);
      const status = this.call('cnn_image_resize', output, input, outSide, inSide, channels);
      if (status !== 0) throw new Error(`cnn_image_resize returned ${status}`);
      return this.readBytes(output, outSide ** 2 * channels);
    });
  }
}

/** The SIMD kernels and their plain twins, each in an instance of its own. */
export function openKernels(): { fast: Kernels; plain: Kernels } {
  const module = kernelModule();
  return { fast: new Kernels(module, false), plain: new Kernels(module, true) };
}
