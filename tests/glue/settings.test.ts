// One list of settings: the words and names of protocol.ts are those of the core, and what the core
// refuses is named.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Core, CoreError } from '../../wasm_glue/core';
import { SPLITS } from '../../wasm_glue/images';
import { LAYER_KINDS, TENSOR_KINDS } from '../../wasm_glue/layers';
import { CoreModule } from '../../wasm_glue/module';
import { type NetworkConfig, type SceneConfig, WORDS } from '../../wasm_glue/protocol';
import { SAVE_KINDS } from '../../wasm_glue/saved';
import { withNetwork } from '../../wasm_glue/settings';
import { PHASES } from '../../wasm_glue/trainer';
import { compiledCore, newCore } from './support';

// Checked by the compiler to hold every name of the two types, and by a test to be the core's.
const NETWORK_NAMES: Record<keyof NetworkConfig, true> = {
  resolution: true,
  channels: true,
  classes: true,
  blocks: true,
  filters: true,
  kernel: true,
  stride: true,
  padding: true,
  norm: true,
  pool: true,
  filters2: true,
  kernel2: true,
  stride2: true,
  padding2: true,
  norm2: true,
  pool2: true,
  filters3: true,
  kernel3: true,
  stride3: true,
  padding3: true,
  norm3: true,
  pool3: true,
  filters4: true,
  kernel4: true,
  stride4: true,
  padding4: true,
  norm4: true,
  pool4: true,
  head: true,
  grid: true,
  hidden: true,
  output: true,
  scaling: true,
  batch: true,
  epochs: true,
  optimiser: true,
  learning_rate: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  momentum: true,
  nesterov: true,
  schedule: true,
  warmup: true,
  weight_decay: true,
  l2: true,
  dropout: true,
  label_smoothing: true,
  clip_norm: true,
  shift: true,
  shift_edge: true,
  flip: true,
  pixel_noise: true,
  patience: true,
  seed: true,
};
const SCENE_NAMES: Record<keyof SceneConfig, true> = {
  family: true,
  reference: true,
  channels: true,
  classes: true,
  noise: true,
  radius: true,
  amplitude: true,
  stripes: true,
  band_low: true,
  band_width: true,
  snr: true,
  gratings: true,
  frequency_low: true,
  frequency_high: true,
  phase: true,
  jitter: true,
  rotation: true,
  scale_jitter: true,
  clutter: true,
  cue: true,
  cue_train: true,
  cue_test: true,
  patterns: true,
  relabel: true,
  downsample: true,
  label_noise: true,
  shuffle_test_labels: true,
  seed: true,
};

let core: Core;
beforeAll(async () => {
  core = await newCore();
});

function refusal(act: () => unknown): CoreError {
  try {
    act();
  } catch (error) {
    if (error instanceof CoreError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('words', () => {
  it('have the numbers of the C enums', () => {
    const numbers = core.constants();
    const prefixes: Record<string, string> = { family: 'SCENE', shift_edge: 'EDGE' };
    const others = { split: SPLITS, phase: PHASES, save: SAVE_KINDS };
    const lists = { ...WORDS, ...others, layer: LAYER_KINDS, tensor: TENSOR_KINDS };
    const seen = new Map<string, number>();
    for (const [field, words] of Object.entries(lists)) {
      const prefix = prefixes[field] ?? field.replace(/\d$/, '').toUpperCase();
      words.forEach((word, place) => {
        seen.set(`${prefix}_${word.toUpperCase()}`, place);
      });
    }
    expect([...seen].sort()).toEqual([...numbers].sort());
  });

  it('cover exactly the range of their field', () => {
    for (const field of [...core.networkFields(), ...core.sceneFields()]) {
      if (!(field.name in WORDS)) continue;
      expect([field.name, field.min, field.max]).toEqual([
        field.name,
        0,
        WORDS[field.name as keyof typeof WORDS].length - 1,
      ]);
    }
  });
});

describe('names', () => {
  it('of NetworkConfig are those of cnn_config', () => {
    const names = core.networkFields().map(({ name }) => name);
    expect(names).toEqual(Object.keys(NETWORK_NAMES));
    expect(Object.keys(core.networkDefaults())).toEqual(names);
  });

  it('that are left out mean the defaults', () => {
    const { resolution, channels, classes, filters, padding, pool, head, output, scaling } =
      core.networkDefaults();
    const { batch, epochs, learning_rate, seed } = core.networkDefaults();
    const short = { resolution, channels, classes, filters, padding, pool, head, output, scaling };
    const network: NetworkConfig = { ...short, batch, epochs, learning_rate, seed };
    expect(core.plan(network, 9, 9)).toEqual(core.plan(core.networkDefaults(), 9, 9));
  });

  it('of SceneConfig are those of cnn_scene', () => {
    const names = core.sceneFields().map(({ name }) => name);
    expect(names).toEqual(Object.keys(SCENE_NAMES));
    expect(Object.keys(core.sceneDefaults())).toEqual(names);
  });

  it('reach their own field: each value set alone comes back alone in the plan', () => {
    const plan = (change: Partial<NetworkConfig>) =>
      core.plan({ ...core.networkDefaults(), ...change }, 10, 10);
    expect(plan({ filters: 7 }).convParameters).toBe(70);
    expect(plan({ channels: 3 }).convParameters).toBe(28 * 16);
    expect(plan({ classes: 9 }).outputs).toBe(9);
    expect(plan({ resolution: 40 }).convSide).toBe(38);
    expect(plan({ padding: 'same' }).convSide).toBe(24);
    expect(plan({ pool: 'none' }).poolSide).toBe(22);
    expect(plan({ head: 'global_max' }).features).toBe(16);
    expect(plan({ head: 'global_average' }).features).toBe(16);
    expect(plan({ head: 'grid', grid: 3 }).features).toBe(144);
    expect(plan({ hidden: 6 }).headParameters).toBe((1936 + 1) * 6 + 7 * 5);
    expect(plan({ kernel: 5 }).convSide).toBe(20);
    expect(plan({ stride: 2 }).convSide).toBe(11);
    expect(plan({ norm: 'batch' }).statistics).toBe(32);
    expect(plan({ norm: 'layer' }).convParameters).toBe(160 + 32);
    expect(plan({ blocks: 0 }).features).toBe(576);
    expect(plan({ blocks: 3 }).poolSide).toBe(1);
    const second = { blocks: 2, filters2: 3, kernel2: 5, padding2: 'same', pool2: 'none' } as const;
    expect(plan({ ...second, norm2: 'batch' })).toMatchObject({
      convParameters: 160 + (400 + 1) * 3 + 6,
      statistics: 6,
      poolSide: 11,
    });
    expect(plan({ ...second, stride2: 2 }).poolSide).toBe(6);
    expect(plan({ output: 'sigmoid', classes: 2 }).outputs).toBe(1);
  });
});

describe('defaults', () => {
  it('are valid and are words where the field has words', () => {
    const network = core.networkDefaults();
    expect(network).toMatchObject({ head: 'flatten', padding: 'valid', scaling: 'standardise' });
    core.checkNetwork(network);
    core.checkScene(core.sceneDefaults(), network.resolution);
  });
});

describe('a refused setting', () => {
  const network = (change: object) => () =>
    core.checkNetwork({ ...core.networkDefaults(), ...change });
  const scene =
    (change: object, resolution = 24) =>
    () =>
      core.checkScene({ ...core.sceneDefaults(), ...change }, resolution);

  it.each([
    [
      'below its range',
      network({ resolution: 3 }),
      'CNN_ERROR_CONFIG',
      'resolution',
      /from 4 to 256/,
    ],
    ['above its range', network({ filters: 65 }), 'CNN_ERROR_CONFIG', 'filters', /from 1 to 64/],
    ['a fraction', network({ batch: 1.5 }), 'CNN_ERROR_CONFIG', 'batch', /whole number/],
    ['not a number', network({ beta1: Number.NaN }), 'CNN_ERROR_CONFIG', 'beta1', /a number from/],
    [
      'an unknown word',
      network({ head: 'transformer' }),
      'CNN_ERROR_CONFIG',
      'head',
      /one of flatten/,
    ],
    ['an unknown name', network({ drop: 1 }), 'CNN_ERROR_CONFIG', 'drop', /no setting named/],
    [
      'a word of a later block',
      network({ pool3: 'max3' }),
      'CNN_ERROR_CONFIG',
      'pool3',
      /average2/,
    ],
    ['a forbidden kernel', network({ kernel: 4 }), 'CNN_ERROR_CONFIG', 'kernel', /change it/],
    ['too many blocks', network({ blocks: 4 }), 'CNN_ERROR_CONFIG', 'blocks', /blocks is 4/],
    ['a wide grid', network({ head: 'grid', grid: 12 }), 'CNN_ERROR_CONFIG', 'grid', /grid is 12/],
    ['a forbidden middle', network({ channels: 2 }), 'CNN_ERROR_CONFIG', 'channels', /change it/],
    ['sigmoid of five', network({ output: 'sigmoid' }), 'CNN_ERROR_OUTPUT', 'output', /softmax/],
    ['of a scene', scene({ noise: 121 }), 'CNN_ERROR_SCENE', 'noise', /from 0 to 120/],
    ['not a divisor', scene({}, 25), 'CNN_ERROR_SCENE', 'resolution', /resolution is 25/],
    [
      'of a family',
      scene({ family: 'templates', classes: 64 }),
      'CNN_ERROR_SCENE',
      'classes',
      /64/,
    ],
  ])('%s is named with its remedy', (_what, act, code, field, remedy) => {
    const error = refusal(act);
    expect([error.code, error.field]).toEqual([code, field]);
    expect(error.message).toMatch(remedy);
  });

  it('that was left out is shown with its default', () => {
    const { grid: _left, ...others } = core.networkDefaults();
    const error = refusal(() => core.checkNetwork({ ...others, resolution: 4, head: 'grid' }));
    expect(error.field).toBe('grid');
    expect(error.message).toMatch(/grid is 2, which does not go/);
  });

  it('of no setting has no field but a remedy', () => {
    const error = refusal(() => core.plan(core.networkDefaults(), 0, 5));
    expect([error.code, error.field]).toEqual(['CNN_ERROR_EMPTY', undefined]);
    expect(error.message).toMatch(/give at least one/);
  });

  it('leaves no memory behind', async () => {
    const module = CoreModule.instantiate(await compiledCore());
    const probe = () => {
      const block = module.alloc(100);
      module.free(block);
      return block;
    };
    const before = probe();
    const wrong = { ...core.networkDefaults(), channels: 2 } as unknown as NetworkConfig;
    refusal(() => withNetwork(module, wrong, () => undefined));
    refusal(() => withNetwork(module, { ...wrong, filters: 99 }, () => undefined));
    expect(probe()).toBe(before);
  });
});
