// Where things go, from the box in pixels and the font size: everything scales with the font, so
// that a projector needs one number changed. Pure; before the first measurement a fallback is used.

import { nice } from 'd3-array';
import { createScale, type Scale } from './scale';
import type { ChartPoint, ChartProps, ChartSeries } from './types';

export interface Box {
  width: number;
  height: number;
  /** Font size in pixels. */
  em: number;
}

/** Used while prerendering and for the first frame; the drawing is scaled into its place. */
export function fallbackBox(compact: boolean): Box {
  return compact ? { width: 250, height: 150, em: 12 } : { width: 600, height: 300, em: 14 };
}

export interface Layout {
  box: Box;
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: (value: number) => number;
  y: (value: number) => number;
  /** The x value at a pixel. */
  xValue: (pixel: number) => number;
  xTicks: readonly { at: number; text: string }[];
  yTicks: readonly { at: number; text: string }[];
  xLabel: { x: number; y: number; anchor: 'middle' | 'end' };
}

/** Mean advance of a letter or digit in a wide bold sans-serif (DejaVu Sans), in em; and of "%". */
const LETTER = 0.64;
const PERCENT = 0.96;
/** Space from a line's end to its label, in em. */
export const LABEL_SPACE = 0.9;

export function textWidth(text: string, em: number): number {
  const signs = text.split('%').length - 1;
  return ((text.length - signs) * LETTER + signs * PERCENT) * em;
}

export function layoutChart(props: ChartProps, box: Box): Layout {
  const { em, width, height } = box;
  const ySpan = yDomain(props);
  const yText = props.yTick ?? props.yFormat;
  const top = 1.7 * em;
  const labels = props.series.filter((series) => !series.faint && series.label !== '');
  const widestEnd = Math.max(0, ...labels.map((series) => endLabelWidth(series, em)));
  const right = width - Math.max(0.8 * em, widestEnd);
  // In a small chart the x label shares the row of the ticks if it fits beside them.
  const beside = props.compact === true && textWidth(props.xLabel, em) < width - right - 0.5 * em;
  const bottom = height - (beside ? 1.6 : 2.9) * em;
  const yScale = createScale('linear', ySpan, [bottom, top]);
  const yTicks = yScale
    .ticks(Math.max(2, Math.min(6, Math.floor((bottom - top) / (2.4 * em)))))
    .map((value) => ({ at: yScale(value), text: yText(value) }));
  const left = Math.max(...yTicks.map((tick) => textWidth(tick.text, em)), em) + 0.7 * em;
  const xScale = createScale(props.xScale ?? 'linear', xDomain(props), [left, right]);
  return {
    box,
    left,
    right,
    top,
    bottom,
    x: (value) => xScale(value),
    y: (value) => yScale(value),
    xValue: (pixel) => xScale.invert(pixel),
    xTicks: xTicksFor(props, xScale, (right - left) / (3.2 * em), em),
    yTicks,
    xLabel: beside
      ? { x: width - 2, y: bottom + 1.3 * em, anchor: 'end' }
      : { x: (left + right) / 2, y: height - 0.4 * em, anchor: 'middle' },
  };
}

function endLabelWidth(series: ChartSeries, em: number): number {
  if (series.kind === 'points') return 0.8 * em;
  return textWidth(series.label, em) + (LABEL_SPACE + 0.2) * em;
}

function xTicksFor(props: ChartProps, scale: Scale, room: number, em: number): Layout['xTicks'] {
  const text = props.xTick ?? String;
  const values = props.xTicks ?? scale.ticks(Math.max(1, Math.min(8, Math.floor(room))));
  const ticks: { at: number; text: string }[] = [];
  for (const value of values) {
    // Rounds are counted: a tick at 0.5 would name none.
    if (!props.xTicks && props.xScale !== 'log' && !Number.isInteger(value)) continue;
    const tick = { at: scale(value), text: text(value) };
    const last = ticks.at(-1);
    const needed = last ? (textWidth(last.text, em) + textWidth(tick.text, em)) / 2 + 0.4 * em : 0;
    if (!last || tick.at - last.at >= needed) ticks.push(tick);
  }
  return ticks;
}

function xDomain(props: ChartProps): [number, number] {
  if (props.xDomain) return [props.xDomain[0], props.xDomain[1]];
  const log = props.xScale === 'log';
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { points } of props.series) {
    const first = points[0];
    const last = points.at(-1);
    if (!first || !last) continue;
    low = Math.min(low, first.x);
    high = Math.max(high, last.x);
  }
  if (!(low <= high)) return log ? [1, 10] : [0, props.xMax ?? 1];
  if (log) return [low / 1.3, high * 1.3];
  return [Math.min(0, low), Math.max(props.xMax ?? high, high, low + 1e-9)];
}

function yDomain(props: ChartProps): [number, number] {
  if (props.yDomain) return [props.yDomain[0], props.yDomain[1]];
  let low = 0;
  let high = 0;
  for (const { points } of props.series) {
    for (const { y } of points) {
      if (!Number.isFinite(y)) continue;
      if (y < low) low = y;
      if (y > high) high = y;
    }
  }
  return nice(low, high > low ? high : low + 1, 4);
}

export interface EndLabel {
  series: ChartSeries;
  /** The line's last finite point. */
  end: ChartPoint;
}

/** The lines that get a word at their end. */
export function lineEnds(series: readonly ChartSeries[]): EndLabel[] {
  const ends: EndLabel[] = [];
  for (const one of series) {
    if (one.faint || one.kind === 'points' || one.label === '') continue;
    const end = one.points.findLast((point) => Number.isFinite(point.y));
    if (end) ends.push({ series: one, end });
  }
  return ends;
}
