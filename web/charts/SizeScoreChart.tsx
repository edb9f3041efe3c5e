// Picture size against score: one dot a seed with its Wilson interval, the means joined by a line.
// The chart of "12, 24, 48: 77, 98, 70", where the middle size wins.

import { wilsonInterval } from '../stats/proportion';
import { mean } from '../stats/student';
import { Chart } from './Chart';
import type { ChartProps, ChartSeries } from './types';

export interface SizeScore {
  /** Side of the picture in pixels. */
  size: number;
  /** Right answers on new pictures, one entry a seed. */
  scores: readonly { correct: number; count: number }[];
}

export interface SizeScoreProps
  extends Pick<
    ChartProps,
    'title' | 'description' | 'xLabel' | 'yLabel' | 'yFormat' | 'xFormat' | 'compact'
  > {
  sizes: readonly SizeScore[];
  /** Score of guessing and its word. */
  chance: number;
  chanceLabel: string;
  /** The word for the dots in the read-out: "new". */
  label: string;
}

export function SizeScoreChart(props: SizeScoreProps) {
  const { sizes, chance, chanceLabel, label, ...rest } = props;
  const filled = sizes.filter(({ scores }) => scores.length > 0).sort((a, b) => a.size - b.size);
  const ticks = filled.map(({ size }) => size);
  const low = (ticks[0] ?? 12) / 1.4;
  const high = (ticks.at(-1) ?? 48) * 1.4;
  const series: ChartSeries[] = [
    {
      id: 'mean',
      kind: 'validation',
      label: '',
      faint: true,
      points: filled.map(({ size, scores }) => ({
        x: size,
        y: mean(scores.map(({ correct, count }) => correct / count)),
      })),
    },
    {
      id: 'scores',
      kind: 'points',
      label,
      points: filled.flatMap(({ size, scores }) =>
        scores.map(({ correct, count }) => ({
          x: size,
          y: correct / count,
          ...wilsonInterval(correct, count),
        })),
      ),
    },
    {
      id: 'chance',
      kind: 'chance',
      label: chanceLabel,
      points: [
        { x: low, y: chance },
        { x: high, y: chance },
      ],
    },
  ];
  return (
    <Chart
      {...rest}
      series={series}
      xScale="log"
      xDomain={[low, high]}
      xTicks={ticks}
      yDomain={[0, 1]}
    />
  );
}
