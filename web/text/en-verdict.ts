// Every sentence of a verdict, in English. Entries take finished words and numbers in words, so
// that a translation changes this file and format.ts only.
// Sentences have at most 20 words where the lesson does not fix them. They say what was measured;
// they never claim a law, and call a network a guesser only inside the guessing band.

const TIMES = ['', '', 'twice', 'three times', 'four times', 'five times', 'six times'];
const PARTS = ['', '', 'half', 'a third of', 'a quarter of', 'a fifth of', 'a sixth of'];

/** "four times the pixels", "half the pixels", "1.8 times the pixels", "fewer pixels". */
function multiple(ratio: number, noun: string, fewer: string): string {
  const up = Math.round(ratio);
  const down = Math.round(1 / ratio);
  if (ratio > 1) {
    if (Math.abs(ratio - up) > 1e-9) return `${ratio.toFixed(1)} times the ${noun}`;
    return `${TIMES[up] ?? `${up} times`} the ${noun}`;
  }
  if (down > 1 && Math.abs(1 / ratio - down) < 1e-9) {
    return `${PARTS[down] ?? `1/${down} of`} the ${noun}`;
  }
  return `${fewer} ${noun}`;
}

function list(words: readonly string[], joint: 'and' | 'or'): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${joint} ${last}`;
}

function counted(count: number): string {
  return ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six'][count] ?? String(count);
}

export const verdictText = {
  /** How a sentence opens. `all` = runs in which the difference had the sign of the mean. */
  oneRun: 'In this run',
  fewRuns: (runs: number) => `In these ${runs} runs`,
  agreeingRuns: (all: number, runs: number) => `In ${all} of ${runs} runs`,
  manyRuns: (runs: number) => `In ${runs} runs`,

  /** What B has and A has not; the grammatical subject of better and worse. */
  subject: {
    pixels: (ratio: number) => multiple(ratio, 'pixels', 'fewer'),
    kinds: (ratio: number) => multiple(ratio, 'kinds', 'fewer'),
    perKind: (ratio: number) => multiple(ratio, 'labelled pictures', 'fewer'),
    rounds: (ratio: number) => multiple(ratio, 'rounds', 'fewer'),
    ending: {
      flatten: 'the Flatten ending',
      global_max: 'the global max ending',
      global_average: 'the global average ending',
      grid: 'the grid ending',
      attention: 'the attention ending',
    },
    changing: (name: string) => `changing ${name}`,
  },

  /** The scores: "98% → 70% of 500 new pictures". */
  fromTo: (p: { a: string; b: string; countA: string; countB: string; average: boolean }) => {
    const average = p.average ? 'on average ' : '';
    return p.countA === p.countB
      ? `${average}${p.a} → ${p.b} of ${p.countA} new pictures`
      : `${average}${p.a} of ${p.countA} → ${p.b} of ${p.countB} new pictures`;
  },
  worse: (runs: string, subject: string, scores: string) =>
    `${runs} ${subject} made it worse: ${scores}.`,
  better: (runs: string, subject: string, scores: string) =>
    `${runs} ${subject} helped: ${scores}.`,
  lower: (runs: string, scores: string) => `${runs} network B scored lower: ${scores}.`,
  higher: (runs: string, scores: string) => `${runs} network B scored higher: ${scores}.`,
  same: (p: { runs: string; a: string; b: string; average: boolean; luck: string }) =>
    `${p.runs} we see no difference: ${p.a} and ${p.b}${p.average ? ' on average' : ''}. ${p.luck}`,
  luckOfTest: (count: string, margin: string) =>
    `With ${count} test pictures, differences under about ${margin} can be luck.`,
  luckOfRuns: (runs: number, margin: string) =>
    `With ${runs} runs, differences under about ${margin} can be luck.`,

  /** Score above guessing, where the numbers of kinds differ. */
  worseAbove: (runs: string, subject: string, a: string, b: string) =>
    `${runs} ${subject} lowered the score above guessing: ${a} → ${b}.`,
  betterAbove: (runs: string, subject: string, a: string, b: string) =>
    `${runs} ${subject} raised the score above guessing: ${a} → ${b}.`,
  lowerAbove: (runs: string, a: string, b: string) =>
    `${runs} network B had a lower score above guessing: ${a} → ${b}.`,
  higherAbove: (runs: string, a: string, b: string) =>
    `${runs} network B had a higher score above guessing: ${a} → ${b}.`,
  sameAbove: (runs: string, a: string, b: string, luck: string) =>
    `${runs} we see no difference in the score above guessing: ${a} and ${b}. ${luck}`,
  aboveScale: 'Score above guessing (kappa): 0 is guessing, 1 is perfect.',
  aboveWhy: (p: { kindsA: string; kindsB: string; chanceA: string; chanceB: string }) =>
    `Raw scores of ${p.kindsA} and ${p.kindsB} kinds cannot be compared: guessing alone gives ${p.chanceA} and ${p.chanceB}.`,

  /** Nothing beats guessing. */
  neither: (runs: string, chance: string) => `${runs} neither network beats guessing (${chance}).`,
  noneBeats: (runs: string, chance: string) =>
    `${runs} the network does not beat guessing (${chance}).`,
  advice: {
    scene: 'Try more pictures per kind or less noise.',
    pictures: 'Try more pictures per kind.',
    random: 'The labels are random, so nothing carries over to new pictures.',
  },
  armGuessing: (letter: string, chance: string) =>
    `Network ${letter} is not distinguishable from guessing (${chance}).`,

  /** Not finite. `rest` is the sentence from "Most likely cause" on. */
  stopped: (letter: string, epoch: string) =>
    `Network ${letter} stopped in round (epoch) ${epoch}: its numbers ran away.`,
  stoppedSingle: (epoch: string) =>
    `The network stopped in round (epoch) ${epoch}: its numbers ran away.`,
  stoppedBoth: (epochA: string, epochB: string) =>
    `Both networks stopped, A in round (epoch) ${epochA} and B in ${epochB}: their numbers ran away.`,
  stoppedRuns: (count: number, runs: number) => `This happened in ${count} of ${runs} runs.`,
  cause: (rate: string, lower: string) =>
    `Most likely cause: learning rate ${rate}. Nothing is lost; try ${lower}.`,
  causeOther: (setting: string) =>
    `Most likely cause: the setting “${setting}”. Nothing is lost; change it and try again.`,
  and: (a: string, b: string) => `${a} and ${b}`,

  /** One network. */
  single: (p: {
    runs: string;
    test: string;
    testCount: string;
    train: string;
    trainCount: string;
  }) =>
    `${p.runs} the network gets ${p.test} of ${p.testCount} new pictures right, and ${p.train} of the ${p.trainCount} it has seen.`,
  singleAverage: (p: {
    runs: string;
    test: string;
    testCount: string;
    train: string;
    trainCount: string;
  }) =>
    `${p.runs} the network averages ${p.test} of ${p.testCount} new pictures, and ${p.train} of the ${p.trainCount} it has seen.`,
  gap: (gap: string, range: string) =>
    `The gap between seen and new pictures is ${gap}; allowing for luck, ${range}.`,
  gapLuck: (gap: string) => `The gap between seen and new pictures is ${gap}, which can be luck.`,
  gapNone: 'There is no gap between seen and new pictures.',
  gapNegative: (range: string) =>
    `New pictures score higher than seen ones: the gap is below zero, by ${range}.`,

  /** Details. */
  byHeart: (p: { count: string; a: string; b: string; loser: string }) =>
    `Both networks know their ${p.count}training pictures by heart (${p.a} and ${p.b}), but ${p.loser} learned less that carries over.`,
  loser: { bigger: 'the bigger one', smaller: 'the smaller one', b: 'network B' },
  byHeartRandom: (p: { count: string; a: string; b: string }) =>
    `Both networks know their ${p.count}training labels by heart (${p.a} and ${p.b}), and can do nothing with them.`,
  byHeartRandomSingle: (count: string, score: string) =>
    `It knows its ${count}training labels by heart (${score}), and can do nothing with them.`,
  intervalTest: (range: string) =>
    `Allowing for the luck of the test pictures, the difference is ${range}.`,
  intervalRuns: (range: string) => `Allowing for the luck of the runs, the difference is ${range}.`,
  weights: (b: string, a: string) => `It has ${b} weights instead of ${a}.`,
  smallGapLow: 'A small gap is not a good model: both scores are low.',
  smallGapLowArm: (letter: string) =>
    `A small gap is not a good model: both scores of network ${letter} are low.`,

  /** Ranges. */
  range: (low: string, high: string, unit: string) => `${low} to ${high}${unit}`,
  about: (value: string, unit: string) => `about ${value}${unit}`,
  points: ' points',
  onePoint: ' point',
  underOne: 'under 1',

  /** What differs. */
  factor: {
    resolution: 'the picture size',
    classes: 'the number of kinds',
    perClass: 'the number of labelled pictures per kind',
    head: 'the ending',
    epochs: 'the number of rounds',
  },
  onlyDiffers: (name: string) => `Only ${name} differs.`,
  nothingDiffers: 'Both networks have the same settings: any difference is luck.',
  severalDiffer: (names: readonly string[]) =>
    `${counted(names.length)} things differ: ${list(names, 'and')}.`,
  cannotSay: (names: readonly string[]) =>
    `This comparison cannot say which one did it: ${list(names, 'or')}.`,
  rounds: (p: { a: string; b: string; stepsA: string; stepsB: string }) =>
    `The rounds are ${p.a} and ${p.b}, so that both take about as many steps: ${p.stepsA} and ${p.stepsB}.`,

  /** The guess. */
  guess: (guess: string, label: string, outcome: string) =>
    `Your guess: ${guess}. ${label}: ${outcome}.`,
  guessOneRun: 'This run',
  guessRuns: (runs: number) => `These ${runs} runs`,
  guessSame: 'about the same',
  outcomeSame: 'no difference seen',
  outcomeGuessing: 'neither beats guessing',
  outcomeStopped: 'no result',
  armKinds: (kinds: string) => `${kinds} kinds`,
  armPerKind: (count: string) => `${count} per kind`,
  armRounds: (rounds: string) => `${rounds} rounds`,
  armEnding: {
    flatten: 'Flatten',
    global_max: 'global max',
    global_average: 'global average',
    grid: 'grid',
    attention: 'attention',
  },
  network: (letter: string) => `network ${letter}`,
} as const;
