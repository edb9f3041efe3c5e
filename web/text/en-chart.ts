// Words that every chart needs whatever it shows.

export const chartText = {
  /** How a screen reader calls the thing that takes the arrow keys. */
  role: 'chart',
  keys: 'Left and right arrow keys read the values one by one, Home and End the first and last.',
  showTable: 'Show as table',
  gap: 'gap',
  band: (label: string, low: string, high: string) => `${label}: ${low} to ${high}.`,
  readOut: (at: string, values: readonly string[]) => `${at}: ${values.join(', ')}`,
  value: (label: string, value: string) => (label === '' ? value : `${label} ${value}`),
  interval: (value: string, low: string, high: string) => `${value} (likely ${low} to ${high})`,
  noValue: '–',
  someRows: (shown: string, all: string) =>
    `${shown} of ${all} values, the largest and smallest among them.`,
} as const;

/** What the lab view says about the ceiling, a sentence for each thing that is known. */
export const ceilingText = {
  best: (percent: string) =>
    `The best possible rule would get ${percent} of new pictures right (ceiling).`,
  guessing: (percent: string) => `No rule can beat guessing here, so the ceiling is ${percent}.`,
  strength: (times: string, size: string) =>
    `At ${size} the pattern is ${times} times as strong as the noise.`,
  fewSamples: (percent: string, perKind: string, inputs: string) =>
    `Averaging ${perKind} labelled pictures per kind of ${inputs} numbers each should reach ${percent} (nearest mean).`,
  wrongLabels: 'Wrong labels do not lower the ceiling: the test’s labels are true.',
  unknown: 'No formula gives the ceiling with these settings, so no line is drawn.',
} as const;
