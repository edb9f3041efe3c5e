// Weights and work of every cell of the parameter table: Conv2D(32, 3x3, valid) on 3 channels,
// ReLU, 2x2 max pool, Flatten, Dense. P = floor((R-2)/2), weights = 28*32 + (32 P^2 + 1) * outputs.
import { beforeAll, expect, it } from 'vitest';
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
