// The curves of one run as the chart wants them: seen and new pictures in percent, guessing, the
// ceiling of hidden patterns, and in the lab view the simple rule. The axis stands from the start.
import { Chart } from '../charts/Chart';
import type { ChartSeries } from '../charts/types';
import { chanceOf } from '../settings/spec';
import type { Settings } from '../settings/table';
import { ceilingOf } from '../state/ceiling';
import { finalEpoch, type RunView } from '../state/runs';
import type { Side } from '../state/store';
import { text } from '../text/en';
import { formatDecimal, formatPercent, pointsBetween } from '../text/format';

interface Props {
  side: Side;
  settings: Settings;
  view: RunView | null;
}

const TICKS_PERCENT: readonly [number, number] = [0, 1];
const percent = (share: number) => formatPercent(share);

function curve(view: RunView | null, of: 'train' | 'test'): { x: number; y: number }[] {
  return (view?.epochs ?? []).map((e) => ({ x: e.epoch, y: e[of].correct / e[of].count }));
}

function lines({ settings, view }: Props): ChartSeries[] {
  const last = settings.epochs;
  const across = (y: number) => [
    { x: 0, y },
    { x: last, y },
  ];
  const t = text.result;
  const series: ChartSeries[] = [
    { id: 'train', kind: 'train', label: t.seen, points: curve(view, 'train') },
    { id: 'validation', kind: 'validation', label: t.fresh, points: curve(view, 'test') },
    { id: 'chance', kind: 'chance', label: t.guessing, points: across(chanceOf(settings)) },
  ];
  const ceiling = ceilingOf(settings);
  if (ceiling !== null && ceiling.strength !== null) {
    series.push({
      id: 'ceiling',
      kind: 'ceiling',
      label: t.ceiling,
      points: across(ceiling.best),
    });
  }
  const rule = view?.result?.nearestMean;
  if (settings.lab && rule) {
    series.push({
      id: 'rule',
      kind: 'rule',
      label: t.simpleRule,
      points: across(rule.correct / rule.count),
    });
  }
  return series;
}

export function RunChart(props: Props) {
  const { side, settings, view } = props;
  const last = view === null ? undefined : finalEpoch(view);
  const t = text.result;
  return (
    <Chart
      compact
      title={t.chartTitle(text.row[side])}
      description={
        last === undefined
          ? t.chartAboutEmpty
          : t.chartAbout(
              percent(last.train.correct / last.train.count),
              percent(last.test.correct / last.test.count),
            )
      }
      xLabel={t.xRounds}
      yLabel={t.yAccuracy}
      yFormat={percent}
      xFormat={t.round}
      yDomain={TICKS_PERCENT}
      xMax={settings.epochs}
      series={lines(props)}
      shadedBetween={['train', 'validation']}
      shadedLabel={(upper, lower) => t.gapShort(pointsBetween(upper, lower))}
    />
  );
}

export function LossChart({ side, settings, view }: Props) {
  const t = text.result;
  const points = (of: 'train' | 'test') =>
    (view?.epochs ?? []).map((e) => ({ x: e.epoch, y: e[of].loss }));
  const series: ChartSeries[] = [
    { id: 'train', kind: 'train', label: t.seen, points: points('train') },
    { id: 'validation', kind: 'validation', label: t.fresh, points: points('test') },
    {
      id: 'chance',
      kind: 'chance',
      label: t.guessing,
      points: [
        { x: 0, y: Math.log(settings.kinds) },
        { x: settings.epochs, y: Math.log(settings.kinds) },
      ],
    },
  ];
  return (
    <Chart
      title={t.lossTitle(text.row[side])}
      description={t.lossAbout}
      xLabel={t.xRounds}
      yLabel={t.yLoss}
      yFormat={formatDecimal}
      xFormat={t.round}
      xMax={settings.epochs}
      series={series}
    />
  );
}
