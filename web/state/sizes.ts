// What was found for each picture size with everything else alike, and for each luck: the material
// of the two small charts beside the verdict.
import { computed } from '@preact/signals';
import type { Score } from '../../wasm_glue/protocol';
import { RUN_SETTING_NAMES, type Settings } from '../settings/table';
import { moreLuck } from './luck';
import { current, finalEpoch, finished, type PairRun, type RunView, viewsOf } from './runs';

/** Equal for runs that may differ in picture size and luck only. */
function sizelessKey(s: Settings): string {
  return RUN_SETTING_NAMES.filter(
    (name) => name !== 'size' && name !== 'dataLuck' && name !== 'networkLuck',
  )
    .map((name) => String(s[name]))
    .join();
}

function scoreOf(view: RunView): Score | null {
  return view.state === 'finished' ? (finalEpoch(view)?.test ?? null) : null;
}

export interface SizeScores {
  size: number;
  scores: Score[];
}

/** Runs like the one on the screen, by picture size; one entry for each luck. */
export const sizesTried = computed<SizeScores[]>(() => {
  const run = current.value;
  if (run === null) return [];
  const key = sizelessKey(run.a.value.settings);
  const bySize = new Map<number, Map<string, Score>>();
  for (const view of finished.value.flatMap(viewsOf)) {
    const { settings: s } = view;
    const score = scoreOf(view);
    if (score === null || sizelessKey(s) !== key) continue;
    const lucks = bySize.get(s.size) ?? new Map<string, Score>();
    lucks.set(`${s.dataLuck}/${s.networkLuck}`, score);
    bySize.set(s.size, lucks);
  }
  return [...bySize]
    .map(([size, lucks]) => ({ size, scores: [...lucks.values()] }))
    .sort((x, y) => x.size - y.size);
});

function mean(scores: readonly Score[]): number {
  return scores.reduce((sum, s) => sum + s.correct / s.count, 0) / scores.length;
}

/** Three sizes or more, and the score neither only rises nor only falls with size. */
export const sizeAloneDoesNotDecide = computed(() => {
  const means = sizesTried.value.map(({ scores }) => mean(scores));
  const steps = means.slice(1).map((m, i) => Math.sign(m - (means[i] ?? m)));
  return steps.includes(1) && steps.includes(-1);
});

/** Scores on new pictures of each repetition, the run on the screen first. */
export const lucks = computed<{ a: Score[]; b: Score[] }>(() => {
  const run = current.value;
  const none = { a: [], b: [] };
  if (run === null || moreLuck.value.run !== run) return none;
  const all: PairRun[] = [run, ...moreLuck.value.more];
  const pick = (of: (r: PairRun) => RunView | undefined) =>
    all.flatMap((r) => {
      const view = of(r);
      const score = view === undefined ? null : scoreOf(view);
      return score === null ? [] : [score];
    });
  return { a: pick((r) => r.a.value), b: pick((r) => r.b?.value) };
});
