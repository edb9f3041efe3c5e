// The bugs of `npm run mutate` (tests/mutation) still fit the sources: each text stands once in its
// file, and the test named for it exists. Whether the tests catch them is that command's to say.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { applyEdits, MUTATIONS } from '../mutation/edits.mjs';

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

it('there are enough bugs, all named differently', () => {
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(24);
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});

it.each(MUTATIONS)('$name', ({ test, edits }) => {
  expect(existsSync(path(`tests/core/${test}.c`)), test).toBe(true);
  const changed = applyEdits(edits, (file) => readFileSync(path(file), 'utf8'));
  for (const [file, text] of changed) {
    expect(text).not.toBe(readFileSync(path(file), 'utf8'));
  }
});
