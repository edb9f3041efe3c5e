// Checks shared by the statistics. They refuse (RangeError naming argument and range) rather than
// return NaN, because a NaN would reach a sentence on the page.

export function requireCount(value: number, name: string, least = 1): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${name} must be a whole number of at least ${least}, got ${value}`);
  }
}

/** correct of count, 0 <= correct <= count, count >= 1. */
export function requireTally(correct: number, count: number): void {
  requireCount(count, 'count');
  requireCount(correct, 'correct', 0);
  if (correct > count) {
    throw new RangeError(`correct must be at most count (${count}), got ${correct}`);
  }
}

/** A share in [0, 1]. */
export function requireShare(value: number, name: string): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`${name} must lie in 0..1, got ${value}`);
  }
}

export function requireFinite(value: number, name: string): void {
  if (!Number.isFinite(value)) throw new RangeError(`${name} must be finite, got ${value}`);
}

/** K, the number of classes: at least 2, else there is nothing to tell apart. */
export function requireClasses(classes: number): void {
  requireCount(classes, 'classes', 2);
}
