// Entry of a training worker (classic, bundled into the page): connects run_loop.ts to the real
// clock, messages and the compiled core. A message channel yields without setTimeout's 4 ms.
import { instantiateCore } from './core';
import type { FromWorker, ToWorker } from './protocol';
import { RunLoop } from './run_loop';

const channel = new MessageChannel();
const tasks: (() => void)[] = [];
channel.port1.onmessage = () => tasks.shift()?.();

const post = (message: FromWorker): void => postMessage(message);
let compiled: WebAssembly.Module | undefined;

const loop = new RunLoop({
  now: () => performance.now(),
  post,
  createCore: () => {
    if (!compiled) throw new Error('a run was started before the core was sent');
    return instantiateCore(compiled);
  },
  defer: (task) => {
    tasks.push(task);
    channel.port2.postMessage(null);
  },
});

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type !== 'init') return loop.receive(data);
  compiled = data.module;
  post({ type: 'ready' });
});
