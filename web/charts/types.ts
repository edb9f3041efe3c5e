// What a chart is told. The chart knows nothing of lessons or workers: it draws the numbers it is
// given, in data units, and takes every word from its props or from web/text/en-chart.ts.

/**
 * The meaning of a series; it alone decides line, dash and marker, so a meaning looks the same
 * everywhere: train solid + circle, validation dashed + square, chance dotted, ceiling dash-dot,
 * rule (a simple method to compare with) long dashes, points = dots without a line (one a seed)
 * with an optional interval bar.
 */
export type SeriesKind = 'train' | 'validation' | 'chance' | 'ceiling' | 'rule' | 'points';

export interface ChartPoint {
  x: number;
  y: number;
  /** Ends of an interval bar, in units of y. Drawn for kind 'points' only. */
  low?: number;
  high?: number;
}

export interface ChartSeries {
  id: string;
  kind: SeriesKind;
  /** The word at the line's end and in the read-out: "seen", "new", "guessing". */
  label: string;
  /** Sorted by x. Lines break at a y that is not finite. Replace the array, do not push into it. */
  points: readonly ChartPoint[];
  /** A line in the background (another seed): thin, no label, not in read-out or table. */
  faint?: boolean;
}

export interface ChartProps {
  /** Names the chart for everyone: visible unless compact, always the accessible name. */
  title: string;
  /** One or two sentences on what to see; read out, not drawn. */
  description: string;
  xLabel: string;
  /** With the unit: "right answers (%)". */
  yLabel: string;
  /** Values in the read-out and the table: "70%". */
  yFormat: (y: number) => string;
  /** Tick labels; yFormat if absent. */
  yTick?: (y: number) => string;
  /** How one x is said in the read-out and the table: "Round 12". Default: xLabel and number. */
  xFormat?: (x: number) => string;
  /** Tick labels; the plain number if absent. */
  xTick?: (x: number) => string;
  /** Default: 0 to a round number above the largest value. */
  yDomain?: readonly [number, number];
  /** Planned epochs: the axis runs from 0 to here from the start and does not jump. */
  xMax?: number;
  /** Overrides 0..xMax; needed for a log axis (both ends above 0). */
  xDomain?: readonly [number, number];
  xScale?: 'linear' | 'log';
  xTicks?: readonly number[];
  series: readonly ChartSeries[];
  /** Ids of two line series; the area between them is shaded (train, validation: the gap). */
  shadedBetween?: readonly [string, string];
  /** Drawn inside the shaded area where it fits, and added to the read-out: "gap 30". */
  shadedLabel?: (upper: number, lower: number) => string;
  /** Horizontal band in units of y (the guessing band). */
  band?: { low: number; high: number; label: string };
  /** For rows of 150 px: no visible title, read-out over the plot. */
  compact?: boolean;
}
