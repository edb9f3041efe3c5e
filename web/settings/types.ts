// Shapes of one row of the table of settings. A row says everything the page knows about a
// setting; sliders, the URL hash, saved copies, run records and undo all read it from here.
import type { SettingText } from '../text/en-settings';

/** first = on the screen at once, more = one tap deeper, lab = lab view, page = how the page looks. */
export type Group = 'first' | 'more' | 'lab' | 'page';

/** Heading under which a lab setting stands. */
export type Part = 'pictures' | 'nuisance' | 'network' | 'training' | 'remedies';

interface Row extends SettingText {
  /** Key in the URL hash; short, unique, never reused for another meaning. */
  hash: string;
  group: Group;
  part?: Part;
}

/** Evenly spaced numbers. `digits` are the decimals written in the hash and on the page. */
export interface NumberRow extends Row {
  kind: 'number';
  min: number;
  max: number;
  step: number;
  digits: number;
  default: number;
}

/** A list of allowed numbers; limits.ts narrows it where other settings demand it. */
export interface LadderRow extends Row {
  kind: 'ladder';
  steps: readonly number[];
  default: number;
}

/** A number that fixes random choices, 0..2^31-1. */
export interface SeedRow extends Row {
  kind: 'seed';
  default: number;
}

export interface SwitchRow extends Row {
  kind: 'switch';
  default: boolean;
}

export interface ChoiceRow<Value extends string> extends Row {
  kind: 'choice';
  values: readonly Value[];
  options: Record<Value, string>;
  default: Value;
}

export type SettingRow = NumberRow | LadderRow | SeedRow | SwitchRow | ChoiceRow<string>;

/** Type of the value that a row holds. */
export type ValueOf<R> =
  R extends ChoiceRow<infer V>
    ? V
    : R extends SwitchRow
      ? boolean
      : R extends NumberRow | LadderRow | SeedRow
        ? number
        : never;

export const SEED_MAX = 2147483647;

/** Text shared by every constructor below. */
type Words = SettingText;
type Place = { hash: string; group: Group; part?: Part };

export function numberRow(
  words: Words,
  row: Place & { min: number; max: number; step: number; digits?: number; default: number },
): NumberRow {
  return { kind: 'number', digits: 0, ...words, ...row };
}

export function ladderRow(
  words: Words,
  row: Place & { steps: readonly number[]; default: number },
): LadderRow {
  return { kind: 'ladder', ...words, ...row };
}

export function seedRow(words: Words, row: Place & { default: number }): SeedRow {
  return { kind: 'seed', ...words, ...row };
}

export function switchRow(words: Words, row: Place & { default: boolean }): SwitchRow {
  return { kind: 'switch', ...words, ...row };
}

export function choiceRow<Value extends string>(
  words: Words & { options: Record<Value, string> },
  row: Place & { values: readonly Value[]; default: NoInfer<Value> },
): ChoiceRow<Value> {
  return { kind: 'choice', ...words, ...row };
}
