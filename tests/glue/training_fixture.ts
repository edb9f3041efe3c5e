// Reads a training fixture (u8 pictures, labels, batch order, initial weights, and what another
// framework computed from them in float64), runs its adam_keras case through the core, and compares
// array by array. A file with a layer or option that the core does not have is refused by name.
//
// Gates: losses 2e-6 relative; step-0 gradients 1e-5 of the layer's largest; final weights 2e-5
// absolute; or ten times the other framework's own float32 noise, where that is more. Logits have
// no gate of their own: LOGITS below.
import type { Core, Trainer } from '../../wasm_glue/core';
import type { NetworkConfig } from '../../wasm_glue/protocol';
import {
  bytesOf,
  type Comparison,
  compare,
  compareArray,
  type FixtureArray,
  largest,
  relativeError,
  valuesOf,
} from './fixture_arrays';

type Named<T> = Record<string, T>;
type Options = Record<string, unknown>;
type Layer = Options & { type: string; filters?: number; padding?: string; units?: number };

interface FixtureRun {
  optimizer: Options;
  losses_f64: number[];
  final_eval: { loss_f64: number; accuracy: number; logits: FixtureArray };
  torch_noise: { max_rel_loss: number; max_abs_weight: Named<number> };
  final: Named<FixtureArray>;
}

export interface Fixture {
  id: string;
  R: number;
  C: number;
  K: number;
  layers: Layer[];
  loss: string;
  l2?: number;
  params: number;
  batch_size: number;
  x_u8: { shape: number[]; u8_b64: string };
  y: number[];
  batches: number[][];
  init: Named<FixtureArray>;
  step0: {
    batch: number[];
    logits: FixtureArray;
    loss_f64: number;
    grads: Named<FixtureArray>;
    torch_f32_grad_max_rel_to_max: Named<number>;
  };
  runs: Named<FixtureRun>;
}

export interface FixtureReport {
  id: string;
  comparisons: Comparison[];
  /** Runs of the file with optimisers that this model does not have. */
  otherRuns: string[];
}

/** A file's text as JSON. Python writes NaN and Infinity bare, where a noise was 0/0. */
export function parseFixture(text: string): Fixture {
  return JSON.parse(text.replace(/(?<=[:,[]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, 'null'));
}

/** The file asks for something that the core does not have. */
export class UnsupportedFixture extends Error {
  override readonly name = 'UnsupportedFixture';
}

const OUR_RUN = 'adam_keras';

// ---- The network ------------------------------------------------------------------------------

/** For each layer type, the values that its options may have; others are free. */
const LAYER_OPTIONS: Record<string, Record<string, unknown[] | 'any'>> = {
  conv2d: {
    filters: 'any',
    kernel: [3],
    padding: ['valid', 'same'],
    stride: [1],
    strides: [1],
    dilation: [1],
    groups: [1],
    bias: [true],
    use_bias: [true],
  },
  relu: {},
  maxpool: { size: [2], stride: [2], padding: ['valid'] },
  flatten: {},
  gap: {},
  gmp: {},
  dense: { units: 'any', bias: [true], use_bias: [true] },
};
const HEADS: Record<string, NetworkConfig['head']> = {
  flatten: 'flatten',
  gap: 'global_average',
  gmp: 'global_max',
};
const ORDER = 'conv2d, relu, maxpool or none, flatten or gap or gmp, dense';

/** [3, 3] counts as 3. */
function single(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.every((item) => item === value[0]) ? value[0] : value;
}

function checkLayer(layer: Layer, index: number): string {
  const { type } = layer;
  const allowed = LAYER_OPTIONS[type];
  if (!allowed) throw new UnsupportedFixture(`layer ${index}: ${type} is not in this model`);
  for (const [option, value] of Object.entries(layer)) {
    if (option === 'type' || value === null) continue;
    const values = allowed[option];
    if (values === 'any' || values?.includes(single(value))) continue;
    throw new UnsupportedFixture(
      `layer ${index}: ${type} with ${option} = ${JSON.stringify(value)} is not in this model`,
    );
  }
  return type;
}

interface Mapped {
  network: NetworkConfig;
  conv: string;
  dense: string;
}

/** The core's settings for a file, or UnsupportedFixture. */
export function mapFixture(core: Core, fixture: Fixture): Mapped {
  const types = fixture.layers.map(checkLayer);
  const pooled = types[2] === 'maxpool';
  const head = HEADS[types[pooled ? 3 : 2] ?? ''];
  const last = pooled ? 4 : 3;
  const inOrder = types[0] === 'conv2d' && types[1] === 'relu' && types[last] === 'dense';
  if (!head || !inOrder || types.length !== last + 1) {
    throw new UnsupportedFixture(`layers ${types.join(', ')}: this model has ${ORDER}`);
  }
  if (fixture.l2) throw new UnsupportedFixture(`l2 = ${fixture.l2} is not in this model`);
  const [conv, dense] = [fixture.layers[0], fixture.layers[last]];
  const sigmoid = /^sigmoid/.test(fixture.loss);
  if (!sigmoid && !/^softmax/.test(fixture.loss)) {
    throw new UnsupportedFixture(`loss "${fixture.loss}" is not in this model`);
  }
  const longest = Math.max(fixture.batch_size, ...fixture.batches.map((batch) => batch.length));
  const network = {
    ...core.networkDefaults(),
    ...optimiser(fixture),
    resolution: fixture.R,
    channels: fixture.C as 1 | 3,
    classes: sigmoid ? 2 : fixture.K,
    filters: Number(conv?.filters),
    padding: (conv?.padding ?? 'valid') as NetworkConfig['padding'],
    pool: pooled ? ('max2' as const) : ('none' as const),
    head,
    output: sigmoid ? ('sigmoid' as const) : ('softmax' as const),
    scaling: 'unit' as const,
    batch: longest,
  };
  try {
    core.checkNetwork(network);
  } catch (error) {
    throw new UnsupportedFixture(error instanceof Error ? error.message : String(error));
  }
  if (Number(dense?.units) !== (sigmoid ? 1 : fixture.K)) {
    throw new UnsupportedFixture(`dense of ${dense?.units} units with loss "${fixture.loss}"`);
  }
  return { network, conv: '0', dense: String(last) };
}

function optimiser(fixture: Fixture) {
  const run = fixture.runs[OUR_RUN];
  if (!run) {
    const names = Object.keys(fixture.runs).join(', ');
    throw new UnsupportedFixture(`no run named ${OUR_RUN}, only ${names}`);
  }
  const { form: _form, lr, beta1, beta2, eps, ...rest } = run.optimizer;
  for (const [option, value] of Object.entries(rest)) {
    if (!value) continue;
    throw new UnsupportedFixture(`optimizer option ${option} = ${value} is not in this model`);
  }
  return {
    learning_rate: Number(lr),
    beta1: Number(beta1),
    beta2: Number(beta2),
    epsilon: Number(eps),
  };
}

// ---- The run ----------------------------------------------------------------------------------

const GATES = { loss: 2e-6, gradient: 1e-5, weight: 2e-5, stepLogits: 1e-5, finalLogits: 1e-4 };
const NOISE = 10;

/** Where the file's arrays lie in the core's flat parameters. */
function placesOf(trainer: Trainer, { network, conv, dense }: Mapped): Named<[number, number]> {
  const { convParameters, parameters, outputs } = trainer.plan;
  return {
    [`${conv}.kernel`]: [0, convParameters - network.filters],
    [`${conv}.bias`]: [convParameters - network.filters, convParameters],
    [`${dense}.kernel`]: [convParameters, parameters - outputs],
    [`${dense}.bias`]: [parameters - outputs, parameters],
  };
}

function initialWeights(fixture: Fixture, places: Named<[number, number]>): Float32Array {
  const weights = new Float32Array(fixture.params);
  for (const [name, [first, last]] of Object.entries(places)) {
    const array = fixture.init[name];
    const given = array && valuesOf(array);
    if (given?.step !== 1 || given.values.length !== last - first) {
      throw new UnsupportedFixture(`init ${name}: ${last - first} values are needed`);
    }
    weights.set(given.values, first);
  }
  return weights;
}

function compareParts(
  what: string,
  ours: Float32Array,
  theirs: Named<FixtureArray>,
  places: Named<[number, number]>,
  gateOf: (name: string) => number,
  relative: boolean,
): Comparison[] {
  return Object.entries(theirs).map(([name, array]) => {
    const place = places[name];
    if (!place) throw new UnsupportedFixture(`${what} ${name} has no place in this model`);
    return compareArray(`${what} ${name}`, ours.subarray(...place), array, gateOf(name), relative);
  });
}

/** Pictures whose answer a rounding could change: the two best logits (or logit and 0) are closer
 *  than the logits' gate lets them be. */
function countNearTies(logits: FixtureArray): number {
  const given = valuesOf(logits);
  if (given?.step !== 1) return 0;
  const outputs = logits.shape[1] ?? 1;
  const values = Array.from(given.values);
  const close = 2 * GATES.finalLogits * largest(values);
  let ties = 0;
  for (let i = 0; i < values.length; i += outputs) {
    const row = values.slice(i, i + outputs).sort((a, b) => b - a);
    const margin = outputs === 1 ? Math.abs(row[0] ?? 0) : (row[0] ?? 0) - (row[1] ?? 0);
    if (margin <= close) ties++;
  }
  return ties;
}

/** Runs the file's adam_keras case; throws UnsupportedFixture where the core cannot. */
export function runFixture(core: Core, fixture: Fixture): FixtureReport {
  const mapped = mapFixture(core, fixture);
  const run = fixture.runs[OUR_RUN];
  if (!run) throw new UnsupportedFixture(`no run named ${OUR_RUN}`);
  const { trainer, images, pixels } = load(core, fixture, mapped.network);
  if (trainer.plan.parameters !== fixture.params) {
    throw new UnsupportedFixture(`${fixture.params} weights, ours are ${trainer.plan.parameters}`);
  }
  const places = placesOf(trainer, mapped);
  const initial = initialWeights(fixture, places);
  const comparisons = stepZero(trainer, fixture, places, initial, pixels);

  const other = load(core, fixture, mapped.network).trainer;
  other.setParameters(initial);
  const errors = fixture.batches.map((batch, i) =>
    relativeError(other.step(batch), run.losses_f64[i] ?? Number.NaN),
  );
  const lossGate = Math.max(GATES.loss, NOISE * run.torch_noise.max_rel_loss);
  const weightGate = (name: string) =>
    Math.max(GATES.weight, NOISE * (run.torch_noise.max_abs_weight[name] ?? 0));
  const logits = other.logits(pixels, fixture.y.length);
  const score = other.evaluate(images);
  const ties = countNearTies(run.final_eval.logits);
  comparisons.push(
    compare(`${errors.length} losses`, Math.max(...errors), lossGate, 'relative'),
    ...compareParts('final', other.parameters(), run.final, places, weightGate, false),
    compareArray('final logits', logits, run.final_eval.logits, GATES.finalLogits, true),
    compare('final loss', relativeError(score.loss, run.final_eval.loss_f64), lossGate, 'relative'),
    compare(
      'final accuracy',
      Math.abs(score.correct - run.final_eval.accuracy * score.count),
      ties + 1e-6,
      'pictures',
    ),
  );
  const otherRuns = Object.keys(fixture.runs).filter((name) => name !== OUR_RUN);
  return { id: fixture.id, comparisons, otherRuns };
}

/** Step 0 on a trainer of its own, whose gradients are then those of the initial weights. */
function stepZero(
  trainer: Trainer,
  { step0, R, C }: Fixture,
  places: Named<[number, number]>,
  initial: Float32Array,
  pixels: Uint8Array,
): Comparison[] {
  trainer.setParameters(initial);
  const values = R * R * C;
  const batch = new Uint8Array(step0.batch.length * values);
  step0.batch.forEach((index, i) => {
    batch.set(pixels.subarray(index * values, (index + 1) * values), i * values);
  });
  const logits = trainer.logits(batch, step0.batch.length);
  const loss = relativeError(trainer.step(step0.batch), step0.loss_f64);
  const gradientGate = (name: string) =>
    Math.max(GATES.gradient, NOISE * (step0.torch_f32_grad_max_rel_to_max[name] ?? 0));
  return [
    compareArray('step 0 logits', logits, step0.logits, GATES.stepLogits, true),
    compare('step 0 loss', loss, GATES.loss, 'relative'),
    ...compareParts(
      'step 0 gradient',
      trainer.gradients(),
      step0.grads,
      places,
      gradientGate,
      true,
    ),
  ];
}

function load(core: Core, fixture: Fixture, network: NetworkConfig) {
  const count = fixture.y.length;
  const images = core.createImages(count, fixture.R, fixture.C);
  const pixels = bytesOf(fixture.x_u8.u8_b64);
  images.copyNext({ pixels, labels: Uint8Array.from(fixture.y), count }, count);
  return { images, pixels, trainer: core.createTrainer(network, images, images) };
}
