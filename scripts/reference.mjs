// npm run reference -- [--markdown] [--seeds N]   Trains the seed network on MNIST and compares its
// parameters and scores with PyTorch's (docs/reference.md). Two minutes on two cores. Exit code 0:
// every cell inside its gate; 1: a miss; 2: nothing was compared, as the digits are not here.
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ROOT } from './run.mjs';

/** @typedef {import('../tests/reference/mnist.ts').Cell} Cell */
/** @typedef {import('../tests/reference/mnist.ts').SeedResult} SeedResult */
/** @typedef {{ cell: Cell, seed: number }} Task */

const DIGITS = join(ROOT, '..', 'shared', 'data', 'mnist10k');
const TABLE = join(ROOT, 'tests', 'fixtures', 'mnist_table.json');

/** A thread's life: a task comes, its result goes. */
async function work() {
  const { bundle, module } = workerData;
  const { newCore, readDigits, runSeed } = await import(bundle);
  const digits = readDigits(newCore(module), DIGITS);
  parentPort?.on('message', (/** @type {Task} */ { cell, seed }) => {
    parentPort?.postMessage(runSeed(newCore(module), cell, digits, seed));
  });
}

/**
 * One thread working through the common list.
 * @param {Worker} thread @param {Task[]} tasks @param {(task: Task, result: SeedResult) => void} done
 */
function drain(thread, tasks, done) {
  return new Promise((resolve, reject) => {
    /** @type {Task | undefined} */
    let task;
    const next = () => {
      task = tasks.shift();
      if (task) thread.postMessage(task);
      else resolve(thread.terminate());
    };
    thread.on('error', reject);
    thread.on('message', (result) => {
      if (task) done(task, result);
      next();
    });
    next();
  });
}

/** @param {string[][]} rows @param {boolean} markdown */
function table(rows, markdown) {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => {
    const padded = row.map((text, i) => text.padStart(widths[i] ?? 0));
    return markdown ? `| ${padded.join(' | ')} |` : padded.join('  ');
  });
  if (markdown)
    lines.splice(1, 0, `|${widths.map((width) => `${'-'.repeat(width + 1)}:|`).join('')}`);
  return lines.join('\n');
}

async function main() {
  const { values } = parseArgs({
    options: {
      markdown: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '3' },
    },
  });
  const seeds = Number(values.seeds);
  if (!Number.isInteger(seeds) || seeds < 1) {
    console.error('--seeds takes a whole number from 1.');
    return 2;
  }
  if (!existsSync(DIGITS)) {
    console.log(`SKIPPED: nothing was compared, as the MNIST digits are not in ${DIGITS}.`);
    return 2;
  }
  const { importTypeScript } = await import('./typescript.mjs');
  const reference = await importTypeScript('tests/reference/mnist.ts');
  const wasm = process.env.PVL_WASM ?? join(ROOT, 'build', 'wasm', 'core.wasm');
  const module = await WebAssembly.compile(readFileSync(wasm));
  /** @type {Cell[]} */
  const cells = reference.readCells(readFileSync(TABLE, 'utf8'));
  /** @type {SeedResult[][]} */
  const results = cells.map(() => []);
  // Longest first, so that no thread ends alone with a long one.
  const tasks = cells
    .toReversed()
    .flatMap((cell) => Array.from({ length: seeds }, (_, i) => ({ cell, seed: i + 1 })));
  const threads = Array.from(
    { length: Math.min(availableParallelism(), 4, tasks.length) },
    () =>
      new Worker(new URL(import.meta.url), { workerData: { bundle: reference.bundle, module } }),
  );
  let finished = 0;
  const total = tasks.length;
  await Promise.all(
    threads.map((thread) =>
      drain(thread, tasks, ({ cell }, result) => {
        results[cells.indexOf(cell)]?.push(result);
        finished++;
        if (process.stderr.isTTY) process.stderr.write(`\r${finished} of ${total} runs`);
      }),
    ),
  );
  if (process.stderr.isTTY) process.stderr.write('\n');
  const rows = cells.map((cell, i) => reference.rowOf(cell, results[i]));
  console.log(table([[...reference.HEADINGS], ...rows], values.markdown));
  const misses = cells.filter((cell, i) => !reference.judge(cell, results[i]).inside).length;
  console.log(`\n${cells.length - misses} of ${cells.length} inside; runs of each: ${seeds}.`);
  return misses > 0 ? 1 : 0;
}

if (isMainThread) process.exitCode = await main();
else await work();
