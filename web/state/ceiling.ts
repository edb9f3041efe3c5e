// What the best possible rule would score on the scene that the settings name, where that is known:
// for the hidden patterns in closed form, and for labels that say nothing about the pictures.
import type { Core } from '../../wasm_glue/core';
import { applies, isReal } from '../settings/limits';
import { chanceOf, channelsOf, sceneConfig } from '../settings/spec';
import type { Settings } from '../settings/table';
import { fewSamplesAccuracy, idealAccuracy, idealSortedAccuracy } from '../stats/ceiling';
import { core } from './engine';

export interface Ceiling {
  /** Best share of right answers that any rule can reach on new pictures. */
  best: number;
  /** Strength of the patterns at this size against the noise; null where nothing can be told. */
  strength: number | null;
  /** What the nearest class mean should reach from these labelled pictures; null unless known. */
  fewSamples: number | null;
}

/** The test's labels are drawn without looking at the pictures. */
function isGuessing(s: Settings): boolean {
  return !isReal(s) && (s.source === 'noise' || s.wrongLabels === 100);
}

const known = new Map<string, number>();
const REMEMBERED = 50;

/** Core.sceneStrength, remembered: a chart asks again with every round. */
function strengthOf(engine: Core, s: Settings): number {
  const { label_noise, shuffle_test_labels, ...scene } = sceneConfig(s);
  const key = JSON.stringify([scene, s.size]);
  const before = known.get(key);
  if (before !== undefined) return before;
  let strength = Number.NaN;
  try {
    strength = engine.sceneStrength(sceneConfig(s), s.size);
  } catch {
    // Settings that do not go together say so elsewhere.
  }
  if (known.size >= REMEMBERED) known.clear();
  known.set(key, strength);
  return strength;
}

/**
 * Null where it is not known. Wrong labels do not lower it: they stand on pictures to learn from
 * only, and the best rule knows the scene without learning. At 100 % the test's labels are random
 * too, and nothing can be known.
 */
export function ceilingOf(s: Settings): Ceiling | null {
  const engine = core.value;
  if (isGuessing(s)) return { best: chanceOf(s), strength: null, fewSamples: null };
  if (engine === null || s.source !== 'templates') return null;
  // Not a number where the noise is not white or the patterns are not fixed: no closed form.
  const strength = strengthOf(engine, s);
  if (!Number.isFinite(strength)) return null;
  const sorted = applies('relabel', s);
  const simple = !sorted && s.wrongLabels === 0;
  return {
    best: sorted
      ? idealSortedAccuracy(s.kinds, s.patterns, strength)
      : idealAccuracy(s.kinds, strength),
    strength,
    fewSamples: simple
      ? fewSamplesAccuracy(s.kinds, strength, s.size ** 2 * channelsOf(s), s.perKind)
      : null,
  };
}
