// Reads the counts out of what ctest and Vitest leave behind, and prints the summary. A stage that
// failed without a failed test (it did not compile, found no tests, crashed) counts as one failure.
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ name: string, code: number, seconds: number, counts: Counts }} Result */

/** @param {string} file ctest's --output-junit @returns {Counts | null} */
export function countCtest(file) {
  if (!existsSync(file)) return null;
  const suite = readFileSync(file, 'utf8').match(/<testsuite\b[^>]*>/)?.[0];
  if (!suite) return null;
  /** @param {string} name */
  const number = (name) => Number(suite.match(new RegExp(`\\b${name}="(\\d+)"`))?.[1] ?? 0);
  const failed = number('failures');
  const skipped = number('skipped') + number('disabled');
  return { passed: number('tests') - failed - skipped, failed, skipped };
}

/** @param {string} file Vitest's JSON report @returns {Counts | null} */
export function countVitest(file) {
  if (!existsSync(file)) return null;
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** A stage's counts; never without a failure where the stage failed. @param {number} code @param {Counts | null} counts @returns {Counts} */
export function settle(code, counts) {
  const known = counts ?? { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 };
  return code !== 0 && known.failed === 0 ? { ...known, failed: 1 } : known;
}

/** @param {number} seconds */
export function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** The table and, alone on the last line, the sum. @param {Result[]} results */
export function summary(results) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, code, seconds, counts }) => {
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    const mark = code === 0 && counts.failed === 0 ? 'ok    ' : 'FAILED';
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    const text = `${counts.passed} passed, ${counts.failed} failed${skipped}`;
    return `  ${mark}  ${name.padEnd(width)}  ${clock(seconds).padStart(6)}  ${text}`;
  });
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
  const last = `${sum.passed} passed, ${sum.failed} failed${skipped}`;
  return { text: `${lines.join('\n')}\n\n${last}`, failed: sum.failed };
}
