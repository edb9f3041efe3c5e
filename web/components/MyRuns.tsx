// The list of finished runs, newest first.

import { gapOf } from '../lesson/compare';
import { settingText, shortLabel } from '../settings/show';
import { defaultSettings } from '../settings/table';
import { armOf, outcomeOf } from '../state/judge';
import { finalEpoch, finished, type PairRun, type RunView, viewsOf } from '../state/runs';
import { change, differences } from '../state/store';
import { text } from '../text/en';
import {
  formatCount,
  formatPercent,
  formatPoints,
  formatSize,
  pointsBetween,
  wholePercent,
} from '../text/format';

/** What differs from the start settings, size first. */
function describe(view: RunView): string {
  const rest = differences(defaultSettings(), view.settings)
    .filter(({ name }) => name !== 'size')
    .map(({ name, to }) => `${shortLabel(name)} ${settingText(name, to)}`);
  return [formatSize(view.settings.size), ...rest].join(', ');
}

function gapWords(view: RunView): string {
  const last = finalEpoch(view);
  const outcome = outcomeOf(view);
  if (last === undefined) return '–';
  const gap = pointsBetween(
    last.train.correct / last.train.count,
    last.test.correct / last.test.count,
  );
  if (outcome?.kind !== 'finished') return formatPoints(gap);
  const { low, high } = gapOf(armOf(view, [outcome]));
  return text.runs.gapWords(formatPoints(gap), wholePercent(low), wholePercent(high));
}

function Row({ run, view }: { run: PairRun; view: RunView }) {
  const last = finalEpoch(view);
  const t = text.runs;
  return (
    <tr>
      <th scope="row">{t.name(run.id, text.row[view.side])}</th>
      <td class="runs-what">{describe(view)}</td>
      <td>{view.plan === null ? '–' : formatCount(view.plan.parameters)}</td>
      <td>{last === undefined ? '–' : formatPercent(last.train.correct / last.train.count)}</td>
      <td>{last === undefined ? '–' : formatPercent(last.test.correct / last.test.count)}</td>
      <td>{view.failure === null ? gapWords(view) : t.stoppedAt(view.failure.epoch)}</td>
      <td>
        {view.result === null
          ? '–'
          : (view.result.dataSeconds + view.result.trainSeconds).toFixed(1)}
      </td>
      <td class="runs-code">{view.result?.fingerprint ?? '–'}</td>
      <td>
        {view.side === 'a' && (
          <button type="button" class="quiet" onClick={() => change(run.chosen, 'load', t.load)}>
            {t.load}
          </button>
        )}
      </td>
    </tr>
  );
}

export function MyRuns() {
  const t = text.runs;
  if (finished.value.length === 0) return <p class="note">{t.empty}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
    <section class="runs-scroll" tabIndex={0} aria-label={t.title}>
      <table class="runs">
        <thead>
          <tr>
            <th scope="col">{t.run}</th>
            <th scope="col">{t.what}</th>
            <th scope="col">{t.weights}</th>
            <th scope="col">{t.seen}</th>
            <th scope="col">{t.fresh}</th>
            <th scope="col">{t.gap}</th>
            <th scope="col">{t.seconds}</th>
            <th scope="col">{t.code}</th>
            <th scope="col">{t.again}</th>
          </tr>
        </thead>
        <tbody>
          {finished.value.flatMap((run) =>
            viewsOf(run).map((view) => <Row key={`${run.id}.${view.side}`} {...{ run, view }} />),
          )}
        </tbody>
      </table>
    </section>
  );
}
