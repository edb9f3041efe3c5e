// A small part of `npm run fuzz` with fixed seeds, and everything that it starts from or ever found.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/run.mjs';
import { feed, mutated, seedFiles } from '../fuzz/mutated';
import { PROPERTIES } from '../fuzz/properties';
import { newCore } from '../glue/support';

const RUNS = 150;
const MUTATED = 300;
const SEED = 20240229;

const seeds = seedFiles(ROOT);

describe('for any input', () => {
  it.each(PROPERTIES.map(({ name, property }) => [name, property] as const))(
    '%s keeps its promises',
    async (_, property) => {
      await fc.assert(property, { numRuns: RUNS, seed: SEED });
    },
  );
});

it('every seed and every crash of the past is read or refused', async () => {
  const core = await newCore();
  expect(seeds.size).toBeGreaterThan(40);
  for (const [path, bytes] of seeds) {
    await expect(feed(core, bytes), path).resolves.toBeUndefined();
  }
});

it(`${MUTATED} damaged files are read or refused`, async () => {
  const core = await newCore();
  const all = [...seeds.values()];
  for (let number = 0; number < MUTATED; number++) {
    await expect(feed(core, mutated(all, number)), `number ${number}`).resolves.toBeUndefined();
  }
});
