// The core's kernels against the vectors of TensorFlow.js' own tests, and against runs that Keras
// and tfjs printed: fast kernels and plain twins, which must agree bit for bit.
import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { difference, EXACT } from './gates';
import { type Kernels, openKernels } from './kernels';
import { ORACLES, oraclesPresent, summarise } from './oracle-files';
import { loadKerasRuns, loadOptimizerPaths, type ParityRun } from './parity-table';
import { loadTfjsCases, RUN_FILES, VECTOR_FILES } from './tfjs-table';

/** Cases that run, at the least, in the first delivery of the oracles; more may be added to them. */
const AT_LEAST: Record<string, number> = {
  AvgPool: 9,
  AvgPoolGrad: 3,
  Conv2D: 24,
  Conv2DBackpropFilter: 9,
  Conv2DBackpropInput: 12,
  FusedBatchNorm: 15,
  FusedConv2D: 9,
  _FusedMatMul: 7,
  MaxPool: 11,
  MaxPoolGrad: 14,
  Relu: 8,
  ResizeBilinear: 1,
  ResizeNearestNeighbor: 1,
  Sigmoid: 2,
  logSoftmax: 5,
  'logSoftmax gradient': 1,
  'losses.sigmoidCrossEntropy': 7,
  'losses.softmaxCrossEntropy': 8,
  'relu gradient': 4,
  'sigmoid gradient': 2,
  softmax: 8,
  'softmax gradient': 2,
  bce: 1,
  categorical_ce: 2,
  adam: 1,
  momentum: 1,
  nesterov: 1,
  sgd: 1,
};
const KNOWN_VECTORS = 191;
const KNOWN_RUNS = 14 + 5;

const present = oraclesPresent('tfjs', KNOWN_VECTORS + KNOWN_RUNS);
const cases = present ? loadTfjsCases() : [];
const kerasRuns = present ? loadKerasRuns() : [];
const paths = present ? loadOptimizerPaths() : [];

let kernels: { fast: Kernels; plain: Kernels };
beforeAll(() => {
  kernels = openKernels();
});

describe.skipIf(!present)('TensorFlow.js', () => {
  it('has a verdict for every case, and runs those that it is known to run', () => {
    const all = [...cases, ...kerasRuns, ...paths];
    const unclassified = all.filter(({ verdict }) => verdict.kind === 'unclassified');
    expect(unclassified.map(({ id }) => id)).toEqual([]);
    expect(cases.length).toBeGreaterThanOrEqual(KNOWN_VECTORS);
    expect(kerasRuns.length + paths.length).toBeGreaterThanOrEqual(KNOWN_RUNS);
    const verdicts = (list: { verdict: (typeof all)[number]['verdict'] }[]) =>
      list.map(({ verdict }) => verdict);
    const ran = {
      ...summarise('TensorFlow.js', verdicts(cases)),
      ...summarise('Keras runs by loss', verdicts(kerasRuns)),
      ...summarise('Optimiser paths', verdicts(paths)),
    };
    for (const [operation, count] of Object.entries(AT_LEAST)) {
      expect(ran[operation] ?? 0, operation).toBeGreaterThanOrEqual(count);
    }
  });

  it('knows every file of the folder', () => {
    const known = [...VECTOR_FILES, ...RUN_FILES].map((file) => `${file}.json`);
    expect(readdirSync(`${ORACLES}tfjs`).sort()).toEqual(known.sort());
  });

  it.each(cases.filter(({ verdict }) => verdict.kind === 'run'))('$id', (one) => {
    const [fast, plain] = [one.run(kernels.fast), one.run(kernels.plain)];
    expect(difference(fast, one.expected, one.gate)).toBeUndefined();
    expect(difference(plain, fast, EXACT), 'plain').toBeUndefined();
  });
});

/** Compares everything that was printed. */
function compare({ run, expected, gate }: ParityRun): void {
  const [fast, plain] = [run(kernels.fast), run(kernels.plain)];
  expect(Object.keys(expected)).not.toEqual([]);
  for (const [name, wanted] of Object.entries(expected)) {
    const [result, twin] = [fast[name], plain[name]];
    if (!result || !twin) throw new Error(`no result ${name}`);
    expect(difference(result, wanted, gate), name).toBeUndefined();
    expect(difference(twin, result, EXACT), `${name}, plain`).toBeUndefined();
  }
}

const runs = [...kerasRuns, ...paths].filter(({ verdict }) => verdict.kind === 'run');

describe.skipIf(!present)('runs of Keras and paths of optimisers', () => {
  it.each(runs)('$id', (one) => compare(one));
});
