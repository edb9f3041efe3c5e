// The same bits as ever: short runs whose hashes are committed. goldens.h beside the list repeats
// them for the native builds. And nothing that is not a setting may move them: slices, pauses,
// memory that grows, a saved and reopened state, other threads.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Core, instantiateCore } from '../../wasm_glue/core';
import { WORDS } from '../../wasm_glue/protocol';
import goldens from '../golden/fingerprints.json';
import { bundled } from './bundle';
import { type Golden, openGolden, runGolden } from './golden_runs';
import { compiledCore } from './support';

const runs = Object.entries(goldens) as [string, Golden][];
const hashes = Object.fromEntries(runs.map(([name, { fingerprint }]) => [name, fingerprint]));
/** Runs that between them have every kind of layer and all that is random. */
const VARIED = ['everything_32', 'three_blocks_attention_32', 'patience_restores_16'];
const varied = runs.filter(([name]) => VARIED.includes(name));

let module: WebAssembly.Module;
let newCore: () => Core;
const folder = mkdtempSync(join(tmpdir(), 'pvl-golden-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  module = await compiledCore();
  newCore = () => instantiateCore(module);
});

it('there are runs, all different', () => {
  expect(runs.length).toBeGreaterThanOrEqual(18);
  expect(new Set(runs.map(([, { fingerprint }]) => fingerprint)).size).toBe(runs.length);
});

it('every setting is off its default somewhere, and every word is used', () => {
  // A digit is the number of a block.
  const kind = (name: string) => name.replace(/[2-4]$/, '');
  const used = (wanted: string) =>
    runs.flatMap(([, { network }]) =>
      Object.entries(network).flatMap(([name, value]) => (kind(name) === wanted ? [value] : [])),
    );
  const core = newCore();
  const unused = core
    .networkFields()
    .filter(({ name, initial }) => {
      const words: readonly string[] = WORDS[name as keyof typeof WORDS] ?? [];
      return !used(kind(name)).some((value) => value !== (words[initial] ?? initial));
    })
    .map(({ name }) => name);
  expect(unused).toEqual([]);
  const { family: _family, ...words } = WORDS;
  for (const [name, list] of Object.entries(words)) {
    const values: unknown[] = used(kind(name));
    const defaults: unknown = { ...core.networkDefaults() }[kind(name) as 'padding'] ?? list[0];
    expect(new Set([...values, defaults]), name).toEqual(new Set([...values, ...list]));
  }
});

it.each(runs)('%s', (_name, golden) => {
  const { dataHash, fingerprint } = golden;
  expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
  expect(runGolden(newCore(), golden)).toEqual({ dataHash, fingerprint });
});

it('goldens.h holds the same runs', () => {
  const header = readFileSync(new URL('../golden/goldens.h', import.meta.url), 'utf8');
  const found = [...header.matchAll(/\{"(\w+)",\n[\s\S]*?UINT64_C\(0x([0-9a-f]{16})\)/g)];
  expect(found.map(([, name, hash]) => [name, hash])).toEqual(
    runs.map(([name, { fingerprint }]) => [name, fingerprint]),
  );
});

it.each([
  ['seed', { seed: 2 }],
  ['learning rate', { learning_rate: 1.0001e-3 }],
  ['epochs', { epochs: 3 }],
])('another %s gives other bits', (_what, network) => {
  const [, golden] = runs[0] ?? ['', undefined];
  if (!golden) throw new Error('no golden run');
  const changed = { ...golden, network: { ...golden.network, ...network } };
  expect(runGolden(newCore(), changed).fingerprint).not.toBe(golden.fingerprint);
});

describe('what is no setting moves no bit', () => {
  it('patience ends its run early, so that a best epoch is restored', () => {
    const golden = runs.find(([name]) => name === 'patience_restores_16')?.[1];
    if (!golden) throw new Error('no such run');
    const { trainer } = openGolden(newCore(), golden);
    while (trainer.progress().phase !== 'finished') trainer.run(1e15);
    const { epoch, bestEpoch } = trainer.progress();
    expect(epoch).toBeLessThan(golden.network.epochs ?? 0);
    expect(bestEpoch).toBe(epoch - (golden.network.patience ?? 0));
  });

  it.each([1, 100_003, 3_000_017])('slices of %i work units', (budget) => {
    // One unit at a time is slow, and the smallest run has every kind of stage already.
    const chosen = budget === 1 ? varied.filter(([name]) => name === VARIED[2]) : varied;
    for (const [name, golden] of chosen) {
      expect(runGolden(newCore(), golden, budget).fingerprint, name).toBe(golden.fingerprint);
    }
  });

  it.each(varied)('memory that grows while %s pauses', (_name, golden) => {
    const core = newCore();
    const { trainer } = openGolden(core, golden);
    for (let slice = 0; trainer.progress().phase !== 'finished'; slice++) {
      trainer.run(2_000_000);
      // 3 MB a time: far beyond what the instance began with.
      if (slice < 10) core.createImages(1000, 32, 3);
    }
    expect(trainer.fingerprint()).toBe(golden.fingerprint);
  });

  it.each(varied)('saving %s in the middle, and going on elsewhere', (_name, golden) => {
    let { trainer } = openGolden(newCore(), golden);
    for (let slice = 0; trainer.progress().phase !== 'finished'; slice++) {
      trainer.run(5_000_000);
      if (slice >= 8 || trainer.progress().phase === 'finished') continue;
      const bytes = trainer.save('state');
      trainer = openGolden(newCore(), golden).trainer;
      trainer.load(bytes);
    }
    expect(trainer.fingerprint()).toBe(golden.fingerprint);
  });

  it.each([1, 2, 4])('%i threads at a time', async (count) => {
    const entry = fileURLToPath(new URL('golden_worker.ts', import.meta.url));
    const script = join(folder, 'worker.mjs');
    writeFileSync(script, await bundled(entry, 'node'));
    const found: Record<string, string> = {};
    const threads = Array.from({ length: count }, (_, thread) => {
      const share = runs.filter((_run, i) => i % count === thread);
      const worker = new Worker(script, { workerData: { module, share } });
      worker.on('message', ([name, fingerprint]) => {
        found[name] = fingerprint;
      });
      return new Promise((resolve, reject) => {
        worker.once('error', reject);
        worker.once('exit', resolve);
      });
    });
    await Promise.all(threads);
    expect(found).toEqual(hashes);
  });
});
