// The sample pictures of a run: which kinds are shown and their pixels. Pure, so that the build
// bakes the same bytes into the page that the page later draws by itself.
import type { Core } from '../../wasm_glue/core';
import type { SceneConfig } from '../../wasm_glue/protocol';
import { applies } from '../settings/limits';
import { channelsOf, sceneConfig } from '../settings/spec';
import type { Settings } from '../settings/table';

export interface Thumb {
  kind: number;
  /** Which picture of this kind, 0 = first. */
  index: number;
  side: number;
  channels: 1 | 3;
  /** [side][side][channels], as the network gets them before scaling. */
  pixels: Uint8Array;
}

/** Pictures shown for each run. */
export const SHOWN = 5;

/** The kinds to show: all when there are five, spread evenly when more, several each when fewer.
 *  Where a kind is made of several patterns, two kinds are enough to see that it is. */
export function shownKinds(s: Settings): { kind: number; index: number }[] {
  const kinds = applies('relabel', s) ? 2 : s.kinds;
  if (kinds >= SHOWN) {
    return Array.from({ length: SHOWN }, (_, i) => ({
      kind: Math.floor((i * kinds) / SHOWN),
      index: 0,
    }));
  }
  const count = kinds * Math.floor(SHOWN / kinds);
  return Array.from({ length: count }, (_, i) => ({
    kind: i % kinds,
    index: Math.floor(i / kinds),
  }));
}

export function sceneThumbs(core: Core, s: Settings): Thumb[] {
  const scene = sceneConfig(s);
  const sorted = applies('relabel', s);
  return shownKinds(s).map(({ kind, index }) => {
    // The next picture of a kind of several patterns shows its next pattern.
    const pattern = sorted ? patternOf(core, scene, kind, index) : kind;
    return {
      kind,
      index,
      side: s.size,
      channels: channelsOf(s),
      pixels: core.drawScene(scene, s.size, 'train', pattern, sorted ? 0 : index),
    };
  });
}

/** The index-th pattern of a kind; every kind has as many. */
function patternOf(core: Core, scene: SceneConfig, kind: number, index: number): number {
  let met = 0;
  for (let pattern = 0; pattern < scene.patterns; pattern++) {
    if (core.sceneClass(scene, pattern) === kind && met++ === index) return pattern;
  }
  return kind;
}

const GREY = 128;
const STRETCHED = 112;
const STRONGEST = 6;

/** How much contrast the scenes' pictures can take, one factor for all of them: distances from
 *  middle grey grow until only 1 % of the values would be cut off. */
export function stretchOf(thumbs: readonly Thumb[]): number {
  const counts = new Uint32Array(GREY + 1);
  let total = 0;
  for (const { pixels } of thumbs) {
    for (const value of pixels) {
      const distance = Math.abs(value - GREY);
      counts[distance] = (counts[distance] ?? 0) + 1;
    }
    total += pixels.length;
  }
  let above = 0;
  let distance = GREY;
  while (distance > 1 && above + (counts[distance] ?? 0) <= total / 100) {
    above += counts[distance] ?? 0;
    distance--;
  }
  return Math.round(10 * Math.min(STRONGEST, Math.max(1, STRETCHED / distance))) / 10;
}
