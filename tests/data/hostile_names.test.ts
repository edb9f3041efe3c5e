// The list of hostile names itself, and what cleaning makes of it.
import { expect, it } from 'vitest';
import { safeName } from '../../web/data/export';
import { cleanName, isSystemPath, partsOf } from '../../web/data/paths';
import { scriptJson } from '../../web/state/baked';
import { HOSTILE_NAMES, WITH_SLASHES } from './hostile_names';

it('has 200 names that stay 200 kinds', () => {
  expect(HOSTILE_NAMES).toHaveLength(200);
  expect(new Set(HOSTILE_NAMES.map(cleanName)).size).toBe(200);
  expect(HOSTILE_NAMES.map(cleanName)).not.toContain('');
  for (const name of HOSTILE_NAMES) {
    expect(partsOf(name)).toHaveLength(1);
    expect(isSystemPath(name)).toBe(false);
  }
});

it('comes out of cleaning without what cannot be seen', () => {
  for (const name of [...HOSTILE_NAMES, ...WITH_SLASHES].map(cleanName)) {
    expect(name).not.toMatch(/[\p{Cc}\u200b\u202a-\u202e\u2066-\u2069]/u);
    expect([...name].length).toBeLessThanOrEqual(60);
  }
});

it('becomes names of files that every system takes', () => {
  for (const name of [...HOSTILE_NAMES, ...WITH_SLASHES]) {
    const safe = safeName(name, 'kind');
    expect(safe, name).not.toMatch(/[<>:"|?*/\\\p{Cc}\p{Cs}]|[. ]$|^\./u);
    expect(safe).not.toBe('');
  }
});

it('cannot end the element that carries it in a saved copy', () => {
  for (const name of [...HOSTILE_NAMES, ...WITH_SLASHES]) {
    const text = scriptJson({ [name]: name });
    expect(text).not.toContain('<');
    expect(Object.values(JSON.parse(text) as object)).toEqual([name]);
  }
});
