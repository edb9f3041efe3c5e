// The settings that the page holds now, their history for Undo, and what follows from them. All
// changes go through change(), so that every one can be undone and reaches the URL hash.
import { computed, signal } from '@preact/signals';
import { presetMatching, presetOf } from '../presets';
import type { PresetId } from '../presets-ids';
import { defaultPair, type PairSettings, writeHash } from '../settings/hash';
import { normalise, type PictureLimits } from '../settings/limits';
import {
  FACTOR_START,
  type Factor,
  type Overrides,
  RUN_SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type Settings,
} from '../settings/table';

export type Side = 'a' | 'b';

/** Changes of one control closer together than this are one step of Undo. */
const SAME_CHANGE_MS = 800;
const HISTORY = 200;

interface Step {
  pair: PairSettings;
  /** Which control did it. */
  what: string;
  label: string;
  at: number;
}

/** As chosen; a and b below are what it comes to. */
export const pair = signal<PairSettings>(defaultPair());
/** What is known about the real pictures in use; set by state/pictures.ts. */
export const pictureLimits = signal<PictureLimits | null>(null);

export const settingsA = computed<Settings>(() => normalise(pair.value.a, pictureLimits.value));
export const settingsB = computed<Settings | null>(() =>
  pair.value.a.compare === 'none'
    ? null
    : normalise({ ...settingsA.value, ...pair.value.b }, pictureLimits.value),
);

const past = signal<readonly Step[]>([]);
export const canUndo = computed(() => past.value.length > 0);

export function settingsOf(side: Side): Settings {
  return side === 'b' ? (settingsB.value ?? settingsA.value) : settingsA.value;
}

/** Replaces the pair and remembers the one before. */
export function change(next: PairSettings, what: string, label: string, now = Date.now()): void {
  if (writeHash(next) === writeHash(pair.value)) return;
  const last = past.value.at(-1);
  const continues = last !== undefined && last.what === what && now - last.at < SAME_CHANGE_MS;
  past.value = continues
    ? [...past.value.slice(0, -1), { ...last, at: now }]
    : [...past.value, { pair: pair.value, what, label, at: now }].slice(-HISTORY);
  pair.value = next;
}

/** Takes the last change back; the name of what was undone, or null when there is nothing. */
export function undo(): string | null {
  const last = past.value.at(-1);
  if (last === undefined) return null;
  past.value = past.value.slice(0, -1);
  pair.value = last.pair;
  return last.label;
}

export function setSetting<N extends SettingName>(
  name: N,
  value: Settings[N],
  side: Side = 'a',
): void {
  const { a, b } = pair.value;
  const label = SETTINGS[name].label;
  if (name === 'compare') {
    compareBy(value as Settings['compare']);
    return;
  }
  const next = side === 'b' ? { a, b: { ...b, [name]: value } } : { a: { ...a, [name]: value }, b };
  change(next, `${side}.${name}`, label);
}

/** Makes another factor the one that differs; everything else of B follows A again. */
export function compareBy(factor: Settings['compare']): void {
  const a: Settings = { ...pair.value.a, compare: factor };
  const b = factor === 'none' ? {} : { [factor]: startOfB(factor, a) };
  change({ a, b }, 'compare', SETTINGS.compare.label);
}

function startOfB(factor: Factor, a: Settings): Settings[Factor] {
  if (a[factor] !== FACTOR_START[factor]) return FACTOR_START[factor];
  const other: { [F in Factor]: Settings[F] } = {
    size: 24,
    kinds: 5,
    perKind: 40,
    ending: 'flatten',
    downsample: 'area',
    cueTrain: 100,
  };
  return other[factor];
}

export function loadPreset(id: PresetId): void {
  const preset = presetOf(id);
  const { lab, theme } = pair.value.a;
  change({ a: { ...preset.a, lab, theme }, b: preset.b }, 'preset', SETTINGS.preset.label);
}

/** New seeds for pictures and network, both sides alike. */
export function newLuck(): void {
  const { a, b } = pair.value;
  const luck = a.dataLuck + 1;
  change({ a: { ...a, dataLuck: luck, networkLuck: luck }, b }, 'luck', SETTINGS.dataLuck.label);
}

/** Start of the page or a loaded link: no history. */
export function replacePair(next: PairSettings): void {
  past.value = [];
  pair.value = next;
}

/** The preset that the settings still are; null once something was changed. */
export const activePreset = computed(() => presetMatching(pair.value));

export interface Difference {
  name: SettingName;
  from: Settings[SettingName];
  to: Settings[SettingName];
}

/** Settings of a run that differ from one to the other. */
export function differences(from: Settings, to: Settings): Difference[] {
  return RUN_SETTING_NAMES.filter((name) => from[name] !== to[name]).map((name) => ({
    name,
    from: from[name],
    to: to[name],
  }));
}

export const pairDifferences = computed<Difference[]>(() =>
  settingsB.value === null ? [] : differences(settingsA.value, settingsB.value),
);

/** What the user changed of A since choosing the experiment, luck left out. */
export const changedFromPreset = computed<Difference[]>(() => {
  const start = normalise(presetOf(pair.value.a.preset).a, pictureLimits.value);
  return differences(start, settingsA.value).filter(
    ({ name }) => name !== 'dataLuck' && name !== 'networkLuck',
  );
});

/** B's own values, the factor first. */
export function overrideNames(b: Overrides): SettingName[] {
  return Object.keys(b) as SettingName[];
}

/** Equal keys mean equal runs. */
export function runKey(a: Settings, b: Settings | null): string {
  const pick = (s: Settings) => RUN_SETTING_NAMES.map((name) => String(s[name])).join();
  return b === null ? pick(a) : `${pick(a)}|${pick(b)}`;
}
