// "Was it luck?": the same pair again with other pictures, other first weights and another order,
// all three at once. Runs beside the screen, one repetition after the other.
import { signal } from '@preact/signals';
import { type PairRun, runHidden, viewsOf } from './runs';

export const MORE = 4;
/** Between the seeds of two repetitions; far apart, so that New luck does not meet them. */
const STRIDE = 1000;

interface MoreLuck {
  /** The run that is repeated. */
  run: PairRun | null;
  more: readonly PairRun[];
  wanted: number;
  /** Share of the present repetition done, 0..1. */
  running: boolean;
}

const NONE: MoreLuck = { run: null, more: [], wanted: 0, running: false };
export const moreLuck = signal<MoreLuck>(NONE);
let stop: AbortController | null = null;

export async function runMoreLuck(run: PairRun, count = MORE): Promise<void> {
  stopMoreLuck();
  const own = new AbortController();
  stop = own;
  const before = moreLuck.value.run === run ? moreLuck.value.more : [];
  moreLuck.value = { run, more: before, wanted: before.length + count, running: true };
  for (let i = 0; i < count && !own.signal.aborted; i++) {
    const shift = (before.length + i + 1) * STRIDE;
    const [a, b] = viewsOf(run).map((view) => ({
      ...view.settings,
      dataLuck: view.settings.dataLuck + shift,
      networkLuck: view.settings.networkLuck + shift,
    }));
    if (a === undefined) break;
    const again = await runHidden(a, b ?? null, own.signal);
    if (own.signal.aborted) break;
    moreLuck.value = { ...moreLuck.value, more: [...moreLuck.value.more, again] };
  }
  if (stop === own) moreLuck.value = { ...moreLuck.value, running: false };
}

export function stopMoreLuck(): void {
  stop?.abort();
  stop = null;
  if (moreLuck.value.running) moreLuck.value = { ...moreLuck.value, running: false };
}

export function forgetLuck(): void {
  stopMoreLuck();
  moreLuck.value = NONE;
}
