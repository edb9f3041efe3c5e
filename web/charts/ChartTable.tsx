// The chart's numbers as a table. Long runs show a choice of rows, extremes included, and say so.

import { chartText as t } from '../text/en-chart';
import { formatCount } from '../text/format';
import { pickRows } from './decimate';
import { cellText, shadedText, spoken, xText } from './readings';
import type { ChartProps, ChartSeries } from './types';

const MOST_ROWS = 200;

export function ChartTable({ props, xs }: { props: ChartProps; xs: readonly number[] }) {
  const series = spoken(props.series);
  const rows = pickRows(xs.length, MOST_ROWS, xs.length > MOST_ROWS ? extremes(series, xs) : []);
  const gap = props.shadedBetween && props.shadedLabel;
  return (
    // Focusable, so that a keyboard can scroll it.
    <section class="chart-scroll" tabindex={0} aria-label={props.title}>
      <table>
        <caption>
          {props.title}
          {rows.length < xs.length &&
            `. ${t.someRows(formatCount(rows.length), formatCount(xs.length))}`}
        </caption>
        <thead>
          <tr>
            <th scope="col">{props.xLabel}</th>
            {series.map((one) => (
              <th key={one.id} scope="col">
                {one.label || props.yLabel}
              </th>
            ))}
            {gap && <th scope="col">{t.gap}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const x = xs[row] ?? 0;
            return (
              <tr key={x}>
                <th scope="row">{xText(props, x)}</th>
                {series.map((one) => (
                  <td key={one.id}>{cellText(props, one, x)}</td>
                ))}
                {gap && <td>{shadedText(props, x) ?? t.noValue}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** Row of the lowest and of the highest value of every series. */
function extremes(series: readonly ChartSeries[], xs: readonly number[]): number[] {
  const rowOf = new Map(xs.map((x, i) => [x, i]));
  const rows: number[] = [];
  for (const { points } of series) {
    let low = points[0];
    let high = points[0];
    for (const point of points) {
      if (low && point.y < low.y) low = point;
      if (high && point.y > high.y) high = point;
    }
    for (const point of [low, high]) {
      const row = point && rowOf.get(point.x);
      if (row !== undefined) rows.push(row);
    }
  }
  return rows;
}
