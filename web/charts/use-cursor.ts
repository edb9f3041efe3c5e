// The cursor that arrow keys or a pointer move along the measured x values. It is an x, not an
// index, so it stays where it is while training adds rounds.

import { bisectCenter, bisectLeft } from 'd3-array';
import { useState } from 'preact/hooks';

export interface Cursor {
  x: number;
  /** Moves by keyboard are announced, moves by pointer only shown. */
  by: 'keys' | 'pointer';
}

export interface CursorHandlers {
  cursor: Cursor | null;
  onKeyDown: (event: KeyboardEvent) => void;
  onFocus: () => void;
  onBlur: () => void;
  pointAt: (x: number) => void;
  leave: () => void;
}

/** Page Up and Page Down move ten rounds, or a twentieth of a long run. */
function page(count: number): number {
  return Math.max(10, Math.round(count / 20));
}

export function useCursor(xs: readonly number[]): CursorHandlers {
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const last = xs.length - 1;
  const moveTo = (index: number) => {
    const x = xs[Math.min(last, Math.max(0, index))];
    if (x !== undefined) setCursor({ x, by: 'keys' });
  };
  const index = cursor ? Math.min(last, bisectLeft(xs, cursor.x)) : last;
  const keys: Record<string, number> = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowDown: index - 1,
    ArrowUp: index + 1,
    PageDown: index - page(xs.length),
    PageUp: index + page(xs.length),
    Home: 0,
    End: last,
  };
  return {
    // Another run may have fewer rounds: then there is nothing under the cursor any more.
    cursor: cursor && last >= 0 && xs[bisectLeft(xs, cursor.x)] === cursor.x ? cursor : null,
    onKeyDown: (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === 'Escape') setCursor(null);
      const target = keys[event.key];
      if (target === undefined || last < 0) return;
      event.preventDefault();
      moveTo(target);
    },
    onFocus: () => {
      if (!cursor) moveTo(last);
    },
    onBlur: () => setCursor(null),
    pointAt: (value) => {
      const x = xs[bisectCenter(xs, value)];
      if (x !== undefined && x !== cursor?.x) setCursor({ x, by: 'pointer' });
    },
    leave: () => setCursor((old) => (old?.by === 'pointer' ? null : old)),
  };
}
