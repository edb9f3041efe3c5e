// Names of the prepared experiments, apart from their contents so that the table of settings can
// list them without importing what imports it.
export const PRESET_IDS = [
  'size',
  'smaller',
  'switch',
  'labels',
  'random',
  'canvas',
  'canvas_small',
  'relabel',
  'shortcut',
  'aliasing',
  'experiment1',
  'experiment2',
  'experiment2_each',
  'experiment3',
] as const;

export type PresetId = (typeof PRESET_IDS)[number];
