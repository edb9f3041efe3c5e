// What one setting rules out for another: ladders by reference side, kinds by family, one yes-or-no
// output only for two kinds. Never throws: a value out of reach moves to the nearest allowed one.
import { isShipped, SHIPPED } from '../data/shipped_sets';
import { SETTINGS, type SettingName, type Settings, SIZES } from './table';
import type { ChoiceRow, LadderRow } from './types';

/** What is known about real pictures; null limits nothing. */
export interface PictureLimits {
  /** Number of classes in the set. */
  kinds: number;
  /** Sizes that may be asked for. */
  sizes?: readonly number[] | undefined;
  /** Pictures per kind that can be learned from. */
  perKind?: number | undefined;
}

/** Side at which the drawn ball keeps its pixels when the canvas grows around it. */
export const CANVAS_BASE = 24;

/** The thing has to be there; only textures may do without. In percent of the side. */
const SMALLEST_BALL = 5;

/** Largest number of kinds that the source offers. */
export function maxKinds(s: Settings, pictures: PictureLimits | null): number {
  switch (s.source) {
    case 'templates':
      return Number(s.bandWidth) ** 2 - 1;
    case 'textures':
      return s.gratings - 1;
    case 'striped_ball':
      return 64;
    case 'signs':
    case 'polygons':
    case 'hues':
      return 64;
    case 'noise':
      return 255;
    case 'fashion':
    case 'glyphs':
    case 'photos':
    case 'digits':
      return pictures?.kinds ?? SHIPPED[s.source].order.length;
    case 'own':
      return pictures?.kinds ?? 255;
    default:
      return s.source satisfies never;
  }
}

/** Real pictures do not come from a scene and know no reference side. */
export function isReal(s: Settings): boolean {
  return s.source === 'own' || isShipped(s.source);
}

/** A disc of waves: it lies anywhere anyway, and its waves have a phase. */
function isWaves(s: Settings): boolean {
  return s.source === 'striped_ball' || s.source === 'textures';
}

/** Scenes with anything to see in them. */
function hasSignal(s: Settings): boolean {
  return !isReal(s) && s.source !== 'noise';
}

function sizeAllowed(size: number, s: Settings, pictures: PictureLimits | null): boolean {
  if (isReal(s)) return (pictures?.sizes ?? SIZES['192']).includes(size);
  if (!SIZES[s.reference].includes(size)) return false;
  if (s.source !== 'striped_ball' || s.canvas !== 'keeps') return true;
  const grow = size / CANVAS_BASE;
  const radius = s.ball / 200 / grow;
  return radius >= 0.02 && radius <= 0.5 && s.contrast * grow <= 127 && s.stripes * grow <= 96;
}

/** Side of the map after the first `blocks` blocks; 0 where a filter or pool no longer fits. */
export function mapSide(s: Settings, blocks: number): number {
  let side = s.size;
  for (let block = 0; block < blocks && side > 0; block++) {
    const span = s.padding === 'same' ? side : side - Number(s.kernel) + 1;
    side = Math.max(0, Math.ceil(span / Number(s.stride)));
    if (s.pooling !== 'none') side = Math.floor(side / 2);
  }
  return side;
}

/** The choices that a setting offers now. The rarer endings come with the lab view, and there is
 *  nothing to compare by in what means nothing. */
export function choicesOf(name: SettingName, s: Settings): readonly string[] {
  const row = SETTINGS[name] as ChoiceRow<string>;
  if (name === 'compare') {
    const idle = (value: string) => value in SETTINGS && !applies(value as SettingName, s);
    return row.values.filter((value) => value === s.compare || !idle(value));
  }
  if (name !== 'ending' || s.lab) return row.values;
  const rare = ['grid', 'attention'];
  return row.values.filter((value) => value === s.ending || !rare.includes(value));
}

/** The steps that a ladder offers now; never empty. */
export function stepsOf(
  name: SettingName,
  s: Settings,
  pictures: PictureLimits | null = null,
): readonly number[] {
  const row = SETTINGS[name] as LadderRow;
  const allowed = row.steps.filter((step) => {
    switch (name) {
      case 'size':
        return sizeAllowed(step, s, pictures);
      case 'kinds':
        return step <= maxKinds(s, pictures);
      case 'perKind':
        return isReal(s) ? step <= (pictures?.perKind ?? Infinity) : true;
      case 'patterns':
        return step === 0 || (step % s.kinds === 0 && step <= maxKinds(s, pictures));
      case 'blocks':
        return mapSide(s, step) > 0;
      case 'grid':
        return step <= mapSide(s, s.blocks);
      case 'shift':
        return step <= s.size / 2;
      default:
        return true;
    }
  });
  return allowed.length > 0 ? allowed : row.steps.slice(0, 1);
}

export function nearest(steps: readonly number[], value: number): number {
  let best = steps[0] ?? value;
  for (const step of steps) if (Math.abs(step - value) < Math.abs(best - value)) best = step;
  return best;
}

/** The same settings with every value inside what the others allow. */
export function normalise(s: Settings, pictures: PictureLimits | null = null): Settings {
  const next: { -readonly [N in SettingName]: Settings[N] } = { ...s };
  if (s.source !== 'textures') next.ball = Math.max(SMALLEST_BALL, s.ball);
  next.size = nearest(stepsOf('size', next, pictures), s.size);
  next.kinds = nearest(stepsOf('kinds', s, pictures), s.kinds);
  next.perKind = nearest(stepsOf('perKind', s, pictures), s.perKind);
  next.patterns = s.patterns < next.kinds ? 0 : nearest(stepsOf('patterns', next), s.patterns);
  if (next.kinds !== 2) next.output = 'softmax';
  if (next.textureHigh < next.textureLow) next.textureHigh = next.textureLow;
  if (mapSide(next, 1) === 0) next.kernel = '3';
  if (mapSide(next, 1) === 0) next.stride = '1';
  next.blocks = nearest(stepsOf('blocks', next, pictures), s.blocks);
  if (next.blocks === 0) next.ending = 'flatten';
  next.grid = nearest(stepsOf('grid', next, pictures), s.grid);
  next.shift = nearest(stepsOf('shift', next, pictures), s.shift);
  return next;
}

/** Whether a setting means anything with the others as they are; else its control is not shown. */
export function applies(name: SettingName, s: Settings): boolean {
  switch (name) {
    case 'stripes':
    case 'canvas':
      return s.source === 'striped_ball';
    case 'phase':
      return isWaves(s);
    case 'ball':
    case 'contrast':
    case 'snow':
      return hasSignal(s) && s.source !== 'templates';
    case 'detail':
    case 'snr':
    case 'bandWidth':
      return s.source === 'templates';
    case 'gratings':
    case 'textureLow':
    case 'textureHigh':
      return s.source === 'textures';
    case 'jitter':
      return hasSignal(s) && !isWaves(s);
    case 'rotation':
      return hasSignal(s) && s.source !== 'templates' && s.source !== 'hues';
    case 'scaleJitter':
      return hasSignal(s) && s.source !== 'templates';
    case 'reference':
    case 'downsample':
    case 'clutter':
    case 'cue':
    case 'patterns':
      return hasSignal(s);
    case 'cueTrain':
    case 'cueTest':
      return hasSignal(s) && s.cue > 0;
    case 'relabel':
      return hasSignal(s) && s.patterns > s.kinds;
    case 'output':
      return s.kinds === 2;
    case 'colour':
      // The sets that ship are grey, hues need colour.
      return s.source !== 'hues' && !isShipped(s.source);
    case 'filters':
    case 'kernel':
    case 'stride':
    case 'padding':
    case 'norm':
    case 'pooling':
      return s.blocks > 0;
    case 'laterFilters':
      return s.blocks > 1;
    case 'grid':
      return s.ending === 'grid';
    case 'momentum':
    case 'nesterov':
      return s.optimiser === 'sgd';
    case 'shiftEdge':
      return s.shift > 0;
    default:
      return true;
  }
}
