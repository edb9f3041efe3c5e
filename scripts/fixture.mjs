// npm run fixture -- FILE...   Runs training fixtures through core.wasm and prints the worst error
// of every array beside its gate. Exit code 0: all inside; 1: one outside, or a file unreadable;
// 2: none outside, but a file asks for a layer or option that the core does not have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.mjs';
import { importTypeScript } from './typescript.mjs';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('Name one file or more: npm run fixture -- tests/fixtures/training/*.json');
  process.exit(1);
}

/** @returns {Promise<any>} */
async function openCore() {
  const path = process.env.PVL_WASM ?? join(ROOT, 'build', 'wasm', 'core.wasm');
  const { compileCore, instantiateCore } = await importTypeScript('wasm_glue/core.ts');
  try {
    const module = await compileCore(readFileSync(path));
    return () => instantiateCore(module);
  } catch (error) {
    console.error(`${path} could not be loaded (${error}): build it with "npm run wasm".`);
    return process.exit(1);
  }
}

const newCore = await openCore();
const { parseFixture, runFixture } = await importTypeScript('tests/glue/training_fixture.ts');

/** @param {{ name: string, error: number, gate: number, pass: boolean, note: string }} row */
function printRow({ name, error, gate, pass, note }) {
  const numbers = `${error.toExponential(2).padStart(9)}  gate ${gate.toExponential(2)}`;
  console.log(`  ${pass ? 'PASS' : 'FAIL'}  ${name.padEnd(24)} ${numbers}  ${note}`);
}

/** @param {string} file @returns {'inside' | 'outside' | 'unsupported'} */
function runFile(file) {
  try {
    const fixture = parseFixture(readFileSync(file, 'utf8'));
    console.log(`${fixture.id} (${file})${fixture.note ? `: ${fixture.note}` : ''}`);
    const { comparisons, otherRuns } = runFixture(newCore(), fixture);
    comparisons.forEach(printRow);
    if (otherRuns.length > 0) console.log(`  not in this model: ${otherRuns.join(', ')}`);
    return comparisons.every((/** @type {{ pass: boolean }} */ row) => row.pass)
      ? 'inside'
      : 'outside';
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    if (name === 'UnsupportedFixture') {
      console.log(`  UNSUPPORTED  ${message}`);
      return 'unsupported';
    }
    console.log(`  FAIL  ${file}: ${message}`);
    return 'outside';
  }
}

const results = files.map(runFile);
/** @param {string} wanted */
const count = (wanted) => results.filter((result) => result === wanted).length;
console.log(
  `${count('inside')} of ${files.length} inside every gate, ${count('outside')} outside, ` +
    `${count('unsupported')} unsupported.`,
);
process.exit(count('outside') > 0 ? 1 : count('unsupported') > 0 ? 2 : 0);
