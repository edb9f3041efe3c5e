// The page's side, with workers that the test plays: one run each, idle ones used again, a queue,
// nothing shown of old runs, a crash that fails one run only. And once with real loops behind it.
import { beforeAll, describe, expect, it } from 'vitest';
import { instantiateCore } from '../../wasm_glue/core';
import { Pool, type PoolOptions, type RunHandlers, type WorkerLike } from '../../wasm_glue/pool';
import type { FromWorker, RunSpec, ToWorker } from '../../wasm_glue/protocol';
import { RunLoop } from '../../wasm_glue/run_loop';
import { compiledCore, newCore, readCore, runStraight, smallRun } from './support';

class FakeWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  onmessageerror: WorkerLike['onmessageerror'] = null;
  readonly received: ToWorker[] = [];
  readonly transferred: Transferable[][] = [];
  terminated = false;

  postMessage(message: ToWorker, transfer: Transferable[]): void {
    this.received.push(message);
    this.transferred.push(transfer);
  }

  terminate(): void {
    this.terminated = true;
  }

  say(message: FromWorker): void {
    this.onmessage?.({ data: message } as MessageEvent<FromWorker>);
  }

  crash(message: string): void {
    this.onerror?.({ message, preventDefault: () => undefined } as unknown as ErrorEvent);
  }

  /** The types of what it received, the run's number after a start. */
  log(): string[] {
    return this.received.map((m) => (m.type === 'start' ? `start ${m.run}` : m.type));
  }
}

let module: WebAssembly.Module;
let spec: RunSpec;
beforeAll(async () => {
  module = await compiledCore();
  spec = smallRun(await newCore());
});

async function setUp(options: Partial<PoolOptions> = {}) {
  const workers: FakeWorker[] = [];
  const createWorker = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  };
  const pool = new Pool({ core: module, createWorker, limit: 2, ...options });
  await pool.compiledCore().catch(() => undefined);
  return { pool, workers };
}

/** Handlers that write down what they are told. */
function listener() {
  const heard: string[] = [];
  const handlers: RunHandlers = {
    state: (state) => heard.push(state),
    progress: ({ epoch }) => heard.push(`epoch ${epoch}`),
    finished: ({ fingerprint }) => heard.push(`finished ${fingerprint}`),
    failed: ({ code, epoch }) => heard.push(`failed ${code} in ${epoch}`),
  };
  return { heard, handlers };
}

const finish = (worker: FakeWorker | undefined, run: number) =>
  worker?.say({ type: 'state', run, state: 'finished' });

describe('workers', () => {
  it('get the compiled core first, and one run each', async () => {
    const { pool, workers } = await setUp();
    pool.startRun(spec, {});
    pool.startRun(spec, {});
    expect(workers.map((worker) => worker.log())).toEqual([
      ['init', 'start 1'],
      ['init', 'start 2'],
    ]);
    expect(workers[0]?.received[0]).toEqual({ type: 'init', module });
  });

  it('are used again when idle', async () => {
    const { pool, workers } = await setUp();
    for (const run of [1, 2, 3]) {
      pool.startRun(spec, {});
      finish(workers[0], run);
    }
    expect(workers.length).toBe(1);
    expect(workers[0]?.log()).toEqual(['init', 'start 1', 'start 2', 'start 3']);
  });

  it('are limited; later runs wait in order', async () => {
    const { pool, workers } = await setUp();
    for (let i = 0; i < 4; i++) pool.startRun(spec, {});
    expect(workers.length).toBe(2);
    finish(workers[1], 2);
    finish(workers[0], 1);
    expect(workers.map((worker) => worker.log().at(-1))).toEqual(['start 4', 'start 3']);
  });

  it('are two at least, so that a pair runs side by side', async () => {
    const workers: FakeWorker[] = [];
    const createWorker = () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    };
    const pool = new Pool({ core: module, createWorker });
    await pool.compiledCore();
    pool.startRun(spec, {});
    pool.startRun(spec, {});
    expect(workers.length).toBe(2);
  });

  it('all end with the pool', async () => {
    const { pool, workers } = await setUp();
    pool.startRun(spec, {});
    pool.startRun(spec, {});
    pool.dispose();
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
  });
});

describe('a run', () => {
  it('passes commands on with its own number', async () => {
    const { pool, workers } = await setUp();
    pool.startRun(spec, {});
    const run = pool.startRun(spec, {});
    run.pause();
    run.step();
    run.resume();
    run.stop();
    expect(workers[1]?.received.slice(2)).toEqual(
      ['pause', 'step', 'resume', 'stop'].map((type) => ({ type, run: 2 })),
    );
  });

  it('tells its handlers in order', async () => {
    const { pool, workers } = await setUp();
    const { heard, handlers } = listener();
    pool.startRun(spec, handlers);
    const [worker] = workers;
    worker?.say({ type: 'state', run: 1, state: 'training' });
    worker?.say({ type: 'progress', run: 1, done: 0.5, epoch: 3, epochs: [] });
    const result = { dataHash: '', nearestMean: null, dataSeconds: 1, trainSeconds: 2 };
    worker?.say({ type: 'finished', run: 1, result: { fingerprint: 'f', ...result } });
    finish(worker, 1);
    expect(heard).toEqual(['training', 'epoch 3', 'finished f', 'finished']);
  });

  it('hears nothing of an older run on the same worker', async () => {
    const { pool, workers } = await setUp({ limit: 1 });
    const [old, fresh] = [listener(), listener()];
    pool.startRun(spec, old.handlers).dispose();
    pool.startRun(spec, fresh.handlers);
    workers[0]?.say({ type: 'progress', run: 1, done: 1, epoch: 9, epochs: [] });
    workers[0]?.say({ type: 'state', run: 1, state: 'stopped' });
    workers[0]?.say({ type: 'state', run: 2, state: 'training' });
    expect(old.heard).toEqual([]);
    expect(fresh.heard).toEqual(['training']);
    // The late 'stopped' of run 1 must not have freed the worker of run 2.
    pool.startRun(spec, {});
    expect(workers[0]?.log()).toEqual(['init', 'start 1', 'stop', 'start 2']);
  });

  it('frees its worker at once when disposed', async () => {
    const { pool, workers } = await setUp({ limit: 1 });
    const first = pool.startRun(spec, {});
    pool.startRun(spec, {});
    first.dispose();
    expect(workers[0]?.log()).toEqual(['init', 'start 1', 'stop', 'start 2']);
  });

  it('that waits keeps its commands until it starts', async () => {
    const { pool, workers } = await setUp({ limit: 1 });
    pool.startRun(spec, {});
    const run = pool.startRun(spec, {}, { paused: true });
    run.step();
    expect(workers[0]?.log()).toEqual(['init', 'start 1']);
    finish(workers[0], 1);
    expect(workers[0]?.log().slice(2)).toEqual(['start 2', 'step']);
    expect(workers[0]?.received[2]).toMatchObject({ paused: true });
  });

  it('that waits can be stopped', async () => {
    const { pool, workers } = await setUp({ limit: 1 });
    pool.startRun(spec, {});
    const { heard, handlers } = listener();
    pool.startRun(spec, handlers).stop();
    expect(heard).toEqual(['stopped']);
    const silent = listener();
    pool.startRun(spec, silent.handlers).dispose();
    expect(silent.heard).toEqual([]);
    finish(workers[0], 1);
    expect(workers[0]?.log()).toEqual(['init', 'start 1']);
  });

  it('copies pictures, or hands them over when told', async () => {
    const { pool, workers } = await setUp();
    const set = { pixels: new Uint8Array(144), labels: new Uint8Array(1), count: 1 };
    const images: RunSpec = { ...spec, data: { kind: 'images', train: set, test: set } };
    pool.startRun(images, {});
    pool.startRun(images, {}, { transfer: true });
    expect(workers[0]?.transferred[1]).toEqual([]);
    expect(workers[1]?.transferred[1]).toEqual([set.pixels.buffer, set.labels.buffer]);
  });
});

describe('a failure', () => {
  it('of a worker fails its run in the epoch it was in, and only that run', async () => {
    const { pool, workers } = await setUp();
    const [one, two] = [listener(), listener()];
    pool.startRun(spec, one.handlers);
    pool.startRun(spec, two.handlers);
    workers[0]?.say({ type: 'progress', run: 1, done: 0.1, epoch: 2, epochs: [] });
    workers[0]?.crash('out of memory');
    expect(one.heard).toEqual(['epoch 2', 'failed crash in 3', 'failed']);
    expect(two.heard).toEqual([]);
    expect(workers[0]?.terminated).toBe(true);
    pool.startRun(spec, {});
    expect(workers[2]?.log()).toEqual(['init', 'start 3']);
  });

  it('of a worker lets the queue go on', async () => {
    const { pool, workers } = await setUp({ limit: 1 });
    pool.startRun(spec, {});
    pool.startRun(spec, {});
    workers[0]?.crash('gone');
    expect(workers[1]?.log()).toEqual(['init', 'start 2']);
  });

  it('that the worker reports frees the worker', async () => {
    const { pool, workers } = await setUp({ limit: 1 });
    const { heard, handlers } = listener();
    pool.startRun(spec, handlers);
    pool.startRun(spec, {});
    const failure = { code: 'CNN_ERROR_NOT_FINITE', message: 'm', epoch: 4 };
    workers[0]?.say({ type: 'failed', run: 1, ...failure });
    workers[0]?.say({ type: 'state', run: 1, state: 'stopped' });
    expect(heard).toEqual(['failed CNN_ERROR_NOT_FINITE in 4', 'stopped']);
    expect(workers[0]?.log().at(-1)).toBe('start 2');
  });

  it('to load the core fails every run with a remedy', async () => {
    const { pool } = await setUp({ core: new Uint8Array([1]) });
    const told: string[] = [];
    pool.startRun(spec, { failed: ({ message }) => told.push(message) });
    expect(told).toEqual([expect.stringMatching(/could not be loaded/)]);
    await expect(pool.calibrate()).rejects.toMatchObject({ code: 'crash' });
  });

  it('to make a worker fails the run', async () => {
    const { pool } = await setUp({
      createWorker: () => {
        throw new Error('forbidden');
      },
    });
    const { heard, handlers } = listener();
    pool.startRun(spec, handlers);
    expect(heard).toEqual(['failed crash in 1', 'failed']);
  });

  it('of a handler does not stop the queue', async () => {
    const { pool, workers } = await setUp({ limit: 1 });
    const finished = () => {
      throw new Error('a bug of the page');
    };
    pool.startRun(spec, { state: finished });
    pool.startRun(spec, {});
    expect(() => finish(workers[0], 1)).toThrow('a bug of the page');
    expect(workers[0]?.log().at(-1)).toBe('start 2');
  });

  it('to post a run fails that run', async () => {
    const { pool, workers } = await setUp({ limit: 1 });
    pool.startRun(spec, {}).dispose();
    const [worker] = workers;
    if (worker) {
      worker.postMessage = () => {
        throw new Error('could not be cloned');
      };
    }
    const { heard, handlers } = listener();
    pool.startRun(spec, handlers);
    expect(heard).toEqual(['failed crash in 1', 'failed']);
  });
});

describe('calibration', () => {
  it('resolves with the speed and frees its worker', async () => {
    const { pool, workers } = await setUp({ limit: 1 });
    const speed = pool.calibrate();
    workers[0]?.say({ type: 'calibrated', run: 1, secondsPerWork: 2, secondsPerSceneValue: 3 });
    await expect(speed).resolves.toMatchObject({ secondsPerWork: 2, secondsPerSceneValue: 3 });
    pool.startRun(spec, {});
    expect(workers[0]?.log()).toEqual(['init', 'calibrate', 'start 2']);
  });

  it('rejects when its worker fails', async () => {
    const { pool, workers } = await setUp();
    const speed = pool.calibrate();
    workers[0]?.say({ type: 'failed', run: 1, code: 'memory', message: 'no memory', epoch: 0 });
    await expect(speed).rejects.toMatchObject({ code: 'memory', message: 'no memory' });
    const again = pool.calibrate();
    workers[0]?.crash('gone');
    await expect(again).rejects.toMatchObject({ code: 'crash' });
  });
});

/** A worker whose loop runs here, on real turns and a real clock. */
class LoopWorker extends FakeWorker {
  private core: WebAssembly.Module | undefined;
  private readonly loop = new RunLoop({
    now: () => performance.now(),
    post: (message) => queueMicrotask(() => this.say(structuredClone(message))),
    defer: (task) => setTimeout(task, 0),
    createCore: () => {
      if (!this.core) throw new Error('no core');
      return instantiateCore(this.core);
    },
  });

  override postMessage(message: ToWorker): void {
    if (message.type === 'init') this.core = message.module;
    else this.loop.receive(structuredClone(message));
  }
}

describe('with real loops', () => {
  it('a pair trains side by side to the bits of straight runs', async () => {
    const pool = new Pool({ core: readCore(), createWorker: () => new LoopWorker(), limit: 2 });
    const core = await newCore();
    const specs = [12, 24].map((resolution) => smallRun(core, { resolution }));
    const fingerprints = specs.map(
      (each) =>
        new Promise((resolve, reject) => {
          pool.startRun(each, {
            finished: ({ fingerprint }) => resolve(fingerprint),
            failed: ({ message }) => reject(new Error(message)),
          });
        }),
    );
    expect(await Promise.all(fingerprints)).toEqual(
      specs.map((each) => runStraight(core, each).fingerprint),
    );
    const speed = await pool.calibrate();
    expect(speed.secondsPerWork).toBeGreaterThan(0);
    pool.dispose();
  });
});
