// The runs on the screen: a pair (or one) in training or done, and the list of everything finished.
// Starts nothing by itself. Each side is one signal, replaced whole on every message, so that a
// chart sees one consistent state.
import { batch, computed, type Signal, signal } from '@preact/signals';
import type { RunHandle } from '../../wasm_glue/pool';
import type {
  EpochResult,
  Plan,
  RunFailure,
  RunProgress,
  RunResult,
  RunSpec,
  RunState,
} from '../../wasm_glue/protocol';
import type { Guess } from '../lesson/verdict-types';
import type { PairSettings } from '../settings/hash';
import { isReal } from '../settings/limits';
import { channelsOf, networkConfig, sceneConfig, trainCount } from '../settings/spec';
import type { Settings } from '../settings/table';
import { pictureSource } from './pictures';
import { estimate, facts } from './preview';
import { pair, runKey, type Side, settingsA, settingsB } from './store';

/** What the pool of workers offers; injected, so that tests and the build need no worker. */
export interface RunHandlers {
  state(state: RunState): void;
  progress(progress: RunProgress): void;
  finished(result: RunResult): void;
  failed(failure: RunFailure): void;
}
export type StartRun = (
  spec: RunSpec,
  handlers: RunHandlers,
  options: { transfer: boolean },
) => RunHandle;

export interface RunView {
  side: Side;
  settings: Settings;
  plan: Plan | null;
  /** Pictures really used; real sets may have fewer than asked for. */
  train: number;
  test: number;
  state: 'waiting' | RunState;
  done: number;
  epochs: readonly EpochResult[];
  result: RunResult | null;
  failure: RunFailure | null;
  /** A sentence of the picture source when it could not give all that was asked for. */
  note: string | null;
}

export interface GuessMade {
  side: Guess | null;
  main: string;
}

export interface PairRun {
  id: number;
  /** Settings as chosen, to go back to. */
  chosen: PairSettings;
  key: string;
  guess: GuessMade | null;
  a: Signal<RunView>;
  b: Signal<RunView> | null;
  estimate: number | null;
  startedAt: number;
}

let launch: StartRun | null = null;
export const canTrain = signal(false);

export function setLauncher(start: StartRun | null): void {
  launch = start;
  canTrain.value = start !== null;
}

export const current = signal<PairRun | null>(null);
/** Everything that finished on this page, newest first. */
export const finished = signal<readonly PairRun[]>([]);

let lastId = 0;
/** One live run: its handle once started, and the way to call off its preparation. */
interface Live {
  handle: RunHandle | null;
  prepare: AbortController;
}
const live = new Map<PairRun, Live[]>();

export function viewsOf(run: PairRun): RunView[] {
  return run.b === null ? [run.a.value] : [run.a.value, run.b.value];
}

export function isOver(view: RunView): boolean {
  return view.state === 'finished' || view.state === 'stopped' || view.state === 'failed';
}

/** The epoch whose weights the run has: the best one where it was chosen, else the last so far. */
export function finalEpoch({ epochs, result }: RunView): EpochResult | undefined {
  const best = result?.bestEpoch;
  return best === undefined ? epochs.at(-1) : epochs.find(({ epoch }) => epoch === best);
}

export const phase = computed<'idle' | 'running' | 'paused' | 'done'>(() => {
  const run = current.value;
  if (run === null) return 'idle';
  const views = viewsOf(run);
  if (views.every(isOver)) return 'done';
  return views.every((v) => isOver(v) || v.state === 'paused') ? 'paused' : 'running';
});

/** The result on the screen belongs to other settings than those chosen now. */
export const stale = computed(() => {
  const run = current.value;
  return run !== null && run.key !== runKey(settingsA.value, settingsB.value);
});

export const progress = computed(() => {
  const run = current.value;
  if (run === null) return 0;
  const views = viewsOf(run);
  return Math.min(...views.map((v) => (isOver(v) ? 1 : v.done)));
});

/** Two finished runs of the same key must have the same codes; true or false once both are known. */
export const sameCode = computed<boolean | null>(() => {
  const run = current.value;
  const before = finished.value.find((f) => f !== run && f.key === run?.key);
  if (run === null || before === undefined) return null;
  const codes = (r: PairRun) => viewsOf(r).map((v) => v.result?.fingerprint ?? '');
  const [now, then] = [codes(run), codes(before)];
  if (now.includes('') || then.includes('')) return null;
  return now.join() === then.join();
});

function emptyView(side: Side, settings: Settings, plan: Plan | null): RunView {
  return {
    side,
    settings,
    plan,
    train: trainCount(settings),
    test: settings.testPictures,
    state: 'waiting',
    done: 0,
    epochs: [],
    result: null,
    failure: null,
    note: null,
  };
}

/** Starts what the settings say; a run in progress is stopped. */
export function startPair(guess: GuessMade | null): PairRun | null {
  if (launch === null) return null;
  stopPair();
  const run: PairRun = {
    id: ++lastId,
    chosen: pair.value,
    key: runKey(settingsA.value, settingsB.value),
    guess,
    a: signal(emptyView('a', settingsA.value, facts.a.value.plan)),
    b:
      settingsB.value === null
        ? null
        : signal(emptyView('b', settingsB.value, facts.b.value?.plan ?? null)),
    estimate: estimate.value,
    startedAt: performance.now(),
  };
  current.value = run;
  begin(run);
  return run;
}

/** Starts a pair that is not the one on the screen (more luck). Resolves when both ended. */
export function runHidden(
  a: Settings,
  b: Settings | null,
  signalStop: AbortSignal,
): Promise<PairRun> {
  const run: PairRun = {
    id: ++lastId,
    chosen: pair.peek(),
    key: runKey(a, b),
    guess: null,
    a: signal(emptyView('a', a, null)),
    b: b === null ? null : signal(emptyView('b', b, null)),
    estimate: null,
    startedAt: performance.now(),
  };
  return new Promise((resolve) => {
    signalStop.addEventListener('abort', () => stopRun(run), { once: true });
    begin(run, () => resolve(run));
  });
}

function begin(run: PairRun, whenOver?: () => void): void {
  const sides = run.b === null ? [run.a] : [run.a, run.b];
  const lives = sides.map(() => ({ handle: null, prepare: new AbortController() }));
  live.set(run, lives);
  const over = () => {
    if (!viewsOf(run).every(isOver) || !live.delete(run)) return;
    if (viewsOf(run).some((v) => v.state === 'finished')) finished.value = [run, ...finished.value];
    whenOver?.();
  };
  sides.forEach((view, i) => {
    const own = lives[i];
    if (own !== undefined) void startSide(view, own, over);
  });
}

async function startSide(view: Signal<RunView>, own: Live, over: () => void): Promise<void> {
  const update = (part: Partial<RunView>) => {
    view.value = { ...view.value, ...part };
  };
  const fail = (failure: RunFailure) => {
    batch(() => {
      update({ failure, state: 'failed' });
      over();
    });
  };
  let spec: RunSpec;
  try {
    spec = await specOf(view.value.settings, own.prepare.signal, (note, train, test) =>
      update({ note, train, test }),
    );
  } catch (error) {
    if (own.prepare.signal.aborted) {
      update({ state: 'stopped' });
      over();
      return;
    }
    fail({
      code: 'data',
      message: error instanceof Error ? error.message : String(error),
      epoch: 0,
    });
    return;
  }
  if (own.prepare.signal.aborted || launch === null) return;
  own.handle = launch(
    spec,
    {
      state(state) {
        // A failure keeps its own state; the last message of a finished run changes nothing.
        if (isOver(view.value)) return;
        update({ state });
        if (state === 'stopped') over();
      },
      progress({ done, epochs }) {
        update({ done, epochs: [...view.value.epochs, ...epochs] });
      },
      finished(result) {
        batch(() => {
          update({ result, done: 1, state: 'finished' });
          over();
        });
      },
      failed: fail,
    },
    { transfer: true },
  );
}

/** Scenes are drawn by the worker; real pictures are prepared here and handed over. */
async function specOf(
  s: Settings,
  stop: AbortSignal,
  tell: (note: string | null, train: number, test: number) => void,
): Promise<RunSpec> {
  const network = networkConfig(s);
  if (!isReal(s)) {
    const data = {
      kind: 'scene' as const,
      scene: sceneConfig(s),
      trainCount: trainCount(s),
      testCount: s.testPictures,
    };
    return { network, data };
  }
  const source = pictureSource.value;
  if (source === null) throw new Error('There are no pictures yet.');
  const set = await source.prepare(
    {
      resolution: s.size,
      channels: channelsOf(s),
      classes: s.kinds,
      perClass: s.perKind,
      testCount: s.testPictures,
      seed: s.dataLuck,
    },
    stop,
  );
  tell(set.note ?? null, set.train.count, set.test.count);
  return { network, data: { kind: 'images', train: set.train, test: set.test } };
}

function each(run: PairRun | null, act: (handle: RunHandle) => void): void {
  if (run === null) return;
  for (const own of live.get(run) ?? []) if (own.handle !== null) act(own.handle);
}

export function pausePair(): void {
  each(current.value, (h) => h.pause());
}
export function resumePair(): void {
  each(current.value, (h) => h.resume());
}
/** One round on each side, then pause. */
export function stepPair(): void {
  each(current.value, (h) => h.step());
}
export function stopPair(): void {
  if (current.value !== null) stopRun(current.value);
}
function stopRun(run: PairRun): void {
  for (const own of live.get(run) ?? []) {
    if (own.handle === null) own.prepare.abort(new Error('stopped'));
    else own.handle.stop();
  }
}

/** Forgets everything that was run. */
export function forgetRuns(): void {
  stopPair();
  batch(() => {
    current.value = null;
    finished.value = [];
  });
}
