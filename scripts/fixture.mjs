// npm run fixture -- FILE...   Runs training fixtures through core.wasm and prints the worst error
// of every array beside its gate. Exit code 0: all inside; 1: one outside, or a file unreadable;
// 2: none outside, but a file or one of its runs asks for something that the core does not have.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, configure } from './cmake.mjs';
import { ROOT, stop, tailOf } from './run.mjs';
import { setUp } from './setup.mjs';

const files = process.argv.slice(2);
if (files.length === 0) {
  stop('Name one file or more: npm run fixture -- tests/fixtures/training/*.json');
}
/** npm runs scripts in the project's folder; the names are meant where it was called. */
const here = process.env.INIT_CWD ?? process.cwd();

/** Path of an up-to-date core.wasm; $PVL_WASM names one as it is. */
async function freshCore() {
  if (process.env.PVL_WASM) return process.env.PVL_WASM;
  const log = join(ROOT, 'build', 'fixture.log');
  const done = (await configure('wasm', { log })) || (await build('wasm', 'core', { log }));
  if (done !== 0) stop(`core.wasm could not be built:\n${tailOf(log, 20)}`);
  return join(ROOT, 'build', 'wasm', 'core.wasm');
}

await setUp('build');
const wasm = await freshCore();
// Only now: a fresh clone has no Vite before.
const { importTypeScript } = await import('./typescript.mjs');
const { compileCore, instantiateCore } = await importTypeScript('wasm_glue/core.ts');
const { parseFixture, runFixture } = await importTypeScript('tests/glue/training_fixture.ts');
const module = await compileCore(readFileSync(wasm));

/** @param {{ name: string, error: number, gate: number, pass: boolean, note: string }} row */
function printRow({ name, error, gate, pass, note }) {
  const numbers = `${error.toExponential(2).padStart(9)}  gate ${gate.toExponential(2)}`;
  console.log(`  ${pass ? 'PASS' : 'FAIL'}  ${name.padEnd(34)} ${numbers}  ${note}`);
}

/** @param {string} file @returns {'inside' | 'outside' | 'unsupported'} */
function runFile(file) {
  try {
    const fixture = parseFixture(readFileSync(resolve(here, file), 'utf8'));
    console.log(`${fixture.id} (${file})${fixture.note ? `: ${fixture.note}` : ''}`);
    const { comparisons, refused, notes } = runFixture(instantiateCore(module), fixture);
    comparisons.forEach(printRow);
    for (const note of notes) console.log(`  NOTE  ${note}`);
    for (const { run, reason } of refused) console.log(`  UNSUPPORTED  ${run}: ${reason}`);
    const inside = comparisons.every((/** @type {{ pass: boolean }} */ row) => row.pass);
    if (!inside) return 'outside';
    return refused.length > 0 ? 'unsupported' : 'inside';
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
    `${count('unsupported')} unsupported in whole or in part.`,
);
process.exit(count('outside') > 0 ? 1 : count('unsupported') > 0 ? 2 : 0);
