// How far a result may be from an oracle's, as ../shared/oracles/README.md says it.
import { at, type Tensor } from './tensor';

/** |result - expected| <= relative * |expected| + absolute, and nothing that is not finite. */
export interface Gate {
  readonly relative: number;
  readonly absolute: number;
  /** Allowed where the expected value is zero, on top. */
  readonly atZero: number;
}

/** Upstream's own. */
export const ONNX_GATE: Gate = { relative: 1e-3, absolute: 1e-7, atZero: 0 };
/** The recorded values are float32: a zero among them may be anything below the rounding of 1. */
export const TFJS_GATE: Gate = { relative: 1e-5, absolute: 0, atZero: 1e-7 };
/** Digits printed by Keras. */
export const KERAS_GATE: Gate = { relative: 5e-4, absolute: 0, atZero: 0 };
export const EXACT: Gate = { relative: 0, absolute: 0, atZero: 0 };

/** What is wrong with a result, in a sentence, or nothing. */
export function difference(result: Tensor, expected: Tensor, gate: Gate): string | undefined {
  if (result.shape.join() !== expected.shape.join()) {
    return `shape [${result.shape.join(', ')}] instead of [${expected.shape.join(', ')}]`;
  }
  for (let i = 0; i < expected.data.length; i++) {
    const [got, want] = [at(result.data, i), at(expected.data, i)];
    const floor = gate.absolute + (want === 0 ? gate.atZero : 0);
    const allowed = gate.relative * Math.abs(want) + floor;
    // Written so that NaN fails.
    if (!(Math.abs(got - want) <= allowed)) {
      return `element ${i} of ${expected.data.length} is ${got} instead of ${want} (gate ${allowed})`;
    }
  }
  return undefined;
}
