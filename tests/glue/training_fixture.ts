// Reads a training fixture (u8 pictures, labels, batch order, initial weights, and what another
// framework computed from them in float64), runs it through the core with every optimiser that the
// file has, and compares array by array. A file or a run with something that the core does not have
// is refused by name.
//
// Gates: losses 2e-6 relative; step-0 gradients 1e-5 of the layer's largest; final weights and
// moving averages 2e-5 absolute; or ten times the other framework's own float32 noise, where that
// is more. Logits have no gate of their own: GATES below.
//
// Losses of steps have the L2 penalty in them, in the files as in the core; final evaluations have
// none, in both. With batch normalisation step 0's logits are those of the batch's statistics,
// which the core shows in its loss and gradients only, so they are not compared. The bias of a
// convolution in front of it has an exact gradient of zero: what moves it is rounding, which Adam
// makes as large as a step. It is not compared, and put back after each step to where exact
// arithmetic leaves it, because the moving averages would follow it otherwise.
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
import {
  type Layer,
  type LayerPlan,
  type Options,
  planLayers,
  UnsupportedFixture,
} from './fixture_layers';
import { optimiserOf } from './fixture_optimiser';
import {
  arrayOf,
  checkNames,
  compareParts,
  count,
  fill,
  type Named,
  type Place,
  placesOf,
} from './fixture_parts';

export { UnsupportedFixture } from './fixture_layers';

interface FixtureRun {
  optimizer: Options;
  losses_f64: number[];
  final_eval: { loss_f64: number; loss_f32?: number; accuracy: number; logits: FixtureArray };
  torch_noise?: { max_rel_loss?: number; max_abs_weight?: Named<number> };
  final: Named<FixtureArray>;
  final_state?: Named<FixtureArray>;
}

export interface Fixture {
  id: string;
  note?: string;
  R: number;
  C: number;
  K: number;
  layers: Layer[];
  loss: string;
  l2?: number;
  l2_form?: string | null;
  label_smoothing?: number;
  params: number;
  batch_size: number;
  x_u8: { shape: number[]; u8_b64: string };
  y: number[];
  batches: number[][];
  init: Named<FixtureArray>;
  init_state?: Named<FixtureArray>;
  step0: {
    batch: number[];
    logits: FixtureArray;
    loss_f64: number;
    grads: Named<FixtureArray>;
    torch_f32_grad_max_rel_to_max?: Named<number>;
  };
  runs: Named<FixtureRun>;
}

export interface FixtureReport {
  id: string;
  comparisons: Comparison[];
  /** Runs that were compared. */
  runs: string[];
  /** Runs of the file that the core cannot do, and why. */
  refused: { run: string; reason: string }[];
  /** What was left out on purpose. */
  notes: string[];
}

/** A file's text as JSON. Python writes NaN and Infinity bare, where a noise was 0/0. */
export function parseFixture(text: string): Fixture {
  return JSON.parse(text.replace(/(?<=[:,[]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, 'null'));
}

// ---- The network ------------------------------------------------------------------------------

export interface Mapped {
  network: NetworkConfig;
  plan: LayerPlan;
}

function lossOf(fixture: Fixture) {
  const sigmoid = /^(sigmoid|binary)/i.test(fixture.loss);
  if (!sigmoid && !/^(softmax|categorical|sparse)/i.test(fixture.loss)) {
    throw new UnsupportedFixture(`loss "${fixture.loss}" is not in this model`);
  }
  const written = fixture.loss.match(/smoothing\D*(\d[\d.e-]*)/i)?.[1];
  const smoothing = fixture.label_smoothing ?? Number(written ?? 0);
  return { sigmoid, smoothing };
}

/** The factor of the sum of squares; a form with a half in it has half of the number. */
function penaltyOf({ l2 = 0, l2_form: form }: Fixture): number {
  if (l2 === 0 || !form) return l2;
  if (/bias/i.test(form) && !/no bias|kernels only|without/i.test(form)) {
    throw new UnsupportedFixture(`l2 "${form}": this model's is on kernels only`);
  }
  return /0\.5|\/\s*2|half/i.test(form) ? l2 / 2 : l2;
}

/** The core's settings for a file, without its optimiser, or UnsupportedFixture. */
export function mapFixture(core: Core, fixture: Fixture): Mapped {
  const plan = planLayers(fixture.layers, fixture.R, fixture.C);
  const { sigmoid, smoothing } = lossOf(fixture);
  const network = {
    ...core.networkDefaults(),
    ...plan.settings,
    resolution: fixture.R,
    channels: fixture.C as 1 | 3,
    classes: sigmoid ? 2 : fixture.K,
    output: sigmoid ? ('sigmoid' as const) : ('softmax' as const),
    scaling: 'unit' as const,
    batch: Math.max(...fixture.batches.map((batch) => batch.length), fixture.step0.batch.length),
    l2: penaltyOf(fixture),
    label_smoothing: smoothing,
  };
  const units = plan.parts.at(-1)?.shape[0];
  if (units !== (sigmoid ? 1 : fixture.K)) {
    throw new UnsupportedFixture(`dense of ${units} units with loss "${fixture.loss}"`);
  }
  checkNetwork(core, network);
  return { network, plan };
}

function checkNetwork(core: Core, network: NetworkConfig): void {
  try {
    core.checkNetwork(network);
  } catch (error) {
    throw new UnsupportedFixture(error instanceof Error ? error.message : String(error));
  }
}

// ---- The runs ---------------------------------------------------------------------------------

const GATES = { loss: 2e-6, gradient: 1e-5, weight: 2e-5, stepLogits: 1e-5, finalLogits: 1e-4 };
const NOISE = 10;

/** A file with what every run of it needs. */
interface Loaded extends Mapped {
  core: Core;
  fixture: Fixture;
  pixels: Uint8Array;
  places: Place[];
  statistics: Place[];
  initial: Float32Array;
  initialStatistics: Float32Array | undefined;
}

function load(core: Core, fixture: Fixture): Loaded {
  const { network, plan } = mapFixture(core, fixture);
  const [places, statistics] = [placesOf(plan.parts), placesOf(plan.statistics)];
  const [parameters, moving] = [places.at(-1)?.last ?? 0, statistics.at(-1)?.last ?? 0];
  if (fixture.params !== parameters && fixture.params !== parameters + moving) {
    throw new UnsupportedFixture(`${fixture.params} weights, this model has ${parameters}`);
  }
  const initial = new Float32Array(parameters);
  fill(initial, fixture.init, places);
  let initialStatistics: Float32Array | undefined;
  const state = { ...fixture.init, ...fixture.init_state };
  if (statistics.some((place) => arrayOf(state, place))) {
    initialStatistics = new Float32Array(moving);
    fill(initialStatistics, state, statistics);
  }
  checkNames('init', state, [...places, ...statistics]);
  const pixels = bytesOf(fixture.x_u8.u8_b64);
  const own = { core, fixture, pixels, places, statistics, initial, initialStatistics };
  return { network, plan, ...own };
}

function newTrainer(loaded: Loaded, optimiser: Partial<NetworkConfig>) {
  const { core, fixture, network, pixels, initial, initialStatistics } = loaded;
  const images = core.createImages(fixture.y.length, fixture.R, fixture.C);
  const labels = Uint8Array.from(fixture.y);
  images.copyNext({ pixels, labels, count: fixture.y.length }, fixture.y.length);
  const own = { ...network, ...optimiser };
  checkNetwork(core, own);
  const trainer = core.createTrainer(own, images, images);
  if (trainer.plan.parameters !== initial.length) {
    throw new Error(`the core has ${trainer.plan.parameters} weights, not ${initial.length}`);
  }
  trainer.setParameters(initial);
  if (initialStatistics) trainer.setStatistics(initialStatistics);
  return { trainer, images, network: own };
}

/** Step 0 on a trainer of its own, whose gradients are then those of the initial weights. */
function stepZero(loaded: Loaded): Comparison[] {
  const { fixture, pixels, places, plan } = loaded;
  const { step0, R, C } = fixture;
  const { trainer } = newTrainer(loaded, {});
  const values = R * R * C;
  const batch = new Uint8Array(step0.batch.length * values);
  step0.batch.forEach((index, i) => {
    batch.set(pixels.subarray(index * values, (index + 1) * values), i * values);
  });
  const comparisons: Comparison[] = [];
  if (plan.statistics.length === 0) {
    const logits = trainer.logits(batch, step0.batch.length);
    comparisons.push(compareArray('step 0 logits', logits, step0.logits, GATES.stepLogits, true));
  }
  const loss = relativeError(trainer.step(step0.batch), step0.loss_f64);
  const noise = step0.torch_f32_grad_max_rel_to_max;
  const gate = (place: Place) => Math.max(GATES.gradient, NOISE * (arrayOf(noise, place) ?? 0));
  const gradients = trainer.gradients();
  comparisons.push(
    compare('step 0 loss', loss, GATES.loss, 'relative'),
    ...compareParts('step 0 gradient', gradients, step0.grads, places, gate, true),
  );
  return comparisons;
}

/** Puts the biases whose exact gradient is zero to where decay alone would take them. */
function settleIdle(trainer: Trainer, places: readonly Place[], keep: number, idle: Float32Array) {
  const parameters = trainer.parameters();
  for (const place of places.filter((one) => one.idle)) {
    for (let i = place.first; i < place.last; i++) {
      idle[i] = (idle[i] ?? 0) * keep;
      parameters[i] = idle[i] ?? 0;
    }
  }
  trainer.setParameters(parameters);
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

/** A run's final arrays: moving averages may stand with the weights or apart. */
function finalOf({ final, final_state }: FixtureRun, statistics: readonly Place[]) {
  const names = new Set(statistics.flatMap((place) => place.names));
  const all = Object.entries({ ...final, ...final_state });
  return {
    weights: Object.fromEntries(all.filter(([name]) => !names.has(name))),
    moving: Object.fromEntries(all.filter(([name]) => names.has(name))),
  };
}

function runOne(loaded: Loaded, name: string, run: FixtureRun): Comparison[] {
  const { fixture, pixels, places, statistics, plan } = loaded;
  const { trainer, images, network } = newTrainer(loaded, optimiserOf(name, run.optimizer));
  const idle = Float32Array.from(loaded.initial);
  const keep = 1 - network.learning_rate * (network.weight_decay ?? 0);
  const errors = fixture.batches.map((batch, i) => {
    const loss = trainer.step(batch);
    if (plan.statistics.length > 0) settleIdle(trainer, places, keep, idle);
    return relativeError(loss, run.losses_f64[i] ?? Number.NaN);
  });
  const lossGate = Math.max(GATES.loss, NOISE * (run.torch_noise?.max_rel_loss ?? 0));
  const noise = run.torch_noise?.max_abs_weight;
  const gate = (place: Place) => Math.max(GATES.weight, NOISE * (arrayOf(noise, place) ?? 0));
  // An average follows the kernel in front of it: a hundredth of each tap's noise at every step.
  const movingGate = ({ behind }: Place) => {
    const taps = behind ? count(behind.shape.slice(0, 3)) : 0;
    const share = NOISE * taps * 0.01 * errors.length;
    return Math.max(GATES.weight, share * ((behind && arrayOf(noise, behind)) ?? 0));
  };
  const { final_eval: last } = run;
  const { weights, moving } = finalOf(run, statistics);
  const lastNoise = relativeError(last.loss_f32 ?? last.loss_f64, last.loss_f64);
  const lastGate = Math.max(lossGate, NOISE * lastNoise);
  // A loss near its lowest moves far less than its logits.
  const logitsGate = Math.max(GATES.finalLogits, NOISE * NOISE * lastNoise);
  const logits = trainer.logits(pixels, fixture.y.length);
  const score = trainer.evaluate(images);
  const wrong = Math.abs(score.correct - last.accuracy * score.count);
  const lossError = relativeError(score.loss, last.loss_f64);
  const comparisons = [
    compare(`${errors.length} losses`, Math.max(...errors), lossGate, 'relative'),
    ...compareParts('final', trainer.parameters(), weights, places, gate, false),
    ...compareParts('final', trainer.statistics(), moving, statistics, movingGate, false),
    compareArray('final logits', logits, last.logits, logitsGate, true),
    compare('final loss', lossError, lastGate, 'relative'),
    compare('final accuracy', wrong, countNearTies(last.logits) + 1e-6, 'pictures'),
  ];
  return comparisons.map((one) => ({ ...one, name: `${name} ${one.name}` }));
}

/** Runs everything in the file that the core can do; throws UnsupportedFixture where it can do
 *  none of it. */
export function runFixture(core: Core, fixture: Fixture): FixtureReport {
  const loaded = load(core, fixture);
  const report: FixtureReport = {
    id: fixture.id,
    comparisons: stepZero(loaded),
    runs: [],
    refused: [],
    notes: [],
  };
  const idle = loaded.places.filter((place) => place.idle).map(({ names }) => names[0]);
  if (idle.length > 0) {
    report.notes.push(
      `${idle.join(', ')}: exact gradient 0, not compared`,
      'step 0 logits: of the batch statistics, seen through loss and gradients only',
    );
  }
  for (const [name, run] of Object.entries(fixture.runs)) {
    try {
      report.comparisons.push(...runOne(loaded, name, run));
      report.runs.push(name);
    } catch (error) {
      if (!(error instanceof UnsupportedFixture)) throw error;
      report.refused.push({ run: name, reason: error.message });
    }
  }
  if (report.runs.length === 0) {
    throw new UnsupportedFixture(
      `no run that this model can do: ${report.refused.map(({ reason }) => reason).join('; ')}`,
    );
  }
  return report;
}
