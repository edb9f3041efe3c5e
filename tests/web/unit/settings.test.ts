// The table of settings: unique keys, defaults inside their own range, and the core taking every
// setting at its ends.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Core, compileCore, instantiateCore } from '../../../wasm_glue/core';
import { applies, choicesOf, mapSide, normalise, stepsOf } from '../../../web/settings/limits';
import {
  channelsOf,
  networkConfig,
  sceneConfig,
  settingOfField,
  trainCount,
} from '../../../web/settings/spec';
import {
  defaultSettings,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type Settings,
  SIZES,
} from '../../../web/settings/table';
import type { SettingRow } from '../../../web/settings/types';

let core: Core;
beforeAll(async () => {
  const wasm = readFileSync(new URL('../../../build/wasm/core.wasm', import.meta.url));
  core = instantiateCore(await compileCore(new Uint8Array(wasm)));
});

function values(row: SettingRow): readonly (number | string | boolean)[] {
  switch (row.kind) {
    case 'number':
      return [row.min, row.max];
    case 'ladder':
      return row.steps;
    case 'seed':
      return [0, 1, 2147483647];
    case 'switch':
      return [false, true];
    case 'choice':
      return row.values;
    default:
      return row satisfies never;
  }
}

const rows = SETTING_NAMES.map((name) => [name, SETTINGS[name] as SettingRow] as const);
const scenes = [
  'striped_ball',
  'templates',
  'textures',
  'signs',
  'polygons',
  'hues',
  'noise',
] as const;
/** Every scene setting that can be off, turned on. */
const everything: Partial<Settings> = {
  jitter: 20,
  rotation: 90,
  scaleJitter: 30,
  phase: false,
  clutter: 50,
  cue: 60,
  cueTrain: 95,
  cueTest: 20,
  patterns: 20,
  relabel: 'arbitrary',
  downsample: 'bilinear',
};

describe('the table of settings', () => {
  it('has a key of its own for every row', () => {
    const keys = rows.map(([, row]) => row.hash);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[a-z]{1,4}$/);
  });

  it.each(rows)('says what %s does, and starts inside its range', (_name, row) => {
    expect(row.label).not.toBe('');
    expect(row.help.length).toBeGreaterThan(10);
    if (row.kind === 'number') {
      expect(row.default).toBeGreaterThanOrEqual(row.min);
      expect(row.default).toBeLessThanOrEqual(row.max);
      expect((row.default - row.min) % row.step).toBe(0);
    } else if (row.kind !== 'seed') {
      expect(values(row)).toContain(row.default);
    }
  });

  it('has ladders in rising order', () => {
    for (const [, row] of rows) {
      if (row.kind !== 'ladder') continue;
      expect([...row.steps].sort((x, y) => x - y)).toEqual(row.steps);
    }
  });

  it('starts with the measured default experiment', () => {
    const s = defaultSettings();
    expect(core.plan(networkConfig(s), trainCount(s), s.testPictures).parameters).toBe(9845);
    const b = { ...s, size: 48 };
    expect(core.plan(networkConfig(b), trainCount(b), b.testPictures).parameters).toBe(42485);
    expect(sceneConfig(s)).toMatchObject({ radius: 0.2, amplitude: 56, stripes: 8, noise: 40 });
  });
});

describe('what the settings come to', () => {
  it.each(scenes)('is taken by the core for %s, whatever single setting is moved', (source) => {
    for (const [name, row] of rows) {
      for (const value of values(row)) {
        if (name === 'source') continue;
        const s = normalise({ ...defaultSettings(), source, [name]: value } as Settings);
        const where = `${source} ${name}=${String(value)}`;
        expect(() => core.checkNetwork(networkConfig(s)), where).not.toThrow();
        expect(() => core.checkScene(sceneConfig(s), s.size), where).not.toThrow();
      }
    }
  });

  it.each(scenes)('is taken for %s at its most kinds and with everything on', (source) => {
    const at = (part: Partial<Settings>) =>
      normalise({ ...defaultSettings(), source, bandWidth: '16', gratings: 64, ...part });
    for (const s of [at({ kinds: 255 }), at(everything), at({ patterns: 255, kinds: 2 })])
      for (const size of stepsOf('size', s))
        expect(() => core.checkScene(sceneConfig({ ...s, size }), size), source).not.toThrow();
  });

  it('offers as many kinds as a family has', () => {
    const most = (part: Partial<Settings>) =>
      stepsOf('kinds', { ...defaultSettings(), ...part }).at(-1);
    expect(most({ source: 'templates' })).toBe(63);
    expect(most({ source: 'templates', bandWidth: '16' })).toBe(255);
    expect(most({ source: 'textures', gratings: 16 })).toBe(12);
    for (const source of ['striped_ball', 'signs', 'polygons', 'hues'] as const)
      expect(most({ source }), source).toBe(64);
    expect(most({ source: 'noise' })).toBe(255);
    expect(most({ source: 'digits' })).toBe(10);
    expect(most({ source: 'glyphs' })).toBe(62);
    expect(most({ source: 'photos' })).toBe(3);
  });

  it('sorts only as many patterns as go evenly into the kinds', () => {
    const at = (part: Partial<Settings>): Settings => ({ ...defaultSettings(), ...part });
    expect(stepsOf('patterns', at({ source: 'templates', kinds: 16 }))).toEqual([0, 16, 32, 48]);
    expect(normalise(at({ source: 'templates', kinds: 5, patterns: 8 })).patterns).toBe(10);
    expect(normalise(at({ source: 'templates', kinds: 8, patterns: 5 })).patterns).toBe(0);
    expect(normalise(at({ source: 'textures', kinds: 2, patterns: 255 })).patterns).toBe(6);
  });

  it('leaves the core’s defaults where a setting is off or means nothing', () => {
    const start = core.sceneDefaults();
    expect(sceneConfig(defaultSettings())).toEqual(start);
    // All of these are ignored by pure noise, so its pictures must stay the very same.
    const on = (source: Settings['source']) =>
      sceneConfig(normalise({ ...defaultSettings(), ...everything, source }));
    expect(on('noise')).toEqual({ ...start, family: 'noise' });
    expect(on('striped_ball')).toMatchObject({
      ...{ jitter: 0, rotation: 90, scale_jitter: 0.3, phase: 0, clutter: 50, downsample: 2 },
      ...{ cue: 60, cue_train: 0.95, cue_test: 0.2, patterns: 20, relabel: 1 },
    });
    expect(on('templates')).toMatchObject({ jitter: 0.2, rotation: 0, scale_jitter: 0, phase: 1 });
    expect(on('hues')).toMatchObject({ channels: 3, rotation: 0, jitter: 0.2, scale_jitter: 0.3 });
  });

  it('keeps the ball at ten pixels when the canvas grows', () => {
    const at = (size: number) =>
      sceneConfig(normalise({ ...defaultSettings(), canvas: 'keeps', size }));
    expect(at(12)).toMatchObject({ radius: 0.4, stripes: 4, amplitude: 28 });
    expect(at(24)).toMatchObject({ radius: 0.2, stripes: 8, amplitude: 56 });
    expect(at(48)).toMatchObject({ radius: 0.1, stripes: 16, amplitude: 112 });
  });

  it('offers the divisors of the reference size only', () => {
    for (const reference of ['192', '256'] as const) {
      const steps = stepsOf('size', { ...defaultSettings(), reference });
      expect(steps).toEqual(SIZES[reference]);
      for (const step of steps) expect(Number(reference) % step).toBe(0);
    }
  });

  it('moves a size that the new reference does not have to the nearest one', () => {
    const s = normalise({ ...defaultSettings(), size: 48, reference: '256' });
    expect(SIZES['256']).toContain(s.size);
    expect([32, 64]).toContain(s.size);
  });

  it('knows the side of every map as the core does, and where a block no longer fits', () => {
    for (const size of [4, 7, 8, 12, 24, 48])
      for (const kernel of ['3', '5'] as const)
        for (const stride of ['1', '2'] as const)
          for (const padding of ['valid', 'same'] as const)
            for (const pooling of ['max2', 'average2', 'none'] as const)
              for (const blocks of [1, 2, 3, 4]) {
                const shape = { size, kernel, stride, padding, pooling, blocks };
                const s: Settings = { ...defaultSettings(), ...shape };
                const side = mapSide(s, blocks);
                const plan = () => core.plan(networkConfig(s), 10, 10).poolSide;
                if (side > 0) expect(plan(), JSON.stringify(shape)).toBe(side);
                else expect(plan, JSON.stringify(shape)).toThrow();
              }
  });

  it('moves what does not fit to what does', () => {
    const pictures = { kinds: 5, sizes: [4, 8, 12, 24] };
    const at = (part: Partial<Settings>) => normalise({ ...defaultSettings(), ...part }, pictures);
    expect(at({ blocks: 4 }).blocks).toBe(3);
    expect(at({ blocks: 4, padding: 'same' }).blocks).toBe(4);
    expect(at({ source: 'own', size: 4, kernel: '5' }).kernel).toBe('3');
    expect(at({ source: 'own', size: 4, stride: '2' }).stride).toBe('1');
    expect(at({ blocks: 0, ending: 'attention' }).ending).toBe('flatten');
    expect(at({ size: 8, grid: 8, ending: 'grid' }).grid).toBe(3);
    expect(at({ size: 12, shift: 64 }).shift).toBe(6);
  });

  it('shows the rarer endings with the lab view, or when one is chosen', () => {
    const at = (part: Partial<Settings>) => choicesOf('ending', { ...defaultSettings(), ...part });
    expect(at({})).toEqual(['flatten', 'global_max', 'global_average']);
    expect(at({ ending: 'grid' })).toContain('grid');
    expect(at({ lab: true })).toEqual(SETTINGS.ending.values);
  });

  it('finds the setting behind every field of the core', () => {
    for (const field of Object.keys(networkConfig(defaultSettings())))
      if (field !== 'seed') expect(settingOfField(field), field).not.toBeNull();
    expect(settingOfField('filters')).toBe('filters');
    expect(settingOfField('filters3')).toBe('laterFilters');
    expect(settingOfField('l2')).toBe('penalty');
    expect(settingOfField('beta1')).toBeNull();
  });

  it('gives up the yes-or-no output when there are more than two kinds', () => {
    const s: Settings = { ...defaultSettings(), kinds: 2, output: 'sigmoid' };
    expect(normalise(s).output).toBe('sigmoid');
    expect(normalise({ ...s, kinds: 3 }).output).toBe('softmax');
  });

  it('keeps to what real pictures can give', () => {
    const s: Settings = { ...defaultSettings(), source: 'own', kinds: 20, perKind: 160, size: 24 };
    const limits = { kinds: 3, sizes: [8, 16, 28], perKind: 12 };
    expect(normalise(s, limits)).toMatchObject({ kinds: 3, perKind: 12, size: 28 });
  });

  it('shuffles the test labels too when all labels are wrong', () => {
    const at = (wrongLabels: number) => sceneConfig({ ...defaultSettings(), wrongLabels });
    expect(at(90)).toMatchObject({ label_noise: 0.9, shuffle_test_labels: 0 });
    expect(at(100)).toMatchObject({ label_noise: 1, shuffle_test_labels: 1 });
  });

  it('shows no control that means nothing', () => {
    const hidden = (name: SettingName, part: Partial<Settings>) =>
      !applies(name, { ...defaultSettings(), ...part });
    expect(hidden('detail', {})).toBe(true);
    expect(hidden('stripes', { source: 'templates' })).toBe(true);
    expect(hidden('output', { kinds: 5 })).toBe(true);
    expect(hidden('stripes', {})).toBe(false);
    expect(hidden('cueTest', {})).toBe(true);
    expect(hidden('cueTest', { cue: 20 })).toBe(false);
    expect(hidden('relabel', { patterns: 5 })).toBe(true);
    expect(hidden('relabel', { patterns: 10 })).toBe(false);
    for (const source of ['noise', 'fashion', 'glyphs', 'photos', 'digits', 'own'] as const)
      for (const name of Object.keys(everything) as SettingName[])
        expect(hidden(name, { ...everything, source }), `${source} ${name}`).toBe(true);
    const choices = (part: Partial<Settings>) =>
      choicesOf('compare', { ...defaultSettings(), ...part });
    expect(choices({})).not.toContain('cueTrain');
    expect(choices({ cue: 20 })).toContain('cueTrain');
    expect(choices({ source: 'digits' })).toEqual(['size', 'kinds', 'perKind', 'ending', 'none']);
  });

  it('has one number per pixel unless colour is asked for', () => {
    expect(channelsOf(defaultSettings())).toBe(1);
    expect(channelsOf({ ...defaultSettings(), colour: 'colour' })).toBe(3);
    for (const source of ['fashion', 'glyphs', 'photos', 'digits'] as const)
      expect(channelsOf({ ...defaultSettings(), colour: 'colour', source }), source).toBe(1);
    expect(channelsOf({ ...defaultSettings(), source: 'hues' })).toBe(3);
  });
});
