// Receives the page's messages and works on the present job in slices of about 30 ms, giving the
// thread back between them, so that pause, step, stop and a new start are answered within 100 ms.
// Pure but for its host: worker.ts gives it a real clock, tests a fake one.
import { CalibrationJob } from './calibration';
import type { Core } from './core';
import { asCoreError } from './errors';
import type { ToWorker } from './protocol';
import { type Job, type JobHost, RunJob } from './run_job';

const SLICE_MS = 30;

export interface LoopHost extends JobHost {
  /** A new instance of the core. Every job gets its own: memory of wasm never shrinks, and a trap
   *  leaves an instance in an unknown state. */
  createCore(): Core;
  /** Calls back soon, after letting waiting messages in. */
  defer(task: () => void): void;
}

/** A job under way. */
interface Work {
  job: Job;
  steps: Generator<void, void, number> | undefined;
  /** How long the last piece took. */
  milliseconds: number;
  scheduled: boolean;
}

export class RunLoop {
  private work: Work | undefined;

  constructor(private readonly host: LoopHost) {}

  receive(message: Exclude<ToWorker, { type: 'init' }>): void {
    switch (message.type) {
      case 'start':
        this.begin(new RunJob(message.run, message.spec, this.host, message.paused ?? false));
        return;
      case 'calibrate':
        this.begin(new CalibrationJob(message.run, this.host));
        return;
      case 'pause':
      case 'resume':
      case 'step':
      case 'stop':
        if (this.work?.job.run !== message.run) return;
        this.work.job.command(message.type);
        if (message.type === 'stop') this.work = undefined;
        else this.schedule(this.work);
        return;
      default:
        message satisfies never;
    }
  }

  private begin(job: Job): void {
    this.work = { job, steps: undefined, milliseconds: 0, scheduled: false };
    this.schedule(this.work);
  }

  private schedule(work: Work): void {
    if (work.scheduled || work.job.paused) return;
    work.scheduled = true;
    this.host.defer(() => {
      work.scheduled = false;
      if (this.work === work && !work.job.paused) this.slice(work);
    });
  }

  private slice(work: Work): void {
    try {
      if (this.workUntil(work, this.host.now() + SLICE_MS)) this.work = undefined;
      else this.schedule(work);
    } catch (error) {
      this.work = undefined;
      work.job.failed(asCoreError(error));
    }
  }

  /** True when the job is done. */
  private workUntil(work: Work, end: number): boolean {
    const { job } = work;
    let before = this.host.now();
    work.steps ??= job.steps(this.host.createCore());
    for (;;) {
      const { done } = work.steps.next(work.milliseconds);
      const after = this.host.now();
      work.milliseconds = after - before;
      before = after;
      job.worked(work.milliseconds);
      if (done) return true;
      if (job.paused || after >= end) return false;
    }
  }
}
