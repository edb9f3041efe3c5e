// What `npm run reference` compares: every parameter count of PyTorch's table, the choice of
// pictures and the gates; the smallest training runs too, where ../shared/data/mnist10k is.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { Core } from '../../wasm_glue/core';
import {
  type Cell,
  gateOf,
  judge,
  mergeEveryFifth,
  networkOf,
  readCells,
  readDigits,
  rowOf,
  runSeed,
} from '../reference/mnist';
import { newCore } from './support';

const DIGITS = fileURLToPath(new URL('../../../shared/data/mnist10k', import.meta.url));
const table = readFileSync(new URL('../fixtures/mnist_table.json', import.meta.url), 'utf8');
const cells = readCells(table);
let core: Core;
beforeAll(async () => {
  core = await newCore();
});

function cellOf(side: number, classes: number): Cell {
  const cell = cells.find((one) => one.side === side && one.classes === classes);
  if (!cell) throw new Error(`no cell of ${side} px and ${classes} classes`);
  return cell;
}

test('the table has 4 sizes x 3 class counts, 3 seeds each', () => {
  const names = cells.map(({ side, classes, test }) => `${side}/${classes}/${test.length}`);
  const expected = [7, 14, 28, 56].flatMap((side) => [2, 5, 10].map((k) => `${side}/${k}/3`));
  expect(names).toEqual(expected);
});

test('a row of another kind is refused, not averaged in', () => {
  const { rows } = JSON.parse(table);
  for (const odd of [{ dataset: 'fashion' }, { labels: 'random' }, { size: '56pad0' }]) {
    const text = JSON.stringify({ rows: [...rows, { ...rows[0], ...odd }] });
    expect(() => readCells(text)).toThrow('no such row');
  }
  const otherDigits = { ...rows[6], classes: [3, 8] };
  expect(() => readCells(JSON.stringify({ rows: [otherDigits] }))).toThrow('no such row');
});

test('all 12 parameter counts are PyTorch’s', () => {
  for (const cell of cells) {
    const { parameters } = core.plan(networkOf(core, cell, 1), cell.trainCount, cell.testCount);
    expect(parameters, `${cell.side} px, ${cell.classes} classes`).toBe(cell.parameters);
  }
});

test('every fifth picture goes back to its place', () => {
  expect(mergeEveryFifth([0, 1, 2, 3, 5, 6], [4])).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(() => mergeEveryFifth([0, 1, 2, 3, 5], [])).toThrow('every fifth');
});

test('gates: 3 standard deviations, at least 1 point, 2.5 points below 1,000 pictures', () => {
  expect(gateOf(cellOf(28, 10))).toBe(0.01); // sd 0.15 points
  expect(gateOf(cellOf(7, 10))).toBeCloseTo(0.018795, 6); // of .846 .8405 .853
  expect(gateOf(cellOf(56, 2))).toBe(0.025); // 400 pictures
});

test('a miss is a wrong mean or a wrong parameter count', () => {
  const cell = cellOf(28, 10); // .9435 .942 .945, mean .9435
  const seeds = (test: number, parameters = cell.parameters) =>
    [0, 0, 0].map(() => ({ parameters, test }));
  expect(judge(cell, seeds(0.9335)).inside).toBe(true);
  expect(judge(cell, seeds(0.933)).inside).toBe(false);
  expect(judge(cell, seeds(0.954)).inside).toBe(false);
  expect(judge(cell, seeds(0.9435, 54411)).inside).toBe(false);
  const row = rowOf(cell, seeds(0.933, 54411));
  expect(row.slice(3)).toEqual([
    '54411, not 54410',
    '94.35 ± 0.15',
    '93.30 ± 0.00',
    '-1.05',
    '1.00',
    'MISS',
  ]);
});

test('7 px, 5 classes: three seeds inside the gate', async () => {
  if (!existsSync(DIGITS)) {
    console.warn(`SKIPPED: the MNIST run of the reference check. ${DIGITS} is not here.`);
    return;
  }
  const digits = readDigits(core, DIGITS);
  expect(digits.map((list) => list.length)).toEqual([
    1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978,
  ]);
  const cell = cellOf(7, 5);
  const results = [];
  for (const seed of [1, 2, 3]) results.push(runSeed(await newCore(), cell, digits, seed));
  expect(judge(cell, results).inside, rowOf(cell, results).join(', ')).toBe(true);
});
