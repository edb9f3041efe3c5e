// Dots on lines and dots without lines. The shape carries the meaning: circle = seen pictures,
// square = new pictures.

import { decimate } from './decimate';
import type { Layout } from './layout';
import type { ChartPoint, ChartProps, ChartSeries, SeriesKind } from './types';

/** Pixels between markers on a line, in em: every round where there is room, else fewer. */
const SPACING = 2;
const SIZE = 0.26;

export function ChartMarkers({ props, layout }: { props: ChartProps; layout: Layout }) {
  return (
    <g>
      {props.series.map((series) => {
        if (series.faint) return null;
        switch (series.kind) {
          case 'train':
          case 'validation':
            return <LineMarkers key={series.id} series={series} layout={layout} />;
          case 'points':
            return <Dots key={series.id} series={series} layout={layout} />;
          case 'chance':
          case 'ceiling':
          case 'rule':
            return null;
          default:
            return series.kind satisfies never;
        }
      })}
    </g>
  );
}

export function Marker(marker: { kind: SeriesKind; x: number; y: number; size: number }) {
  const { kind, x, y, size } = marker;
  const shape = `chart-marker chart-${kind}`;
  if (kind !== 'validation' && kind !== 'points') {
    return <circle class={shape} cx={x} cy={y} r={size} />;
  }
  // Same area as the circle.
  const side = size * Math.sqrt(Math.PI);
  return <rect class={shape} x={x - side / 2} y={y - side / 2} width={side} height={side} />;
}

function LineMarkers({ series, layout }: { series: ChartSeries; layout: Layout }) {
  const space = SPACING * layout.box.em;
  const chosen: ChartPoint[] = [];
  const last = series.points.findLast((point) => Number.isFinite(point.y));
  let previous = Number.NEGATIVE_INFINITY;
  const width = Math.max(1, layout.right - layout.left);
  for (const point of decimate(series.points, layout.x, width)) {
    const x = layout.x(point.x);
    if (!Number.isFinite(point.y) || x - previous < space) continue;
    if (point !== last && last && layout.x(last.x) - x < space) continue;
    chosen.push(point);
    previous = x;
  }
  if (last && chosen.at(-1) !== last) chosen.push(last);
  return (
    <g>
      {chosen.map((point) => (
        <Marker
          key={point.x}
          kind={series.kind}
          x={layout.x(point.x)}
          y={layout.y(point.y)}
          size={SIZE * layout.box.em}
        />
      ))}
    </g>
  );
}

/** Dots of the same x stand side by side, so that no seed hides another. */
function Dots({ series, layout }: { series: ChartSeries; layout: Layout }) {
  const { em } = layout.box;
  const total = new Map<number, number>();
  for (const { x } of series.points) total.set(x, (total.get(x) ?? 0) + 1);
  const seen = new Map<number, number>();
  return (
    <g>
      {series.points.map((point) => {
        const place = seen.get(point.x) ?? 0;
        seen.set(point.x, place + 1);
        const shift = (place - ((total.get(point.x) ?? 1) - 1) / 2) * 0.75 * em;
        const x = layout.x(point.x) + shift;
        if (!Number.isFinite(point.y)) return null;
        return (
          <g key={`${point.x} ${place}`}>
            {point.low !== undefined && point.high !== undefined && (
              <IntervalBar x={x} from={layout.y(point.low)} to={layout.y(point.high)} em={em} />
            )}
            <Marker kind="points" x={x} y={layout.y(point.y)} size={0.24 * em} />
          </g>
        );
      })}
    </g>
  );
}

/** A bar with a cap at either end, so that it shows beyond the dot however short it is. */
function IntervalBar({ x, from, to, em }: { x: number; from: number; to: number; em: number }) {
  const cap = 0.25 * em;
  return (
    <path
      class="chart-bar"
      d={`M${x},${from}V${to}M${x - cap},${from}h${2 * cap}M${x - cap},${to}h${2 * cap}`}
    />
  );
}
