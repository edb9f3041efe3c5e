// What a network is made of, without training it: the layers that an image passes, and the arrays
// of numbers that it owns. Inspection and saved weights name both by their place in these lists.
import type { CoreModule, Pointer } from './module';
import type { NetworkConfig } from './protocol';
import { withNetwork } from './settings';

/** A word's place is the core's number (CNN_LAYER_*). */
export const LAYER_KINDS = [
  'input',
  'conv',
  'norm',
  'relu',
  'pool',
  'head',
  'hidden',
  'logits',
  'probabilities',
] as const;
export type LayerKind = (typeof LAYER_KINDS)[number];

/** Mirrors cnn_layer. */
export interface Layer {
  kind: LayerKind;
  /** 1 to 4 for conv, norm, relu and pool; else 0. */
  block: number;
  /** Of the map [side][side][channels]; 1 for vectors. */
  side: number;
  channels: number;
  /** Trained ones of this layer. */
  parameters: number;
}

/** A word's place is the core's number (CNN_TENSOR_*). */
export const TENSOR_KINDS = [
  'kernel',
  'bias',
  'gamma',
  'beta',
  'query',
  'moving_mean',
  'moving_variance',
] as const;
export type TensorKind = (typeof TENSOR_KINDS)[number];

/** Mirrors cnn_tensor. */
export interface Tensor {
  kind: TensorKind;
  /** Its place in the list of layers. */
  layer: number;
  /** 1, 2 or 4 numbers. */
  shape: number[];
  /** Values. */
  count: number;
  /** First value in Trainer.parameters(), or in Trainer.statistics() for the two moving kinds. */
  offset: number;
}

/** CNN_MAX_LAYERS and CNN_MAX_TENSORS of cnn.h. */
const MOST_LAYERS = 21;
const MOST_TENSORS = 29;

/** Rows of `width` doubles behind their count. */
function rowsOf(
  core: CoreModule,
  most: number,
  width: number,
  call: (out: Pointer) => number,
): number[][] {
  const [count = 0, ...values] = core.doubles(1 + most * width, call);
  return Array.from({ length: count }, (_, i) => values.slice(i * width, (i + 1) * width));
}

function wordOf<T>(words: readonly T[], place = -1): T {
  const word = words[place];
  if (word === undefined) throw new Error(`the core named kind ${place}, which has no word`);
  return word;
}

export function layersOf(core: CoreModule, network: NetworkConfig): Layer[] {
  const rows = withNetwork(core, network, (config) =>
    rowsOf(core, MOST_LAYERS, 5, (out) => core.exports.pvl_config_layers(out, config)),
  );
  return rows.map(([kind, block = 0, side = 0, channels = 0, parameters = 0]) => ({
    kind: wordOf(LAYER_KINDS, kind),
    block,
    side,
    channels,
    parameters,
  }));
}

export function tensorsOf(core: CoreModule, network: NetworkConfig): Tensor[] {
  const rows = withNetwork(core, network, (config) =>
    rowsOf(core, MOST_TENSORS, 8, (out) => core.exports.pvl_config_tensors(out, config)),
  );
  return rows.map((row) => {
    const [kind, layer = 0, rank = 0] = row;
    const shape = row.slice(3, 3 + rank);
    const count = shape.reduce((product, side) => product * side, 1);
    return { kind: wordOf(TENSOR_KINDS, kind), layer, shape, count, offset: row[7] ?? 0 };
  });
}
