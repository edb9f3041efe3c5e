// Where the oracles lie and what becomes of each of their cases. They may not be copied into the
// project, so their tests run where the folder is and say loudly how much they skip elsewhere.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ORACLES = fileURLToPath(new URL('../../../shared/oracles/', import.meta.url));

/** Whether ../shared/oracles/<kind> is there; says what is missed if not. */
export function oraclesPresent(kind: string, cases: number): boolean {
  const present = existsSync(`${ORACLES}${kind}`);
  if (!present) {
    console.warn(
      `SKIPPED: ${cases} cases of ${kind}. The folder ../shared/oracles/${kind} is not here, so ` +
        'nothing of this kind has been compared.',
    );
  }
  return present;
}

/** A file of the oracles; its shape is what ../shared/oracles/README.md says. */
export function readOracle<T>(path: string): T {
  return JSON.parse(readFileSync(`${ORACLES}${path}`, 'utf8')) as T;
}

/** Every case is one or the other, or the tests fail. `operation` is what the summary counts by. */
export type Verdict =
  | { kind: 'run'; operation: string }
  | { kind: 'not in this model'; operation: string; reason: string }
  | { kind: 'unclassified'; operation: string };

/** Prints how many cases ran and did not by operation, and returns the numbers that ran. */
export function summarise(title: string, verdicts: readonly Verdict[]): Record<string, number> {
  const ran: Record<string, number> = {};
  const left: Record<string, number> = {};
  for (const { kind, operation } of verdicts) {
    const counts = kind === 'run' ? ran : left;
    counts[operation] = (counts[operation] ?? 0) + 1;
  }
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([operation, count]) => `${operation} ${count}`)
      .join(', ');
  const total = verdicts.filter(({ kind }) => kind === 'run').length;
  console.info(
    `${title}: ${total} of ${verdicts.length} cases run: ${list(ran)}.\n` +
      `  Not in this model: ${list(left)}.`,
  );
  return ran;
}
