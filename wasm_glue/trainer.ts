// A training in progress inside the core. Everything it needs lies in one block of memory that the
// plan sized; nothing allocates while it trains.
import { CoreError } from './errors';
import type { CoreImages } from './images';
import type { CoreModule, Pointer } from './module';
import type { NetworkConfig, Plan, Score } from './protocol';
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
    network: NetworkConfig,
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
    const values = this.core.doubles(10, (out) =>
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
    return this.core.readFloats(
      this.core.exports.pvl_trainer_parameters(this.trainer),
      this.plan.parameters,
    );
  }

  setParameters(values: Float32Array): void {
    if (values.length !== this.plan.parameters) {
      throw new CoreError(
        'CNN_ERROR_ARGUMENT',
        `This network has ${this.plan.parameters} weights, not ${values.length}: pass every one.`,
      );
    }
    this.core.writeFloats(this.core.exports.pvl_trainer_parameters(this.trainer), values);
  }

  gradients(): Float32Array<ArrayBuffer> {
    return this.core.readFloats(
      this.core.exports.pvl_trainer_gradients(this.trainer),
      this.plan.parameters,
    );
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

  private call(call: (trainer: Pointer) => number): void {
    this.core.check(this.core.guard(() => call(this.trainer)));
  }
}
