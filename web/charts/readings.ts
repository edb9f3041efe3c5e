// What the chart says at one x: the same words for the keyboard's read-out and the table.

import { bisector } from 'd3-array';
import { chartText as t } from '../text/en-chart';
import type { ChartPoint, ChartProps, ChartSeries } from './types';

const byX = bisector<ChartPoint, number>((point) => point.x);

/** Series that words are made of. */
export function spoken(series: readonly ChartSeries[]): ChartSeries[] {
  return series.filter((one) => !one.faint);
}

/** Guessing, ceiling and simple rule are levels, not measurements: they have a value at every x. */
function isLevel(series: ChartSeries): boolean {
  return series.kind === 'chance' || series.kind === 'ceiling' || series.kind === 'rule';
}

/** Every x that a measured series has a point at, ascending, each once. */
export function positions(series: readonly ChartSeries[]): number[] {
  const measured = spoken(series).filter((one) => !isLevel(one));
  let merged: number[] = [];
  for (const one of measured) merged = merge(merged, one.points);
  return merged;
}

/** Two ascending lists into one without repeats, in linear time: lines may have 100,000 points. */
function merge(xs: readonly number[], points: readonly ChartPoint[]): number[] {
  const out: number[] = [];
  let i = 0;
  let j = 0;
  while (i < xs.length || j < points.length) {
    const x = xs[i] ?? Number.POSITIVE_INFINITY;
    const y = points[j]?.x ?? Number.POSITIVE_INFINITY;
    const next = Math.min(x, y);
    if (x <= next) i += 1;
    if (y <= next) j += 1;
    if (out.at(-1) !== next) out.push(next);
  }
  return out;
}

/** All points of a series at exactly x; of a level the point that holds there. */
export function pointsAt(series: ChartSeries, x: number): ChartPoint[] {
  const { points } = series;
  if (isLevel(series)) {
    const level = points[Math.max(0, byX.right(points, x) - 1)];
    return level ? [level] : [];
  }
  return points.slice(byX.left(points, x), byX.right(points, x));
}

/** "98%", "97%, 96%", "98% (likely 96% to 99%)"; a dash where nothing was measured. */
export function cellText(props: ChartProps, series: ChartSeries, x: number): string {
  const points = pointsAt(series, x);
  const texts = points.map((point) => {
    const value = props.yFormat(point.y);
    if (points.length > 1 || point.low === undefined || point.high === undefined) return value;
    return t.interval(value, props.yFormat(point.low), props.yFormat(point.high));
  });
  return texts.length > 0 ? texts.join(', ') : t.noValue;
}

/** The shaded difference at x in words, or null. */
export function shadedText(props: ChartProps, x: number): string | null {
  const [upper, lower] = shadedPair(props) ?? [];
  if (!upper || !lower || !props.shadedLabel) return null;
  const high = pointsAt(upper, x)[0]?.y;
  const low = pointsAt(lower, x)[0]?.y;
  if (high === undefined || low === undefined) return null;
  return Number.isFinite(high) && Number.isFinite(low) ? props.shadedLabel(high, low) : null;
}

/** The two series of shadedBetween, if both are there. */
export function shadedPair(props: ChartProps): [ChartSeries, ChartSeries] | null {
  const [first, second] = props.shadedBetween ?? [];
  const upper = props.series.find((series) => series.id === first);
  const lower = props.series.find((series) => series.id === second);
  return upper && lower ? [upper, lower] : null;
}

export function xText(props: ChartProps, x: number): string {
  return props.xFormat ? props.xFormat(x) : t.value(props.xLabel, String(x));
}

/** The whole sentence for one x: "Round 12: seen 100%, new 70%, gap 30, guessing 20%". */
export function readOut(props: ChartProps, x: number): string {
  const measured: string[] = [];
  const levels: string[] = [];
  for (const series of spoken(props.series)) {
    const value = t.value(series.label, cellText(props, series, x));
    (isLevel(series) ? levels : measured).push(value);
  }
  const gap = shadedText(props, x);
  return t.readOut(xText(props, x), [...measured, ...(gap === null ? [] : [gap]), ...levels]);
}
