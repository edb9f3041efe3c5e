// Where the windows of a convolution or a pool lie: the padding rules of ONNX and of tfjs.
import { at } from './tensor';

/** One direction of an image. `begin`, `end`: rows of padding before and after. */
export interface Axis {
  input: number;
  kernel: number;
  stride: number;
  dilation: number;
  begin: number;
  end: number;
  output: number;
}

export type Plane = readonly [vertical: Axis, horizontal: Axis];

interface AxisRule {
  input: number;
  kernel: number;
  stride: number;
  dilation: number;
}

function explicit(rule: AxisRule, begin: number, end: number, ceil: boolean): Axis {
  const reach = rule.dilation * (rule.kernel - 1) + 1;
  const room = rule.input + begin + end - reach;
  let output = (ceil ? Math.ceil(room / rule.stride) : Math.floor(room / rule.stride)) + 1;
  // A window that would begin behind the image and its first padding does not exist.
  if (ceil && (output - 1) * rule.stride >= rule.input + begin) output--;
  return { ...rule, begin, end, output };
}

/** As many outputs as input / stride, rounded up; an odd row of padding goes below or above. */
function same(rule: AxisRule, upper: boolean): Axis {
  const reach = rule.dilation * (rule.kernel - 1) + 1;
  const output = Math.ceil(rule.input / rule.stride);
  const total = Math.max((output - 1) * rule.stride + reach - rule.input, 0);
  const begin = upper ? Math.floor(total / 2) : Math.ceil(total / 2);
  return { ...rule, begin, end: total - begin, output };
}

function numbers(value: unknown, fallback: number[]): number[] {
  if (value === undefined) return fallback;
  return Array.isArray(value) ? value.map(Number) : [Number(value)];
}

/** Attributes of an ONNX Conv, MaxPool or AveragePool over `inputs` [H, W] or [W]; one direction
 *  becomes the horizontal one of an image of one row. */
export function onnxPlane(
  attributes: Record<string, unknown>,
  inputs: readonly number[],
  kernel: readonly number[],
): Plane {
  const ones = inputs.map(() => 1);
  const strides = numbers(attributes['strides'], ones);
  const dilations = numbers(attributes['dilations'], ones);
  const pads = numbers(attributes['pads'], [...ones, ...ones].fill(0));
  const auto = attributes['auto_pad'] ?? 'NOTSET';
  const axes = inputs.map((input, i) => {
    const rule = {
      input,
      kernel: at(kernel, i),
      stride: at(strides, i),
      dilation: at(dilations, i),
    };
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') return same(rule, auto === 'SAME_UPPER');
    if (auto !== 'NOTSET') throw new Error(`auto_pad ${String(auto)} is not known here`);
    const [begin, end] = [at(pads, i), at(pads, i + inputs.length)];
    return explicit(rule, begin, end, attributes['ceil_mode'] === 1);
  });
  const [first, second] = axes;
  if (first === undefined) throw new Error('an image without a side');
  return second ? [first, second] : [explicit(SINGLE_ROW, 0, 0, false), first];
}

const SINGLE_ROW: AxisRule = { input: 1, kernel: 1, stride: 1, dilation: 1 };

/** Attributes of a tfjs convolution or pool over an image [H, W]. `pad` is a number, 'same',
 *  'valid' or four pairs in the order of the layout. */
export function tfjsPlane(
  attributes: Record<string, unknown>,
  inputs: readonly number[],
  kernel: readonly number[],
): Plane {
  const pair = (value: unknown) => {
    const [first = 1, second = first] = numbers(value, [1, 1]);
    return [first, second];
  };
  const [strides, dilations] = [pair(attributes['strides']), pair(attributes['dilations'])];
  const pad = attributes['pad'];
  const firstAxis = attributes['dataFormat'] === 'NCHW' ? 2 : 1;
  const axis = (i: number): Axis => {
    const rule = {
      input: at(inputs, i),
      kernel: at(kernel, i),
      stride: at(strides, i),
      dilation: at(dilations, i),
    };
    if (pad === 'same') return same(rule, true);
    if (Array.isArray(pad)) {
      const [begin = 0, end = 0] = numbers(pad[firstAxis + i], []);
      return explicit(rule, begin, end, false);
    }
    const width = pad === 'valid' ? 0 : Number(pad);
    return explicit(rule, width, width, false);
  };
  return [axis(0), axis(1)];
}
