// The one table of settings. Everything that can be set stands here once: what it may be, where it
// starts, its key in the URL hash, and its words. Which values another setting rules out is in
// limits.ts; what the values mean to the network and the scene is in spec.ts.
import { SHIPPED_IDS } from '../data/shipped_sets';
import { PRESET_IDS } from '../presets-ids';
import { presetNames } from '../text/en-presets';
import { settingsText as t } from '../text/en-settings';
import { KINDS, SCENE_EXTRAS } from './scene_rows';
import { choiceRow, ladderRow, numberRow, seedRow, switchRow, type ValueOf } from './types';

/** Families of drawn scenes; the core calls them the same. */
const SCENE_SOURCES = [
  'striped_ball',
  'templates',
  'textures',
  'signs',
  'polygons',
  'hues',
  'noise',
] as const;
/** Sets of real pictures: what ships with the page, and the user's own. */
const REAL_SOURCES = [...SHIPPED_IDS, 'own'] as const;

/** Picture sizes by reference side: divisors only, so that averaged noise stays white. */
export const SIZES: Record<'192' | '256', readonly number[]> = {
  '192': [8, 12, 16, 24, 32, 48, 64, 96, 192],
  '256': [8, 16, 32, 64, 128, 256],
};
/** Real pictures know no reference side and may take any of these that their source offers. */
const ALL_SIZES = [
  4, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256,
];
const PER_KIND = [1, 2, 5, 8, 10, 12, 20, 25, 40, 50, 80, 100, 125, 160, 250, 320, 640];
const ROUNDS = [1, 2, 3, 5, 8, 10, 15, 20, 24, 30, 40, 50, 60, 80, 100, 150, 200];
const RATES = [0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 10];
export const SETTINGS = {
  size: ladderRow(t.size, { hash: 'r', group: 'first', steps: ALL_SIZES, default: 24 }),
  kinds: ladderRow(t.kinds, { hash: 'k', group: 'first', steps: KINDS, default: 5 }),
  perKind: ladderRow(t.perKind, { hash: 'n', group: 'first', steps: PER_KIND, default: 40 }),
  ending: choiceRow(t.ending, {
    hash: 'e',
    group: 'first',
    values: ['flatten', 'global_max', 'global_average', 'grid', 'attention'],
    default: 'flatten',
  }),

  source: choiceRow(t.source, {
    hash: 's',
    group: 'more',
    values: [...SCENE_SOURCES, ...REAL_SOURCES],
    default: 'striped_ball',
  }),
  stripes: numberRow(t.stripes, {
    hash: 'f',
    group: 'more',
    min: 1,
    max: 48,
    step: 1,
    default: 8,
  }),
  ball: numberRow(t.ball, { hash: 'o', group: 'more', min: 0, max: 100, step: 5, default: 40 }),
  canvas: choiceRow(t.canvas, {
    hash: 'c',
    group: 'more',
    values: ['scales', 'keeps'],
    default: 'scales',
  }),
  snow: numberRow(t.snow, { hash: 'z', group: 'more', min: 0, max: 120, step: 5, default: 40 }),
  detail: ladderRow(t.detail, {
    hash: 'u',
    group: 'more',
    steps: [0, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128],
    default: 0,
  }),
  snr: ladderRow(t.snr, {
    hash: 'snr',
    group: 'more',
    steps: [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 64],
    default: 4,
  }),
  colour: choiceRow(t.colour, {
    hash: 'ch',
    group: 'more',
    values: ['grey', 'colour'],
    default: 'grey',
  }),
  ...SCENE_EXTRAS,
  wrongLabels: numberRow(t.wrongLabels, {
    hash: 'q',
    group: 'more',
    min: 0,
    max: 100,
    step: 10,
    default: 0,
  }),
  filters: ladderRow(t.filters, {
    hash: 'w',
    group: 'more',
    steps: [1, 2, 4, 8, 12, 16, 24, 32, 48, 64],
    default: 16,
  }),
  epochs: ladderRow(t.epochs, { hash: 'ep', group: 'more', steps: ROUNDS, default: 30 }),
  learningRate: ladderRow(t.learningRate, {
    hash: 'lr',
    group: 'more',
    steps: RATES,
    default: 0.001,
  }),

  dataLuck: seedRow(t.dataLuck, { hash: 'ds', group: 'lab', part: 'pictures', default: 1 }),
  networkLuck: seedRow(t.networkLuck, { hash: 'ns', group: 'lab', part: 'pictures', default: 1 }),
  testPictures: ladderRow(t.testPictures, {
    hash: 't',
    group: 'lab',
    part: 'pictures',
    steps: [50, 100, 200, 500, 1000, 2000],
    default: 500,
  }),
  reference: choiceRow(t.reference, {
    hash: 'ref',
    group: 'lab',
    part: 'pictures',
    values: ['192', '256'],
    default: '192',
  }),
  contrast: numberRow(t.contrast, {
    hash: 'am',
    group: 'lab',
    part: 'pictures',
    min: 0,
    max: 127,
    step: 1,
    default: 56,
  }),
  bandWidth: choiceRow(t.bandWidth, {
    hash: 'bw',
    group: 'lab',
    part: 'pictures',
    values: ['8', '16'],
    default: '8',
  }),
  gratings: ladderRow(t.gratings, {
    hash: 'g',
    group: 'more',
    steps: [4, 8, 16, 32, 64],
    default: 8,
  }),
  textureLow: numberRow(t.textureLow, {
    hash: 'xl',
    group: 'lab',
    part: 'pictures',
    min: 1,
    max: 96,
    step: 1,
    default: 4,
  }),
  textureHigh: numberRow(t.textureHigh, {
    hash: 'xh',
    group: 'lab',
    part: 'pictures',
    min: 1,
    max: 96,
    step: 1,
    default: 8,
  }),
  blocks: ladderRow(t.blocks, {
    hash: 'd',
    group: 'lab',
    part: 'network',
    steps: [0, 1, 2, 3, 4],
    default: 1,
  }),
  laterFilters: ladderRow(t.laterFilters, {
    hash: 'wl',
    group: 'lab',
    part: 'network',
    steps: [1, 2, 4, 8, 12, 16, 24, 32, 48, 64],
    default: 16,
  }),
  kernel: choiceRow(t.kernel, {
    hash: 'kk',
    group: 'lab',
    part: 'network',
    values: ['3', '5'],
    default: '3',
  }),
  stride: choiceRow(t.stride, {
    hash: 'st',
    group: 'lab',
    part: 'network',
    values: ['1', '2'],
    default: '1',
  }),
  padding: choiceRow(t.padding, {
    hash: 'pad',
    group: 'lab',
    part: 'network',
    values: ['valid', 'same'],
    default: 'valid',
  }),
  norm: choiceRow(t.norm, {
    hash: 'nm',
    group: 'lab',
    part: 'network',
    values: ['none', 'batch', 'layer'],
    default: 'none',
  }),
  pooling: choiceRow(t.pooling, {
    hash: 'pool',
    group: 'lab',
    part: 'network',
    values: ['max2', 'average2', 'none'],
    default: 'max2',
  }),
  grid: ladderRow(t.grid, {
    hash: 'gg',
    group: 'lab',
    part: 'network',
    steps: [1, 2, 3, 4, 5, 6, 8],
    default: 2,
  }),
  hidden: ladderRow(t.hidden, {
    hash: 'hu',
    group: 'lab',
    part: 'network',
    steps: [0, 8, 16, 32, 64, 128, 256],
    default: 0,
  }),
  output: choiceRow(t.output, {
    hash: 'out',
    group: 'lab',
    part: 'network',
    values: ['softmax', 'sigmoid'],
    default: 'softmax',
  }),
  scaling: choiceRow(t.scaling, {
    hash: 'sc',
    group: 'lab',
    part: 'network',
    values: ['standardise', 'unit'],
    default: 'standardise',
  }),

  batch: ladderRow(t.batch, {
    hash: 'bs',
    group: 'lab',
    part: 'training',
    steps: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    default: 32,
  }),
  optimiser: choiceRow(t.optimiser, {
    hash: 'op',
    group: 'lab',
    part: 'training',
    values: ['adam', 'adam_torch', 'sgd'],
    default: 'adam',
  }),
  momentum: ladderRow(t.momentum, {
    hash: 'mo',
    group: 'lab',
    part: 'training',
    steps: [0, 0.5, 0.8, 0.9, 0.95, 0.99],
    default: 0.9,
  }),
  nesterov: switchRow(t.nesterov, { hash: 'ne', group: 'lab', part: 'training', default: false }),
  schedule: choiceRow(t.schedule, {
    hash: 'sch',
    group: 'lab',
    part: 'training',
    values: ['constant', 'cosine'],
    default: 'constant',
  }),
  warmup: ladderRow(t.warmup, {
    hash: 'wu',
    group: 'lab',
    part: 'training',
    steps: [0, 1, 2, 3, 5, 10],
    default: 0,
  }),
  clip: ladderRow(t.clip, {
    hash: 'cl',
    group: 'lab',
    part: 'training',
    steps: [0, 0.1, 0.3, 1, 3, 10],
    default: 0,
  }),
  patience: ladderRow(t.patience, {
    hash: 'pa',
    group: 'lab',
    part: 'training',
    steps: [0, 1, 2, 3, 5, 10, 20],
    default: 0,
  }),

  shift: ladderRow(t.shift, {
    hash: 'sh',
    group: 'lab',
    part: 'remedies',
    steps: [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128],
    default: 0,
  }),
  shiftEdge: choiceRow(t.shiftEdge, {
    hash: 'se',
    group: 'lab',
    part: 'remedies',
    values: ['wrap', 'repeat'],
    default: 'wrap',
  }),
  flip: switchRow(t.flip, { hash: 'fl', group: 'lab', part: 'remedies', default: false }),
  pixelNoise: numberRow(t.pixelNoise, {
    hash: 'pn',
    group: 'lab',
    part: 'remedies',
    min: 0,
    max: 100,
    step: 5,
    default: 0,
  }),
  dropout: numberRow(t.dropout, {
    hash: 'dr',
    group: 'lab',
    part: 'remedies',
    min: 0,
    max: 90,
    step: 10,
    default: 0,
  }),
  penalty: ladderRow(t.penalty, {
    hash: 'lt',
    group: 'lab',
    part: 'remedies',
    steps: [0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1],
    default: 0,
  }),
  weightDecay: ladderRow(t.weightDecay, {
    hash: 'wd',
    group: 'lab',
    part: 'remedies',
    steps: [0, 0.0001, 0.001, 0.01, 0.1, 0.3, 1],
    default: 0,
  }),
  softLabels: numberRow(t.softLabels, {
    hash: 'ls',
    group: 'lab',
    part: 'remedies',
    min: 0,
    max: 50,
    step: 5,
    default: 0,
  }),

  compare: choiceRow(t.compare, {
    hash: 'by',
    group: 'page',
    values: ['size', 'kinds', 'perKind', 'ending', 'downsample', 'cueTrain', 'none'],
    default: 'size',
  }),
  preset: choiceRow(
    { ...t.preset, options: presetNames },
    { hash: 'p', group: 'page', values: PRESET_IDS, default: 'size' },
  ),
  lab: switchRow(t.lab, { hash: 'lab', group: 'page', default: false }),
  theme: choiceRow(t.theme, {
    hash: 'th',
    group: 'page',
    values: ['auto', 'light', 'dark', 'projector'],
    default: 'auto',
  }),
};

export type SettingName = keyof typeof SETTINGS;
export type Settings = { readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]> };
export type Overrides = Partial<Settings>;
/** The settings that can differ between A and B from the first screen. */
export type Factor = Exclude<Settings['compare'], 'none'>;

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** Settings that decide what a run computes; the rest is how the page looks. */
export const RUN_SETTING_NAMES = SETTING_NAMES.filter((name) => SETTINGS[name].group !== 'page');

export function defaultSettings(): Settings {
  return Object.fromEntries(
    SETTING_NAMES.map((name) => [name, SETTINGS[name].default]),
  ) as unknown as Settings;
}

/** What B starts with when a factor is chosen for comparison. */
export const FACTOR_START: { readonly [F in Factor]: Settings[F] } = {
  size: 48,
  kinds: 20,
  perKind: 160,
  ending: 'global_max',
  downsample: 'nearest',
  cueTrain: 20,
};
