// The prepared experiments: the seed's numbers, one cause at a time where they claim it, words for
// each.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Core, compileCore, instantiateCore } from '../../../wasm_glue/core';
import { PRESETS, presetMatching, presetOf } from '../../../web/presets';
import type { PresetId } from '../../../web/presets-ids';
import { readHash, writeHash } from '../../../web/settings/hash';
import { normalise } from '../../../web/settings/limits';
import { networkConfig, sceneConfig, trainCount } from '../../../web/settings/spec';
import type { Settings } from '../../../web/settings/table';
import { differences } from '../../../web/state/store';
import { presetsText } from '../../../web/text/en';

let core: Core;
beforeAll(async () => {
  const wasm = readFileSync(new URL('../../../build/wasm/core.wasm', import.meta.url));
  core = instantiateCore(await compileCore(new Uint8Array(wasm)));
});

function sides(id: PresetId): { a: Settings; b: Settings } {
  const { a, b } = presetOf(id);
  return { a: normalise(a), b: normalise({ ...a, ...b }) };
}
const weights = (s: Settings) =>
  core.plan(networkConfig(s), trainCount(s), s.testPictures).parameters;
const differing = (id: PresetId) =>
  differences(sides(id).a, sides(id).b).map((difference) => difference.name);

describe('every prepared experiment', () => {
  it.each(PRESETS.map((p) => p.id))('%s is taken by the core as it stands', (id) => {
    const { a, b } = sides(id);
    for (const s of [a, b]) {
      core.checkScene(sceneConfig(s), s.size);
      expect(weights(s)).toBeGreaterThan(0);
    }
    // normalise must not have moved anything.
    expect(a).toEqual(presetOf(id).a);
    expect(b).toEqual({ ...presetOf(id).a, ...presetOf(id).b });
  });

  it.each(PRESETS.map((p) => p.id))('%s differs between A and B, and survives the hash', (id) => {
    const preset = presetOf(id);
    expect(differing(id)).toContain(preset.a.compare);
    const { a, b } = readHash(writeHash(preset));
    expect(presetMatching({ a, b })?.id).toBe(id);
  });

  it.each(PRESETS.map((p) => p.id))('%s has a question and three guesses or more', (id) => {
    const words = presetsText[id];
    expect(words.question).toMatch(/\?$/);
    expect(words.guesses.length).toBeGreaterThanOrEqual(3);
  });

  it('is not the same experiment twice', () => {
    const keys = PRESETS.map((p) => presetMatching(p)?.id);
    expect(new Set(keys).size).toBe(PRESETS.length);
  });

  it('stays the same experiment under another luck, and ends with any other change', () => {
    const { a, b } = presetOf('size');
    expect(presetMatching({ a: { ...a, dataLuck: 7, networkLuck: 9 }, b })?.id).toBe('size');
    expect(presetMatching({ a: { ...a, snow: 60 }, b })).toBeNull();
  });
});

describe('the experiments that started it', () => {
  it('1: 64 against 256 pixels, 2 kinds, one sigmoid output', () => {
    const { a, b } = sides('experiment1');
    expect(differing('experiment1')).toEqual(['size']);
    expect([a.size, b.size]).toEqual([64, 256]);
    expect([weights(a), weights(b)]).toEqual([31649, 517025]);
    expect(trainCount(a)).toBe(100);
    expect(a).toMatchObject({ epochs: 10, batch: 32, filters: 32, output: 'sigmoid' });
    expect(sceneConfig(a)).toMatchObject({ family: 'striped_ball', reference: 256, channels: 3 });
  });

  it('2: 5 against 20 kinds at 64 pixels, equal in all or equal per kind', () => {
    const inAll = sides('experiment2');
    const each = sides('experiment2_each');
    expect([weights(inAll.a), weights(inAll.b)]).toEqual([154661, 615956]);
    expect([trainCount(inAll.a), trainCount(inAll.b)]).toEqual([200, 200]);
    expect([trainCount(each.a), trainCount(each.b)]).toEqual([200, 800]);
    expect(presetOf('experiment2').twin).toBe('experiment2_each');
    expect(presetOf('experiment2_each').twin).toBe('experiment2');
  });

  it('3: 100 noise pictures at 256 and 64 pixels, u/255, plus a test set', () => {
    const { a, b } = sides('experiment3');
    expect([a.size, b.size]).toEqual([256, 64]);
    expect(trainCount(a)).toBe(100);
    expect(a.testPictures).toBe(500);
    expect(networkConfig(a)).toMatchObject({ scaling: 'unit', output: 'sigmoid', channels: 3 });
    expect(sceneConfig(a).family).toBe('noise');
  });
});

describe('the lesson', () => {
  it('changes one setting where it says so', () => {
    for (const id of ['size', 'smaller', 'random', 'canvas', 'canvas_small'] as const) {
      expect(differing(id), id).toEqual(['size']);
    }
    expect(differing('switch')).toEqual(['ending']);
    expect(differing('labels').sort()).toEqual(['epochs', 'perKind']);
  });

  it('has 245 weights against 42,485 in the one switch', () => {
    const { a, b } = sides('switch');
    expect([weights(a), weights(b)]).toEqual([42485, 245]);
  });
});
