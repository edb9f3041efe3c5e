// npm run fuzz -- [--seconds N] [--seed N]   Looks for input that breaks the parsers, for ten minutes
// (600). Two things run beside each other: libFuzzer under ASan and UBSan on the C parsers of IDX and
// CSV; and, in TypeScript, at least 10,000 damaged files, then properties. Prints what ran and what
// was found, and leaves the input in build/fuzz; a fix takes it along into tests/fuzz/corpus, which
// every `npm test` runs through again. Exit code 1: something was found.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, configure } from './cmake.mjs';
import { ROOT, run, runOrStop, stop, tailOf } from './run.mjs';
import { setUp } from './setup.mjs';

const FOLDER = join(ROOT, 'build', 'fuzz');
const LOG = join(FOLDER, 'libfuzzer.log');
const LEAST_FILES = 10_000;
const HANG_MS = 1000;
/** Part of the time that damaged files take; properties have the rest. */
const FILES_SHARE = 0.4;
const SANITIZERS = ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all'];
const SOURCES = ['tests/fuzz/tables.c', 'core/src/idx.c', 'core/src/csv.c'];

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!Number.isInteger(seconds) || seconds < 10 || !Number.isInteger(seed)) {
  stop('--seconds takes a whole number from 10, --seed any whole number.');
}

/** Resolves to whether it ended without a finding. */
async function libFuzzer() {
  const target = join(FOLDER, 'tables');
  const corpus = join(FOLDER, 'corpus');
  mkdirSync(corpus, { recursive: true });
  rmSync(LOG, { force: true });
  await runOrStop('clang', [
    ...['-std=c11', '-O1', '-g', '-Wall', '-Wextra', '-Werror', ...SANITIZERS],
    ...['-Icore/include', ...SOURCES, '-o', target],
  ]);
  // Quiet, because the other half keeps Node from emptying the pipe.
  const limits = [
    `-max_total_time=${seconds}`,
    '-verbosity=0',
    `-timeout=${HANG_MS / 1000}`,
    '-rss_limit_mb=1024',
  ];
  const found = `-artifact_prefix=${join(FOLDER, 'found-')}`;
  const places = [corpus, join(ROOT, 'tests/fuzz/corpus')];
  const code = await run(target, [...limits, found, '-print_final_stats=1', ...places], {
    log: LOG,
    limit: seconds + 60,
  });
  const runs = readFileSync(LOG, 'utf8').match(/number_of_executed_units: (\d+)/)?.[1] ?? '?';
  console.log(
    `libFuzzer on IDX and CSV: ${runs} inputs, ${code === 0 ? 'nothing' : 'something'} found.`,
  );
  if (code !== 0) console.log(tailOf(LOG, 40));
  return code === 0;
}

/** Path of an up-to-date core.wasm; $PVL_WASM names one as it is. */
async function freshCore() {
  if (process.env.PVL_WASM) return process.env.PVL_WASM;
  const log = join(FOLDER, 'wasm.log');
  const done = (await configure('wasm', { log })) || (await build('wasm', 'core', { log }));
  if (done !== 0) stop(`core.wasm could not be built:\n${tailOf(log, 20)}`);
  return join(ROOT, 'build', 'wasm', 'core.wasm');
}

/** @param {{ what: string, trouble: string, input: Uint8Array | string }} found */
function keep({ what, trouble, input }) {
  const file = join(FOLDER, `found-${what.replaceAll(' ', '-')}`);
  writeFileSync(file, input);
  console.log(`FOUND  ${what}: ${trouble}\n       ${file}`);
}

/** Resolves to whether it ended without a finding. */
async function typeScript() {
  const { importTypeScript } = await import('./typescript.mjs');
  const { fuzzFiles, fuzzProperties } = await importTypeScript('tests/fuzz/run.ts');
  const started = performance.now();
  const { files, slowestMs, found } = await fuzzFiles({
    root: ROOT,
    core: readFileSync(await freshCore()),
    seconds: seconds * FILES_SHARE,
    least: LEAST_FILES,
    seed,
    hangMs: HANG_MS,
  });
  console.log(`Damaged files: ${files}, the slowest ${Math.ceil(slowestMs)} ms.`);
  found.forEach(keep);
  let count = found.length;
  const left = Math.max(1, seconds - (performance.now() - started) / 1000);
  for (const { name, runs, found: broken } of await fuzzProperties(left, seed)) {
    console.log(`${name}: ${runs} inputs.`);
    broken.forEach(keep);
    count += broken.length;
  }
  return count === 0;
}

await setUp('test');
mkdirSync(FOLDER, { recursive: true });
console.log(`${seconds} seconds, seed ${seed}.`);
const fine = await Promise.all([libFuzzer(), typeScript()]);
if (fine.includes(false)) stop('Something was found: see above and build/fuzz.');
console.log('Nothing was found.');
