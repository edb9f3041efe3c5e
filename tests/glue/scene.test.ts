// Scenes through the typed face: new families, nuisances, patterns, and the two numbers that a
// scene is asked for. What they look like is tested in C.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Core, CoreError } from '../../wasm_glue/core';
import type { SceneConfig } from '../../wasm_glue/protocol';
import { newCore } from './support';

let core: Core;
let scene: SceneConfig;
beforeAll(async () => {
  core = await newCore();
  scene = core.sceneDefaults();
});

function draw(change: Partial<SceneConfig>, classIndex = 1) {
  return core.drawScene({ ...scene, ...change }, 24, 'train', classIndex, 0);
}

function fieldAtFault(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof CoreError) return error.field;
    throw error;
  }
  return undefined;
}

describe('families', () => {
  it.each(['signs', 'polygons', 'hues'] as const)('%s draws classes that differ', (family) => {
    const change = { family, channels: 3, noise: 0 } as const;
    expect(draw(change, 0)).toEqual(draw(change, 0));
    expect(draw(change, 0)).not.toEqual(draw(change, 1));
  });

  it('hues wants colour, and says which setting is at fault', () => {
    expect(fieldAtFault(() => draw({ family: 'hues' }))).toBe('channels');
  });
});

describe('each nuisance', () => {
  it.each([
    { jitter: 0.1 },
    { rotation: 45 },
    { scale_jitter: 0.4 },
    { clutter: 20 },
    { cue: 40 },
    { downsample: 1 },
    { downsample: 2 },
  ] as const)('%o reaches its field', (change) => {
    expect(draw({ family: 'polygons', ...change })).not.toEqual(draw({ family: 'polygons' }));
  });

  it('phase and the share of cues reach theirs', () => {
    expect(draw({ phase: 0 })).not.toEqual(draw({ phase: 1 }));
    expect(draw({ cue: 40, cue_train: 0 })).not.toEqual(draw({ cue: 40, cue_train: 1 }));
    expect(draw({ cue: 40, cue_test: 0 })).toEqual(draw({ cue: 40, cue_test: 1 }));
  });
});

describe('patterns', () => {
  it('merge into classes without changing a picture', () => {
    const fine = { ...scene, family: 'templates', classes: 8, patterns: 8 } as const;
    const nested = { ...fine, classes: 2 };
    const arbitrary = { ...nested, relabel: 1 } as const;
    const sets = [fine, nested, arbitrary].map((s) => core.drawSet(s, 12, 'train', 16));
    expect(sets[1]?.pixels).toEqual(sets[0]?.pixels);
    expect(sets[2]?.pixels).toEqual(sets[0]?.pixels);
    const first = sets.map(({ labels }) => [...labels.subarray(0, 8)]);
    expect(first[0]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(first[1]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(first[2]).not.toEqual(first[1]);
    expect([...(first[2] ?? [])].sort()).toEqual(first[1]);
    const classes = Array.from({ length: 8 }, (_, pattern) => core.sceneClass(arbitrary, pattern));
    expect(classes).toEqual(first[2]);
  });

  it('are at least as many as classes', () => {
    expect(fieldAtFault(() => draw({ classes: 5, patterns: 4 }))).toBe('patterns');
  });
});

describe('numbers of a scene', () => {
  it('strength is that of the templates at each size', () => {
    const templates = { ...scene, family: 'templates', classes: 2 } as const;
    expect(core.sceneStrength(templates, 192)).toBeCloseTo(4, 4);
    expect(core.sceneStrength(templates, 8)).toBeCloseTo(3.255, 3);
    expect(core.sceneStrength({ ...templates, classes: 255, band_width: 16 }, 192)).toBeCloseTo(
      4,
      4,
    );
    expect(core.sceneStrength({ ...templates, clutter: 5 }, 8)).toBeNaN();
    expect(core.sceneStrength(scene, 8)).toBeNaN();
    expect(fieldAtFault(() => core.sceneStrength(templates, 7))).toBe('resolution');
  });

  it('the distance of signs falls with their number; other families have none', () => {
    const signs = { ...scene, family: 'signs' } as const;
    const distances = [2, 10, 62, 255].map((classes) => core.signDistance({ ...signs, classes }));
    expect(distances).toEqual([...distances].sort((a, b) => b - a));
    expect(distances.every((d) => Number.isInteger(d) && d > 0)).toBe(true);
    expect(core.signDistance(scene)).toBeNaN();
  });
});
