// What is inside the SVG: band, axes, shaded gap, lines, markers, end labels, cursor. Hidden from
// screen readers, who get the description, the read-out and the table instead.

import { area, line } from 'd3-shape';
import { ChartMarkers, Marker } from './ChartMarkers';
import { decimate } from './decimate';
import { placeLabels } from './end-labels';
import { LABEL_SPACE, type Layout, lineEnds, textWidth } from './layout';
import { pointsAt, shadedPair, spoken } from './readings';
import type { ChartPoint, ChartProps } from './types';

interface Part {
  props: ChartProps;
  layout: Layout;
}

export function ChartDrawing({ props, layout, id }: Part & { id: string }) {
  const shared = common(props);
  const { box, left, right, top, bottom } = layout;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing inside takes the focus
    <g aria-hidden="true">
      <defs>
        <pattern
          id={`${id}-hatch`}
          class="chart-hatch"
          width={box.em / 2}
          height={box.em / 2}
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width={box.em / 2} height={box.em / 2} />
          <line x1="0" x2="0" y1="0" y2={box.em / 2} />
        </pattern>
        {/* Dots at the very edge must not be halved. */}
        <clipPath id={`${id}-clip`}>
          <rect
            x={left - box.em}
            y={top - box.em / 2}
            width={Math.max(0, right - left + 2 * box.em)}
            height={Math.max(0, bottom - top + box.em)}
          />
        </clipPath>
      </defs>
      <Band props={props} layout={layout} />
      <Axes props={props} layout={layout} />
      <g clip-path={`url(#${id}-clip)`}>
        <Gap props={props} layout={layout} shared={shared} fill={`url(#${id}-hatch)`} />
        <Lines props={props} layout={layout} />
        <ChartMarkers props={props} layout={layout} />
      </g>
      <GapLabel props={props} layout={layout} shared={shared} />
      <EndLabels props={props} layout={layout} />
    </g>
  );
}

function Band({ props: { band }, layout }: Part) {
  if (!band) return null;
  const { left, right, y, box } = layout;
  const upper = y(band.high);
  const height = y(band.low) - upper;
  return (
    <g>
      <rect
        class="chart-band"
        x={left}
        y={upper}
        width={Math.max(0, right - left)}
        height={height}
      />
      {height >= 1.5 * box.em && (
        <text class="chart-halo" x={left + box.em / 2} y={upper + height / 2} dy="0.35em">
          {band.label}
        </text>
      )}
    </g>
  );
}

function Axes({ props, layout }: Part) {
  const { left, right, bottom, box, xTicks, yTicks, xLabel } = layout;
  return (
    <g class="chart-axes">
      {yTicks.map((tick) => (
        <g key={tick.at}>
          <line x1={left} x2={right} y1={tick.at} y2={tick.at} />
          <text x={left - 0.4 * box.em} y={tick.at} dy="0.35em" text-anchor="end">
            {tick.text}
          </text>
        </g>
      ))}
      {xTicks.map((tick) => (
        <g key={tick.at}>
          <line x1={tick.at} x2={tick.at} y1={bottom} y2={bottom + 0.3 * box.em} />
          <text x={tick.at} y={bottom + 1.3 * box.em} text-anchor="middle">
            {tick.text}
          </text>
        </g>
      ))}
      <line class="chart-base" x1={left} x2={right} y1={bottom} y2={bottom} />
      <text x={0} y={0.9 * box.em}>
        {props.yLabel}
      </text>
      <text x={xLabel.x} y={xLabel.y} text-anchor={xLabel.anchor}>
        {props.xLabel}
      </text>
    </g>
  );
}

interface Shared {
  x: number;
  a: number;
  b: number;
}

/** Points that both shaded lines have, with the two values; both are sorted by x. */
function common(props: ChartProps): Shared[] {
  const [upper, lower] = shadedPair(props) ?? [];
  if (!upper || !lower) return [];
  const shared: Shared[] = [];
  let at = 0;
  for (const { x, y } of upper.points) {
    while ((lower.points[at]?.x ?? x) < x) at += 1;
    const other = lower.points[at];
    shared.push({ x, a: y, b: other?.x === x ? other.y : Number.NaN });
  }
  return shared;
}

function bothMeasured({ a, b }: Shared): boolean {
  return Number.isFinite(a) && Number.isFinite(b);
}

/** The shading between the lines, thinned like them: both its edges keep their extremes. */
function Gap({ props, layout, shared, fill }: Part & { shared: readonly Shared[]; fill: string }) {
  const width = Math.max(1, layout.right - layout.left);
  const wanted = new Set<number>();
  for (const { points } of shadedPair(props) ?? []) {
    for (const point of decimate(points, layout.x, width)) wanted.add(point.x);
  }
  const path = area<Shared>()
    .defined(bothMeasured)
    .x((point) => layout.x(point.x))
    .y0((point) => layout.y(point.a))
    .y1((point) => layout.y(point.b))(shared.filter((point) => wanted.has(point.x)));
  return path ? <path class="chart-gap" d={path} style={{ fill }} /> : null;
}

/** The word for the gap, inside it, where it fits. */
function GapLabel({ props, layout, shared }: Part & { shared: readonly Shared[] }) {
  const { x, y, left, box } = layout;
  const last = shared.findLast(bothMeasured);
  if (!last || !props.shadedLabel) return null;
  const text = props.shadedLabel(last.a, last.b);
  const room = x(last.x) - left - 1.5 * box.em;
  if (Math.abs(y(last.a) - y(last.b)) < 2 * box.em || room < textWidth(text, box.em)) return null;
  return (
    <text
      class="chart-halo"
      x={x(last.x) - box.em}
      y={(y(last.a) + y(last.b)) / 2}
      dy="0.35em"
      text-anchor="end"
    >
      {text}
    </text>
  );
}

function Lines({ props, layout }: Part) {
  const width = Math.max(1, layout.right - layout.left);
  const draw = line<ChartPoint>()
    .defined((point) => Number.isFinite(point.y))
    .x((point) => layout.x(point.x))
    .y((point) => layout.y(point.y));
  return (
    <g>
      {props.series
        .filter((series) => series.kind !== 'points')
        .map((series) => (
          <path
            key={series.id}
            class={`chart-line chart-${series.kind}${series.faint ? ' chart-faint' : ''}`}
            data-series={series.id}
            d={draw(decimate(series.points, layout.x, width)) ?? ''}
          />
        ))}
    </g>
  );
}

function EndLabels({ props, layout }: Part) {
  const { box, x, y, top, bottom } = layout;
  const ends = lineEnds(props.series);
  const heights = placeLabels(
    ends.map(({ end }) => y(end.y)),
    1.15 * box.em,
    top,
    bottom,
  );
  return (
    <g>
      {ends.map(({ series, end }, i) => {
        const at = heights[i] ?? 0;
        const edge = box.width - textWidth(series.label, box.em);
        const start = Math.min(x(end.x) + LABEL_SPACE * box.em, edge);
        return (
          <g key={series.id}>
            {Math.abs(at - y(end.y)) > box.em / 2 && (
              <line
                class="chart-leader"
                x1={x(end.x) + 0.3 * box.em}
                y1={y(end.y)}
                x2={start - 0.15 * box.em}
                y2={at}
              />
            )}
            <text class={`chart-end chart-halo chart-${series.kind}`} x={start} y={at} dy="0.35em">
              {series.label}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/** The cursor over the drawing: a line and bigger markers. */
export function CursorLine({ props, layout, x }: Part & { x: number }) {
  const { box, top, bottom } = layout;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing inside takes the focus
    <g class="chart-cursor" aria-hidden="true">
      <line x1={layout.x(x)} x2={layout.x(x)} y1={top} y2={bottom} />
      {spoken(props.series)
        .filter((series) => series.kind === 'train' || series.kind === 'validation')
        .flatMap((series) =>
          pointsAt(series, x)
            .filter((point) => Number.isFinite(point.y))
            .map((point) => (
              <Marker
                key={series.id}
                kind={series.kind}
                x={layout.x(x)}
                y={layout.y(point.y)}
                size={0.42 * box.em}
              />
            )),
        )}
    </g>
  );
}
