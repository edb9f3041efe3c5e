// One run from its settings to its result, as a generator that yields after every few milliseconds
// of work: drawing, training, the nearest-mean baseline. Between two yields it may be paused for
// ever or dropped; nothing it computes depends on where the cuts fall. Knows no timer and no worker.
import type { Core } from './core';
import { CoreError, memoryError } from './errors';
import type { CoreImages, Split } from './images';
import type {
  DataSpec,
  EpochResult,
  FromWorker,
  Plan,
  RunCommand,
  RunResult,
  RunSpec,
  RunState,
  Score,
} from './protocol';
import type { Trainer } from './trainer';

/** What a job may use of the world. */
export interface JobHost {
  /** Milliseconds. */
  now(): number;
  post(message: FromWorker): void;
}

/** Work that run_loop.ts can cut into slices. `next(ms)` tells how long the last piece took. */
export interface Job {
  readonly run: number;
  paused: boolean;
  steps(core: Core): Generator<void, void, number>;
  command(command: RunCommand): void;
  /** Books the milliseconds of the last piece. */
  worked(milliseconds: number): void;
  failed(error: CoreError): void;
}

/** A piece of work between two yields aims at this. */
export const PIECE_MS = 8;
/** 16 a second: those of a pause, a step and the end wait for nothing, and 20 is the limit. */
const PROGRESS_MS = 1000 / 16;
/** Drawing one value of a picture costs about as much time as this many multiply-adds of training
 *  (both measured in wasm); only the progress bar depends on it. */
const WORK_PER_SCENE_VALUE = 30;
/** The baseline's longest uninterruptible piece, in multiply-adds of doubles (some 6e8 a second on
 *  a laptop), and the share of the training's work that it may add. */
const BASELINE_PIECE = 1e7;
const BASELINE_SHARE = 0.05;

/** What to try instead of a setting that made the numbers run away: the usual value, else a tenth. */
const CURES: Readonly<Record<string, number>> = { momentum: 0.9, beta2: 0.999, clip_norm: 1 };

/** The next size of a piece from the last one and the time it took. */
export function nextSize(size: number, milliseconds: number): number {
  const factor = milliseconds > 0 ? PIECE_MS / milliseconds : 2;
  return Math.max(1, Math.round(size * Math.min(2, Math.max(0.25, factor))));
}

type Activity = 'drawing' | 'training' | 'baseline';

export class RunJob implements Job {
  private activity: Activity = 'drawing';
  private readonly milliseconds: Record<Activity, number> = {
    drawing: 0,
    training: 0,
    baseline: 0,
  };
  private pauseAfterEpoch = false;
  private epoch = 0;
  /** The setting that made the numbers run away. */
  private suspect = 'learning_rate';
  private unsent: EpochResult[] = [];
  private lastProgress = Number.NEGATIVE_INFINITY;
  private done = 0;

  constructor(
    readonly run: number,
    private readonly spec: RunSpec,
    private readonly host: JobHost,
    public paused: boolean,
  ) {
    this.postState(paused ? 'paused' : 'drawing');
  }

  *steps(core: Core): Generator<void, void, number> {
    const { network, data } = this.spec;
    const [trainCount, testCount] = counts(data);
    const plan = core.plan(network, trainCount, testCount);
    checkData(core, this.spec);
    const { train, test, block } = reserve(core, this.spec, plan);
    const share = shares(this.spec, plan);

    yield* this.fill(train, 'train', 0, share.data / (trainCount + testCount));
    yield* this.fill(test, 'test', trainCount, share.data / (trainCount + testCount));

    const trainer = core.createTrainer(network, train, test, block);
    this.activity = 'training';
    this.postState('training');
    yield;
    yield* this.train(trainer, share);
    const { bestEpoch } = trainer.progress();

    this.activity = 'baseline';
    yield;
    const nearestMean = yield* this.baseline(core, train, test, plan);
    const fingerprint = trainer.fingerprint();
    const dataHash = core.dataHash(train, test);
    yield;
    this.done = 1;
    this.postProgress();
    const { drawing, training } = this.milliseconds;
    const [dataSeconds, trainSeconds] = [drawing / 1000, training / 1000];
    const result: RunResult = { fingerprint, dataHash, nearestMean, dataSeconds, trainSeconds };
    if (network.patience) result.bestEpoch = bestEpoch;
    this.host.post({ type: 'finished', run: this.run, result });
    this.postState('finished');
  }

  command(command: RunCommand): void {
    switch (command) {
      case 'pause':
        this.pauseAfterEpoch = false;
        this.pause();
        return;
      case 'resume':
        this.pauseAfterEpoch = false;
        this.wake();
        return;
      case 'step':
        this.pauseAfterEpoch = true;
        this.wake();
        return;
      case 'stop':
        this.postProgress();
        this.postState('stopped');
        return;
      default:
        command satisfies never;
    }
  }

  worked(milliseconds: number): void {
    this.milliseconds[this.activity] += milliseconds;
  }

  failed(error: CoreError): void {
    if (this.unsent.length > 0) this.postProgress();
    const epoch = this.activity === 'drawing' ? 0 : this.epoch + 1;
    const { code, field } = error;
    const ranAway = code === 'CNN_ERROR_NOT_FINITE';
    const message = ranAway ? this.ranAway(epoch) : error.message;
    const where = ranAway ? this.suspect : field;
    const named = where === undefined ? {} : { field: where };
    this.host.post({ type: 'failed', run: this.run, code, ...named, message, epoch });
    this.postState(ranAway ? 'stopped' : 'failed');
  }

  private ranAway(epoch: number): string {
    const name = this.suspect;
    const settings: Partial<Record<string, unknown>> = { ...this.spec.network };
    const value = settings[name];
    // Left out, the setting has the core's default, which the page need not know.
    const given = typeof value === 'number' ? ` ${value}` : '';
    const better = CURES[name] ?? (typeof value === 'number' ? value / 10 : 0);
    return (
      `The numbers ran away to infinity in epoch ${epoch}. Most likely cause: ` +
      `${name.replaceAll('_', ' ')}${given}. The epochs before it are kept; try ` +
      `${Number(better.toPrecision(6))}.`
    );
  }

  private *fill(
    images: CoreImages,
    split: Split,
    before: number,
    share: number,
  ): Generator<void, void, number> {
    const { data } = this.spec;
    let size = 1;
    while (images.filled < images.count) {
      const count = Math.min(size, images.count - images.filled);
      if (data.kind === 'scene') images.drawNext(data.scene, split, count);
      else images.copyNext(data[split], count);
      this.done = (before + images.filled) * share;
      this.postProgressIfDue();
      size = nextSize(count, yield);
    }
  }

  private *train(trainer: Trainer, share: Shares): Generator<void, void, number> {
    let budget = 1e5;
    for (;;) {
      this.runPiece(trainer, budget);
      const { phase, epoch, train, test } = trainer.progress();
      const epochEnded = epoch > this.epoch;
      if (epochEnded) this.unsent.push({ epoch, train, test });
      this.epoch = epoch;
      this.done = share.data + trainer.workDone() * share.perWork;
      if (phase === 'finished') return;
      if (epochEnded && this.pauseAfterEpoch) this.pause();
      else this.postProgressIfDue();
      const milliseconds = yield;
      // A piece that ended with its epoch did less than the budget and says nothing about it.
      if (!epochEnded || milliseconds > PIECE_MS) budget = nextSize(budget, milliseconds);
    }
  }

  private runPiece(trainer: Trainer, budget: number): void {
    try {
      trainer.run(budget);
    } catch (error) {
      this.suspect = trainer.suspect() ?? this.suspect;
      throw error;
    }
  }

  /** Test score of the nearest class mean, a few pictures at a time; null where even that would
   *  hold up an answer, or where it would take long beside the training. Decided by the size of
   *  the task, not by the clock, so that every machine shows the same. */
  private *baseline(
    core: Core,
    train: CoreImages,
    test: CoreImages,
    plan: Plan,
  ): Generator<void, Score | null, number> {
    const { classes, epochs } = this.spec.network;
    const perPicture = classes * train.valuesPerImage;
    const perPiece = train.count * train.valuesPerImage + perPicture;
    const size = Math.floor((BASELINE_PIECE - perPiece) / perPicture);
    if (size < 1) return null;
    const pieces = Math.ceil(test.count / size);
    const work = pieces * perPiece + test.count * perPicture;
    if (work > Math.max(BASELINE_PIECE, BASELINE_SHARE * epochs * plan.epochWork)) return null;
    let correct = 0;
    for (let first = 0; first < test.count; first += size) {
      const count = Math.min(size, test.count - first);
      correct += core.nearestMean(train, test, classes, first, count).correct;
      yield;
    }
    return { loss: 0, correct, count: test.count };
  }

  private pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.pauseAfterEpoch = false;
    this.postProgress();
    this.postState('paused');
  }

  private wake(): void {
    if (!this.paused) return;
    this.paused = false;
    this.postState(this.activity === 'drawing' ? 'drawing' : 'training');
  }

  private postState(state: RunState): void {
    this.host.post({ type: 'state', run: this.run, state });
  }

  private postProgressIfDue(): void {
    if (this.host.now() - this.lastProgress >= PROGRESS_MS) this.postProgress();
  }

  private postProgress(): void {
    const { run, epoch, unsent: epochs } = this;
    this.lastProgress = this.host.now();
    this.unsent = [];
    const done = Math.min(1, this.done);
    this.host.post({ type: 'progress', run, done, epoch, epochs });
  }
}

/** Parts of the progress bar: all of the data, and one unit of training work. */
interface Shares {
  data: number;
  perWork: number;
}

function shares(spec: RunSpec, plan: Plan): Shares {
  const { network, data } = spec;
  const [trainCount, testCount] = counts(data);
  const values =
    data.kind === 'scene'
      ? data.scene.reference ** 2 * data.scene.channels * WORK_PER_SCENE_VALUE
      : 0;
  const dataWork = values * (trainCount + testCount);
  const total = dataWork + network.epochs * plan.epochWork;
  return { data: dataWork / total, perWork: 1 / total };
}

function counts(data: DataSpec): [train: number, test: number] {
  return data.kind === 'scene'
    ? [data.trainCount, data.testCount]
    : [data.train.count, data.test.count];
}

/** Refuses data that do not fit the network, before anything is drawn or copied. */
function checkData(core: Core, { network, data }: RunSpec): void {
  if (data.kind === 'scene') {
    core.checkScene(data.scene, network.resolution);
    for (const field of ['classes', 'channels'] as const) {
      if (data.scene[field] !== network[field]) {
        throw new CoreError(
          'CNN_ERROR_SCENE',
          `The scene has ${data.scene[field]} ${field}, the network ${network[field]}: make them equal.`,
          field,
        );
      }
    }
    return;
  }
  const values = network.resolution ** 2 * network.channels;
  for (const set of [data.train, data.test]) {
    if (set.pixels.length !== set.count * values || set.labels.length !== set.count) {
      throw new CoreError(
        'CNN_ERROR_ARGUMENT',
        `${set.count} pictures need ${set.count * values} pixel values and ${set.count} labels, ` +
          `not ${set.pixels.length} and ${set.labels.length}: prepare the pictures again.`,
      );
    }
  }
}

/** All memory of a run at once, so that a run that cannot fit fails before its first picture. */
function reserve(core: Core, { network, data }: RunSpec, plan: Plan) {
  const { resolution, channels } = network;
  const [trainCount, testCount] = counts(data);
  try {
    const train = core.createImages(trainCount, resolution, channels);
    const test = core.createImages(testCount, resolution, channels);
    return { train, test, block: core.reserve(plan.bytes) };
  } catch (error) {
    if (!(error instanceof CoreError) || error.code !== 'memory') throw error;
    throw memoryError(plan.bytes + (trainCount + testCount) * resolution ** 2 * channels);
  }
}
