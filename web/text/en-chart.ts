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
