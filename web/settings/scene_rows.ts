// Rows of the table of settings for what a scene may have beyond its family: how it is made small,
// backgrounds that give the kind away, patterns sorted into kinds, and what varies from picture to
// picture. All are off at first.
import { settingsText as t } from '../text/en-settings';
import { choiceRow, ladderRow, numberRow, switchRow } from './types';

export const KINDS = [
  2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 24, 26, 32, 48, 62, 63, 64, 100, 128, 200, 255,
];

/** Share of the pictures whose background fits their kind. */
const FITS = { group: 'more', min: 0, max: 100, step: 5, default: 100 } as const;
/** A way in which pictures of a kind differ; off at 0. */
const VARIES = { group: 'lab', part: 'nuisance', min: 0, default: 0 } as const;

export const SCENE_EXTRAS = {
  downsample: choiceRow(t.downsample, {
    hash: 'dn',
    group: 'more',
    values: ['area', 'nearest', 'bilinear'],
    default: 'area',
  }),
  cue: numberRow(t.cue, { hash: 'bc', group: 'more', min: 0, max: 125, step: 5, default: 0 }),
  cueTrain: numberRow(t.cueTrain, { ...FITS, hash: 'ct' }),
  cueTest: numberRow(t.cueTest, { ...FITS, hash: 'cx' }),
  patterns: ladderRow(t.patterns, {
    hash: 'pk',
    group: 'more',
    steps: [0, ...KINDS],
    default: 0,
  }),
  relabel: choiceRow(t.relabel, {
    hash: 'map',
    group: 'more',
    values: ['nested', 'arbitrary'],
    default: 'nested',
  }),
  jitter: numberRow(t.jitter, { ...VARIES, hash: 'jt', max: 50, step: 5 }),
  rotation: numberRow(t.rotation, { ...VARIES, hash: 'rot', max: 180, step: 5 }),
  scaleJitter: numberRow(t.scaleJitter, { ...VARIES, hash: 'sj', max: 50, step: 5 }),
  phase: switchRow(t.phase, { hash: 'ph', group: 'lab', part: 'nuisance', default: true }),
  clutter: numberRow(t.clutter, { ...VARIES, hash: 'clu', max: 125, step: 5 }),
};
