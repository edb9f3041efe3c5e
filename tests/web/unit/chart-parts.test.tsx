// The chart's arithmetic, without a browser: thinning, end labels, scales, readings, prerendering.

import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { Chart } from '../../../web/charts/Chart';
import { decimate, pickRows } from '../../../web/charts/decimate';
import { placeLabels } from '../../../web/charts/end-labels';
import { layoutChart, lineEnds } from '../../../web/charts/layout';
import { positions, readOut } from '../../../web/charts/readings';
import type { ChartPoint, ChartProps } from '../../../web/charts/types';
import { accuracyProps } from '../browser/chart-data';

function numbered(ys: readonly number[]): ChartPoint[] {
  return ys.map((y, i) => ({ x: i + 1, y }));
}

describe('decimate', () => {
  const many = numbered(Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 900)));
  const column = (x: number) => (x / 100_000) * 200;

  it('leaves short series alone', () => {
    const short = numbered([1, 2, 3]);
    expect(decimate(short, column, 200)).toBe(short);
  });

  it('keeps first, last and every peak, in order', () => {
    const spiked = many.map((point) =>
      point.x === 33_333 ? { ...point, y: 9 } : point.x === 77_777 ? { ...point, y: -9 } : point,
    );
    const kept = decimate(spiked, column, 200);
    expect(kept.length).toBeLessThanOrEqual(5 * 202);
    expect(kept.length).toBeGreaterThan(200);
    expect(kept[0]).toBe(spiked[0]);
    expect(kept.at(-1)).toBe(spiked.at(-1));
    expect(kept).toContain(spiked[33_332]);
    expect(kept).toContain(spiked[77_776]);
    expect(kept.every((point, i) => i === 0 || point.x > (kept[i - 1]?.x ?? 0))).toBe(true);
  });

  it('keeps a break in the line', () => {
    const broken = many.map((point) => (point.x === 50_000 ? { ...point, y: Number.NaN } : point));
    expect(decimate(broken, column, 200).some((point) => Number.isNaN(point.y))).toBe(true);
  });
});

describe('pickRows', () => {
  it('takes all of few rows and at most the limit of many, with the rows asked for', () => {
    expect(pickRows(3, 200, [])).toEqual([0, 1, 2]);
    const rows = pickRows(100_000, 200, [33_332, 77_776]);
    expect(rows.length).toBeLessThanOrEqual(200);
    expect(rows.length).toBeGreaterThan(190);
    for (const row of [0, 33_332, 77_776, 99_999]) expect(rows).toContain(row);
    expect([...rows].sort((a, b) => a - b)).toEqual(rows);
  });
});

describe('placeLabels', () => {
  it('leaves labels that do not touch', () => {
    expect(placeLabels([10, 50, 90], 14, 0, 100)).toEqual([10, 50, 90]);
  });

  it('moves a pair apart by the same amount each way, in the order of the lines', () => {
    expect(placeLabels([50, 52], 14, 0, 100)).toEqual([44, 58]);
    expect(placeLabels([52, 50], 14, 0, 100)).toEqual([58, 44]);
  });

  it('keeps distance and bounds for every three lines', () => {
    for (let a = 0; a <= 100; a += 5) {
      for (let b = 0; b <= 100; b += 5) {
        for (let c = 0; c <= 100; c += 20) {
          const placed = placeLabels([a, b, c], 14, 0, 100).sort((x, y) => x - y);
          const [top = -1, middle = -1, bottom = -1] = placed;
          expect(top).toBeGreaterThanOrEqual(0);
          expect(bottom).toBeLessThanOrEqual(100);
          expect(middle - top).toBeGreaterThanOrEqual(14 - 1e-9);
          expect(bottom - middle).toBeGreaterThanOrEqual(14 - 1e-9);
        }
      }
    }
  });

  it('shares the room where there is too little', () => {
    expect(placeLabels([5, 5, 5], 14, 0, 20)).toEqual([0, 10, 20]);
    expect(placeLabels([], 14, 0, 20)).toEqual([]);
  });
});

describe('layout', () => {
  const small = { width: 250, height: 150, em: 12 };

  it('runs the axis over the planned rounds from the first message on', () => {
    const early = layoutChart(accuracyProps(2, 1, 0.7, { compact: true }), small);
    const late = layoutChart(accuracyProps(30, 1, 0.7, { compact: true }), small);
    expect(early.xTicks).toEqual(late.xTicks);
    expect(early.xTicks.map((tick) => tick.text)).toEqual(['0', '10', '20', '30']);
    expect(early.yTicks.map((tick) => tick.text)).toEqual(['0%', '50%', '100%']);
  });

  it('leaves most of a small chart to the plot', () => {
    const layout = layoutChart(accuracyProps(30, 1, 0.7, { compact: true }), small);
    expect(layout.right - layout.left).toBeGreaterThan(120);
    expect(layout.bottom - layout.top).toBeGreaterThan(100);
  });

  it('finds round ends for an axis without a given range', () => {
    const { yDomain: _, ...props } = accuracyProps(3, 1, 0.7);
    const loss: ChartProps = {
      ...props,
      series: [{ id: 'loss', kind: 'train', label: 'seen', points: numbered([1.61, 0.4, 0.03]) }],
    };
    const layout = layoutChart(loss, { width: 600, height: 300, em: 14 });
    expect(layout.y(0)).toBeCloseTo(layout.bottom, 9);
    expect(layout.y(2)).toBeCloseTo(layout.top, 9);
    const flat = {
      ...loss,
      series: [{ ...loss.series[0], points: numbered([0, 0]) }],
    } as ChartProps;
    expect(Number.isFinite(layoutChart(flat, small).y(0))).toBe(true);
  });

  it('never puts a tick between two rounds, and survives one round and none', () => {
    for (const rounds of [0, 1, 2, 3]) {
      const layout = layoutChart(accuracyProps(rounds, 1, 0.7, { xMax: Math.max(1, rounds) }), {
        width: 600,
        height: 300,
        em: 14,
      });
      expect(layout.xTicks.every((tick) => /^\d+$/.test(tick.text))).toBe(true);
      expect(Number.isFinite(layout.x(rounds))).toBe(true);
    }
  });

  it('ends a line at its last finite value', () => {
    const props = accuracyProps(3, 1, 0.7);
    const [first] = props.series;
    if (!first) throw new Error('no series');
    const points = [...first.points.slice(0, 2), { x: 3, y: Number.NaN }];
    expect(lineEnds([{ ...first, points }])[0]?.end.x).toBe(2);
    expect(lineEnds([{ ...first, points: [] }])).toEqual([]);
  });
});

describe('readings', () => {
  it('says round, seen, new, gap and guessing', () => {
    expect(readOut(accuracyProps(30, 1, 0.7), 30)).toBe(
      'Round 30: seen 100%, new 70%, gap 30, guessing 20%',
    );
  });

  it('merges the positions of all measured lines, levels and faint lines left out', () => {
    const props = accuracyProps(3, 1, 0.7);
    const [train, validation, chance] = props.series;
    if (!train || !validation || !chance) throw new Error('no series');
    const late = {
      ...validation,
      points: [
        { x: 2, y: 0.5 },
        { x: 7, y: 0.6 },
      ],
    };
    const faint = { ...train, id: 'other', faint: true, points: [{ x: 99, y: 0.5 }] };
    expect(positions([train, late, chance, faint])).toEqual([1, 2, 3, 7]);
    const text = readOut({ ...props, series: [train, late, chance] }, 7);
    expect(text).toBe('Round 7: seen –, new 60%, guessing 20%');
  });

  it('gives a single dot its interval and several dots in a row', () => {
    const dot = (x: number, y: number) => ({ x, y, low: y - 0.03, high: y + 0.03 });
    const props: ChartProps = {
      ...accuracyProps(0, 1, 1),
      xFormat: (x) => `${x} × ${x}`,
      series: [
        {
          id: 's',
          kind: 'points',
          label: 'new',
          points: [dot(12, 0.77), dot(24, 0.97), dot(24, 0.9)],
        },
      ],
    };
    expect(readOut(props, 12)).toBe('12 × 12: new 77% (likely 74% to 80%)');
    expect(readOut(props, 24)).toBe('24 × 24: new 97%, 90%');
  });
});

describe('prerendering', () => {
  it('draws without a browser, at the size of its place', () => {
    const html = renderToString(<Chart {...accuracyProps(30, 1, 0.7, { compact: true })} />);
    expect(html).toContain('viewBox="0 0 250 150"');
    expect(html).toContain('tabindex="0"');
    expect(html).not.toContain('NaN');
    const empty = renderToString(<Chart {...accuracyProps(0, 1, 0.7)} />);
    expect(empty).toContain('role="img"');
    expect(empty).not.toContain('NaN');
  });
});
