// Column 3: what came out of one run. The chart, the score on new pictures in big, and the gap.
import { current, finalEpoch, type RunView, stale } from '../state/runs';
import { type Side, settingsOf } from '../state/store';
import { text } from '../text/en';
import { formatCount, formatPercent, formatPoints, pointsBetween } from '../text/format';
import { RunChart } from './RunChart';
import './result.css';

function stateWords(view: RunView): string {
  const t = text.result;
  const epoch = view.epochs.length;
  switch (view.state) {
    case 'waiting':
      return t.waiting;
    case 'drawing':
      return t.drawing;
    case 'paused':
      return `${t.paused} · ${t.roundOf(epoch, view.settings.epochs)}`;
    case 'training':
      return t.roundOf(epoch, view.settings.epochs);
    case 'stopped':
    case 'failed':
      return t.stopped(epoch);
    case 'finished':
      return view.result?.bestEpoch === undefined ? '' : t.bestRound(view.result.bestEpoch, epoch);
    default:
      return view.state satisfies never;
  }
}

function Numbers({ view }: { view: RunView | null }) {
  const t = text.result;
  if (view === null) return <p class="numbers-empty">{t.empty}</p>;
  const last = finalEpoch(view);
  if (last === undefined) return <p class="numbers-empty">{stateWords(view)}</p>;
  const seen = last.train.correct / last.train.count;
  const fresh = last.test.correct / last.test.count;
  const state = stateWords(view);
  return (
    <>
      <p class="number">{formatPercent(fresh)}</p>
      <p class="number-of">{t.ofNew(last.test.count)}</p>
      <p class="number-gap">
        <span class="number-seen">
          {t.seenShort(formatPercent(seen))}, <br />
        </span>
        {t.gapWords(formatPoints(pointsBetween(seen, fresh)))}
      </p>
      {state !== '' && <p class="number-state">{state}</p>}
    </>
  );
}

export function Result({ side }: { side: Side }) {
  const run = current.value;
  const view = (side === 'a' ? run?.a.value : run?.b?.value) ?? null;
  const settings = view?.settings ?? settingsOf(side);
  const failure = view?.failure ?? null;
  const t = text.result;
  return (
    <section
      class={`result result-${side} ${stale.value ? 'stale' : ''}`}
      aria-label={t.label(text.row[side], formatCount(settings.size))}
    >
      <div class="result-chart">
        <RunChart side={side} settings={{ ...settings, lab: settingsOf('a').lab }} view={view} />
      </div>
      <div class="numbers">
        <span class="letter phone-only">{text.row[side]}</span>
        <Numbers view={view} />
        {stale.value && view !== null && <p class="number-state">{text.run.staleShort}</p>}
      </div>
      {failure !== null && (
        <p class="note result-note" role="alert">
          {t.failed(failure.message)} {view !== null && view.epochs.length > 0 ? t.kept : ''}
        </p>
      )}
      {view?.note && <p class="note result-note">{view.note}</p>}
    </section>
  );
}
