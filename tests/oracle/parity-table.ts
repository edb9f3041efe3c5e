// Whole training runs that Keras and tfjs printed: dense layers under cross-entropy, step by step
// through the core's matrix product, loss and update; and the paths of optimisers on a parabola.
import { gemm } from './dense-ops';
import { type Gate, KERAS_GATE } from './gates';
import type { Kernels, UpdateState } from './kernels';
import { readOracle, type Verdict } from './oracle-files';
import { at, type Tensor, tensor } from './tensor';
import { descend, freshState, update } from './update-ops';

interface StoredRun {
  id: string;
  layers: { type: string; units?: number; activation?: string; kernel_init?: string }[];
  loss: string;
  optimizer: { name: string; lr: number };
  x: number[][];
  y: number[][];
  steps: number;
  expected: { loss?: number[]; acc?: number[] };
}

export interface ParityRun {
  id: string;
  verdict: Verdict;
  /** Printed numbers by name, and the same from the core. */
  expected: Record<string, Tensor>;
  gate: Gate;
  run: (k: Kernels) => Record<string, Tensor>;
}

function list(values: ArrayLike<number>): Tensor {
  return tensor([values.length], values);
}

function refusal({ layers, loss, optimizer }: StoredRun): string | undefined {
  const [layer] = layers;
  if (loss === 'mse' || loss === 'mae') {
    return 'the model is trained by cross-entropy, not by a distance to a number';
  }
  if (layers.length > 1 || layer?.type !== 'dense') return 'these runs are of one dense layer';
  if (optimizer.name !== 'sgd') return `the model is not trained by ${optimizer.name}`;
  return undefined;
}

/** Loss and share of hits before each update of one dense layer with bias. */
function trainDense(k: Kernels, stored: StoredRun): { loss: Tensor; acc: Tensor } {
  const units = stored.layers[0]?.units ?? 0;
  const x = tensor([stored.x.length, stored.x[0]?.length ?? 0], stored.x.flat());
  const [images, inputs] = [stored.x.length, at(x.shape, 1)];
  const start = stored.layers[0]?.kernel_init === 'ones' ? 1 : 0;
  const kernel = freshState(new Float32Array(inputs * units).fill(start));
  const bias = freshState(new Float32Array(units));
  // A row of a sigmoid's targets is the label; of softmax' the label is where the 1 stands.
  const labels = stored.y.map((row) => (units === 1 ? at(row, 0) : row.indexOf(1)));
  const ones = tensor([images, 1], new Float64Array(images).fill(1));
  const [loss, acc]: [number[], number[]] = [[], []];
  for (let step = 0; step < stored.steps; step++) {
    const logits = gemm(k, x, tensor([inputs, units], kernel.w), tensor([units], bias.w));
    const result = k.losses(logits.data, labels, units, images);
    const dlogits = tensor([images, units], result.dlogits);
    loss.push(result.losses.reduce((sum, value) => sum + value, 0) / images);
    acc.push(result.correct.reduce((sum, value) => sum + value, 0) / images);
    const gradient = (left: Tensor) => gemm(k, left, dlogits, undefined, { transposeA: true }).data;
    descend(k, kernel, gradient(x), stored.optimizer.lr);
    descend(k, bias, gradient(ones), stored.optimizer.lr);
  }
  return { loss: list(loss), acc: list(acc) };
}

export function loadKerasRuns(): ParityRun[] {
  const { cases } = readOracle<{ cases: StoredRun[] }>('tfjs/keras_parity_training.json');
  return cases.map((stored) => {
    const reason = refusal(stored);
    const { loss, acc } = stored.expected;
    const expected = { ...(loss && { loss: list(loss) }), ...(acc && { acc: list(acc) }) };
    const verdict: Verdict = reason
      ? { kind: 'not in this model', operation: stored.loss, reason }
      : { kind: 'run', operation: stored.loss };
    const run = (k: Kernels) => trainDense(k, stored);
    return { id: stored.id, verdict, expected, gate: KERAS_GATE, run };
  });
}

interface StoredPath {
  id: string;
  opt: {
    name: string;
    lr: number;
    beta1?: number;
    beta2?: number;
    eps?: number;
    momentum?: number;
    nesterov?: boolean;
  };
  x0: number[];
  x: number[][];
}

type Step = (k: Kernels, state: UpdateState, opt: StoredPath['opt'], step: number) => void;

/** The parabola sum(x^2) has the gradient 2x. */
const slope = (state: UpdateState) => state.w.map((value) => 2 * value);

const UPDATES: Record<string, Step> = {
  // PyTorch's form is tfjs' too.
  adam: (k, state, { lr, beta1 = 0, beta2 = 0, eps = 0 }, step) =>
    update(k, state, slope(state), {
      optimiser: 'adam_torch',
      learningRate: lr,
      beta1,
      beta2,
      epsilon: eps,
      beta1Power: beta1 ** step,
      beta2Power: beta2 ** step,
    }),
  momentum: (k, state, { lr, momentum, nesterov }) =>
    descend(k, state, slope(state), lr, momentum, nesterov),
  sgd: (k, state, { lr }) => descend(k, state, slope(state), lr),
};

/** Paths of optimisers on sum(x^2). Their file has its own gate: some of the literals are rounded
 *  to four digits upstream. */
export function loadOptimizerPaths(): ParityRun[] {
  const { cases, tolerance } = readOracle<{ cases: StoredPath[]; tolerance: number }>(
    'tfjs/optimizer_trajectories.json',
  );
  const gate: Gate = { relative: 0, absolute: tolerance, atZero: 0 };
  return cases.map(({ id, opt, x0, x }) => {
    const own = UPDATES[opt.name];
    const run = (k: Kernels) => {
      const state = freshState(x0);
      const path = x.map((_, step) => {
        own?.(k, state, opt, step + 1);
        return [...state.w];
      });
      return { x: tensor([x.length, x0.length], path.flat()) };
    };
    const verdict: Verdict =
      opt.name === 'adagrad'
        ? { kind: 'not in this model', operation: id, reason: 'the model has no Adagrad' }
        : { kind: own ? 'run' : 'unclassified', operation: id };
    const expected = { x: tensor([x.length, x0.length], x.flat()) };
    return { id, verdict, expected, gate, run };
  });
}
