// The same bits as ever: short runs whose hashes are committed. goldens.h beside the list repeats
// them for the native builds.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { type Core, instantiateCore } from '../../wasm_glue/core';
import goldens from '../golden/fingerprints.json';
import { type Golden, runGolden } from './golden_runs';
import { compiledCore } from './support';

const runs = Object.entries(goldens) as [string, Golden][];

let newCore: () => Core;
beforeAll(async () => {
  const module = await compiledCore();
  newCore = () => instantiateCore(module);
});

it('there are runs, all different', () => {
  expect(runs.length).toBeGreaterThanOrEqual(5);
  expect(new Set(runs.map(([, { fingerprint }]) => fingerprint)).size).toBe(runs.length);
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
