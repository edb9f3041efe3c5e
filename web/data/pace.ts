// Breaks long work on the page's thread into slices, so that buttons answer and charts move.

/** Well under a frame's 16 ms: the page draws between two slices. */
const SLICE_MS = 10;

interface Yielding {
  scheduler?: { yield?: () => Promise<void> };
}

/** Lets the browser handle input and paint, then goes on. */
export function nextTask(): Promise<void> {
  const { scheduler } = globalThis as Yielding;
  if (scheduler?.yield) return scheduler.yield();
  // A message arrives at once; setTimeout is held back 4 ms, in a hidden tab a whole second.
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

export type Pace = () => Promise<void> | undefined;

/**
 * Call the result between two small pieces of work and await it: it yields once a slice is used
 * up, and throws the signal's reason once that is aborted.
 */
export function createPace(signal?: AbortSignal): Pace {
  let start = performance.now();
  return () => {
    signal?.throwIfAborted();
    if (performance.now() - start < SLICE_MS) return undefined;
    return nextTask().then(() => {
      signal?.throwIfAborted();
      start = performance.now();
    });
  };
}

/** As `work`, but rejects at once when aborted, whatever `work` is still waiting for. */
export function orAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
