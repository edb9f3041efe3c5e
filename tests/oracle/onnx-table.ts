// What becomes of each ONNX case: it runs, or a reason says why its operation is none of this
// model's. A case that fits neither list is unclassified and fails the tests.

import { MOST_FILTERS } from './norm-ops';
import { ONNX_OPS, onnxResizeSide, withCountedPadding } from './onnx-ops';
import type { Attributes } from './onnx-values';
import { readOracle, type Verdict } from './oracle-files';
import { windowsAreSquare } from './pool-ops';
import { growsByWhole } from './resize-ops';
import { readTensor, type StoredTensor, type Tensor, toNhwc } from './tensor';

interface StoredCase {
  graph: {
    nodes: { op_type: string; inputs: string[]; outputs: string[]; attributes: Attributes }[];
    inputs: { name: string }[];
    outputs: { name: string }[];
    initializers: (StoredTensor & { name: string })[];
  };
  data_sets: {
    inputs: (StoredTensor & { name: string })[];
    outputs: (StoredTensor & { name: string })[];
  }[];
}

/** A case with its tensors by name. */
export interface OnnxCase {
  name: string;
  nodes: StoredCase['graph']['nodes'];
  /** Inputs and initialisers. */
  given: Map<string, Tensor>;
  expected: Map<string, Tensor>;
  verdict: Verdict;
}

/** Values to use instead of what upstream wrote. */
const CORRECTED: Record<string, Attributes> = {
  // Its answer was computed with 1e-2, which the node does not carry.
  test_adam_multiple: { epsilon: 1e-2 },
};

const OTHER_NORM = 'the model normalises over a batch or over the filters of a position';
const OTHER_ACTIVATION = 'the model has ReLU, sigmoid and softmax only';
const OTHER_OPTIMISER = 'the model is trained by Adam, AdamW or gradient descent with momentum';

const REFUSED: Record<string, string> = {
  Adagrad: OTHER_OPTIMISER,
  Add: 'the model adds nothing but biases',
  Col2Im: 'the convolution unfolds no patches',
  Dropout: 'its masks are random, here and upstream; in evaluation the model has no such step',
  Gelu: OTHER_ACTIVATION,
  GroupNormalization: OTHER_NORM,
  InstanceNormalization: OTHER_NORM,
  LeakyRelu: OTHER_ACTIVATION,
  NegativeLogLikelihoodLoss: 'takes any numbers as log-probabilities; the loss begins at logits',
  Pad: 'padding exists inside of the convolution only',
  ReduceMean: 'means are over whole square maps only',
  Tanh: OTHER_ACTIVATION,
};

/** Reasons that depend on more than the operation. */
function refusal(nodes: OnnxCase['nodes'], given: Map<string, Tensor>) {
  const [node] = nodes;
  if (!node || nodes.length > 1) return undefined;
  const inputs = node.inputs.map((input) => given.get(input));
  const [x] = inputs;
  if (!x) return undefined;
  if (node.op_type === 'AveragePool') {
    if (!windowsAreSquare(...withCountedPadding(x, node.attributes))) {
      return 'averages are over squares only, and padding makes some of these windows oblong';
    }
  }
  const values = inputs[1]?.data.length ?? 0;
  if (node.op_type === 'LayerNormalization' && values > MOST_FILTERS) {
    return `layers have at most ${MOST_FILTERS} filters, and this is over ${values} values`;
  }
  if (node.op_type === 'Resize') {
    const image = toNhwc(x);
    const side = onnxResizeSide(image, inputs, node.attributes);
    if (side === undefined || !growsByWhole(image, side)) {
      return 'pictures are resized by area average only, between squares';
    }
  }
  return undefined;
}

function judge(nodes: OnnxCase['nodes'], given: Map<string, Tensor>): Verdict {
  const types = nodes.map((node) => node.op_type);
  const operation =
    types.filter((type) => type !== 'Constant' && type !== 'Transpose')[0] ?? 'none';
  const refused = types.find((type) => REFUSED[type]);
  const reason = refused ? REFUSED[refused] : refusal(nodes, given);
  if (reason) return { kind: 'not in this model', operation, reason };
  const known = types.every((type) => ONNX_OPS[type]);
  return { kind: known ? 'run' : 'unclassified', operation };
}

function byName(tensors: (StoredTensor & { name: string })[], names: string[]) {
  return tensors.map((stored, i): [string, Tensor] => [
    stored.name || (names[i] ?? ''),
    readTensor(stored),
  ]);
}

function load(name: string, file: string): OnnxCase {
  const { graph, data_sets } = readOracle<StoredCase>(`onnx/${file}`);
  const [data] = data_sets;
  if (!data || data_sets.length !== 1) throw new Error(`${name} has ${data_sets.length} data sets`);
  const initialised = new Set(graph.initializers.map((stored) => stored.name));
  const free = graph.inputs.map((input) => input.name).filter((input) => !initialised.has(input));
  const given = new Map([
    ...byName(data.inputs, free),
    ...graph.initializers.map((stored): [string, Tensor] => [stored.name, readTensor(stored)]),
  ]);
  const nodes = graph.nodes.map((node) => ({
    ...node,
    attributes: { ...node.attributes, ...CORRECTED[name] },
  }));
  const expected = new Map(
    byName(
      data.outputs,
      graph.outputs.map((output) => output.name),
    ),
  );
  return { name, nodes, given, expected, verdict: judge(nodes, given) };
}

export function loadOnnxCases(): OnnxCase[] {
  const index = readOracle<{ cases: { name: string; file: string }[] }>('onnx/INDEX.json');
  return index.cases.map(({ name, file }) => load(name, file));
}
