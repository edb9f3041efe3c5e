// The words that the page and its training workers exchange, and the plain types of a run.
// Nothing here touches memory or the DOM; both sides and the tests import it.

/** Names of cnn_config's fields (core/include/cnn.h, CNN_CONFIG_FIELDS); ranges are checked there. */
export interface NetworkConfig {
  resolution: number;
  channels: 1 | 3;
  classes: number;
  filters: number;
  padding: Padding;
  pool: Pool;
  head: Head;
  output: Output;
  scaling: Scaling;
  batch: number;
  epochs: number;
  learning_rate: number;
  seed: number;
}
export type Padding = 'valid' | 'same';
export type Pool = 'none' | 'max2';
export type Head = 'flatten' | 'global_max' | 'global_average';
export type Output = 'softmax' | 'sigmoid';
export type Scaling = 'unit' | 'standardise';

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
  label_noise: number;
  shuffle_test_labels: 0 | 1;
  seed: number;
}
export type SceneFamily = 'striped_ball' | 'templates' | 'textures' | 'noise';

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
  convSide: number;
  poolSide: number;
  features: number;
  outputs: number;
  convParameters: number;
  headParameters: number;
  parameters: number;
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
  /** Hash of the pictures and labels of both sets, 16 hexadecimal digits. */
  dataHash: string;
  /** Test score of the nearest class mean on the same pictures; null if it did not run. */
  nearestMean: Score | null;
  /** Seconds spent drawing or preparing pictures, and training with evaluation, pauses left out. */
  dataSeconds: number;
  trainSeconds: number;
}

export type RunState = 'drawing' | 'training' | 'paused' | 'finished' | 'stopped' | 'failed';

/** Page to worker. `run` numbers a start; a worker answers only about its present run. */
export type ToWorker =
  | { type: 'init'; module: WebAssembly.Module }
  | { type: 'start'; run: number; spec: RunSpec; paused?: boolean }
  | { type: 'pause'; run: number }
  | { type: 'resume'; run: number }
  /** Trains to the end of the next epoch, then pauses. */
  | { type: 'step'; run: number }
  | { type: 'stop'; run: number }
  /** Measures this machine: seconds per work unit and per scene value; about 100 ms. */
  | { type: 'calibrate'; run: number };

/** Worker to page. At most 20 messages a second per run, epochs batched. */
export type FromWorker =
  | { type: 'ready' }
  | { type: 'state'; run: number; state: RunState }
  | {
      type: 'progress';
      run: number;
      /** Share of the whole run done, 0..1. */
      done: number;
      epoch: number;
      /** Epochs finished since the last message, in order. */
      epochs: EpochResult[];
    }
  | { type: 'finished'; run: number; result: RunResult }
  | { type: 'calibrated'; run: number; secondsPerWork: number; secondsPerSceneValue: number }
  /** `code` is a cnn_status name or 'memory' | 'crash'; `message` names what and the remedy. */
  | { type: 'failed'; run: number; code: string; message: string; epoch: number };
