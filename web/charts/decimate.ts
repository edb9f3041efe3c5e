// Fewer points for the same picture: of all points that fall on one pixel column only the first,
// the lowest, the highest and the last are drawn, so no peak is lost and a line keeps its shape.

import type { ChartPoint } from './types';

/**
 * points sorted by x; column gives a point's pixel column. At most five points a column remain: the
 * four named and one that is not finite, which breaks the line. Short series come back as they are.
 */
export function decimate(
  points: readonly ChartPoint[],
  column: (x: number) => number,
  width: number,
): readonly ChartPoint[] {
  if (points.length <= 4 * width) return points;
  const kept: ChartPoint[] = [];
  let start = 0;
  let at = Number.NaN;
  points.forEach((point, i) => {
    const here = Math.floor(column(point.x));
    if (here === at) return;
    if (i > 0) keepColumn(kept, points, start, i);
    start = i;
    at = here;
  });
  keepColumn(kept, points, start, points.length);
  return kept;
}

/** Appends what points[start..end) needs, in its order. */
function keepColumn(
  kept: ChartPoint[],
  points: readonly ChartPoint[],
  start: number,
  end: number,
): void {
  let low = -1;
  let high = -1;
  let broken = -1;
  for (let i = start; i < end; i++) {
    const y = points[i]?.y ?? Number.NaN;
    if (!Number.isFinite(y)) broken = i;
    else {
      if (low < 0 || y < (points[low]?.y ?? y)) low = i;
      if (high < 0 || y > (points[high]?.y ?? y)) high = i;
    }
  }
  const wanted = [...new Set([start, low, high, broken, end - 1])].filter((i) => i >= 0);
  for (const i of wanted.sort((a, b) => a - b)) {
    const point = points[i];
    if (point) kept.push(point);
  }
}

/**
 * Indices of at most `limit` rows out of `count`: evenly spaced, with first, last and `always`
 * (the extremes) among them, in order.
 */
export function pickRows(count: number, limit: number, always: readonly number[]): number[] {
  if (count <= limit) return Array.from({ length: count }, (_, i) => i);
  const rows = new Set(always.filter((i) => i >= 0 && i < count));
  const even = Math.max(2, limit - rows.size);
  for (let i = 0; i < even; i++) rows.add(Math.round((i * (count - 1)) / (even - 1)));
  return [...rows].sort((a, b) => a - b);
}
