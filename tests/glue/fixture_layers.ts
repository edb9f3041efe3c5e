// A training fixture's list of layers as the core's settings. The spelling of frameworks is
// understood (MaxPooling2D, pool_size, Linear, ...); what the core does not have is refused by name.
import type { NetworkConfig } from '../../wasm_glue/protocol';

export type Options = Record<string, unknown>;
export type Layer = Options & { type: string };

/** The file asks for something that the core does not have. */
export class UnsupportedFixture extends Error {
  override readonly name = 'UnsupportedFixture';
}

/** One of the network's arrays: its name in the file, and its length. */
export interface Part {
  names: string[];
  shape: number[];
  /** The exact gradient is zero: a bias that batch normalisation takes away again. */
  idle: boolean;
  /** The kernel that a moving average follows. */
  behind?: Part;
}

export interface LayerPlan {
  settings: Partial<NetworkConfig>;
  /** In the order of the core's flat parameters. */
  parts: Part[];
  /** In the order of the core's moving averages. */
  statistics: Part[];
}

// ---- Spelling ---------------------------------------------------------------------------------

const TYPES: Record<string, string> = {
  conv: 'conv2d',
  convolution: 'conv2d',
  convolution2d: 'conv2d',
  bn: 'batchnorm',
  batchnorm2d: 'batchnorm',
  batchnormalization: 'batchnorm',
  batchnormalisation: 'batchnorm',
  ln: 'layernorm',
  layernormalization: 'layernorm',
  layernormalisation: 'layernorm',
  maxpool2d: 'maxpool',
  maxpooling: 'maxpool',
  maxpooling2d: 'maxpool',
  avgpool2d: 'avgpool',
  averagepool: 'avgpool',
  averagepool2d: 'avgpool',
  averagepooling: 'avgpool',
  averagepooling2d: 'avgpool',
  meanpool: 'avgpool',
  globalaverage: 'gap',
  globalaveragepool: 'gap',
  globalaveragepool2d: 'gap',
  globalaveragepooling: 'gap',
  globalaveragepooling2d: 'gap',
  globalavgpool: 'gap',
  globalavgpool2d: 'gap',
  globalmax: 'gmp',
  globalmaxpool: 'gmp',
  globalmaxpool2d: 'gmp',
  globalmaxpooling: 'gmp',
  globalmaxpooling2d: 'gmp',
  gridaverage: 'grid',
  gridpool: 'grid',
  gridaveragepool: 'grid',
  adaptiveavgpool: 'grid',
  adaptiveavgpool2d: 'grid',
  adaptiveaveragepool: 'grid',
  adaptiveaveragepool2d: 'grid',
  adaptiveaveragepooling2d: 'grid',
  attentionpool: 'attention',
  attentionpooling: 'attention',
  linear: 'dense',
  fc: 'dense',
  fullyconnected: 'dense',
};

const OPTIONS: Record<string, string> = {
  outchannels: 'filters',
  kernelsize: 'kernel',
  ksize: 'kernel',
  strides: 'stride',
  pad: 'padding',
  pads: 'padding',
  over: 'axis',
  axes: 'axis',
  dim: 'axis',
  dims: 'axis',
  numfeatures: 'filters',
  normalizedshape: 'filters',
  usebias: 'bias',
  epsilon: 'eps',
  poolsize: 'size',
  outputsize: 'size',
  grid: 'size',
  outfeatures: 'units',
  p: 'rate',
};

/** The last axis of NHWC; the length of gamma is checked when it is read. */
const CHANNELS = [-1, 3, 'channels', 'channel', 'last', 'filters', 'features', 'C'];

/** Values that an option may have where it is given; 'any' is read elsewhere. */
const ALLOWED: Record<string, Record<string, unknown[] | 'any'>> = {
  conv2d: {
    filters: 'any',
    kernel: [3, 5],
    padding: 'any',
    stride: [1, 2],
    dilation: [1],
    groups: [1],
    bias: [true],
    activation: ['linear', 'none', 'relu'],
  },
  batchnorm: {
    eps: [1e-3],
    momentum: [0.99],
    axis: CHANNELS,
    filters: 'any',
    affine: [true],
    center: [true],
    scale: [true],
  },
  layernorm: {
    eps: [1e-3],
    axis: CHANNELS,
    filters: 'any',
    affine: [true],
    center: [true],
    scale: [true],
  },
  relu: {},
  maxpool: { size: [2], kernel: [2], stride: [2], padding: ['valid', 0] },
  avgpool: { size: [2], kernel: [2], stride: [2], padding: ['valid', 0] },
  flatten: {},
  gap: {},
  gmp: {},
  grid: { size: 'any' },
  attention: {},
  dense: { units: 'any', bias: [true], activation: ['linear', 'none', 'relu'] },
  dropout: { rate: [0] },
};

/** Options that only tell the reader something. */
const REMARKS = ['name', 'note', 'form', 'what', 'comment', 'convention', 'rule'];

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** [3, 3] counts as 3, "SAME" as "same". */
function single(value: unknown): unknown {
  if (typeof value === 'string') return value.length > 1 ? value.toLowerCase() : value;
  if (!Array.isArray(value) || value.length === 0) return value;
  return value.every((item) => item === value[0]) ? single(value[0]) : value;
}

interface Read {
  type: string;
  options: Options;
  /** Place in the file's list, by which its arrays are named. */
  index: number;
}

function readLayer(layer: Layer, index: number): Read[] {
  const written = plain(layer.type);
  const own = { ...layer };
  if (written === 'activation') Object.assign(own, { type: String(layer['activation']) });
  const type = TYPES[plain(own.type)] ?? plain(own.type);
  const allowed = ALLOWED[type];
  if (!allowed) throw new UnsupportedFixture(`layer ${index}: ${own.type} is not in this model`);
  const options: Options = {};
  for (const [key, value] of Object.entries(layer)) {
    const name = OPTIONS[plain(key)] ?? plain(key);
    if (key === 'type' || value === null || REMARKS.includes(name)) continue;
    if (written === 'activation' && name === 'activation') continue;
    const values = allowed[name];
    // A file may give the word and, beside it, the rows of zeros.
    if (name === 'padding' && type === 'conv2d' && typeof value !== 'string') {
      options['zeros'] = value;
      continue;
    }
    options[name] = single(value);
    if (values === 'any' || values?.includes(options[name])) continue;
    throw new UnsupportedFixture(
      `layer ${index}: ${own.type} with ${key} = ${JSON.stringify(value)} is not in this model`,
    );
  }
  if (type === 'dropout') return [];
  const read = [{ type, options, index }];
  if (options['activation'] === 'relu') read.push({ type: 'relu', options: {}, index });
  return read;
}

// ---- Blocks -----------------------------------------------------------------------------------

const POOLS: Record<string, NetworkConfig['pool']> = { maxpool: 'max2', avgpool: 'average2' };
const NORMS = { batchnorm: 'batch', layernorm: 'layer' } as const;
const HEADS: Record<string, NetworkConfig['head']> = {
  flatten: 'flatten',
  gap: 'global_average',
  gmp: 'global_max',
  grid: 'grid',
  attention: 'attention',
};
const ORDER =
  'up to four times conv2d, batchnorm or layernorm or neither, relu, maxpool or avgpool or ' +
  'neither; then flatten, gap, gmp, grid or attention; then perhaps dense and relu; then dense';

const KERNEL = ['kernel', 'weight', 'weights', 'w'];
const BIAS = ['bias', 'b'];
const GAMMA = ['gamma', 'scale', 'weight'];
const BETA = ['beta', 'offset', 'shift', 'bias'];
const QUERY = ['query', 'q', 'weight', 'kernel'];
const MEAN = ['moving_mean', 'running_mean', 'mean'];
const VARIANCE = ['moving_var', 'moving_variance', 'running_var', 'running_variance', 'var'];

function part(index: number, names: string[], shape: number[], idle = false): Part {
  return { names: names.map((name) => `${index}.${name}`), shape, idle };
}

/** Rows of zeros before and after as a file writes them, or nothing for another form: one number,
 *  [before, after], a pair for each direction, [top, bottom, left, right] or ONNX' [top, left,
 *  bottom, right]. */
function rowsOf(zeros: unknown): [number, number] | undefined {
  const flat = [zeros].flat(2).map(Number);
  const [a = 0, b = a, c = a, d = b] = flat;
  if (a === c && b === d) return [a, b];
  return a === b && c === d ? [a, c] : undefined;
}

/** `padding` in the core's words; rows of zeros must be those of the word, or decide it. */
function paddingOf({ index, options }: Read, side: number, kernel: number, stride: number) {
  const { padding: word, zeros = word === undefined || word === 'valid' ? 0 : undefined } = options;
  const total = Math.max((Math.ceil(side / stride) - 1) * stride + kernel - side, 0);
  const same = [Math.floor(total / 2), Math.ceil(total / 2)].join();
  const given = zeros === undefined ? same : rowsOf(zeros)?.join();
  if (given === '0,0' && (word ?? 'valid') === 'valid') return 'valid';
  if (given === same && (word ?? 'same') === 'same') return 'same';
  throw new UnsupportedFixture(
    `layer ${index}: conv2d with padding = ${JSON.stringify(zeros ?? word)} is not in this model`,
  );
}

interface Map2d {
  side: number;
  channels: number;
}

/** Reads the tokens of a network one after the other. */
class Reader {
  readonly plan: LayerPlan = { settings: {}, parts: [], statistics: [] };
  private at = 0;

  constructor(
    private readonly layers: Read[],
    private map: Map2d,
  ) {}

  private take(...types: string[]): Read | undefined {
    const layer = this.layers[this.at];
    if (!layer || !types.includes(layer.type)) return undefined;
    this.at++;
    return layer;
  }

  private need(...types: string[]): Read {
    const layer = this.take(...types);
    if (layer) return layer;
    const found = this.layers.map(({ type }) => type).join(', ');
    throw new UnsupportedFixture(`layers ${found}: this model has ${ORDER}`);
  }

  /** One block; false where there is none. */
  block(number: number): boolean {
    const conv = this.take('conv2d');
    if (!conv) return false;
    const norm = this.take('batchnorm', 'layernorm');
    // The maximum of ReLUs is the ReLU of the maximum.
    const early = this.take('maxpool');
    this.need('relu');
    const pool = early ?? this.take('maxpool', 'avgpool');
    const { index, options } = conv;
    const kernel = Number(options['kernel']);
    const stride = Number(options['stride'] ?? 1);
    const filters = Number(options['filters']);
    const { side, channels } = this.map;
    const padding = paddingOf(conv, side, kernel, stride);
    const normed = norm?.type as keyof typeof NORMS | undefined;
    const n = number === 1 ? '' : String(number);
    Object.assign(this.plan.settings, {
      [`filters${n}`]: filters,
      [`kernel${n}`]: kernel,
      [`stride${n}`]: stride,
      [`padding${n}`]: padding,
      [`norm${n}`]: normed ? NORMS[normed] : 'none',
      [`pool${n}`]: pool ? POOLS[pool.type] : 'none',
    });
    const behind = part(index, KERNEL, [kernel, kernel, channels, filters]);
    this.plan.parts.push(behind, part(index, BIAS, [filters], normed === 'batchnorm'));
    if (norm) {
      this.plan.parts.push(part(norm.index, GAMMA, [filters]), part(norm.index, BETA, [filters]));
    }
    if (norm?.type === 'batchnorm') {
      this.plan.statistics.push(
        { ...part(norm.index, MEAN, [filters]), behind },
        { ...part(norm.index, VARIANCE, [filters]), behind },
      );
    }
    const reach = padding === 'same' ? side : side - kernel + 1;
    const convolved = Math.ceil(reach / stride);
    this.map = { side: pool ? Math.floor(convolved / 2) : convolved, channels: filters };
    return true;
  }

  /** From the head to the end. */
  finish(): void {
    const head = this.need(...Object.keys(HEADS));
    const { side, channels } = this.map;
    const grid = Number(head.options['size'] ?? 2);
    const features = {
      flatten: channels * side * side,
      grid: channels * grid * grid,
    }[head.type];
    Object.assign(this.plan.settings, { head: HEADS[head.type] });
    if (head.type === 'grid') Object.assign(this.plan.settings, { grid });
    if (head.type === 'attention') this.plan.parts.push(part(head.index, QUERY, [channels]));
    let inputs = features ?? channels;
    let dense = this.need('dense');
    const hidden = this.take('relu') ? Number(dense.options['units']) : 0;
    if (hidden > 0) {
      this.plan.parts.push(
        part(dense.index, KERNEL, [inputs, hidden]),
        part(dense.index, BIAS, [hidden]),
      );
      inputs = hidden;
      dense = this.need('dense');
    }
    const units = Number(dense.options['units']);
    this.plan.parts.push(
      part(dense.index, KERNEL, [inputs, units]),
      part(dense.index, BIAS, [units]),
    );
    Object.assign(this.plan.settings, { hidden });
    if (this.at < this.layers.length) this.need('the end');
  }
}

/** Settings and arrays of a file's layers on R x R x C pictures, or UnsupportedFixture. */
export function planLayers(layers: Layer[], resolution: number, channels: number): LayerPlan {
  const reader = new Reader(layers.flatMap(readLayer), { side: resolution, channels });
  let blocks = 0;
  while (reader.block(blocks + 1)) blocks++;
  reader.finish();
  Object.assign(reader.plan.settings, { blocks });
  return reader.plan;
}
