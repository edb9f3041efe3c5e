// npm run soak -- [--page FOLDER] [--pictures FOLDER] [--count N]   Feeds the built page 5,000 JPEGs
// of one megapixel in 26 folders and holds memory, the longest task, cancelling and the limit of
// pictures against their aims. Takes minutes, and 0.8 GB under build/soak/, which later runs use
// again. Ends with 1 when an aim is missed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { watchMemory } from '../tests/soak/memory.mjs';
import { openPanel } from '../tests/soak/panel.mjs';
import { makeFillers, makePictures } from '../tests/soak/pictures.mjs';
import { ROOT, stop } from './run.mjs';
import { importTypeScript } from './typescript.mjs';

const KINDS = 26;
/** The aims of this script, and no test's: they depend on the machine. */
const AIMS = { memoryMB: 300, taskMs: 100, cancelMs: 200 };
const FOLDER = join(ROOT, 'build', 'soak');

/** @typedef {{ what: string, value: number | string | null, unit: string, aim: number | null }} Row */

function askedFor() {
  const { values } = parseArgs({
    options: {
      page: { type: 'string', default: join(ROOT, 'dist') },
      pictures: { type: 'string', default: FOLDER },
      count: { type: 'string', default: '5000' },
    },
  });
  const count = Number(values.count);
  if (!Number.isInteger(count) || count < 2 * KINDS) {
    stop(`--count is ${values.count}: give a whole number of at least ${2 * KINDS}.`);
  }
  return { dist: resolve(values.page), pictures: resolve(values.pictures), count };
}

/** Resolves once `share` of the pictures is read. @param {any} panel @param {number} share */
async function reached(panel, share) {
  while ((await panel.share()) < share) await new Promise((done) => setTimeout(done, 50));
}

/**
 * Reads the whole folder; the time that the page promised at a quarter stands beside the real one.
 * @param {any} panel @param {string} folder @param {string} ready
 */
async function readAll(panel, folder, ready) {
  const start = performance.now();
  await panel.choose(folder);
  await reached(panel, 0.25);
  const quarter = performance.now();
  const promised = await panel.promise();
  await panel.says(ready);
  const end = performance.now();
  return { seconds: (end - start) / 1000, promised, left: (end - quarter) / 1000 };
}

/** @param {Row[]} rows */
function tableOf(rows) {
  const cells = rows.map(({ what, value, unit, aim }) => {
    const shown = typeof value === 'number' ? String(Math.round(value * 10) / 10) : (value ?? '–');
    const verdict = aim === null ? '' : missed({ value, aim }) ? 'MISSED' : 'held';
    return [what, shown, unit, aim === null ? '' : `at most ${aim}`, verdict];
  });
  const widths = [0, 1, 2, 3].map((c) => Math.max(...cells.map((row) => row[c]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, c) => cell.padEnd(widths[c] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param {Pick<Row, 'value' | 'aim'>} row */
function missed({ value, aim }) {
  return aim !== null && (typeof value !== 'number' || value > aim);
}

async function main() {
  const { dist, pictures, count } = askedFor();
  const say = (/** @type {string} */ words) => console.error(words);
  const { dataText } = await importTypeScript('web/text/en-data.ts');
  const { text, settingsText } = await importTypeScript('web/text/en.ts');
  const { limits } = await importTypeScript('web/data/limits.ts');
  mkdirSync(pictures, { recursive: true });
  say(`${count} pictures of one megapixel: made once, found again later`);
  const folder = await makePictures(pictures, count, KINDS);
  const room = limits.pictures - count;
  const fillers = makeFillers(pictures, room + 1);

  const panel = await openPanel(dist, { text, settingsText, dataText });
  /** @type {Row[]} */
  const rows = [];
  const add = (
    /** @type {string} */ what,
    /** @type {Row['value']} */ value,
    unit = '',
    /** @type {Row['aim']} */ aim = null,
  ) => {
    rows.push({ what, value, unit, aim });
    say(`${what}: ${value} ${unit}`);
  };
  const load = [loadavg()[0]];
  try {
    const memory = await watchMemory(panel.browser, panel.page);
    const before = await memory.settled();
    const countedBefore = await panel.counted();
    await panel.longestTask();

    await panel.choose(folder);
    await reached(panel, 0.1);
    const cancelled = await panel.cancel();
    add('Cancel to “stopped”', cancelled, 'ms', AIMS.cancelMs);
    add('longest task until then', await panel.longestTask(), 'ms', AIMS.taskMs);

    /** @type {any} */
    let read;
    const ready = dataText.own.ready(count, KINDS);
    const top = await memory.highest(async () => {
      read = await readAll(panel, folder, ready);
    });
    add(`reading ${count} pictures`, read.seconds, 's');
    add('time left at a quarter, as shown', read.promised);
    add('time left at a quarter, in truth', read.left, 's');
    add('longest task while reading', await panel.longestTask(), 'ms', AIMS.taskMs);
    add('process while reading, over the start', top.process - before.process, 'MB', AIMS.memoryMB);
    add('scripts while reading, over the start', top.scripts - before.scripts, 'MB', AIMS.memoryMB);
    const after = await memory.settled();
    add('process afterwards, over the start', after.process - before.process, 'MB', AIMS.memoryMB);
    add('scripts afterwards, over the start', after.scripts - before.scripts, 'MB', AIMS.memoryMB);
    const counted = await panel.counted();
    if (counted !== null && countedBefore !== null) {
      add('as the browser counts, over the start', counted - countedBefore, 'MB', AIMS.memoryMB);
    }

    const using = await memory.highest(() => panel.use());
    add('longest task while they are taken into use', await panel.longestTask(), 'ms', AIMS.taskMs);
    add('process then, over the start', using.process - before.process, 'MB', AIMS.memoryMB);

    await panel.choose(fillers);
    await panel.says(dataText.own.ready(limits.pictures, KINDS + 2));
    await panel.says(dataText.own.skippedHeading(1));
    await panel.says(dataText.own.skipped({ kind: 'too-many-pictures', limit: limits.pictures }));
    add(`picture ${limits.pictures + 1} refused with its limit, ${limits.pictures} kept`, 'yes');
    add('longest task meanwhile', await panel.longestTask(), 'ms', AIMS.taskMs);
  } finally {
    await panel.browser.close();
  }
  load.push(loadavg()[0]);
  const results = { when: new Date().toISOString(), count, load, rows };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
  console.log(`\n${tableOf(rows)}\n\n${JSON.stringify(results)}`);
  if (rows.some(missed)) process.exitCode = 1;
}

await main();
