// Chart props for the tests: the default pair's curves, and a size chart.

import type { ChartPoint, ChartProps, ChartSeries } from '../../../web/charts/types';
import { formatPercent, pointsBetween } from '../../../web/text/format';

/** A curve that rises from `from` towards `to` over the rounds done. */
export function curve(rounds: number, from: number, to: number): ChartPoint[] {
  return Array.from({ length: rounds }, (_, i) => ({
    x: i + 1,
    y: Math.min(1, to - (to - from) * Math.exp(-i / 5)),
  }));
}

/** A ceiling and a simple rule, as the lab view has them. */
export const levels: readonly ChartSeries[] = (
  [
    ['ceiling', 0.983],
    ['rule', 0.91],
  ] as const
).map(([kind, y]) => ({
  id: kind,
  kind,
  label: kind,
  points: [
    { x: 0, y },
    { x: 30, y },
  ],
}));

/** Seen, new and guessing of a run of 30 rounds of which `rounds` are done. */
export function accuracyProps(
  rounds: number,
  seen: number,
  fresh: number,
  more: Partial<ChartProps> = {},
): ChartProps {
  return {
    title: 'Right answers of network B, round by round',
    description: 'Seen pictures rise to 100%, new pictures stay at 70%.',
    xLabel: 'round',
    yLabel: 'right answers (%)',
    yFormat: formatPercent,
    xFormat: (x) => `Round ${x}`,
    yDomain: [0, 1],
    xMax: 30,
    shadedBetween: ['train', 'validation'],
    shadedLabel: (a, b) => `gap ${pointsBetween(a, b)}`,
    band: { low: 0.166, high: 0.236, label: 'guessing band' },
    series: [
      { id: 'train', kind: 'train', label: 'seen', points: curve(rounds, 0.3, seen) },
      { id: 'validation', kind: 'validation', label: 'new', points: curve(rounds, 0.25, fresh) },
      {
        id: 'chance',
        kind: 'chance',
        label: 'guessing',
        points: [
          { x: 0, y: 0.2 },
          { x: 30, y: 0.2 },
        ],
      },
    ],
    ...more,
  };
}
