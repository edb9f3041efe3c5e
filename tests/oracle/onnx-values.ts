// What an ONNX operator is given, and what it gives.
import type { Kernels } from './kernels';
import type { Tensor } from './tensor';

export type Attributes = Record<string, unknown>;
/** `wanted`: how many outputs the node names. */
export type OnnxOp = (
  k: Kernels,
  inputs: readonly (Tensor | undefined)[],
  attributes: Attributes,
  wanted: number,
) => Tensor[];

export function number(attributes: Attributes, name: string, fallback: number): number {
  return Number(attributes[name] ?? fallback);
}

export function present(inputs: readonly (Tensor | undefined)[], index: number): Tensor {
  const input = inputs[index];
  if (!input) throw new Error(`input ${index} is missing`);
  return input;
}
