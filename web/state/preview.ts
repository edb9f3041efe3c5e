// What the page shows about a run before it runs: sample pictures, plan, memory and seconds. All
// follow the settings at once; before the core is there the baked values of the default pair stand.
import { computed, effect, signal, untracked } from '@preact/signals';
import { CoreError } from '../../wasm_glue/errors';
import type { Plan } from '../../wasm_glue/protocol';
import { presetOf } from '../presets';
import type { PresetId } from '../presets-ids';
import { defaultPair } from '../settings/hash';
import { isReal } from '../settings/limits';
import {
  channelsOf,
  networkConfig,
  sceneConfig,
  sceneValues,
  settingOfField,
  trainCount,
} from '../settings/spec';
import { SETTINGS, type Settings } from '../settings/table';
import { text } from '../text/en';
import { getBaked } from './baked';
import { core, speed } from './engine';
import { pictureSource } from './pictures';
import { pair, runKey, type Side, settingsA, settingsB } from './store';
import { SHOWN, sceneThumbs, shownKinds, stretchOf, type Thumb } from './thumbs';

export interface Facts {
  settings: Settings;
  train: number;
  test: number;
  /** Null when the settings cannot be planned; `problem` then says why. */
  plan: Plan | null;
  problem: string | null;
  /** Bytes of the trainer and of the pictures. */
  bytes: number;
  /** Null until the machine has been measured. */
  seconds: number | null;
}

/** The baked plans belong to the default pair only. */
function bakedPlan(side: Side): Plan | null {
  const start = defaultPair();
  const same = runKey(pair.value.a, null) === runKey(start.a, null);
  return same && pair.value.b.size === start.b.size ? (getBaked()?.plans[side] ?? null) : null;
}

function counts(s: Settings): { train: number; test: number } {
  const source = isReal(s) ? pictureSource.value : null;
  if (source === null) return { train: trainCount(s), test: s.testPictures };
  const { kinds: classes, perKind: perClass, testPictures: testCount, dataLuck: seed } = s;
  return source.count({ classes, perClass, testCount, seed });
}

/** The core names its own fields; the page's reader knows the setting. */
function problemOf(error: unknown): string {
  const field = error instanceof CoreError ? error.field : undefined;
  const name = field === undefined ? null : settingOfField(field);
  if (name !== null) return text.change.doesNotGo(SETTINGS[name].label);
  return error instanceof Error ? error.message : String(error);
}

function factsFor(s: Settings, side: Side): Facts {
  const { train, test } = counts(s);
  const none = { settings: s, train, test, plan: null, bytes: 0, seconds: null };
  const engine = core.value;
  let plan: Plan | null = null;
  try {
    plan = engine === null ? bakedPlan(side) : engine.plan(networkConfig(s), train, test);
    if (engine !== null && !isReal(s)) engine.checkScene(sceneConfig(s), s.size);
  } catch (error) {
    return { ...none, problem: problemOf(error) };
  }
  if (plan === null) return { ...none, problem: null };
  const pixels = (train + test) * s.size * s.size * channelsOf(s);
  const machine = speed.value;
  const seconds =
    machine === null
      ? null
      : plan.epochWork * s.epochs * machine.secondsPerWork +
        sceneValues(s) * machine.secondsPerSceneValue;
  return { settings: s, train, test, plan, problem: null, bytes: plan.bytes + pixels, seconds };
}

export const facts = {
  a: computed<Facts>(() => factsFor(settingsA.value, 'a')),
  b: computed<Facts | null>(() =>
    settingsB.value === null ? null : factsFor(settingsB.value, 'b'),
  ),
};

/** Seconds until a run or a pair is done; a pair shares the machine only when it has one core. */
export const estimate = computed<number | null>(() => {
  const a = facts.a.value.seconds;
  const b = facts.b.value?.seconds ?? 0;
  if (a === null || (facts.b.value !== null && facts.b.value.seconds === null)) return null;
  return together(a, b);
});

function together(a: number, b: number): number {
  const cores = typeof navigator === 'undefined' ? 2 : (navigator.hardwareConcurrency ?? 2);
  return cores > 1 ? Math.max(a, b) : a + b;
}

export interface ThumbSet {
  thumbs: Thumb[];
  stretch: number;
  /** Names of the kinds, for real pictures. */
  names: string[];
}

const scenes = {
  a: computed(() => sceneSetKey(settingsA.value)),
  b: computed(() => (settingsB.value === null ? '' : sceneSetKey(settingsB.value))),
};

/** Only what changes the pictures, so that other sliders do not redraw them. */
function sceneSetKey(s: Settings): string {
  if (isReal(s)) return '';
  const { label_noise, shuffle_test_labels, cue_test, ...seen } = sceneConfig(s);
  return JSON.stringify([seen, s.size]);
}

function drawScenes(side: Side): Thumb[] {
  const key = scenes[side].value;
  const engine = core.value;
  const s = untracked(() => (side === 'a' ? settingsA.value : settingsB.value));
  if (engine === null || key === '' || s === null) return [];
  try {
    return sceneThumbs(engine, s);
  } catch {
    return [];
  }
}

const sceneSets = { a: computed(() => drawScenes('a')), b: computed(() => drawScenes('b')) };
const realSets = {
  a: signal<{ thumbs: Thumb[]; names: string[] }>({ thumbs: [], names: [] }),
  b: signal<{ thumbs: Thumb[]; names: string[] }>({ thumbs: [], names: [] }),
};

const stretch = computed(() => {
  const all = [...sceneSets.a.value, ...sceneSets.b.value];
  return all.length === 0 ? (getBaked()?.stretch ?? 1) : stretchOf(all);
});

function thumbSet(side: Side): ThumbSet {
  const s = side === 'a' ? settingsA.value : settingsB.value;
  if (s !== null && isReal(s)) return { ...realSets[side].value, stretch: 1 };
  return { thumbs: sceneSets[side].value, stretch: stretch.value, names: [] };
}

export const thumbSets = {
  a: computed(() => thumbSet('a')),
  b: computed(() => thumbSet('b')),
};

/** Reads sample pictures of real sources whenever they change; call once. Returns its end. */
export function watchRealPictures(): () => void {
  const ends = (['a', 'b'] as const).map((side) =>
    effect(() => {
      const s = side === 'a' ? settingsA.value : settingsB.value;
      const source = pictureSource.value;
      if (s === null || source === null || !isReal(s)) {
        realSets[side].value = { thumbs: [], names: [] };
        return undefined;
      }
      const stop = new AbortController();
      void readSamples(s, side, stop.signal);
      return () => stop.abort();
    }),
  );
  return () => {
    for (const end of ends) end();
  };
}

async function readSamples(s: Settings, side: Side, signal: AbortSignal): Promise<void> {
  const source = pictureSource.peek();
  if (source === null) return;
  const perClass = Math.max(1, Math.floor(SHOWN / s.kinds));
  try {
    const found = await source.thumbnails(
      {
        resolution: s.size,
        channels: channelsOf(s),
        classes: s.kinds,
        seed: s.dataLuck,
        perClass,
      },
      signal,
    );
    if (signal.aborted) return;
    const thumbs = shownKinds(s).flatMap(({ kind, index }) => {
      const thumb = found.filter((t) => t.label === kind)[index];
      return thumb === undefined ? [] : [{ ...thumb, kind, index }];
    });
    realSets[side].value = { thumbs, names: source.classes.map((c) => c.name) };
  } catch {
    if (!signal.aborted) realSets[side].value = { thumbs: [], names: [] };
  }
}

/** About how long a prepared experiment takes here; null until the machine has been measured. */
export function secondsOfPreset(id: PresetId): number | null {
  const { a, b } = presetOf(id);
  const first = factsFor(a, 'a').seconds;
  const second = factsFor({ ...a, ...b }, 'b').seconds;
  return first === null || second === null ? null : together(first, second);
}
