// Puts the words at the lines' ends where they do not cover each other, each as near to its own
// line as the others allow.

/**
 * Heights for labels that want `wanted`, at least `apart` from each other and within top..bottom,
 * with the least sum of squared shifts. In label k's own height minus k * apart the order of the
 * labels is all that is left to keep, and the best ordered sequence pools neighbours that are out of
 * order into their mean (pool adjacent violators). Where the room is too small they overlap evenly.
 */
export function placeLabels(
  wanted: readonly number[],
  apart: number,
  top: number,
  bottom: number,
): number[] {
  const step = Math.min(apart, wanted.length > 1 ? (bottom - top) / (wanted.length - 1) : apart);
  const order = wanted.map((_, i) => i).sort((i, j) => at(wanted, i) - at(wanted, j));
  const pools: { sum: number; size: number }[] = [];
  order.forEach((label, rank) => {
    pools.push({ sum: at(wanted, label) - rank * step, size: 1 });
    for (let last = pools.at(-1), before = pools.at(-2); last && before; ) {
      if (before.sum / before.size <= last.sum / last.size) break;
      pools.pop();
      before.sum += last.sum;
      before.size += last.size;
      last = pools.at(-1);
      before = pools.at(-2);
    }
  });
  const highest = bottom - (wanted.length - 1) * step;
  const placed = new Array<number>(wanted.length).fill(top);
  let rank = 0;
  for (const pool of pools) {
    const base = Math.min(highest, Math.max(top, pool.sum / pool.size));
    for (let i = 0; i < pool.size; i++) {
      const label = order[rank];
      if (label !== undefined) placed[label] = base + rank * step;
      rank += 1;
    }
  }
  return placed;
}

function at(values: readonly number[], i: number): number {
  return values[i] ?? 0;
}
