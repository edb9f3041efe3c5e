// What the settings mean to the core: the network, the scene, and how many pictures. The only
// place where a setting's plain value becomes one of the core's fields.
import type { NetworkConfig, SceneConfig, SceneFamily } from '../../wasm_glue/protocol';
import { CANVAS_BASE, isReal } from './limits';
import type { Settings } from './table';

export function networkConfig(s: Settings): NetworkConfig {
  return {
    resolution: s.size,
    channels: channelsOf(s),
    classes: s.kinds,
    filters: s.filters,
    padding: s.padding,
    pool: s.pooling,
    head: s.ending,
    output: s.output,
    scaling: s.scaling,
    batch: s.batch,
    epochs: s.epochs,
    learning_rate: s.learningRate,
    seed: s.networkLuck,
  };
}

export function channelsOf(s: Settings): 1 | 3 {
  return s.colour === 'colour' && s.source !== 'fashion' ? 3 : 1;
}

export function trainCount(s: Settings): number {
  return s.kinds * s.perKind;
}

/** Score of guessing, 0..1. */
export function chanceOf(s: Settings): number {
  return 1 / s.kinds;
}

function familyOf(s: Settings): SceneFamily {
  switch (s.source) {
    case 'striped_ball':
    case 'templates':
    case 'textures':
    case 'noise':
      return s.source;
    case 'fashion':
    case 'own':
      return 'striped_ball';
    default:
      return s.source satisfies never;
  }
}

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
  };
}

/** Numbers drawn before a run can start: every picture once at the side it is drawn at. */
export function sceneValues(s: Settings): number {
  if (isReal(s)) return 0;
  const count = trainCount(s) + s.testPictures;
  return count * Number(s.reference) ** 2 * channelsOf(s);
}
