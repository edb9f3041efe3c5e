// A small canvas to draw on with a round pen, by pointer or by keys.
import { useEffect, useRef, useState } from 'preact/hooks';
import { stamp } from '../data/capture';
import { blank, greyOf, type Point, stroke } from '../data/drawing';
import { REFERENCE_SIDE as SIDE } from '../data/own_types';
import { toRaw } from '../data/raw_picture';
import { captureText as text } from '../text/en-capture';
import type { Take } from './AddPictures';

/** Pixels that one arrow key moves the pen: a drawing is 32 of them wide. */
const STEP = 8;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -STEP, y: 0 },
  ArrowRight: { x: STEP, y: 0 },
  ArrowUp: { x: 0, y: -STEP },
  ArrowDown: { x: 0, y: STEP },
};
const PEN = { min: 4, max: 48, step: 4, usual: 20 } as const;
const MIDDLE: Point = { x: SIDE / 2, y: SIDE / 2 };

function paint(canvas: HTMLCanvasElement | null, grey: Uint8Array): void {
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < grey.length; i++) image.data.fill(grey[i] ?? 0, 4 * i, 4 * i + 3);
  for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
  canvas?.getContext('2d')?.putImageData(image, 0, 0);
}

export function DrawPicture({ take }: { take: Take }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const ink = useRef(blank());
  /** Where the pointer drew last; null while it does not draw. */
  const last = useRef<Point | null>(null);
  const [pen, setPen] = useState<number>(PEN.usual);
  const [light, setLight] = useState(false);
  const [cursor, setCursor] = useState(MIDDLE);
  const [down, setDown] = useState(false);
  const [said, setSaid] = useState('');

  const show = (): void => paint(canvas.current, greyOf(ink.current, light));
  useEffect(show, [light]);
  const draw = (from: Point, to: Point): void => {
    stroke(ink.current, from, to, pen);
    show();
    setSaid('');
  };
  const wipe = (): void => {
    ink.current = blank();
    show();
  };
  const pointOf = ({ clientX, clientY }: PointerEvent): Point => {
    const box = canvas.current?.getBoundingClientRect();
    const { left = 0, top = 0, width = SIDE, height = SIDE } = box ?? {};
    return { x: ((clientX - left) * SIDE) / width, y: ((clientY - top) * SIDE) / height };
  };
  const move = (event: PointerEvent): void => {
    // All places since the last event, so that a fast curve has no corners.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const point of (events.length > 0 ? events : [event]).map(pointOf)) {
      if (last.current) draw(last.current, point);
      last.current &&= point;
    }
  };
  const lift = (): void => {
    last.current = null;
  };
  const press = (event: KeyboardEvent): void => {
    const by = ARROWS[event.key];
    if (event.key === ' ') {
      if (!down) draw(cursor, cursor);
      setDown(!down);
      setSaid(down ? text.penUp : text.penDown);
    } else if (by) {
      const inside = (value: number): number => Math.min(SIDE, Math.max(0, value));
      const next = { x: inside(cursor.x + by.x), y: inside(cursor.y + by.y) };
      if (down) draw(cursor, next);
      setCursor(next);
    } else return;
    event.preventDefault();
  };
  const add = (): void => {
    const empty = !ink.current.some((value) => value > 0);
    setSaid(empty ? text.drawingEmpty : '');
    if (empty) return;
    const file = toRaw(SIDE, SIDE, 1, greyOf(ink.current, light));
    if (take([{ path: `drawing-${stamp()}`, file }])) wipe();
  };

  const percent = (value: number): string => `${(100 * value) / SIDE}%`;
  return (
    <div class="capture">
      <div
        class="capture-square capture-paper"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys draw on it
        tabIndex={0}
        aria-label={text.canvas}
        aria-describedby="drawing-help"
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          last.current = pointOf(event);
          draw(last.current, last.current);
        }}
        onPointerMove={move}
        onLostPointerCapture={lift}
        onKeyDown={press}
        onBlur={() => setDown(false)}
      >
        <canvas ref={canvas} width={SIDE} height={SIDE} />
        <span
          class={down ? 'capture-pen down' : 'capture-pen'}
          style={{ left: percent(cursor.x), top: percent(cursor.y), width: percent(pen) }}
        />
      </div>
      <p class="data-small" id="drawing-help">
        {text.canvasHelp}
      </p>
      <label>
        {text.penSize}
        <input
          type="range"
          min={PEN.min}
          max={PEN.max}
          step={PEN.step}
          value={pen}
          onInput={(event) => setPen(event.currentTarget.valueAsNumber)}
        />
      </label>
      <label class="capture-check">
        <input
          type="checkbox"
          checked={light}
          onChange={(event) => setLight(event.currentTarget.checked)}
        />
        {text.lightInk}
      </label>
      <div class="data-choosers">
        <button type="button" class="primary" onClick={add}>
          {text.addDrawing}
        </button>
        <button type="button" onClick={wipe}>
          {text.wipe}
        </button>
      </div>
      <p class="data-status" aria-live="polite">
        {said}
      </p>
    </div>
  );
}
