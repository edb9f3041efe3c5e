// The core's kernels against ONNX' own backend tests: every case of an operation that the model
// has, fast kernels and plain twins, which must agree bit for bit.
import { beforeAll, describe, expect, it } from 'vitest';
import { difference, EXACT, ONNX_GATE } from './gates';
import { type Kernels, openKernels } from './kernels';
import { ONNX_OPS } from './onnx-ops';
import { loadOnnxCases, type OnnxCase } from './onnx-table';
import { oraclesPresent, summarise } from './oracle-files';
import type { Tensor } from './tensor';

/** Cases that run, at the least, in the first delivery of the oracles; more may be added to them. */
const AT_LEAST: Record<string, number> = {
  Adam: 2,
  ArgMax: 16,
  Attention: 2,
  AveragePool: 9,
  BatchNormalization: 6,
  Conv: 17,
  ConvTranspose: 9,
  Flatten: 10,
  Gemm: 14,
  GlobalAveragePool: 2,
  GlobalMaxPool: 2,
  LayerNormalization: 16,
  LogSoftmax: 10,
  MatMul: 4,
  MaxPool: 16,
  Momentum: 3,
  Relu: 3,
  Resize: 1,
  Sigmoid: 3,
  Softmax: 10,
  SoftmaxCrossEntropyLoss: 31,
};
const KNOWN_CASES = 278;

const present = oraclesPresent('onnx', KNOWN_CASES);
const cases = present ? loadOnnxCases() : [];

/** All named outputs, by running the nodes one after the other. */
function run(k: Kernels, { nodes, given, expected }: OnnxCase): Map<string, Tensor> {
  const values = new Map(given);
  for (const node of nodes) {
    const op = ONNX_OPS[node.op_type];
    if (!op) throw new Error(`${node.op_type} is not known here`);
    const inputs = node.inputs.map((name) => values.get(name));
    const outputs = op(k, inputs, node.attributes, node.outputs.length);
    for (const [i, output] of outputs.entries()) values.set(node.outputs[i] ?? '', output);
  }
  return new Map([...values].filter(([name]) => expected.has(name)));
}

describe.skipIf(!present)('ONNX', () => {
  let kernels: { fast: Kernels; plain: Kernels };
  beforeAll(() => {
    kernels = openKernels();
  });
  const runnable = cases.filter(({ verdict }) => verdict.kind === 'run');

  it('has a verdict for every case, and runs those that it is known to run', () => {
    const unclassified = cases.filter(({ verdict }) => verdict.kind === 'unclassified');
    expect(unclassified.map(({ name }) => name)).toEqual([]);
    expect(cases.length).toBeGreaterThanOrEqual(KNOWN_CASES);
    const ran = summarise(
      'ONNX',
      cases.map(({ verdict }) => verdict),
    );
    for (const [operation, count] of Object.entries(AT_LEAST)) {
      expect(ran[operation] ?? 0, operation).toBeGreaterThanOrEqual(count);
    }
  });

  it.each(runnable)('$name', (one) => {
    const fast = run(kernels.fast, one);
    const plain = run(kernels.plain, one);
    expect([...fast.keys()].sort()).toEqual([...one.expected.keys()].sort());
    for (const [name, expected] of one.expected) {
      const [result, twin] = [fast.get(name), plain.get(name)];
      if (!result || !twin) throw new Error(`no output ${name}`);
      expect(difference(result, expected, ONNX_GATE), name).toBeUndefined();
      expect(difference(twin, result, EXACT), `${name}, plain`).toBeUndefined();
    }
  });
});
