// Measures this machine: a short drawing and a short training like the page's first experiment, so
// that the page can say how many seconds a run will take. Steps are run_loop.ts' slices.
import type { Core } from './core';
import type { CoreError } from './errors';
import type { RunCommand } from './protocol';
import { type Job, type JobHost, nextSize } from './run_job';

/** Browsers compile wasm twice, quickly and then well, the second time in the background while the
 *  first code, several times slower, already runs: what comes before this does not count. */
const WARM_MS = 300;
const TRAIN_MS = 60;
const PICTURES = 160;
const RESOLUTION = 48;
/** A disturbed machine can spend all that time in one piece. */
const FEWEST_PIECES = 4;
/** Ends it even where a browser's clock stands still. */
const MOST_PIECES = 200;

/** A piece of work and the milliseconds it took. */
type Piece = [work: number, milliseconds: number];

/** Seconds per unit of work of the piece that was quicker than `share` of all: what the machine
 *  does while nobody disturbs it. */
function secondsPerUnit(pieces: Piece[], share: number): number {
  const timed = pieces.filter(([work, milliseconds]) => work > 0 && milliseconds > 0);
  const costs = timed.map(([work, milliseconds]) => milliseconds / 1000 / work);
  return costs.sort((a, b) => a - b)[Math.floor(costs.length * (1 - share))] ?? 0;
}

export class CalibrationJob implements Job {
  readonly paused = false;

  constructor(
    readonly run: number,
    private readonly host: JobHost,
  ) {}

  *steps(core: Core): Generator<void, void, number> {
    const network = { ...core.networkDefaults(), resolution: RESOLUTION, epochs: 100000 };
    const scene = core.sceneDefaults();
    const images = core.createImages(PICTURES, RESOLUTION, scene.channels);
    const values = scene.reference ** 2 * scene.channels;
    const drawings: Piece[] = [];
    let size = 1;
    while (images.filled < PICTURES) {
      const count = Math.min(size, PICTURES - images.filled);
      images.drawNext(scene, 'train', count);
      const milliseconds = yield;
      drawings.push([count * values, milliseconds]);
      size = nextSize(count, milliseconds);
    }
    const trainer = core.createTrainer(network, images, images);
    yield;
    const trainings: Piece[] = [];
    let [spent, budget] = [0, 1e5];
    const enough = () => spent >= WARM_MS + TRAIN_MS && trainings.length >= FEWEST_PIECES;
    for (let i = 0; i < MOST_PIECES && !enough(); i++) {
      const before = trainer.workDone();
      trainer.run(budget);
      const work = trainer.workDone() - before;
      const milliseconds = yield;
      if (spent >= WARM_MS) trainings.push([work, milliseconds]);
      spent += milliseconds;
      budget = nextSize(budget, milliseconds);
    }
    this.host.post({
      type: 'calibrated',
      run: this.run,
      secondsPerWork: secondsPerUnit(trainings, 0.75),
      // A handful of pieces, most of them in the first, slow code: only the quickest counts.
      secondsPerSceneValue: secondsPerUnit(drawings, 1),
    });
  }

  command(_command: RunCommand): void {}

  worked(_milliseconds: number): void {}

  failed(error: CoreError): void {
    const { code, message } = error;
    this.host.post({ type: 'failed', run: this.run, code, message, epoch: 0 });
  }
}
