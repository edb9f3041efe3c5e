// What the core does where mathematics leaves a choice, as its headers promise: among equals the
// first wins, ReLU has no slope at zero. Needs no oracle, so it runs everywhere; fast kernels and
// plain twins alike. The gates that the oracle tests rely on are tried here too.
import { describe, expect, it } from 'vitest';
import { copyingTaps } from './conv-ops';
import { difference, EXACT, type Gate, ONNX_GATE, TFJS_GATE } from './gates';
import { DEAD, openKernels } from './kernels';
import { argMax, softmax } from './output-ops';
import { at, tensor } from './tensor';

const { fast, plain } = openKernels();
const both = [
  { name: 'fast', k: fast },
  { name: 'plain', k: plain },
];
const PLAIN = { kernel: 3, stride: 1, same: true, pooled: false } as const;
/** Which of four places are equally large: every set but the empty one. */
const TIES = Array.from({ length: 15 }, (_, i) => i + 1);

const firstOf = (ties: number) => [0, 1, 2, 3].findIndex((place) => (ties >> place) & 1);

describe.each(both)('$name kernels', ({ k }) => {
  it.each([
    [1, 1],
    [1, 9],
    [3, 8],
  ])('a pool cell goes to its first maximum, %i channels, %i filters', (channels, filters) => {
    const taps = new Float32Array(9 * channels * filters);
    taps.fill(1, 4 * channels * filters, (4 * channels + 1) * filters);
    const shape = { side: 2, channels, filters, ...PLAIN, pooled: true };
    for (const ties of TIES) {
      const pixels = Float32Array.from({ length: 4 * channels }, (_, i) =>
        i % channels === 0 ? 1 + ((ties >> (i / channels)) & 1) : 7,
      );
      const bias = Float32Array.from({ length: filters }, (_, f) => f);
      const { out, winner } = k.convForward(pixels, taps, bias, shape);
      expect([...winner], `ties ${ties}`).toEqual(Array(filters).fill(firstOf(ties)));
      expect([...out]).toEqual([...bias].map((own) => own + 2));
    }
  });

  it('a unit whose sum is zero or less is dead and sends no gradient', () => {
    const shape = { side: 3, channels: 1, filters: 1, ...PLAIN };
    const pixels = [1, 0, -0, -1, 2 ** -149, 3, -3, 0, 5];
    const { out, winner } = k.convForward(pixels, copyingTaps(1, 3), Float32Array.of(0), shape);
    expect([...out]).toEqual([1, 0, 0, 0, 2 ** -149, 3, 0, 0, 5]);
    expect([...winner].map((code) => code === DEAD)).toEqual(pixels.map((pixel) => pixel <= 0));
    const [dkernel, dbias] = [new Float32Array(9), new Float32Array(1)];
    k.convWeightGradient(dkernel, dbias, pixels, new Float32Array(9).fill(1), winner, shape);
    expect(dbias[0]).toBe(4);
  });

  it("a block's pool cell goes to its first maximum, and its gradient too", () => {
    for (const ties of TIES) {
      const cell = Float32Array.from({ length: 4 }, (_, place) => 1 + ((ties >> place) & 1));
      const { out, winner } = k.activatePool(cell, 'max', 2);
      expect([[...out], [...winner]], `ties ${ties}`).toEqual([[2], [firstOf(ties)]]);
      const dy = k.activatePoolGradient([3], winner, 'max', 2, 1);
      expect([...dy]).toEqual([0, 1, 2, 3].map((p) => (p === firstOf(ties) ? 3 : 0)));
    }
  });

  it("a block's average is over what ReLU lets through, and rows without a partner get none", () => {
    const map = [4, -8, 1, 0, 2, 1, 1, 1, 1];
    const { out, winner } = k.activatePool(map, 'average', 3);
    expect([...out]).toEqual([(4 + 0 + 0 + 2) / 4]);
    expect([...winner].slice(0, 5)).toEqual([0, DEAD, 0, DEAD, 0]);
    const dy = k.activatePoolGradient([8], winner, 'average', 3, 1);
    expect([...dy]).toEqual([2, 0, 0, 0, 2, 0, 0, 0, 0]);
  });

  it.each([
    [5, 3, 1, 1],
    [6, 3, 2, 0],
    [7, 3, 2, 1],
    [6, 5, 2, 1],
    [7, 5, 2, 2],
    [4, 5, 1, 2],
  ] as const)('side %i, kernel %i, stride %i: same padding puts %i before', (...numbers) => {
    const [side, kernel, stride, before] = numbers;
    const shape = { side, channels: 1, filters: 1, kernel, stride, same: true, pooled: false };
    // Each tap a power of two: the sum at the first corner says which taps saw the image of ones.
    const taps = Float32Array.from(
      { length: kernel * kernel },
      (_, i) => +(i % (kernel + 1) === 0),
    );
    const { z, outSide } = k.convLinear(new Float32Array(side * side).fill(1), taps, [0], shape);
    expect(outSide).toBe(Math.ceil(side / stride));
    expect(z[0]).toBe(kernel - before);
  });

  it('the global maximum stands at its first place, and takes all of the gradient', () => {
    for (const ties of TIES) {
      const map = Float32Array.from({ length: 4 }, (_, place) => ((ties >> place) & 1) - 9);
      const { place } = k.globalMax(map, 4, 1);
      expect(place[0], `ties ${ties}`).toBe(firstOf(ties));
      const dmap = k.globalMaxGradient([2], place, 4);
      expect([...dmap]).toEqual([0, 1, 2, 3].map((p) => (p === firstOf(ties) ? 2 : 0)));
    }
  });

  it('among equal logits the first is the answer', () => {
    for (const ties of TIES) {
      const list = Array.from({ length: 4 }, (_, place) => ((ties >> place) & 1) * 3);
      expect(at(argMax(k, tensor([1, 4], list), -1).first, 0), `ties ${ties}`).toBe(firstOf(ties));
    }
  });

  it('a sigmoid of exactly one half answers with class 0', () => {
    const { correct, losses } = k.losses([0, 0, -0, 2 ** -149], [0, 1, 0, 1], 1);
    expect([...correct]).toEqual([1, 0, 1, 1]);
    expect(losses[0]).toBeCloseTo(Math.LN2, 15);
  });

  it('equal logits share the probability equally', () => {
    expect([...softmax(k, tensor([1, 4], [5, 5, 5, 5]), -1).data]).toEqual(Array(4).fill(1 / 4));
  });
});

describe('gates', () => {
  const judged = (got: number, want: number, gate: Gate) =>
    difference(tensor([1], [got]), tensor([1], [want]), gate) === undefined;

  it('let through what is near and nothing else', () => {
    expect(judged(1.0009, 1, ONNX_GATE)).toBe(true);
    expect(judged(1.0011, 1, ONNX_GATE)).toBe(false);
    expect(judged(1.1e-7, 0, ONNX_GATE)).toBe(false);
    expect(judged(-1.00002, -1, TFJS_GATE)).toBe(false);
    expect(judged(1e-6, 0, TFJS_GATE)).toBe(false);
    expect(judged(Number.NaN, 1, ONNX_GATE)).toBe(false);
    expect(judged(Number.POSITIVE_INFINITY, 1, ONNX_GATE)).toBe(false);
    expect(judged(1, 1 + 2 ** -52, EXACT)).toBe(false);
  });

  it('compare shapes, not only values', () => {
    expect(difference(tensor([1, 2], [1, 2]), tensor([2], [1, 2]), EXACT)).toMatch('shape');
  });
});
