// Undo, comparing, and the runs on the screen with a pool of workers that does what it is told.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunHandle } from '../../../wasm_glue/pool';
import type { EpochResult, RunResult, RunSpec } from '../../../wasm_glue/protocol';
import { defaultPair } from '../../../web/settings/hash';
import { currentVerdict } from '../../../web/state/judge';
import { forgetLuck, moreLuck, runMoreLuck } from '../../../web/state/luck';
import {
  current,
  finished,
  forgetRuns,
  phase,
  type RunHandlers,
  sameCode,
  setLauncher,
  stale,
  startPair,
  stopPair,
} from '../../../web/state/runs';
import { lucks, sizeAloneDoesNotDecide, sizesTried } from '../../../web/state/sizes';
import {
  change,
  compareBy,
  loadPreset,
  newLuck,
  pair,
  replacePair,
  setSetting,
  settingsA,
  settingsB,
  undo,
} from '../../../web/state/store';

interface Started {
  spec: RunSpec;
  handlers: RunHandlers;
  commands: string[];
}
let started: Started[] = [];

function fakePool(spec: RunSpec, handlers: RunHandlers): RunHandle {
  const own: Started = { spec, handlers, commands: [] };
  started.push(own);
  const command = (name: string) => () => {
    own.commands.push(name);
    if (name === 'stop') handlers.state('stopped');
  };
  return {
    pause: command('pause'),
    resume: command('resume'),
    step: command('step'),
    stop: command('stop'),
    dispose: command('dispose'),
  };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

function epoch(n: number, seen: number, fresh: number): EpochResult {
  return {
    epoch: n,
    train: { loss: 0.1, correct: Math.round(200 * seen), count: 200 },
    test: { loss: 0.5, correct: Math.round(500 * fresh), count: 500 },
  };
}
function result(code: string): RunResult {
  return {
    fingerprint: code,
    dataHash: '0',
    nearestMean: null,
    dataSeconds: 1,
    trainSeconds: 2,
  };
}
function finish(run: Started | undefined, fresh: number, code = 'c0de'): void {
  run?.handlers.state('training');
  run?.handlers.progress({ done: 1, epoch: 1, epochs: [epoch(1, 1, fresh)] });
  run?.handlers.finished(result(code));
  run?.handlers.state('finished');
}

beforeEach(() => {
  forgetLuck();
  forgetRuns();
  replacePair(defaultPair());
  started = [];
  setLauncher(fakePool);
});

describe('settings', () => {
  it('undoes every change in turn, one drag as one', () => {
    setSetting('kinds', 6);
    setSetting('kinds', 7);
    setSetting('kinds', 8);
    setSetting('snow', 60);
    expect(undo()).toContain('Snow');
    expect(settingsA.value.snow).toBe(40);
    expect(undo()).toContain('Kinds');
    expect(settingsA.value.kinds).toBe(5);
    expect(undo()).toBeNull();
  });

  it('takes two changes far apart in time as two', () => {
    const { a, b } = defaultPair();
    change({ a: { ...a, kinds: 6 }, b }, 'a.kinds', 'Kinds', 0);
    change({ a: { ...a, kinds: 7 }, b }, 'a.kinds', 'Kinds', 5000);
    undo();
    expect(settingsA.value.kinds).toBe(6);
  });

  it('lets B follow A except in what is compared', () => {
    setSetting('kinds', 10);
    setSetting('size', 12);
    expect(settingsB.value).toMatchObject({ kinds: 10, size: 48 });
    setSetting('size', 96, 'b');
    expect(settingsA.value.size).toBe(12);
    expect(settingsB.value?.size).toBe(96);
  });

  it('compares by another factor, always with a difference', () => {
    setSetting('perKind', 160);
    compareBy('perKind');
    expect(settingsB.value).toMatchObject({ size: 24, perKind: 40 });
    compareBy('none');
    expect(settingsB.value).toBeNull();
  });

  it('undoes an experiment as one step', () => {
    setSetting('kinds', 10);
    loadPreset('experiment2');
    expect(settingsB.value).toMatchObject({ kinds: 20, perKind: 10, size: 64 });
    undo();
    expect(settingsA.value).toMatchObject({ kinds: 10, size: 24, colour: 'grey' });
  });

  it('takes new luck for pictures and network together', () => {
    newLuck();
    expect(settingsA.value).toMatchObject({ dataLuck: 2, networkLuck: 2 });
    expect(settingsB.value).toMatchObject({ dataLuck: 2, networkLuck: 2 });
  });
});

describe('a pair', () => {
  it('starts with the same luck and one difference', async () => {
    expect(startPair({ side: 'B', main: '48 × 48' })).not.toBeNull();
    await turn();
    const [a, b] = started.map((s) => s.spec);
    expect(a?.network).toEqual({ ...b?.network, resolution: 24 });
    expect(a?.data).toEqual(b?.data);
    expect(a?.data).toMatchObject({ kind: 'scene', trainCount: 200, testCount: 500 });
  });

  it('is done when both are, and then has a verdict and a place in the list', async () => {
    startPair({ side: 'B', main: '48 × 48' });
    await turn();
    finish(started[0], 0.98);
    expect(phase.value).toBe('running');
    expect(currentVerdict.value).toBeNull();
    finish(started[1], 0.7);
    expect(phase.value).toBe('done');
    expect(currentVerdict.value?.sentence).toContain('98% → 70% of 500 new pictures');
    expect(currentVerdict.value?.guessLine).toContain('48 × 48');
    expect(finished.value).toHaveLength(1);
  });

  it('keeps its result while the settings move away and come back', async () => {
    startPair(null);
    await turn();
    finish(started[0], 0.98);
    finish(started[1], 0.7);
    setSetting('kinds', 10);
    expect(stale.value).toBe(true);
    expect(current.value?.a.value.epochs).toHaveLength(1);
    undo();
    expect(stale.value).toBe(false);
  });

  it('is told apart from an earlier run by its code', async () => {
    for (const code of ['aaaa', 'aaaa', 'bbbb']) {
      startPair(null);
      await turn();
      finish(started.at(-2), 0.98, code);
      finish(started.at(-1), 0.7, code);
      if (code === 'aaaa' && finished.value.length === 2) expect(sameCode.value).toBe(true);
    }
    expect(sameCode.value).toBe(false);
  });

  it('hears no more of a run once another was started', async () => {
    startPair(null);
    await turn();
    const [old] = started;
    startPair(null);
    await turn();
    expect(old?.commands).toContain('stop');
    old?.handlers.progress({ done: 0.9, epoch: 1, epochs: [epoch(1, 1, 1)] });
    expect(current.value?.a.value.epochs).toHaveLength(0);
  });

  it('keeps the rounds of a run that failed, and says why', async () => {
    startPair(null);
    await turn();
    started[0]?.handlers.progress({ done: 0.1, epoch: 3, epochs: [epoch(3, 0.5, 0.4)] });
    started[0]?.handlers.failed({
      code: 'CNN_ERROR_NOT_FINITE',
      message: 'The numbers ran away.',
      epoch: 4,
    });
    started[0]?.handlers.state('stopped');
    finish(started[1], 0.7);
    expect(current.value?.a.value).toMatchObject({ state: 'failed', epochs: [{ epoch: 3 }] });
    expect(currentVerdict.value?.kind).toBe('stopped');
  });

  it('can be stopped, and then claims nothing', async () => {
    startPair(null);
    await turn();
    started[0]?.handlers.progress({ done: 0.1, epoch: 1, epochs: [epoch(1, 0.5, 0.4)] });
    stopPair();
    expect(phase.value).toBe('done');
    expect(currentVerdict.value).toBeNull();
    expect(finished.value).toHaveLength(0);
  });

  it('is one run when nothing is compared', async () => {
    compareBy('none');
    startPair(null);
    await turn();
    expect(started).toHaveLength(1);
    finish(started[0], 0.98);
    expect(currentVerdict.value?.kind).toBe('single');
  });
});

describe('more luck and sizes', () => {
  it('repeats with other pictures, weights and order, and judges all together', async () => {
    startPair(null);
    await turn();
    finish(started[0], 0.98);
    finish(started[1], 0.7);
    const run = current.value;
    if (run === null) throw new Error('no run');
    const all = runMoreLuck(run, 4);
    for (let i = 1; i <= 4; i++) {
      await turn();
      finish(started[2 * i], 0.97);
      finish(started[2 * i + 1], 0.68 + i / 100);
      await turn();
    }
    await all;
    expect(moreLuck.value).toMatchObject({ running: false, wanted: 4 });
    const seeds = started.map((s) => s.spec.network.seed);
    expect(new Set(seeds).size).toBe(5);
    expect(lucks.value.a).toHaveLength(5);
    expect(currentVerdict.value?.interval).toMatchObject({ method: 'paired t', seeds: 5 });
    expect(pair.value).toEqual(defaultPair());
  });

  it('says that size alone does not decide once a middle size has won', async () => {
    const score: Record<number, number> = { 12: 0.77, 24: 0.98, 48: 0.7 };
    for (const [a, b] of [
      [24, 48],
      [12, 24],
    ] as const) {
      setSetting('size', a);
      setSetting('size', b, 'b');
      startPair(null);
      await turn();
      for (const run of started.slice(-2)) {
        finish(run, score[run.spec.network.resolution] ?? 0);
      }
      expect(sizeAloneDoesNotDecide.value).toBe(a === 12);
    }
    expect(sizesTried.value.map(({ size }) => size)).toEqual([12, 24, 48]);
    expect(sizesTried.value[1]?.scores).toHaveLength(1);
  });
});
