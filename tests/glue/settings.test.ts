// One list of settings: the words and names of protocol.ts are those of the core, and what the core
// refuses is named.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Core, CoreError } from '../../wasm_glue/core';
import { SPLITS } from '../../wasm_glue/images';
import { CoreModule } from '../../wasm_glue/module';
import { type NetworkConfig, type SceneConfig, WORDS } from '../../wasm_glue/protocol';
import { withNetwork } from '../../wasm_glue/settings';
import { PHASES } from '../../wasm_glue/trainer';
import { compiledCore, newCore } from './support';

// Checked by the compiler to hold every name of the two types, and by a test to be the core's.
const NETWORK_NAMES: Record<keyof NetworkConfig, true> = {
  resolution: true,
  channels: true,
  classes: true,
  filters: true,
  padding: true,
  pool: true,
  head: true,
  output: true,
  scaling: true,
  batch: true,
  epochs: true,
  learning_rate: true,
  beta1: true,
  beta2: true,
  epsilon: true,
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
    const prefixes: Record<string, string> = { family: 'CNN_SCENE' };
    const seen = new Map<string, number>();
    for (const [field, words] of Object.entries({ ...WORDS, split: SPLITS, phase: PHASES })) {
      const prefix = prefixes[field] ?? `CNN_${field.toUpperCase()}`;
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
      network({ head: 'attention' }),
      'CNN_ERROR_CONFIG',
      'head',
      /one of flatten/,
    ],
    ['an unknown name', network({ dropout: 1 }), 'CNN_ERROR_CONFIG', 'dropout', /no setting named/],
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
