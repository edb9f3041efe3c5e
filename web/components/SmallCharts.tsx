// The two small charts beside the verdict: score by picture size, and one dot for each luck.
import { Chart } from '../charts/Chart';
import { SizeScoreChart } from '../charts/SizeScoreChart';
import { chanceOf } from '../settings/spec';
import { moreLuck } from '../state/luck';
import { current } from '../state/runs';
import { lucks, sizeAloneDoesNotDecide, sizesTried } from '../state/sizes';
import { text } from '../text/en';
import { formatPercent, formatSize } from '../text/format';
import './small-charts.css';

export function SizesChart() {
  const run = current.value;
  if (run === null) return null;
  const t = text.sizes;
  return (
    <div class="small-chart">
      <SizeScoreChart
        compact
        title={t.title}
        description={t.about}
        xLabel={t.x}
        yLabel={t.y}
        yFormat={formatPercent}
        xFormat={formatSize}
        sizes={sizesTried.value}
        chance={chanceOf(run.a.value.settings)}
        chanceLabel={text.result.guessing}
        label={text.result.fresh}
      />
      {sizeAloneDoesNotDecide.value && <p class="small-chart-says">{t.decides}</p>}
    </div>
  );
}

/** A at 1, B at 2. */
const PLACES = [1, 2] as const;

export function LuckChart() {
  const run = current.value;
  if (run === null) return null;
  const t = text.luck;
  const { a, b } = lucks.value;
  const dots = (scores: typeof a, x: number) =>
    scores.map(({ correct, count }) => ({ x, y: correct / count }));
  const name = (x: number) => (x === PLACES[0] ? t.a : t.b);
  const chance = chanceOf(run.a.value.settings);
  return (
    <div class="small-chart">
      <Chart
        compact
        title={t.title}
        description={t.about}
        xLabel={t.x}
        yLabel={t.y}
        yFormat={formatPercent}
        xFormat={name}
        xTick={name}
        xTicks={PLACES}
        xDomain={[0.5, 2.5]}
        yDomain={[0, 1]}
        series={[
          {
            id: 'lucks',
            kind: 'points',
            label: text.result.fresh,
            points: [...dots(a, PLACES[0]), ...dots(b, PLACES[1])],
          },
          {
            id: 'chance',
            kind: 'chance',
            label: text.result.guessing,
            points: [
              { x: 0.5, y: chance },
              { x: 2.5, y: chance },
            ],
          },
        ]}
      />
    </div>
  );
}

/** The one that fits: luck once it was asked for, sizes once there are two. */
export function SmallChart() {
  const run = current.value;
  if (run !== null && moreLuck.value.run === run) return <LuckChart />;
  return sizesTried.value.length >= 2 ? <SizesChart /> : null;
}
