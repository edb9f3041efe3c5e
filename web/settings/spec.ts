// What the settings mean to the core: the network, the scene, and how many pictures. The only
// place where a setting's plain value becomes one of the core's fields.
import type { NetworkConfig, SceneConfig, SceneFamily } from '../../wasm_glue/protocol';
import { applies, CANVAS_BASE, isReal } from './limits';
import { SETTINGS, type SettingName, type Settings } from './table';

/** All blocks are alike but for their filters: the first block has its own setting. */
function blocksOf(s: Settings): Partial<NetworkConfig> {
  const kernel = Number(s.kernel);
  const stride = Number(s.stride);
  const { padding, norm, pooling: pool, laterFilters: later } = s;
  return {
    blocks: s.blocks,
    kernel,
    stride,
    norm,
    ...{ filters2: later, kernel2: kernel, stride2: stride, padding2: padding },
    ...{ filters3: later, kernel3: kernel, stride3: stride, padding3: padding },
    ...{ filters4: later, kernel4: kernel, stride4: stride, padding4: padding },
    ...{ norm2: norm, norm3: norm, norm4: norm, pool2: pool, pool3: pool, pool4: pool },
  };
}

export function networkConfig(s: Settings): NetworkConfig {
  return {
    resolution: s.size,
    channels: channelsOf(s),
    classes: s.kinds,
    filters: s.filters,
    padding: s.padding,
    pool: s.pooling,
    ...blocksOf(s),
    head: s.ending,
    grid: s.grid,
    hidden: s.hidden,
    output: s.output,
    scaling: s.scaling,
    batch: s.batch,
    epochs: s.epochs,
    learning_rate: s.learningRate,
    optimiser: s.optimiser,
    momentum: s.momentum,
    nesterov: s.nesterov ? 1 : 0,
    schedule: s.schedule,
    warmup: s.warmup,
    clip_norm: s.clip,
    patience: s.patience,
    shift: s.shift,
    shift_edge: s.shiftEdge,
    flip: s.flip ? 1 : 0,
    pixel_noise: s.pixelNoise,
    dropout: s.dropout / 100,
    l2: s.penalty,
    weight_decay: s.weightDecay,
    label_smoothing: s.softLabels / 100,
    seed: s.networkLuck,
  };
}

/** The setting behind a field that the core names, where their names differ. */
const FIELD_SETTINGS: Record<string, SettingName> = {
  resolution: 'size',
  channels: 'colour',
  classes: 'kinds',
  pool: 'pooling',
  head: 'ending',
  learning_rate: 'learningRate',
  clip_norm: 'clip',
  shift_edge: 'shiftEdge',
  pixel_noise: 'pixelNoise',
  l2: 'penalty',
  weight_decay: 'weightDecay',
  label_smoothing: 'softLabels',
};

/** The setting that a field of the core stands for; null where the page has none. */
export function settingOfField(field: string): SettingName | null {
  const plain = field.replace(/[2-4]$/, '');
  if (plain === 'filters' && plain !== field) return 'laterFilters';
  const name = FIELD_SETTINGS[plain] ?? FIELD_SETTINGS[field] ?? plain;
  return name in SETTINGS ? (name as SettingName) : null;
}

export function channelsOf(s: Settings): 1 | 3 {
  if (s.source === 'hues') return 3;
  return s.colour === 'colour' && applies('colour', s) ? 3 : 1;
}

export function trainCount(s: Settings): number {
  return s.kinds * s.perKind;
}

/** Score of guessing, 0..1. */
export function chanceOf(s: Settings): number {
  return 1 / s.kinds;
}

function familyOf({ source }: Settings): SceneFamily {
  switch (source) {
    case 'fashion':
    case 'glyphs':
    case 'photos':
    case 'digits':
    case 'own':
      return 'striped_ball';
    default:
      return source;
  }
}

type Varied = 'jitter' | 'rotation' | 'scale_jitter' | 'phase' | 'clutter';
type Declared = 'cue' | 'cue_train' | 'cue_test' | 'patterns' | 'relabel' | 'downsample';

/** What a scene may have beyond its family; the core's default, which changes nothing, where the
 *  setting means nothing, so that equal scenes stay equal. */
function extras(s: Settings): Pick<SceneConfig, Varied | Declared> {
  const on = (name: SettingName, value: number) => (applies(name, s) ? value : 0);
  return {
    jitter: on('jitter', s.jitter / 100),
    rotation: on('rotation', s.rotation),
    scale_jitter: on('scaleJitter', s.scaleJitter / 100),
    phase: applies('phase', s) && !s.phase ? 0 : 1,
    clutter: on('clutter', s.clutter),
    cue: on('cue', s.cue),
    cue_train: applies('cueTrain', s) ? s.cueTrain / 100 : 1,
    cue_test: applies('cueTest', s) ? s.cueTest / 100 : 1,
    patterns: on('patterns', s.patterns),
    relabel: applies('relabel', s) && s.relabel === 'arbitrary' ? 1 : 0,
    downsample: applies('downsample', s) ? DOWNSAMPLE[s.downsample] : 0,
  };
}

const DOWNSAMPLE = { area: 0, nearest: 1, bilinear: 2 } as const;

/** The scene to draw; for real pictures a stand-in that nothing draws. */
export function sceneConfig(s: Settings): SceneConfig {
  // With a ball that keeps its pixels, everything inside it is measured at CANVAS_BASE pixels.
  const grow = s.canvas === 'keeps' && s.source === 'striped_ball' ? s.size / CANVAS_BASE : 1;
  return {
    family: familyOf(s),
    reference: s.reference === '256' ? 256 : 192,
    channels: channelsOf(s),
    classes: s.kinds,
    noise: s.snow,
    radius: s.ball / 200 / grow,
    amplitude: s.contrast * grow,
    stripes: s.stripes * grow,
    band_low: s.detail,
    band_width: Number(s.bandWidth),
    snr: s.snr,
    gratings: s.gratings,
    frequency_low: s.textureLow,
    frequency_high: s.textureHigh,
    label_noise: s.wrongLabels / 100,
    shuffle_test_labels: s.wrongLabels === 100 ? 1 : 0,
    seed: s.dataLuck,
    ...extras(s),
  };
}

/** Numbers drawn before a run can start: every picture once at the side it is drawn at. */
export function sceneValues(s: Settings): number {
  if (isReal(s)) return 0;
  const count = trainCount(s) + s.testPictures;
  return count * Number(s.reference) ** 2 * channelsOf(s);
}
