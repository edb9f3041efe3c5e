// A drawing as ink on a square of pixels, made with a round pen by plain arithmetic: the same
// strokes give the same picture in every browser. Knows no canvas.

import { REFERENCE_SIDE as SIDE } from './own_types';

export interface Point {
  /** Pixels from the left and top edge of the square. */
  x: number;
  y: number;
}

/** 0 = paper, 255 = ink; [REFERENCE_SIDE][REFERENCE_SIDE] */
export type Ink = Uint8Array;

export function blank(): Ink {
  return new Uint8Array(SIDE * SIDE);
}

/** Distance of a point from the line between two others, ends included. */
function distance(x: number, y: number, from: Point, to: Point): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((x - from.x) * dx + (y - from.y) * dy) / length;
  const t = Math.min(1, Math.max(0, along));
  const [right, down] = [x - from.x - t * dx, y - from.y - t * dy];
  // Not Math.hypot, whose last digit differs between browsers.
  return Math.sqrt(right * right + down * down);
}

/** Moves a pen of this width from one point to another; its edge is one pixel soft. */
export function stroke(ink: Ink, from: Point, to: Point, width: number): void {
  const reach = width / 2 + 1;
  const first = (value: number): number => Math.max(0, Math.floor(value - reach));
  const last = (value: number): number => Math.min(SIDE - 1, Math.ceil(value + reach));
  for (let y = first(Math.min(from.y, to.y)); y <= last(Math.max(from.y, to.y)); y++) {
    for (let x = first(Math.min(from.x, to.x)); x <= last(Math.max(from.x, to.x)); x++) {
      const cover = width / 2 + 0.5 - distance(x + 0.5, y + 0.5, from, to);
      const value = Math.round(255 * Math.min(1, Math.max(0, cover)));
      const at = y * SIDE + x;
      if (value > (ink[at] ?? 0)) ink[at] = value;
    }
  }
}

/** Grey values: dark ink on white, or light ink on black. */
export function greyOf(ink: Ink, light: boolean): Uint8Array {
  return light ? ink.slice() : ink.map((value) => 255 - value);
}
