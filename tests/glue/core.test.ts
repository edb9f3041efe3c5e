// Pictures through the typed face: scenes, slices, sizes, hashes.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../wasm_glue/core';
import type { SceneConfig } from '../../wasm_glue/protocol';
import { newCore } from './support';

let core: Core;
let scene: SceneConfig;
beforeAll(async () => {
  core = await newCore();
  scene = core.sceneDefaults();
});

describe('scenes', () => {
  it('picture j of a set is index j/K of class j%K', () => {
    const { pixels, labels } = core.drawSet(scene, 24, 'test', 12);
    expect([...labels]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]);
    const eighth = core.drawScene(scene, 24, 'test', 2, 1);
    expect(pixels.subarray(7 * 576, 8 * 576)).toEqual(eighth);
  });

  it('differ by split, class, index and seed', () => {
    const pictures = [
      core.drawScene(scene, 24, 'train', 0, 0),
      core.drawScene(scene, 24, 'test', 0, 0),
      core.drawScene(scene, 24, 'train', 1, 0),
      core.drawScene(scene, 24, 'train', 0, 1),
      core.drawScene({ ...scene, seed: 2 }, 24, 'train', 0, 0),
    ];
    expect(new Set(pictures.map(String)).size).toBe(5);
  });

  it('come in slices with the bits and the hash of the whole', () => {
    const whole = core.createImages(23, 24, 1);
    whole.drawNext(scene, 'train', 23);
    const cut = core.createImages(23, 24, 1);
    for (const count of [1, 5, 17]) cut.drawNext(scene, 'train', count);
    expect(cut.read()).toEqual(whole.read());
    expect(core.dataHash(cut, cut)).toBe(core.dataHash(whole, whole));
    expect(whole.read(3, 2).pixels).toEqual(whole.read().pixels.subarray(3 * 576, 5 * 576));
  });

  it('in colour are three channels a pixel', () => {
    const colour = { ...scene, channels: 3 } as const;
    const { pixels } = core.drawSet(colour, 24, 'train', 2);
    expect(pixels.length).toBe(2 * 24 * 24 * 3);
    expect(core.drawScene(colour, 24, 'train', 1, 0)).toEqual(pixels.subarray(1728));
  });
});

describe('the data hash', () => {
  const hashOf = (pixels: number[], labels: number[], test = [9]) => {
    const fill = (values: number[], marks: number[]) => {
      const images = core.createImages(marks.length, 1, 1);
      const set = { pixels: Uint8Array.from(values), labels: Uint8Array.from(marks) };
      images.copyNext({ ...set, count: marks.length }, marks.length);
      return images;
    };
    return core.dataHash(fill(pixels, labels), fill(test, [0]));
  };

  it('is FNV-1a of the four arrays and of their hashes', () => {
    const fnv = (bytes: number[]) =>
      bytes.reduce(
        (hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n),
        0xcbf29ce484222325n,
      );
    const bytesOf = (hash: bigint) =>
      Array.from({ length: 8 }, (_, i) => Number((hash >> BigInt(8 * i)) & 255n));
    const parts = [[1, 2, 3], [0, 1, 0], [9], [0]].flatMap((part) => bytesOf(fnv(part)));
    expect(hashOf([1, 2, 3], [0, 1, 0])).toBe(fnv(parts).toString(16).padStart(16, '0'));
  });

  it('notices a pixel, a label and a test picture', () => {
    const hashes = [
      hashOf([1, 2, 3], [0, 1, 0]),
      hashOf([1, 2, 4], [0, 1, 0]),
      hashOf([1, 2, 3], [0, 1, 1]),
      hashOf([1, 2, 3], [0, 1, 0], [8]),
    ];
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('resize', () => {
  it('is the mean over each new pixel, rounded half up', () => {
    expect([...core.resize(Uint8Array.from([0, 1, 1, 0]), 2, 1, 1)]).toEqual([1]);
    expect([...core.resize(Uint8Array.from([0, 1, 0, 0]), 2, 1, 1)]).toEqual([0]);
    expect([...core.resize(Uint8Array.from([7]), 1, 2, 1)]).toEqual([7, 7, 7, 7]);
    const colours = Uint8Array.from([0, 10, 20, 2, 12, 22, 4, 14, 24, 6, 16, 26]);
    expect([...core.resize(colours, 2, 1, 3)]).toEqual([3, 13, 23]);
  });

  it('refuses a side of 0 or above 4096 with a remedy', () => {
    expect(() => core.resize(new Uint8Array(4), 2, 0, 1)).toThrow(/outside 1..4096: scale/);
    expect(() => core.resize(new Uint8Array(4097 ** 2), 4097, 1, 1)).toThrow(/outside 1..4096/);
  });
});
