// Weights and work of every cell of the parameter table: Conv2D(32, 3x3, valid) on 3 channels,
// ReLU, 2x2 max pool, Flatten, Dense. P = floor((R-2)/2), weights = 28*32 + (32 P^2 + 1) * outputs.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../wasm_glue/core';
import type { NetworkConfig } from '../../wasm_glue/protocol';
import { newCore } from './support';

const CLASSES = [2, 3, 5, 10, 20, 50, 100];
/** R, P, weights with 2 classes and sigmoid, weights of softmax by CLASSES, conv multiply-adds. */
const TABLE: [number, number, number, number[], number][] = [
  [8, 3, 1185, [1474, 1763, 2341, 3786, 6676, 15346, 29796], 31104],
  [16, 7, 2465, [4034, 5603, 8741, 16586, 32276, 79346, 157796], 169344],
  [28, 13, 6305, [11714, 17123, 27941, 54986, 109076, 271346, 541796], 584064],
  [32, 15, 8097, [15298, 22499, 36901, 72906, 144916, 360946, 720996], 777600],
  [48, 23, 17825, [34754, 51683, 85541, 170186, 339476, 847346, 1693796], 1828224],
  [64, 31, 31649, [62402, 93155, 154661, 308426, 615956, 1538546, 3076196], 3321216],
  [96, 47, 71585, [142274, 212963, 354341, 707786, 1414676, 3535346, 7069796], 7634304],
  [128, 63, 127905, [254914, 381923, 635941, 1270986, 2541076, 6351346, 12701796], 13716864],
  [192, 95, 289697, [578498, 867299, 1444901, 2888906, 5776916, 14440946, 28880996], 31190400],
  [256, 127, 517025, [1033154, 1549283, 2581541, 5162186, 10323476, 25807346, 51613796], 55741824],
];
/** Weights of a global head at any size. */
const GLOBAL_SIGMOID = 929;
const GLOBAL = [962, 995, 1061, 1226, 1556, 2546, 4196];

let core: Core;
beforeAll(async () => {
  core = await newCore();
});

function plan(change: Partial<NetworkConfig>) {
  const network = { ...core.networkDefaults(), channels: 3, filters: 32 } as const;
  return core.plan({ ...network, ...change }, 100, 100);
}

it.each(TABLE)('%i x %i pixels', (resolution, side, sigmoid, softmax, macs) => {
  const binary = plan({ resolution, classes: 2, output: 'sigmoid' });
  expect([binary.poolSide, binary.parameters, binary.convMacs]).toEqual([side, sigmoid, macs]);
  const weights = CLASSES.map((classes) => plan({ resolution, classes }).parameters);
  expect(weights).toEqual(softmax);
});

it.each(['global_max', 'global_average'] as const)(
  '%s has the same weights at any size',
  (head) => {
    for (const resolution of [8, 28, 256]) {
      expect(plan({ resolution, head, classes: 2, output: 'sigmoid' }).parameters).toBe(
        GLOBAL_SIGMOID,
      );
      const weights = CLASSES.map((classes) => plan({ resolution, head, classes }).parameters);
      expect(weights).toEqual(GLOBAL);
    }
  },
);

it('the parts add up', () => {
  const { features, outputs, convParameters, headParameters, parameters, headMacs } = plan({
    resolution: 64,
    classes: 5,
  });
  expect(convParameters).toBe(896);
  expect(headParameters).toBe((features + 1) * outputs);
  expect(parameters).toBe(convParameters + headParameters);
  expect(headMacs).toBe(features * outputs);
});

describe('of several blocks', () => {
  /** Conv2D(32) -> BN -> pool -> Conv2D(64, same) -> LN -> average pool -> ... on 64 x 64. */
  const deep = {
    ...{ resolution: 64, blocks: 2, filters: 32, norm: 'batch' },
    ...{ filters2: 64, padding2: 'same', norm2: 'layer', pool2: 'average2' },
  } as const satisfies Partial<NetworkConfig>;

  it('counts each block, its norm and its work', () => {
    const counted = plan(deep);
    expect([counted.convSide, counted.poolSide]).toEqual([62, 15]);
    expect(counted.convParameters).toBe(896 + 64 + (9 * 32 + 1) * 64 + 128);
    expect(counted.statistics).toBe(64);
    expect(counted.convMacs).toBe(27 * 32 * 62 ** 2 + 9 * 32 * 64 * 31 ** 2);
    expect(counted.features).toBe(15 * 15 * 64);
  });

  it.each([
    ['grid', { head: 'grid', grid: 3 }, 576, 577 * 5],
    ['attention', { head: 'attention' }, 64, 64 + 65 * 5],
    ['hidden', { head: 'global_max', hidden: 10 }, 64, 65 * 10 + 11 * 5],
  ] as const)('%s', (_head, change, features, headParameters) => {
    expect(plan({ ...deep, ...change })).toMatchObject({ features, headParameters });
  });

  it('of no block is a dense network on the pixels', () => {
    const dense = plan({ resolution: 16, blocks: 0, hidden: 20 });
    expect(dense).toMatchObject({ convSide: 16, poolSide: 16, features: 768, convParameters: 0 });
    expect(dense.parameters).toBe(769 * 20 + 21 * 5);
    expect(dense.headMacs).toBe(768 * 20 + 20 * 5);
  });
});

describe('layers and tensors', () => {
  const network = () =>
    ({
      ...core.networkDefaults(),
      ...{ blocks: 2, norm: 'batch', filters2: 8, pool2: 'none', norm2: 'layer' },
      ...{ head: 'attention', hidden: 7 },
    }) as const satisfies NetworkConfig;

  it('come in the order in which an image passes them', () => {
    const rows = core.layers(network()).map((l) => [l.kind, l.block, l.side, l.channels]);
    expect(rows).toEqual([
      ['input', 0, 24, 1],
      ['conv', 1, 22, 16],
      ['norm', 1, 22, 16],
      ['relu', 1, 22, 16],
      ['pool', 1, 11, 16],
      ['conv', 2, 9, 8],
      ['norm', 2, 9, 8],
      ['relu', 2, 9, 8],
      ['head', 0, 1, 8],
      ['hidden', 0, 1, 7],
      ['logits', 0, 1, 5],
      ['probabilities', 0, 1, 5],
    ]);
  });

  it('fill the parameters and the statistics without a gap', () => {
    const { parameters, statistics } = core.plan(network(), 9, 9);
    const ends = { weights: 0, moving: 0 };
    for (const { kind, layer, shape, count, offset } of core.tensors(network())) {
      const which = kind.startsWith('moving') ? 'moving' : 'weights';
      expect(offset).toBe(ends[which]);
      expect(shape.reduce((a, b) => a * b)).toBe(count);
      expect(core.layers(network())[layer]).toBeDefined();
      ends[which] += count;
    }
    expect(ends).toEqual({ weights: parameters, moving: statistics });
    expect(core.layers(network()).reduce((sum, l) => sum + l.parameters, 0)).toBe(parameters);
  });

  it('have shapes and places', () => {
    const rows = core.tensors(network()).map((t) => [t.kind, t.layer, t.shape]);
    expect(rows).toEqual([
      ['kernel', 1, [3, 3, 1, 16]],
      ['bias', 1, [16]],
      ['gamma', 2, [16]],
      ['beta', 2, [16]],
      ['kernel', 5, [3, 3, 16, 8]],
      ['bias', 5, [8]],
      ['gamma', 6, [8]],
      ['beta', 6, [8]],
      ['query', 8, [8]],
      ['kernel', 9, [8, 7]],
      ['bias', 9, [7]],
      ['kernel', 10, [7, 5]],
      ['bias', 10, [5]],
      ['moving_mean', 2, [16]],
      ['moving_variance', 2, [16]],
    ]);
  });

  it('of the largest network fit', () => {
    const most = Object.fromEntries(
      ['', 2, 3, 4].flatMap((n) => [
        [`norm${n}`, 'batch'],
        [`padding${n}`, 'same'],
      ]),
    );
    const whole = { ...core.networkDefaults(), ...most, blocks: 4, hidden: 3 } as const;
    expect(core.layers(whole).length).toBe(21);
    expect(core.tensors({ ...whole, head: 'attention' }).length).toBe(29);
  });
});
