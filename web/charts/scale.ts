// Values to pixels and back, linear or logarithmic. Round ticks and domains are d3-array's; the maps
// themselves are two lines, for which d3-scale would bring colours, dates and number formats along
// (8 kB of the page's 150).
import { ticks } from 'd3-array';

export interface Scale {
  (value: number): number;
  invert(pixel: number): number;
  /** About `count` round values inside the domain. */
  ticks(count: number): number[];
}

/** `domain` need not be rising but must not be empty; a logarithmic one is positive. */
export function createScale(
  kind: 'linear' | 'log',
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): Scale {
  const [straight, back] =
    kind === 'log' ? [Math.log, Math.exp] : [(x: number) => x, (x: number) => x];
  const origin = straight(from);
  const span = straight(to) - origin;
  const scale = (value: number) => start + ((straight(value) - origin) / span) * (end - start);
  return Object.assign(scale, {
    invert: (pixel: number) => back(origin + ((pixel - start) / (end - start)) * span),
    ticks: (count: number) => ticks(from, to, count),
  });
}
