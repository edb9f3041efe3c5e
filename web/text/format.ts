// How numbers are written on the page: whole percents and points, separators in big numbers,
// "about" before times. A number that is not finite becomes a dash, never "NaN".

/** The one place that knows the language of numbers; it goes with the catalogues of this folder. */
export const LOCALE = 'en';

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const twoDigits = new Intl.NumberFormat(LOCALE, {
  minimumSignificantDigits: 2,
  maximumSignificantDigits: 2,
});
const twoDecimals = new Intl.NumberFormat(LOCALE, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const threeDigits = new Intl.NumberFormat(LOCALE, {
  maximumSignificantDigits: 3,
  useGrouping: false,
});
const MISSING = '–';

/** Whole percents of a share: 0.696 -> "70%"; above 0 but under one percent -> "under 1%". */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return MISSING;
  if (share > 0 && share < 0.01) return 'under 1%';
  return `${whole.format(wholePercent(share))}%`;
}

/** The whole percent that formatPercent shows; the base of every difference in points. */
export function wholePercent(share: number): number {
  // The tiny share mends products such as 0.285 * 100 = 28.499999999999996.
  return Math.floor(share * 100 + 0.5 + 1e-9);
}

/**
 * first - second in points, from the whole percents that stand beside it, so that what a reader
 * subtracts on the screen comes out right. At most one point from the exact difference.
 */
export function pointsBetween(first: number, second: number): number {
  return wholePercent(first) - wholePercent(second);
}

/** "1 point", "30 points", "−3 points". */
export function formatPoints(points: number): string {
  if (!Number.isFinite(points)) return MISSING;
  const text = whole.format(points).replace('-', '−');
  return `${text} ${Math.abs(points) === 1 ? 'point' : 'points'}`;
}

/** 42485 -> "42,485"; from a million on two digits: 1291033 -> "1.3 million". */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return MISSING;
  const size = Math.abs(count);
  // 999.5 million would otherwise read "1,000 million".
  if (size >= 995e6) return `${twoDigits.format(count / 1e9)} billion`;
  if (size >= 1e6) return `${twoDigits.format(count / 1e6)} million`;
  return whole.format(count);
}

/** "under 1 s", "about 4 s", "about 2 min", "about 3 h". */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return MISSING;
  if (seconds < 0.5) return 'under 1 s';
  if (seconds < 99.5) return `about ${whole.format(seconds)} s`;
  if (seconds < 99.5 * 60) return `about ${whole.format(seconds / 60)} min`;
  return `about ${whole.format(seconds / 3600)} h`;
}

/** Decimal units: "under 1 kB", "85 kB", "412 MB", "1.2 GB". */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return MISSING;
  if (bytes < 500) return 'under 1 kB';
  if (bytes < 999_500) return `${whole.format(bytes / 1e3)} kB`;
  if (bytes < 999.5e6) return `${whole.format(bytes / 1e6)} MB`;
  return `${twoDigits.format(bytes / 1e9)} GB`;
}

/** Two decimals, for losses and scores above guessing: "0.65". */
export function formatDecimal(value: number): string {
  if (!Number.isFinite(value)) return MISSING;
  const text = twoDecimals.format(value);
  return text === '-0.00' ? '0.00' : text.replace('-', '−');
}

/** A setting such as a learning rate, at most three digits, never with an exponent: "0.001". */
export function formatSetting(value: number): string {
  return Number.isFinite(value) ? threeDigits.format(value) : MISSING;
}

/** "24 × 24". */
export function formatSize(side: number): string {
  return `${whole.format(side)} × ${whole.format(side)}`;
}
