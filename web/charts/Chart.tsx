// The one chart of the page: lines over rounds or dots over sizes, drawn as SVG. One tab stop; arrow
// keys, Home and End move a cursor whose values are announced; the same numbers as a table below.
// It never scales a drawn picture: text keeps its size, the plot takes what room is left.

import { useId, useMemo, useRef, useState } from 'preact/hooks';
import { chartText as t } from '../text/en-chart';
import './chart.css';
import { ChartDrawing, CursorLine } from './ChartDrawing';
import { ChartTable } from './ChartTable';
import { layoutChart } from './layout';
import { positions, readOut } from './readings';
import type { ChartProps } from './types';
import { useBox } from './use-box';
import { useCursor } from './use-cursor';

export function Chart(props: ChartProps) {
  const { title, series, compact = false } = props;
  const id = useId();
  const plot = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  const box = useBox(plot, probe, compact);
  const xs = useMemo(() => positions(series), [series]);
  const { cursor, pointAt, ...handlers } = useCursor(xs);
  const layout = useMemo(() => layoutChart(props, box), [props, box]);
  // Kept while only the cursor moves: a long run takes longer to draw than a key takes to repeat.
  const drawing = useMemo(
    () => <ChartDrawing props={props} layout={layout} id={id} />,
    [props, layout, id],
  );
  const follow = (event: PointerEvent) => {
    const frame = plot.current?.getBoundingClientRect();
    if (frame) pointAt(layout.xValue(event.clientX - frame.left));
  };
  // Something to read makes it a widget that gets the arrow keys; without it, it is a picture.
  const widget =
    xs.length > 0
      ? ({
          role: 'application',
          'aria-roledescription': t.role,
          tabindex: 0,
          onKeyDown: handlers.onKeyDown,
          onFocus: handlers.onFocus,
          onBlur: handlers.onBlur,
          onPointerMove: follow,
          onPointerDown: follow,
          onPointerLeave: handlers.leave,
        } as const)
      : ({ role: 'img' } as const);
  return (
    <figure class={compact ? 'chart chart-compact' : 'chart'} aria-labelledby={`${id}-title`}>
      <figcaption class="chart-title" id={`${id}-title`}>
        {title}
      </figcaption>
      <p class="chart-hidden" id={`${id}-about`}>
        {about(props, xs.length > 0)}
      </p>
      <div class="chart-plot" ref={plot}>
        <span class="chart-probe" ref={probe} aria-hidden="true" />
        <svg
          {...widget}
          class="chart-svg"
          viewBox={`0 0 ${box.width} ${box.height}`}
          aria-label={title}
          aria-describedby={`${id}-about`}
        >
          {drawing}
          {cursor && <CursorLine props={props} layout={layout} x={cursor.x} />}
        </svg>
        <p
          class="chart-readout"
          role="status"
          aria-live={cursor?.by === 'pointer' ? 'off' : 'polite'}
        >
          {cursor ? readOut(props, cursor.x) : ''}
        </p>
      </div>
      {xs.length > 0 && (
        <details
          class="chart-details"
          onToggle={(event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}
        >
          <summary>{t.showTable}</summary>
          {open && <ChartTable props={props} xs={xs} />}
        </details>
      )}
    </figure>
  );
}

function about(props: ChartProps, readable: boolean): string {
  const { band, description, yFormat } = props;
  const parts = [description];
  if (band) parts.push(t.band(band.label, yFormat(band.low), yFormat(band.high)));
  if (readable) parts.push(t.keys);
  return parts.join(' ');
}
