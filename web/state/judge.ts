// From the runs on the screen to what the verdict wants to know. The words are the verdict's own.
import { computed } from '@preact/signals';
import { verdict } from '../lesson/verdict';
import type { Arm, Difference, SeedOutcome, Verdict } from '../lesson/verdict-types';
import { isReal } from '../settings/limits';
import { settingText } from '../settings/show';
import { chanceOf, settingOfField } from '../settings/spec';
import { SETTINGS, type SettingName, type Settings } from '../settings/table';
import { moreLuck } from './luck';
import { current, finalEpoch, isOver, type PairRun, type RunView, viewsOf } from './runs';
import { differences } from './store';

/** How a run ended, for the verdict; null when the user stopped it. */
export function outcomeOf(view: RunView): SeedOutcome | null {
  const seed = view.settings.dataLuck;
  const last = finalEpoch(view);
  if (view.failure !== null) {
    return view.failure.code === 'CNN_ERROR_NOT_FINITE'
      ? {
          kind: 'stopped',
          seed,
          epoch: Math.max(1, view.failure.epoch),
          suspect: suspectOf(view.failure.field),
        }
      : null;
  }
  if (view.state !== 'finished' || last === undefined) return null;
  return { kind: 'finished', seed, train: last.train, test: last.test };
}

/** Label of the setting that made the numbers run away, unless it is the learning rate. */
function suspectOf(field: string | undefined): string | undefined {
  const name = field === undefined ? null : settingOfField(field);
  return name === null || name === 'learningRate' ? undefined : SETTINGS[name].label;
}

export function armOf(view: RunView, outcomes: SeedOutcome[]): Arm {
  const s = view.settings;
  return {
    resolution: s.size,
    classes: s.kinds,
    perClass: view.train / s.kinds,
    trainCount: view.train,
    head: s.ending,
    parameters: view.plan?.parameters ?? 0,
    epochs: s.epochs,
    batch: s.batch,
    learningRate: s.learningRate,
    chance: chanceOf(s),
    outcomes,
  };
}

const KINDS: Partial<Record<SettingName, Difference>> = {
  size: { kind: 'resolution' },
  kinds: { kind: 'classes' },
  perKind: { kind: 'perClass' },
  ending: { kind: 'head' },
  epochs: { kind: 'epochs' },
};

export function differencesForVerdict(a: Settings, b: Settings): Difference[] {
  return differences(a, b).map(
    ({ name, from, to }) =>
      KINDS[name] ?? {
        kind: 'other',
        name: `the setting “${SETTINGS[name].label}”`,
        labelA: settingText(name, from),
        labelB: settingText(name, to),
      },
  );
}

/** The verdict on a run and its repetitions; null until every side has an outcome to judge. */
export function judge(run: PairRun, more: readonly PairRun[]): Verdict | null {
  const all = [run, ...more].filter((r) => viewsOf(r).every((v) => outcomeOf(v) !== null));
  if (!all.includes(run)) return null;
  const outcomes = (side: 'a' | 'b') =>
    all.flatMap((r) => {
      const view = side === 'a' ? r.a.value : r.b?.value;
      const outcome = view === undefined ? null : outcomeOf(view);
      return outcome === null ? [] : [outcome];
    });
  const a = run.a.value;
  const b = run.b?.value;
  const s = a.settings;
  return verdict({
    a: armOf(a, outcomes('a')),
    b: b === undefined ? undefined : armOf(b, outcomes('b')),
    differences: b === undefined ? [] : differencesForVerdict(s, b.settings),
    guess: run.guess?.side ?? null,
    source:
      s.source === 'noise' || s.wrongLabels === 100 ? 'random' : isReal(s) ? 'pictures' : 'scene',
  });
}

export const currentVerdict = computed<Verdict | null>(() => {
  const run = current.value;
  if (run === null || !viewsOf(run).every(isOver)) return null;
  return judge(run, moreLuck.value.run === run ? moreLuck.value.more : []);
});
