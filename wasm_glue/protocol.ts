// The words that the page and its training workers exchange, and the plain types of a run.
// Nothing here touches memory or the DOM; both sides and the tests import it.

const PADDING = ['valid', 'same'] as const;
const NORM = ['none', 'batch', 'layer'] as const;
const POOL = ['none', 'max2', 'average2'] as const;

/** The words of every setting that the core keeps as a number; a word's place is that number. A
 *  digit is the number of a convolution block; the first has none. */
export const WORDS = {
  padding: PADDING,
  norm: NORM,
  pool: POOL,
  padding2: PADDING,
  norm2: NORM,
  pool2: POOL,
  padding3: PADDING,
  norm3: NORM,
  pool3: POOL,
  padding4: PADDING,
  norm4: NORM,
  pool4: POOL,
  head: ['flatten', 'global_max', 'global_average', 'grid', 'attention'],
  output: ['softmax', 'sigmoid'],
  scaling: ['unit', 'standardise'],
  optimiser: ['adam', 'adam_torch', 'sgd'],
  schedule: ['constant', 'cosine'],
  shift_edge: ['wrap', 'repeat'],
  family: ['striped_ball', 'templates', 'textures', 'noise', 'signs', 'polygons', 'hues'],
} as const;
export type WordField = keyof typeof WORDS;
export type Padding = (typeof PADDING)[number];
export type Norm = (typeof NORM)[number];
export type Pool = (typeof POOL)[number];
export type Head = (typeof WORDS.head)[number];
export type Output = (typeof WORDS.output)[number];
export type Scaling = (typeof WORDS.scaling)[number];
export type Optimiser = (typeof WORDS.optimiser)[number];
export type Schedule = (typeof WORDS.schedule)[number];
export type ShiftEdge = (typeof WORDS.shift_edge)[number];
export type SceneFamily = (typeof WORDS.family)[number];

/** Names of cnn_config's fields (core/include/cnn.h, CNN_CONFIG_FIELDS); ranges are checked there.
 *  What is left out has the core's default, which changes nothing: one block of 3 x 3 with stride 1
 *  and no norm, no hidden layer, Adam with Keras' constants, no regularisation, no augmentation. */
export interface NetworkConfig {
  resolution: number;
  channels: 1 | 3;
  classes: number;
  blocks?: number;
  filters: number;
  kernel?: number;
  stride?: number;
  padding: Padding;
  norm?: Norm;
  pool: Pool;
  filters2?: number;
  kernel2?: number;
  stride2?: number;
  padding2?: Padding;
  norm2?: Norm;
  pool2?: Pool;
  filters3?: number;
  kernel3?: number;
  stride3?: number;
  padding3?: Padding;
  norm3?: Norm;
  pool3?: Pool;
  filters4?: number;
  kernel4?: number;
  stride4?: number;
  padding4?: Padding;
  norm4?: Norm;
  pool4?: Pool;
  head: Head;
  grid?: number;
  hidden?: number;
  output: Output;
  scaling: Scaling;
  batch: number;
  epochs: number;
  optimiser?: Optimiser;
  learning_rate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  momentum?: number;
  nesterov?: 0 | 1;
  schedule?: Schedule;
  warmup?: number;
  weight_decay?: number;
  l2?: number;
  dropout?: number;
  label_smoothing?: number;
  clip_norm?: number;
  shift?: number;
  shift_edge?: ShiftEdge;
  flip?: 0 | 1;
  pixel_noise?: number;
  patience?: number;
  seed: number;
}

/** Names of cnn_scene's fields (CNN_SCENE_FIELDS). */
export interface SceneConfig {
  family: SceneFamily;
  reference: 192 | 256;
  channels: 1 | 3;
  classes: number;
  noise: number;
  radius: number;
  amplitude: number;
  stripes: number;
  band_low: number;
  band_width: number;
  snr: number;
  gratings: number;
  frequency_low: number;
  frequency_high: number;
  phase: 0 | 1;
  jitter: number;
  rotation: number;
  scale_jitter: number;
  clutter: number;
  cue: number;
  cue_train: number;
  cue_test: number;
  patterns: number;
  /** 0 nested, 1 arbitrary. */
  relabel: 0 | 1;
  /** 0 area, 1 nearest, 2 bilinear. */
  downsample: 0 | 1 | 2;
  label_noise: number;
  shuffle_test_labels: 0 | 1;
  seed: number;
}

/** u8 images [count][side][side][channels] (NHWC) with one label each. */
export interface ImageSet {
  pixels: Uint8Array;
  labels: Uint8Array;
  count: number;
}

/** Where a run's pictures come from. Nothing after the worker's first step knows which. */
export type DataSpec =
  | { kind: 'scene'; scene: SceneConfig; trainCount: number; testCount: number }
  | { kind: 'images'; train: ImageSet; test: ImageSet };

export interface RunSpec {
  network: NetworkConfig;
  data: DataSpec;
}

/** What a network is and needs before it runs; mirrors cnn_plan. */
export interface Plan {
  /** Memory of the trainer block in bytes (the pictures come on top). */
  bytes: number;
  /** Sides of the first convolution's output and of the map that the head reads. */
  convSide: number;
  poolSide: number;
  features: number;
  outputs: number;
  convParameters: number;
  headParameters: number;
  /** What training changes. */
  parameters: number;
  /** Moving means and variances of the batch norms. */
  statistics: number;
  /** Forward multiply-adds per image. */
  convMacs: number;
  headMacs: number;
  /** Work units of one epoch, both evaluations included. */
  epochWork: number;
}

export interface Score {
  /** Mean cross-entropy in nats. */
  loss: number;
  correct: number;
  count: number;
}

/** Both sets re-evaluated with the weights at the end of an epoch (1-based). */
export interface EpochResult {
  epoch: number;
  train: Score;
  test: Score;
}

export interface RunResult {
  /** 16 hexadecimal digits: hash of the final weights and every epoch's scores. */
  fingerprint: string;
  /** FNV-1a hash of the pictures and labels of both sets, 16 hexadecimal digits. */
  dataHash: string;
  /** Test score of the nearest class mean on the same pictures (it has no probabilities: loss 0);
   *  null where it would hold the run up. */
  nearestMean: Score | null;
  /** Seconds spent working: drawing or copying pictures, and training with both evaluations. */
  dataSeconds: number;
  trainSeconds: number;
  /** The epoch whose weights the run ended with; only where `patience` let it choose the best. */
  bestEpoch?: number;
}

/** 'drawing': the pictures are being drawn or copied. 'stopped': ended before the last epoch, by
 *  `stop` or because the numbers ran away (then `failed` came first); finished epochs stay true. */
export type RunState = 'drawing' | 'training' | 'paused' | 'finished' | 'stopped' | 'failed';

/** Why a run ended early. */
export interface RunFailure {
  /** A cnn_status name, or 'memory' (this machine has not enough) or 'crash' (it is a bug). */
  code: string;
  /** The setting at fault, where there is one. */
  field?: string;
  /** What happened and what to do, in plain English. */
  message: string;
  /** The epoch (1-based) that did not finish; 0 before training. */
  epoch: number;
}

export interface Speed {
  /** Training: seconds per work unit (Plan.epochWork). */
  secondsPerWork: number;
  /** Drawing: seconds per value of a picture at its reference size (reference^2 * channels). */
  secondsPerSceneValue: number;
}

/** What may be asked of a run that was started. `step` trains to the end of the next epoch, then
 *  pauses; it also wakes a paused run. */
export type RunCommand = 'pause' | 'resume' | 'step' | 'stop';

/** Page to worker. `run` numbers a start; a worker answers only about its present run, and a new
 *  start or calibration ends the one before it without a word. */
export type ToWorker =
  | { type: 'init'; module: WebAssembly.Module }
  /** `paused`: waits for resume or step before the first picture. */
  | { type: 'start'; run: number; spec: RunSpec; paused?: boolean }
  | { type: RunCommand; run: number }
  /** Measures this machine with a short training, about 400 ms. */
  | { type: 'calibrate'; run: number };

export interface RunProgress {
  /** Share of the whole run done, 0..1. */
  done: number;
  /** Finished epochs. */
  epoch: number;
  /** Epochs finished since the last message, in order. */
  epochs: EpochResult[];
}

/** Worker to page. At most 20 progress messages a second, epochs batched; those of a run come in
 *  order, and its last progress comes before `finished` or `failed`, its last state after. */
export type FromWorker =
  | { type: 'ready' }
  | { type: 'state'; run: number; state: RunState }
  | ({ type: 'progress'; run: number } & RunProgress)
  | { type: 'finished'; run: number; result: RunResult }
  | ({ type: 'calibrated'; run: number } & Speed)
  | ({ type: 'failed'; run: number } & RunFailure);
