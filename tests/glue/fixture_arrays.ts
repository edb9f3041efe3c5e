// Arrays of the training fixtures, and how far ours are from them. {shape, sum, l2} comes with the
// numbers as `data`, as base64 float32, as a sample of them, or not at all.

export interface FixtureArray {
  shape: number[];
  sum?: number;
  l2?: number;
  data?: number[];
  f32_le_b64?: string;
  every_31st_f32_le_b64?: string;
}

/** One compared array: its worst error beside its gate. */
export interface Comparison {
  name: string;
  error: number;
  gate: number;
  pass: boolean;
  /** What the error is relative to, and whether only a sample was compared. */
  note: string;
}

const EVERY = 31;

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function floatsOf(base64: string): Float32Array<ArrayBuffer> {
  return new Float32Array(bytesOf(base64).buffer);
}

/** The numbers of an array, at every `step`-th place; undefined where the file holds sums only. */
export function valuesOf(
  array: FixtureArray,
): { values: ArrayLike<number>; step: number } | undefined {
  if (array.data) return { values: array.data, step: 1 };
  if (array.f32_le_b64) return { values: floatsOf(array.f32_le_b64), step: 1 };
  const sample = array.every_31st_f32_le_b64;
  return sample ? { values: floatsOf(sample), step: EVERY } : undefined;
}

export function sizeOf(array: FixtureArray): number {
  return array.shape.reduce((product, side) => product * side, 1);
}

export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** |a - b|, infinite when either is not a number: a NaN must not pass. */
function distance(a: number | undefined, b: number | undefined): number {
  const difference = Math.abs((a ?? Number.NaN) - (b ?? Number.NaN));
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}

export function compare(name: string, error: number, gate: number, note: string): Comparison {
  return { name, error, gate, pass: error <= gate, note };
}

/**
 * Worst error of `ours` against an array of the file, over `scale`. Where values are missing, the
 * sum and the length (l2) are compared too, whose errors are at most n and sqrt(n) times a value's.
 */
export function compareArray(
  name: string,
  ours: ArrayLike<number>,
  array: FixtureArray,
  gate: number,
  relative: boolean,
): Comparison {
  const count = sizeOf(array);
  if (ours.length !== count) {
    return compare(name, Number.POSITIVE_INFINITY, gate, `${ours.length} values, not ${count}`);
  }
  const given = valuesOf(array);
  const places = given ? Math.ceil(count / given.step) : 0;
  if (given && given.values.length !== places) {
    return compare(name, Number.POSITIVE_INFINITY, gate, `${given.values.length} values given`);
  }
  const scale = relative ? largest(given?.values ?? ours) || 1 : 1;
  let error = 0;
  for (let i = 0; given && i < places; i++) {
    error = Math.max(error, distance(ours[i * given.step], given.values[i]) / scale);
  }
  const sampled = given?.step !== 1;
  if (sampled) {
    const all = Array.from(ours);
    const sum = all.reduce((total, value) => total + value, 0);
    const l2 = Math.sqrt(all.reduce((total, value) => total + value * value, 0));
    error = Math.max(error, distance(sum, array.sum) / scale / count);
    error = Math.max(error, distance(l2, array.l2) / scale / Math.sqrt(count));
  }
  const part = given ? `every ${EVERY}st value, sum and l2` : 'sum and l2 only';
  const unit = relative ? 'of the largest' : 'absolute';
  return compare(name, error, gate, sampled ? `${unit}; ${part}` : unit);
}

/** |a - b| / |b|. A loss of 0 has no relative error: then the error itself. */
export function relativeError(ours: number | undefined, theirs: number): number {
  return distance(ours, theirs) / (Math.abs(theirs) || 1);
}
