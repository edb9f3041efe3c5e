// What the verdict is made from and what it returns. Plain data: a saved run can be judged again.

import type { Head } from '../../wasm_glue/protocol';

/** Right answers out of a number of pictures. */
export interface Tally {
  correct: number;
  count: number;
}

/** One finished or broken-off training. Arms are compared seed by seed. */
export type SeedOutcome =
  | { kind: 'finished'; seed: number; train: Tally; test: Tally }
  /** Not finite in this epoch (1-based). `suspect` names the setting that likely did it, where it
   *  is another than the learning rate. */
  | { kind: 'stopped'; seed: number; epoch: number; suspect?: string | undefined };

export interface Arm {
  /** Side of the picture in pixels. */
  resolution: number;
  classes: number;
  /** Labelled training pictures per kind (uploads: the mean, need not be whole). */
  perClass: number;
  trainCount: number;
  head: Head;
  parameters: number;
  epochs: number;
  batch: number;
  learningRate: number;
  /** Score of guessing, 0..1: 1/K, or the largest kind's share of unbalanced test pictures. */
  chance: number;
  /** One entry a seed, at least one. */
  outcomes: readonly SeedOutcome[];
}

/** What differs between A and B, named by the page from the settings that differ. */
export type Difference =
  | { kind: 'resolution' }
  | { kind: 'classes' }
  | { kind: 'perClass' }
  | { kind: 'head' }
  | { kind: 'epochs' }
  /** `name` with article, as in "changing {name} helped"; labels as in "Your guess: {labelB}". */
  | { kind: 'other'; name: string; labelA?: string; labelB?: string };

export type Guess = 'A' | 'B' | 'same';

/** Decides the advice when nothing beats guessing: 'random' = labels independent of the pictures. */
export type Source = 'scene' | 'pictures' | 'random';

export interface VerdictInput {
  a: Arm;
  /** Absent: the verdict on a single network. */
  b?: Arm | undefined;
  differences: readonly Difference[];
  guess: Guess | null;
  source: Source;
}

/**
 * stopped  a network's numbers ran away
 * guessing nothing beats guessing
 * worse, better  B against A, interval clear of zero
 * same     interval across zero
 * single   one network
 */
export type VerdictKind = 'stopped' | 'guessing' | 'worse' | 'better' | 'same' | 'single';

/** 95 % interval of B minus A, or of seen minus new for a single network; shares, not points. */
export interface VerdictInterval {
  estimate: number;
  low: number;
  high: number;
  /** kappa = score above guessing, where class counts differ. */
  unit: 'score' | 'kappa' | 'gap';
  method: 'newcombe' | 'paired t' | 't';
  seeds: number;
}

export type Badge =
  | 'several-differ'
  | 'nothing-differs'
  | 'rounds-differ'
  | 'by-heart'
  | 'a-guessing'
  | 'b-guessing'
  | 'small-gap-low'
  | 'above-guessing';

export interface Verdict {
  kind: VerdictKind;
  /** The one sentence (or two) for the verdict line, plain text. */
  sentence: string;
  /** Further sentences in reading order: by heart, interval in words, warnings. May be empty. */
  details: readonly string[];
  /** "Only the picture size differs." or the warning that names what differs; null for one arm. */
  changed: string | null;
  /** "Your guess: 48 × 48. This run: 24 × 24."; null without a guess. */
  guessLine: string | null;
  /** Null where there is no result to compare. */
  interval: VerdictInterval | null;
  badges: readonly Badge[];
}
