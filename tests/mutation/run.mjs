// npm run mutate [-- WORD...]   Puts one bug at a time into a copy of the core's sources, and demands
// that the test named for it fails. Words choose the bugs whose name or test has one of them. Exit
// code 1: a bug got through, or a test fails without one. Not part of npm test, which only checks
// that the texts are still there (tests/architecture/mutations.test.ts).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ROOT, stop } from '../../scripts/run.mjs';
import { applyEdits, MUTATIONS } from './edits.mjs';

/** Optimised a little, because some of the tests train; the rest as CMakeLists.txt has it. */
const FLAGS = ['-std=c11', '-O1', '-w', '-ffp-contract=off', '-fno-math-errno'];
const FOLDERS = ['core/include', 'core/src', 'tests/core'].flatMap((path) => [
  '-I',
  join(ROOT, path),
]);
/** A bug may make a loop endless. */
const TEST_SECONDS = 60;
const compiler = process.env.CC ?? 'cc';

const words = process.argv.slice(2);
const chosen = MUTATIONS.filter(
  ({ name, test }) => words.length === 0 || words.some((word) => `${name} ${test}`.includes(word)),
);
if (chosen.length === 0) stop(`No bug is named ${words.join(' or ')}.`);

const scratch = mkdtempSync(join(tmpdir(), 'pvl-mutation-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));

/**
 * @param {string} program @param {string[]} args @param {number} seconds
 * @returns {Promise<{ code: number, said: string }>}
 */
function run(program, args, seconds = 300) {
  return new Promise((done) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (piece) => {
        if (said.length < 4000) said += piece;
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.on('error', (error) => done({ code: 127, said: String(error) }));
    child.on('exit', (code) => {
      clearTimeout(timer);
      done({ code: code ?? 1, said });
    });
  });
}

/** Does all jobs, as many at a time as there are processors. @param {(() => Promise<void>)[]} jobs */
async function inParallel(jobs) {
  const waiting = [...jobs];
  const worker = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** @param {string} source @param {string} object */
async function compile(source, object) {
  const { code, said } = await run(compiler, [...FLAGS, ...FOLDERS, '-c', source, '-o', object]);
  if (code !== 0) throw new Error(`${source} does not compile:\n${said}`);
}

/**
 * Links and runs a test. @param {string} test @param {string} program
 * @param {Map<string, string>} replaced object files by the name of their source
 */
async function runTest(test, program, replaced) {
  const objects = sources.map((name) => replaced.get(name) ?? objectOf(name));
  const args = [objectOf(`${test}.c`), ...objects, '-lm', '-o', program];
  const linked = await run(compiler, args);
  if (linked.code !== 0) throw new Error(`${test} does not link:\n${linked.said}`);
  const result = await run(program, [], TEST_SECONDS);
  rmSync(program);
  return result;
}

/** @param {string} source */
const objectOf = (source) => join(scratch, `${source}.o`);
const sources = readdirSync(join(ROOT, 'core/src')).filter((name) => name.endsWith('.c'));
const tests = [...new Set(chosen.map(({ test }) => test))];

await inParallel([
  ...sources.map((name) => () => compile(join(ROOT, 'core/src', name), objectOf(name))),
  ...tests.map(
    (test) => () => compile(join(ROOT, 'tests/core', `${test}.c`), objectOf(`${test}.c`)),
  ),
]);
let failures = 0;
await inParallel(
  tests.map((test) => async () => {
    const { code, said } = await runTest(test, join(scratch, test), new Map());
    if (code === 0) return;
    failures++;
    console.log(`BROKEN    ${test} fails without any bug: ${said.trim().split('\n').at(-1)}`);
  }),
);

/** @param {import('./mutations.mjs').Mutation} mutation @param {number} number */
async function tryOut({ name, test, edits }, number) {
  const folder = join(scratch, String(number));
  mkdirSync(folder);
  const changed = applyEdits(edits, (file) => readFileSync(join(ROOT, file), 'utf8'));
  const replaced = new Map();
  for (const [file, text] of changed) {
    const source = join(folder, basename(file));
    writeFileSync(source, text);
    await compile(source, `${source}.o`);
    replaced.set(basename(file), `${source}.o`);
  }
  const { code, said } = await runTest(test, join(folder, 'test'), replaced);
  rmSync(folder, { recursive: true });
  if (code === 0) failures++;
  const first = said.trim().split('\n')[0]?.slice(0, 100) ?? '';
  console.log(`${code === 0 ? 'SURVIVED' : 'caught  '}  ${test.padEnd(26)} ${name}`);
  if (process.env.VERBOSE) console.log(`          ${first}`);
}

await inParallel(
  chosen.map((mutation, number) => async () => {
    try {
      await tryOut(mutation, number);
    } catch (error) {
      failures++;
      console.log(`BROKEN    ${mutation.test.padEnd(26)} ${mutation.name}: ${error}`);
    }
  }),
);
console.log(`\n${chosen.length} bugs, ${failures} of them or of the tests not as they should be.`);
process.exit(failures > 0 ? 1 : 0);
