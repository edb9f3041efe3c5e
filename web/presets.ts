// The prepared experiments: which settings each one starts from and what is offered next. Their
// words are in text/en-presets.ts.
import { PRESET_IDS, type PresetId } from './presets-ids';
import { type PairSettings, writeHash } from './settings/hash';
import { defaultSettings, type Overrides, type Settings } from './settings/table';

interface PresetStart {
  a: Overrides;
  b: Overrides;
  compare: Settings['compare'];
  /** Experiments offered after the verdict, first is the main one. */
  next: readonly PresetId[];
  /** The other form of the same experiment, offered as a switch. */
  twin?: PresetId;
}

/** What all of the seed's experiments share: its network, on the striped ball in colour. */
const SEED_NETWORK: Overrides = { reference: '256', colour: 'colour', filters: 32, epochs: 10 };

const STARTS: Record<PresetId, PresetStart> = {
  size: { a: {}, b: { size: 48 }, compare: 'size', next: ['smaller', 'switch'] },
  smaller: { a: { size: 12 }, b: { size: 24 }, compare: 'size', next: ['switch', 'size'] },
  switch: {
    a: { size: 48 },
    b: { ending: 'global_max' },
    compare: 'ending',
    next: ['labels', 'canvas'],
  },
  labels: {
    a: { size: 48 },
    b: { perKind: 160, epochs: 10 },
    compare: 'perKind',
    next: ['random', 'canvas'],
  },
  random: { a: { wrongLabels: 100 }, b: { size: 48 }, compare: 'size', next: ['canvas', 'size'] },
  canvas: {
    a: { canvas: 'keeps' },
    b: { size: 48 },
    compare: 'size',
    next: ['canvas_small', 'experiment3'],
  },
  canvas_small: {
    a: { canvas: 'keeps', size: 12 },
    b: { size: 24 },
    compare: 'size',
    next: ['canvas', 'size'],
  },
  relabel: {
    a: {
      ...{ source: 'templates', size: 16, snr: 5, filters: 8 },
      ...{ kinds: 32, perKind: 20, patterns: 32, relabel: 'arbitrary' },
    },
    b: { kinds: 2, perKind: 320 },
    compare: 'kinds',
    next: ['shortcut', 'size'],
  },
  shortcut: {
    a: { cue: 40, cueTest: 20 },
    b: { cueTrain: 20 },
    compare: 'cueTrain',
    next: ['aliasing', 'size'],
  },
  aliasing: {
    a: { stripes: 48, snow: 10 },
    b: { downsample: 'nearest' },
    compare: 'downsample',
    next: ['relabel', 'size'],
  },
  experiment1: {
    a: { ...SEED_NETWORK, size: 64, kinds: 2, perKind: 50, output: 'sigmoid' },
    b: { size: 256 },
    compare: 'size',
    next: ['size', 'experiment2'],
  },
  experiment2: {
    a: { ...SEED_NETWORK, size: 64, kinds: 5, perKind: 40 },
    b: { kinds: 20, perKind: 10 },
    compare: 'kinds',
    next: ['experiment3', 'size'],
    twin: 'experiment2_each',
  },
  experiment2_each: {
    a: { ...SEED_NETWORK, size: 64, kinds: 5, perKind: 40 },
    b: { kinds: 20 },
    compare: 'kinds',
    next: ['experiment3', 'size'],
    twin: 'experiment2',
  },
  experiment3: {
    a: {
      ...SEED_NETWORK,
      source: 'noise',
      size: 256,
      kinds: 2,
      perKind: 50,
      output: 'sigmoid',
      scaling: 'unit',
    },
    b: { size: 64 },
    compare: 'size',
    next: ['canvas', 'random'],
  },
};

export interface Preset extends PairSettings {
  id: PresetId;
  next: readonly PresetId[];
  twin: PresetId | null;
}

export function presetOf(id: PresetId): Preset {
  const start = STARTS[id];
  return {
    id,
    a: { ...defaultSettings(), ...start.a, compare: start.compare, preset: id },
    b: start.b,
    next: start.next,
    twin: start.twin ?? null,
  };
}

export const PRESETS: readonly Preset[] = PRESET_IDS.map(presetOf);

/** A pair without its luck and its looks: equal text means the same experiment. */
export function experimentKey(pair: PairSettings): string {
  const { dataLuck, networkLuck, lab, theme, preset } = defaultSettings();
  const { dataLuck: _data, networkLuck: _network, ...b } = pair.b;
  return writeHash({ a: { ...pair.a, dataLuck, networkLuck, lab, theme, preset }, b });
}

/** The preset that the settings still are, whatever the luck; null once something was changed. */
export function presetMatching(pair: PairSettings): Preset | null {
  const preset = presetOf(pair.a.preset);
  return experimentKey(preset) === experimentKey(pair) ? preset : null;
}
