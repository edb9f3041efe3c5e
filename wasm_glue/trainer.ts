// A training in progress inside the core. Everything it needs lies in one block of memory that the
// plan sized; nothing allocates while it trains.
import { CoreError } from './errors';
import type { CoreImages } from './images';
import { type Layer, layersOf, type Tensor, tensorsOf } from './layers';
import type { CoreModule, Pointer } from './module';
import type { NetworkConfig, Plan, Score } from './protocol';
import { SAVE_KINDS, type SaveKind } from './saved';
import { withNetwork } from './settings';

/** A word's place is the core's number (CNN_PHASE_*). */
export const PHASES = ['train', 'evaluate', 'epoch_done', 'finished', 'stopped'] as const;
export type Phase = (typeof PHASES)[number];

/** Mirrors cnn_progress; the scores are those of the last finished epoch. */
export interface TrainerProgress {
  phase: Phase;
  epoch: number;
  step: number;
  epochWork: number;
  train: Score;
  test: Score;
  /** The epoch of the lowest test loss so far; 0 before the first epoch's end. */
  bestEpoch: number;
}

/** What the network says of one picture. */
export interface Judgement {
  /** Nats. */
  loss: number;
  /** Probability of the predicted class. */
  confidence: number;
  predicted: number;
}

/** A square of `patch` pixels that is moved by `stride`, from place `first` on in row-major order. */
export interface OcclusionPart {
  patch: number;
  stride: number;
  first: number;
  count: number;
}

export function scoreOf(values: readonly number[], first = 0): Score {
  const [loss = 0, correct = 0, count = 0] = values.slice(first, first + 3);
  return { loss, correct, count };
}

export class Trainer {
  private readonly trainer: Pointer;

  /** `block` holds plan.bytes and belongs to the trainer from now on; so do not free it. The image
   *  sets must outlive the trainer. */
  constructor(
    private readonly core: CoreModule,
    readonly plan: Plan,
    readonly network: NetworkConfig,
    train: CoreImages,
    test: CoreImages,
    private readonly block: Pointer,
  ) {
    const { status, pointer } = withNetwork(core, network, (config) =>
      core.pointerResult((out) =>
        core.exports.pvl_trainer_create(out, config, train.struct, test.struct, block, plan.bytes),
      ),
    );
    if (status !== 0) core.free(block);
    core.check(status);
    this.trainer = pointer;
  }

  /** Works until about `budget` multiply-adds are spent, an epoch ends or the run ends. */
  run(budget: number): void {
    this.call((trainer) => this.core.exports.pvl_trainer_run(trainer, budget));
  }

  progress(): TrainerProgress {
    const values = this.core.doubles(11, (out) =>
      this.core.exports.pvl_trainer_progress(out, this.trainer),
    );
    const [phase = 0, epoch = 0, step = 0, epochWork = 0] = values;
    return {
      phase: PHASES[phase] ?? 'stopped',
      epoch,
      step,
      epochWork,
      train: scoreOf(values, 4),
      test: scoreOf(values, 7),
      bestEpoch: values[10] ?? 0,
    };
  }

  /** Work units done since the start, whole epochs included. */
  workDone(): number {
    const { phase, epoch, epochWork } = this.progress();
    const between = phase === 'epoch_done' || phase === 'finished';
    return epoch * this.plan.epochWork + (between ? 0 : epochWork);
  }

  /** One weight update on training pictures outside the epochs; the batch's mean loss before it. */
  step(indices: readonly number[]): number {
    return this.core.borrow(indices.length * 4, (block) => {
      this.core.writeInts(block, Int32Array.from(indices));
      const [loss = Number.NaN] = this.core.doubles(1, (out) =>
        this.core.exports.pvl_trainer_step(out, this.trainer, block, indices.length),
      );
      return loss;
    });
  }

  evaluate(images: CoreImages): Score {
    return scoreOf(
      this.core.doubles(3, (out) =>
        this.core.exports.pvl_trainer_evaluate(out, this.trainer, images.struct),
      ),
    );
  }

  /** [count][outputs], before sigmoid or softmax. */
  logits(pixels: Uint8Array, count: number): Float32Array<ArrayBuffer> {
    const values = count * this.plan.outputs;
    return this.core.borrow(pixels.length, (input) =>
      this.core.borrow(values * 4, (output) => {
        this.core.writeBytes(input, pixels);
        this.call((trainer) => this.core.exports.pvl_trainer_logits(output, trainer, input, count));
        return this.core.readFloats(output, values);
      }),
    );
  }

  /** Copies, in the flat order of cnn_trainer_parameters. */
  parameters(): Float32Array<ArrayBuffer> {
    const { pvl_trainer_parameters } = this.core.exports;
    return this.core.readFloats(pvl_trainer_parameters(this.trainer), this.plan.parameters);
  }

  setParameters(values: Float32Array): void {
    checkCount(values, this.plan.parameters, 'weights');
    this.core.writeFloats(this.core.exports.pvl_trainer_parameters(this.trainer), values);
  }

  gradients(): Float32Array<ArrayBuffer> {
    const { pvl_trainer_gradients } = this.core.exports;
    return this.core.readFloats(pvl_trainer_gradients(this.trainer), this.plan.parameters);
  }

  /** Moving averages of the batch norms, copied. */
  statistics(): Float32Array<ArrayBuffer> {
    const { pvl_trainer_statistics } = this.core.exports;
    return this.core.readFloats(pvl_trainer_statistics(this.trainer), this.plan.statistics);
  }

  setStatistics(values: Float32Array): void {
    checkCount(values, this.plan.statistics, 'moving averages');
    this.core.writeFloats(this.core.exports.pvl_trainer_statistics(this.trainer), values);
  }

  layers(): Layer[] {
    return layersOf(this.core, this.network);
  }

  tensors(): Tensor[] {
    return tensorsOf(this.core, this.network);
  }

  /** The setting that most likely made the numbers run away; undefined while they have not. */
  suspect(): string | undefined {
    const name = this.core.exports.pvl_trainer_suspect(this.trainer);
    return name === 0 ? undefined : this.core.text(name);
  }

  // ---- Saving

  save(kind: SaveKind): Uint8Array<ArrayBuffer> {
    const { pvl_trainer_save_bytes, pvl_trainer_save } = this.core.exports;
    const number = SAVE_KINDS.indexOf(kind);
    const bytes = pvl_trainer_save_bytes(this.trainer, number) >>> 0;
    return this.core.borrow(bytes, (out) => {
      this.call((trainer) => pvl_trainer_save(out, trainer, number));
      return this.core.readBytes(out, bytes);
    });
  }

  /** Takes over what save gave, from a trainer of the same network (Core.savedConfig), and for a
   *  state of the same pictures. */
  load(bytes: Uint8Array): void {
    this.core.borrow(bytes.length, (block) => {
      this.core.writeBytes(block, bytes);
      this.call((trainer) => this.core.exports.pvl_trainer_load(trainer, block, bytes.length));
    });
  }

  // ---- Looking inside; not while an epoch is under way (CNN_ERROR_BUSY)

  /** Values of layer number `layer` for one picture [side][side][channels]. */
  activations(pixels: Uint8Array, layer: number): Float32Array<ArrayBuffer> {
    const { side = 0, channels = 0 } = this.layers()[layer] ?? {};
    const { pvl_trainer_activations } = this.core.exports;
    return this.ofPicture(pixels, side * side * channels, (out, input) =>
      pvl_trainer_activations(out, this.trainer, input, layer),
    );
  }

  /** [P][P]: where the evidence for a class lies. */
  classMap(pixels: Uint8Array, classIndex: number): Float32Array<ArrayBuffer> {
    const { pvl_trainer_class_map } = this.core.exports;
    return this.ofPicture(pixels, this.plan.poolSide ** 2, (out, input) =>
      pvl_trainer_class_map(out, this.trainer, input, classIndex),
    );
  }

  /** By how much the class's probability falls where a grey square covers the picture. */
  occlusion(
    pixels: Uint8Array,
    classIndex: number,
    { patch, stride, first, count }: OcclusionPart,
  ): Float32Array<ArrayBuffer> {
    const { pvl_trainer_occlusion } = this.core.exports;
    return this.ofPicture(pixels, count, (out, input) =>
      pvl_trainer_occlusion(out, this.trainer, input, classIndex, patch, stride, first, count),
    );
  }

  judge(images: CoreImages): Judgement[] {
    const { pvl_trainer_judge } = this.core.exports;
    return this.core.borrow(images.count * 24, (out) => {
      this.call((trainer) => pvl_trainer_judge(out, trainer, images.struct));
      const values = this.core.readDoubles(out, images.count * 3);
      return Array.from({ length: images.count }, (_, i) => {
        const [loss = 0, confidence = 0, predicted = 0] = values.subarray(i * 3);
        return { loss, confidence, predicted };
      });
    });
  }

  /** [K][K]: pictures of class i that were called j. */
  confusion(images: CoreImages): Int32Array<ArrayBuffer> {
    const { pvl_trainer_confusion } = this.core.exports;
    const values = this.network.classes ** 2;
    return this.core.borrow(values * 4, (out) => {
      this.call((trainer) => pvl_trainer_confusion(out, trainer, images.struct));
      return this.core.readInts(out, values);
    });
  }

  /** 16 hexadecimal digits. */
  fingerprint(): string {
    return this.core.borrow(8, (out) => {
      this.call((trainer) => this.core.exports.pvl_trainer_fingerprint(out, trainer));
      return this.core.readHex64(out);
    });
  }

  free(): void {
    this.core.free(this.block);
  }

  /** Runs a call that writes `count` floats about one picture. */
  private ofPicture(
    pixels: Uint8Array,
    count: number,
    call: (out: Pointer, input: Pointer) => number,
  ): Float32Array<ArrayBuffer> {
    const { resolution, channels } = this.network;
    if (pixels.length !== resolution ** 2 * channels) {
      throw new CoreError(
        'CNN_ERROR_ARGUMENT',
        `A picture of this network has ${resolution ** 2 * channels} values, not ` +
          `${pixels.length}: scale it to ${resolution} pixels.`,
      );
    }
    return this.core.borrow(pixels.length, (input) =>
      this.core.borrow(count * 4, (out) => {
        this.core.writeBytes(input, pixels);
        this.core.check(this.core.guard(() => call(out, input)));
        return this.core.readFloats(out, count);
      }),
    );
  }

  private call(call: (trainer: Pointer) => number): void {
    this.core.check(this.core.guard(() => call(this.trainer)));
  }
}

function checkCount(values: Float32Array, count: number, what: string): void {
  if (values.length === count) return;
  throw new CoreError(
    'CNN_ERROR_ARGUMENT',
    `This network has ${count} ${what}, not ${values.length}: pass every one.`,
  );
}
