// The real worker, classic and inlined as in the built page, inside a browser: the golden runs have
// the same bits there as natively, and commands are obeyed while it works.
import { afterAll, expect, it } from 'vitest';
import wasmUrl from '../../../build/wasm/core.wasm?url';
import { openCore } from '../../../wasm_glue/core';
import { Pool, type RunHandle } from '../../../wasm_glue/pool';
import type { RunResult, RunSpec, RunState } from '../../../wasm_glue/protocol';
import TrainWorker from '../../../wasm_glue/worker?worker&inline';
import { type Golden, goldenSpec } from '../../glue/golden_runs';
import goldens from '../../golden/fingerprints.json';

const pool = new Pool({ core: wasmUrl, createWorker: () => new TrainWorker() });
const core = openCore(await pool.compiledCore());
afterAll(() => pool.dispose());

function result(spec: RunSpec): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    pool.startRun(spec, {
      finished: resolve,
      failed: ({ message }) => reject(new Error(message)),
    });
  });
}

it('gives the golden bits, several runs at a time', async () => {
  const runs = Object.entries(goldens) as [string, Golden][];
  const opened = await core;
  const results = await Promise.all(runs.map(([, golden]) => result(goldenSpec(opened, golden))));
  expect(
    results.map(({ dataHash, fingerprint }, i) => [runs[i]?.[0], dataHash, fingerprint]),
  ).toEqual(runs.map(([name, { dataHash, fingerprint }]) => [name, dataHash, fingerprint]));
});

/** Starts a run that would take minutes, calls `act` in a state, and waits for another. */
function until(act: (run: RunHandle) => void, when: RunState, then: RunState): Promise<RunState[]> {
  return core.then(
    (opened) =>
      new Promise((resolve) => {
        const states: RunState[] = [];
        const network = { ...opened.networkDefaults(), resolution: 96, epochs: 100000 };
        const scene = opened.sceneDefaults();
        const data = { kind: 'scene', scene, trainCount: 200, testCount: 500 } as const;
        const run = pool.startRun(
          { network, data },
          {
            state: (state) => {
              states.push(state);
              if (state === when) act(run);
              if (state !== then) return;
              resolve(states);
              run.dispose();
            },
          },
        );
      }),
  );
}

it('stops while it draws', async () => {
  expect(await until((run) => run.stop(), 'drawing', 'stopped')).toEqual(['drawing', 'stopped']);
});

it('pauses and goes on while it trains', async () => {
  let pauses = 0;
  const states = await until(
    (run) => {
      run.pause();
      run.step();
      pauses++;
      if (pauses === 2) run.stop();
    },
    'training',
    'stopped',
  );
  expect(states).toEqual([
    'drawing',
    'training',
    'paused',
    'training',
    'paused',
    'training',
    'stopped',
  ]);
});

it('measures the machine', async () => {
  const { secondsPerWork, secondsPerSceneValue } = await pool.calibrate();
  expect(secondsPerWork).toBeGreaterThan(0);
  expect(secondsPerSceneValue).toBeGreaterThan(0);
});
