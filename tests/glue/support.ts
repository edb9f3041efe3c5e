// What the glue's tests share: the built core, small settings, and a world for run_loop.ts whose
// clock and turns the test moves by hand.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Core, compileCore, instantiateCore } from '../../wasm_glue/core';
import type {
  EpochResult,
  FromWorker,
  NetworkConfig,
  RunResult,
  RunSpec,
  SceneConfig,
} from '../../wasm_glue/protocol';
import { type LoopHost, RunLoop } from '../../wasm_glue/run_loop';

/** Bytes of core.wasm: $PVL_WASM, or where the wasm preset builds it. */
export function readCore(): Uint8Array<ArrayBuffer> {
  const { PVL_WASM } = process.env;
  const path = PVL_WASM ?? fileURLToPath(new URL('../../build/wasm/core.wasm', import.meta.url));
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    throw new Error(`${path} is missing: build it with "npm run wasm", or name it in PVL_WASM.`);
  }
}

let compiled: Promise<WebAssembly.Module> | undefined;

export function compiledCore(): Promise<WebAssembly.Module> {
  compiled ??= compileCore(readCore());
  return compiled;
}

export async function newCore(): Promise<Core> {
  return instantiateCore(await compiledCore());
}

/** A run of a fraction of a second: 3 epochs on 30 pictures of 12 x 12. */
export function smallRun(
  core: Core,
  network: Partial<NetworkConfig> = {},
  scene: Partial<SceneConfig> = {},
): RunSpec {
  return {
    network: { ...core.networkDefaults(), resolution: 12, filters: 4, epochs: 3, ...network },
    data: {
      kind: 'scene',
      scene: { ...core.sceneDefaults(), ...scene },
      trainCount: 30,
      testCount: 20,
    },
  };
}

/** Runs a spec straight through, without any loop. */
export function runStraight(core: Core, { network, data }: RunSpec) {
  if (data.kind !== 'scene') throw new Error('scenes only');
  const train = core.createImages(data.trainCount, network.resolution, network.channels);
  train.drawNext(data.scene, 'train', data.trainCount);
  const test = core.createImages(data.testCount, network.resolution, network.channels);
  test.drawNext(data.scene, 'test', data.testCount);
  const trainer = core.createTrainer(network, train, test);
  const epochs: EpochResult[] = [];
  while (trainer.progress().phase !== 'finished') {
    trainer.run(1e15);
    const { epoch, train: seen, test: fresh } = trainer.progress();
    epochs.push({ epoch, train: seen, test: fresh });
  }
  const fingerprint = trainer.fingerprint();
  return { fingerprint, dataHash: core.dataHash(train, test), epochs, train, test, trainer };
}

/** A RunLoop whose every look at the clock takes `millisecondsPerLook`. */
export class FakeWorld implements LoopHost {
  readonly messages: { at: number; message: FromWorker }[] = [];
  readonly loop = new RunLoop(this);
  time = 0;
  cores = 0;
  private readonly tasks: (() => void)[] = [];

  constructor(
    private readonly module: WebAssembly.Module,
    public millisecondsPerLook = 4,
    /** What the work itself costs: a picture drawn, a million multiply-adds trained. */
    private readonly cost: { picture: number; megawork: number } = { picture: 0, megawork: 0 },
  ) {}

  /** Slices that wait for their turn; more than one would work twice as fast as allowed. */
  get waiting(): number {
    return this.tasks.length;
  }

  now(): number {
    this.time += this.millisecondsPerLook;
    return this.time;
  }

  post(message: FromWorker): void {
    this.messages.push({ at: this.time, message });
  }

  defer(task: () => void): void {
    this.tasks.push(task);
  }

  createCore(): Core {
    this.cores++;
    const core = instantiateCore(this.module);
    const { createImages, createTrainer } = core;
    core.createImages = (...parameters) => {
      const images = createImages.apply(core, parameters);
      const { drawNext } = images;
      images.drawNext = (scene, split, count) => {
        drawNext.call(images, scene, split, count);
        this.time += count * this.cost.picture;
      };
      return images;
    };
    core.createTrainer = (...parameters) => {
      const trainer = createTrainer.apply(core, parameters);
      const { run } = trainer;
      trainer.run = (budget) => {
        const before = trainer.workDone();
        run.call(trainer, budget);
        this.time += ((trainer.workDone() - before) / 1e6) * this.cost.megawork;
      };
      return trainer;
    };
    return core;
  }

  /** One slice; false when there is nothing to do. */
  turn(): boolean {
    const task = this.tasks.shift();
    task?.();
    return task !== undefined;
  }

  /** Slices until `stop` holds or nothing is left to do. */
  turns(stop: () => boolean = () => false): void {
    while (!stop() && this.turn());
  }

  of<T extends FromWorker['type']>(type: T): Extract<FromWorker, { type: T }>[] {
    return this.messages
      .map(({ message }) => message)
      .filter((message): message is Extract<FromWorker, { type: T }> => message.type === type);
  }

  states(run?: number): string[] {
    return this.of('state')
      .filter((message) => run === undefined || message.run === run)
      .map(({ state }) => state);
  }

  epochs(): EpochResult[] {
    return this.of('progress').flatMap((message) => message.epochs);
  }

  result(): RunResult {
    const [finished] = this.of('finished');
    if (!finished) throw new Error(`not finished: ${JSON.stringify(this.messages.slice(-3))}`);
    return finished.result;
  }
}
