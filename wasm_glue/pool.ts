// The page's side of training: compiles the core once, gives every run a worker of its own, keeps
// idle workers for the next run, queues runs beyond the machine's cores, and lets no message of an
// old run through. A crash of a worker fails its run only; the epochs it reported stay reported.
import { compileCore } from './core';
import { asCoreError, CoreError } from './errors';
import type {
  FromWorker,
  RunCommand,
  RunFailure,
  RunProgress,
  RunResult,
  RunSpec,
  RunState,
  Speed,
  ToWorker,
} from './protocol';

/** The part of Worker that is used; tests give a fake. */
export interface WorkerLike {
  postMessage(message: ToWorker, transfer: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
}

export interface PoolOptions {
  /** core.wasm: its bytes, its address, or already compiled. */
  core: BufferSource | string | WebAssembly.Module;
  createWorker: () => WorkerLike;
  /** Runs at the same time; the machine's cores, but two at least, since runs come in pairs. */
  limit?: number;
}

/** Called in the order in which things happen; none after dispose(). */
export interface RunHandlers {
  state?(state: RunState): void;
  progress?(progress: RunProgress): void;
  finished?(result: RunResult): void;
  failed?(failure: RunFailure): void;
}

export interface RunHandle {
  pause(): void;
  resume(): void;
  /** Trains to the end of the next epoch, then pauses. */
  step(): void;
  /** Ends the run; finished epochs stay true. */
  stop(): void;
  /** As stop, and no handler is called again. */
  dispose(): void;
}

export interface StartOptions {
  paused?: boolean;
  /** Hand the picture arrays over instead of copying them: they are empty here afterwards. */
  transfer?: boolean;
}

/** A run or a calibration. */
interface Task {
  run: number;
  start: ToWorker;
  transfer: Transferable[];
  /** Commands given before a worker was free, in order. */
  waiting: ToWorker[];
  seat: Seat | undefined;
  epoch: number;
  receive(message: FromWorker): void;
}

/** A worker and what it works on. */
interface Seat {
  worker: WorkerLike;
  task: Task | undefined;
}

export class Pool {
  private readonly module: Promise<WebAssembly.Module>;
  private readonly seats: Seat[] = [];
  private readonly queue: Task[] = [];
  private readonly limit: number;
  private compiled: WebAssembly.Module | undefined;
  private loadFailure: CoreError | undefined;
  private nextRun = 1;

  constructor(private readonly options: PoolOptions) {
    const { core } = options;
    this.limit = options.limit ?? Math.max(2, globalThis.navigator?.hardwareConcurrency ?? 2);
    this.module = core instanceof WebAssembly.Module ? Promise.resolve(core) : compileCore(core);
    this.module.then(
      (module) => {
        this.compiled = module;
        this.fillSeats();
      },
      (error: unknown) => {
        this.loadFailure = asCoreError(error);
        this.fillSeats();
      },
    );
  }

  /** The compiled core, for the page's own instance (openCore). */
  compiledCore(): Promise<WebAssembly.Module> {
    return this.module;
  }

  startRun(spec: RunSpec, handlers: RunHandlers, options: StartOptions = {}): RunHandle {
    const run = this.nextRun++;
    let live = true;
    const task = this.createTask(
      { type: 'start', run, spec, paused: options.paused ?? false },
      (message) => {
        if (live) deliver(message, handlers);
      },
    );
    if (options.transfer && spec.data.kind === 'images') {
      const { train, test } = spec.data;
      const arrays = [train.pixels, train.labels, test.pixels, test.labels];
      task.transfer = [...new Set(arrays.map((array) => array.buffer as ArrayBuffer))];
    }
    this.enqueue(task);
    const command = (type: RunCommand) => () => this.command(task, type);
    return {
      pause: command('pause'),
      resume: command('resume'),
      step: command('step'),
      stop: command('stop'),
      dispose: () => {
        live = false;
        this.command(task, 'stop');
        // Its worker is free at once: a new start ends what it still does.
        if (task.seat) this.release(task.seat);
        this.fillSeats();
      },
    };
  }

  /** Measures this machine; ask while nothing runs. Rejects with a CoreError. */
  calibrate(): Promise<Speed> {
    return new Promise((resolve, reject) => {
      const start: ToWorker = { type: 'calibrate', run: this.nextRun++ };
      this.enqueue(
        this.createTask(start, (message) => {
          if (message.type === 'calibrated') resolve(message);
          if (message.type !== 'failed') return;
          reject(new CoreError(message.code, message.message, message.field));
        }),
      );
    });
  }

  /** Ends every worker and forgets all runs. */
  dispose(): void {
    this.queue.length = 0;
    for (const seat of this.seats.splice(0)) this.close(seat);
  }

  private createTask(
    start: Extract<ToWorker, { run: number }>,
    receive: (message: FromWorker) => void,
  ): Task {
    const { run } = start;
    return { run, start, transfer: [], waiting: [], seat: undefined, epoch: 0, receive };
  }

  private enqueue(task: Task): void {
    this.queue.push(task);
    this.fillSeats();
  }

  /** Gives waiting tasks to free workers, as far as the limit goes. */
  private fillSeats(): void {
    while (this.queue.length > 0 && (this.compiled || this.loadFailure)) {
      let [seat, failure] = [undefined as Seat | undefined, this.loadFailure];
      try {
        seat = failure ? undefined : this.freeSeat();
      } catch (error) {
        failure = asCoreError(error);
      }
      if (!seat && !failure) return;
      const task = this.queue.shift();
      if (task && seat) this.begin(seat, task);
      else if (task && failure) this.fail(task, failure.code, failure.message);
    }
  }

  private freeSeat(): Seat | undefined {
    const idle = this.seats.find((seat) => !seat.task);
    if (idle || this.seats.length >= this.limit || !this.compiled) return idle;
    const seat: Seat = { worker: this.options.createWorker(), task: undefined };
    seat.worker.onmessage = ({ data }) => this.receive(seat, data);
    seat.worker.onerror = (event) => {
      event.preventDefault?.();
      this.crash(seat, event.message);
    };
    seat.worker.onmessageerror = () => this.crash(seat, 'a message could not be read');
    seat.worker.postMessage({ type: 'init', module: this.compiled }, []);
    this.seats.push(seat);
    return seat;
  }

  private begin(seat: Seat, task: Task): void {
    seat.task = task;
    task.seat = seat;
    try {
      seat.worker.postMessage(task.start, task.transfer);
      for (const message of task.waiting.splice(0)) seat.worker.postMessage(message, []);
    } catch (error) {
      // Pictures that were handed over before, or too large to copy.
      this.release(seat);
      this.fail(task, 'crash', asCoreError(error).message);
    }
  }

  private receive(seat: Seat, message: FromWorker): void {
    const task = seat.task;
    if (message.type === 'ready' || !task || message.run !== task.run) return;
    if (message.type === 'progress') task.epoch = message.epoch;
    const over =
      message.type === 'calibrated' ||
      (message.type === 'failed' && task.start.type === 'calibrate') ||
      (message.type === 'state' && ['finished', 'stopped', 'failed'].includes(message.state));
    if (over) this.release(seat);
    try {
      task.receive(message);
    } finally {
      if (over) this.fillSeats();
    }
  }

  private command(task: Task, type: RunCommand): void {
    const message: ToWorker = { type, run: task.run };
    if (task.seat) {
      task.seat.worker.postMessage(message, []);
      return;
    }
    const place = this.queue.indexOf(task);
    if (place < 0) return;
    if (type === 'stop') {
      this.queue.splice(place, 1);
      task.receive({ type: 'state', run: task.run, state: 'stopped' });
    } else {
      task.waiting.push(message);
    }
  }

  private crash(seat: Seat, reason: string): void {
    const place = this.seats.indexOf(seat);
    if (place < 0) return;
    this.seats.splice(place, 1);
    const task = seat.task;
    this.release(seat);
    this.close(seat);
    if (task) this.fail(task, 'crash', asCoreError(new Error(reason || 'no reason given')).message);
    this.fillSeats();
  }

  private fail(task: Task, code: string, message: string): void {
    const { run, epoch } = task;
    task.receive({ type: 'failed', run, code, message, epoch: epoch + 1 });
    task.receive({ type: 'state', run, state: 'failed' });
  }

  private release(seat: Seat): void {
    if (seat.task) seat.task.seat = undefined;
    seat.task = undefined;
  }

  private close(seat: Seat): void {
    seat.worker.onmessage = null;
    seat.worker.onerror = null;
    seat.worker.onmessageerror = null;
    seat.worker.terminate();
  }
}

function deliver(message: FromWorker, handlers: RunHandlers): void {
  switch (message.type) {
    case 'state':
      handlers.state?.(message.state);
      return;
    case 'progress': {
      const { done, epoch, epochs } = message;
      handlers.progress?.({ done, epoch, epochs });
      return;
    }
    case 'finished':
      handlers.finished?.(message.result);
      return;
    case 'failed': {
      const { type: _type, run: _run, ...failure } = message;
      handlers.failed?.(failure);
      return;
    }
    case 'ready':
    case 'calibrated':
      return;
    default:
      message satisfies never;
  }
}
