// npm test: everything, from a fresh clone. Some stages alone: node scripts/test.mjs wasm e2e.
// Their output goes to build/test-logs and is shown where a stage failed. The last line says how
// many tests passed and failed.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { buildPage } from './build.mjs';
import { build, cmakeEnvironment, configure } from './cmake.mjs';
import { CHECKS } from './lint.mjs';
import { packageScript, ROOT, run, stop, tailOf } from './run.mjs';
import { setUp } from './setup.mjs';
import { clock, countCtest, countVitest, settle, summary } from './test-report.mjs';

const LOGS = join(ROOT, 'build', 'test-logs');
const PRESETS = ['native', 'native-clang', 'native-o0', 'native-asan', 'wasm'];
const PROJECTS = ['node', 'browser', 'e2e'];
/** No stage may hang for ever. */
const STAGE_SECONDS = 1200;

/** @typedef {{ code: number, counts: import('./test-report.mjs').Counts | null }} Outcome */
/** @typedef {(options: import('./run.mjs').RunOptions) => Promise<Outcome>} Stage */

/** Configure, build, ctest. @param {string} preset @returns {Stage} */
const coreStage = (preset) => async (options) => {
  const built = (await configure(preset, options)) || (await build(preset, null, options));
  if (built !== 0) return { code: built, counts: null };
  const report = join(LOGS, `${preset}.xml`);
  rmSync(report, { force: true });
  const jobs = ['-j', String(availableParallelism())];
  const code = await run('ctest', ['--preset', preset, ...jobs, '--output-junit', report], {
    ...options,
    env: cmakeEnvironment(),
  });
  return { code, counts: countCtest(report) };
};

/** @param {string} project @returns {Stage} */
const vitestStage = (project) => async (options) => {
  const report = join(LOGS, `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = packageScript('vitest/vitest.mjs');
  const code = await run(process.execPath, [vitest, 'run', '--project', project, ...reporters], {
    ...options,
    env: { ...cmakeEnvironment(), NO_COLOR: '1' },
  });
  return { code, counts: countVitest(report) };
};

/** A command that passes or fails as a whole. @param {import('./lint.mjs').Check} command @returns {Stage} */
const wholeStage = (command) => async (options) => ({
  code: await command({ ...options, env: cmakeEnvironment() }),
  counts: null,
});

/** In the order of need: the page wants core.wasm, the page's tests want the page. @type {Map<string, Stage>} */
const STAGES = new Map([
  ...PRESETS.map((name) => /** @type {const} */ ([name, coreStage(name)])),
  ...Object.entries(CHECKS).map(
    ([name, check]) => /** @type {const} */ ([name, wholeStage(check)]),
  ),
  ['page', wholeStage(buildPage)],
  ...PROJECTS.map((name) => /** @type {const} */ ([name, vitestStage(name)])),
]);

/** Lines in which a test says that it was skipped. @param {string} log */
function skippedLines(log) {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => /\bSKIPPED\b/.test(line));
}

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !STAGES.has(name));
if (unknown) stop(`Unknown stage ${unknown}: ${[...STAGES.keys()].join(', ')}.`);
await setUp('test');

mkdirSync(LOGS, { recursive: true });
const chosen = [...STAGES.keys()].filter((name) => asked.length === 0 || asked.includes(name));
/** @type {import('./test-report.mjs').Result[]} */
const results = [];

/** @param {string} name */
async function runStage(name) {
  const log = join(LOGS, `${name}.log`);
  rmSync(log, { force: true });
  const began = performance.now();
  const stage = /** @type {Stage} */ (STAGES.get(name));
  const { code, counts } = await stage({ log, limit: STAGE_SECONDS });
  const seconds = (performance.now() - began) / 1000;
  const settled = settle(code, counts);
  results.push({ name, code, seconds, counts: settled });
  const good = code === 0 && settled.failed === 0;
  const done = `[${results.length}/${chosen.length}] ${name}`;
  console.log(`${done} … ${good ? 'ok' : 'FAILED'}, ${clock(seconds)}`);
  for (const line of skippedLines(log)) console.log(`    ${line.trim()}`);
  if (!good) console.log(`${tailOf(log, 150)}\n(the whole output: ${log})\n`);
}

/** One after the other. @param {(name: string) => boolean} belongs */
async function runLane(belongs) {
  for (const name of chosen.filter(belongs)) await runStage(name);
}

// Compilers and linkers leave processors idle between their jobs: the checks of the sources run
// beside them. What drives a browser comes after both, with the machine to itself.
/** @param {string} name */
const isBuilt = (name) => PRESETS.includes(name);
/** @param {string} name */
const isCheck = (name) => name in CHECKS;
await Promise.all([runLane(isBuilt), runLane(isCheck)]);
await runLane((name) => !isBuilt(name) && !isCheck(name));

const { text, failed } = summary(results);
console.log(`\n${text}`);
process.exit(failed === 0 ? 0 : 1);
