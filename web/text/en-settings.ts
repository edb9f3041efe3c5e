// Words of every setting: what it is called, what it does, and what its choices are called.
// One entry for each row of web/settings/table.ts; the compiler checks that none is missing.

export interface SettingText {
  /** Plain name; the field's term in brackets where there is one. */
  label: string;
  /** What moving it does, in one or two short sentences. */
  help: string;
  /** Unit behind the number, with its leading space; empty for a bare number. */
  unit: string;
}

export interface ChoiceText<Value extends string> extends SettingText {
  options: Record<Value, string>;
}

export const settingsText = {
  size: {
    label: 'Picture size',
    help: 'How many pixels the picture has along each side (resolution). The same scene is drawn with more or fewer pixels.',
    unit: ' pixels',
  },
  kinds: {
    label: 'Kinds (classes)',
    help: 'How many different answers the network can give.',
    unit: '',
  },
  perKind: {
    label: 'Labelled pictures per kind',
    help: 'How many pictures of each kind the network learns from.',
    unit: '',
  },
  ending: {
    label: 'Ending',
    help: 'How the network goes from a map of filter answers to the kinds.',
    unit: '',
    options: {
      flatten: 'a weight per place (Flatten)',
      global_max: 'strongest anywhere (global max)',
      global_average: 'average (global average)',
      grid: 'average of each part (grid)',
      attention: 'learned spotlight (attention)',
    },
  },
  source: {
    label: 'Pictures',
    help: 'Where the pictures come from.',
    unit: '',
    options: {
      striped_ball: 'Striped ball',
      templates: 'Hidden patterns',
      textures: 'Textures',
      signs: 'Signs (strokes)',
      polygons: 'Shapes (polygons)',
      hues: 'Colours (hues)',
      noise: 'Pure noise',
      fashion: 'Clothes (Fashion-MNIST)',
      glyphs: 'Letters and digits',
      photos: 'Photographed surfaces',
      digits: 'Handwritten digits, 8 × 8',
      own: 'Your pictures',
    },
  },
  stripes: {
    label: 'Stripes',
    help: 'Light-dark pairs across the whole picture. More stripes are finer detail.',
    unit: ' pairs',
  },
  ball: {
    label: 'Object size',
    help: 'Width of the ball, sign or shape as a share of the picture. The rest is background. For textures, 0 fills the picture.',
    unit: '%',
  },
  canvas: {
    label: 'When the picture grows',
    help: 'Either everything is drawn with more pixels, or the ball keeps its pixels and empty space is added.',
    unit: '',
    options: { scales: 'everything gets more pixels', keeps: 'the ball keeps its pixels' },
  },
  snow: {
    label: 'Snow (noise)',
    help: 'Random grey levels added to every pixel of the full-size scene.',
    unit: ' grey levels',
  },
  detail: {
    label: 'Detail',
    help: 'Lowest frequency of the hidden patterns, in half waves across the picture. 0 is coarse, higher is finer.',
    unit: ' half waves',
  },
  snr: {
    label: 'Pattern strength',
    help: 'Strength of the hidden pattern against the noise (signal to noise).',
    unit: '',
  },
  colour: {
    label: 'Colour',
    help: 'Grey pictures have one number per pixel, colour pictures three (channels).',
    unit: '',
    options: { grey: 'grey, 1 number per pixel', colour: 'colour, 3 numbers per pixel' },
  },
  downsample: {
    label: 'Shrinking (downsampling)',
    help: 'A new pixel is the average of all the old ones it covers, one of them, or a mix of four.',
    unit: '',
    options: {
      area: 'average (area)',
      nearest: 'one pixel (nearest)',
      bilinear: 'mix of four (bilinear)',
    },
  },
  cue: {
    label: 'Background that gives the kind away (cue)',
    help: 'How much the background differs from kind to kind. 0 is no cue.',
    unit: ' grey levels',
  },
  cueTrain: {
    label: 'Background fits in learning',
    help: 'Share of the labelled pictures whose background fits their kind.',
    unit: '%',
  },
  cueTest: {
    label: 'Background fits in the test',
    help: 'Share of the new pictures whose background fits their kind.',
    unit: '%',
  },
  patterns: {
    label: 'Patterns in all (relabelling)',
    help: 'So many patterns are drawn, then sorted into the kinds. 0 is one pattern per kind.',
    unit: '',
  },
  relabel: {
    label: 'Which patterns share a kind (label map)',
    help: 'Neighbours share a kind, or the patterns are dealt out at random.',
    unit: '',
    options: { nested: 'neighbours (nested)', arbitrary: 'dealt out at random (arbitrary)' },
  },
  jitter: {
    label: 'Moved about (position jitter)',
    help: 'How far things lie from their place, at most, as a share of the side.',
    unit: '%',
  },
  rotation: {
    label: 'Turned (rotation)',
    help: 'Every picture is turned at random, by up to this much either way.',
    unit: '°',
  },
  scaleJitter: {
    label: 'Larger and smaller (scale jitter)',
    help: 'Every picture is made larger or smaller at random, by up to this share.',
    unit: '%',
  },
  phase: {
    label: 'Waves start anywhere (random phase)',
    help: 'Stripes and waves begin at another place in every picture.',
    unit: '',
  },
  clutter: {
    label: 'Clouds (1/f clutter)',
    help: 'Random soft blotches of all sizes over the whole picture.',
    unit: ' grey levels',
  },
  wrongLabels: {
    label: 'Wrong labels',
    help: 'Share of the labels that are drawn at random. At 100% the labels of the new pictures are random too.',
    unit: '%',
  },
  filters: {
    label: 'Filters',
    help: 'How many small patterns the network can look for.',
    unit: '',
  },
  epochs: {
    label: 'Rounds (epochs)',
    help: 'How often the network goes through all its pictures.',
    unit: '',
  },
  learningRate: {
    label: 'Step size (learning rate)',
    help: 'How big a step the weights take each time. Too big and the numbers run away.',
    unit: '',
  },
  reference: {
    label: 'Scene drawn at (reference size)',
    help: 'Side at which a scene is drawn before it is averaged down. Another value gives other scenes and other picture sizes.',
    unit: ' pixels',
    options: { '192': '192 pixels', '256': '256 pixels' },
  },
  testPictures: {
    label: 'New pictures for the test',
    help: 'How many pictures are kept away from learning. More make the score less a matter of luck.',
    unit: '',
  },
  bandWidth: {
    label: 'Pattern bandwidth',
    help: 'How many frequencies in each direction the hidden patterns use. 16 allows more kinds.',
    unit: '',
    options: { '8': '8 frequencies', '16': '16 frequencies' },
  },
  contrast: {
    label: 'Contrast',
    help: 'How far the object stands out from the background, in grey levels.',
    unit: ' grey levels',
  },
  gratings: {
    label: 'Gratings in a texture',
    help: 'How many waves a texture is mixed from.',
    unit: '',
  },
  textureLow: {
    label: 'Coarsest texture wave',
    help: 'Lowest frequency in a texture, in waves across the picture.',
    unit: ' waves',
  },
  textureHigh: {
    label: 'Finest texture wave',
    help: 'Highest frequency in a texture, in waves across the picture.',
    unit: ' waves',
  },
  blocks: {
    label: 'Blocks (depth)',
    help: 'How many times filters and pooling follow each other. 0 leaves them out: the answers are read from the pixels.',
    unit: '',
  },
  laterFilters: {
    label: 'Filters in later blocks',
    help: 'How many filters the second and later blocks have.',
    unit: '',
  },
  kernel: {
    label: 'Filter size (kernel)',
    help: 'How many pixels a filter covers.',
    unit: '',
    options: { '3': '3 × 3 pixels', '5': '5 × 5 pixels' },
  },
  stride: {
    label: 'Filter step (stride)',
    help: 'Filters answer at every pixel, or at every second one.',
    unit: '',
    options: { '1': 'every pixel', '2': 'every second pixel' },
  },
  padding: {
    label: 'Border (padding)',
    help: 'Filters stop at the border (valid), or the picture gets a border of zeros (same).',
    unit: '',
    options: { valid: 'stop at the border (valid)', same: 'border of zeros (same)' },
  },
  norm: {
    label: 'Even out (normalisation)',
    help: 'Filter answers are shifted and stretched to a like range, over the batch or over the filters.',
    unit: '',
    options: { none: 'no', batch: 'over the batch', layer: 'over the filters (layer)' },
  },
  pooling: {
    label: 'Pooling',
    help: 'Keep the largest of each 2 × 2 answers, their average, or all of them.',
    unit: '',
    options: { max2: 'largest of 2 × 2', average2: 'average of 2 × 2', none: 'none' },
  },
  grid: {
    label: 'Parts per side (grid)',
    help: 'The map is cut into this many parts each way, and every part is averaged.',
    unit: '',
  },
  hidden: {
    label: 'Hidden units',
    help: 'Size of one more layer before the answers. With 0 blocks this is a perceptron.',
    unit: '',
  },
  output: {
    label: 'Output',
    help: 'One output per kind (softmax), or a single yes-or-no output for two kinds (sigmoid).',
    unit: '',
    options: { softmax: 'one per kind (softmax)', sigmoid: 'one for two kinds (sigmoid)' },
  },
  scaling: {
    label: 'Input scaling',
    help: 'Grey levels are divided by 255, or shifted and stretched to mean 0 and spread 1.',
    unit: '',
    options: { standardise: 'mean 0, spread 1 (standardise)', unit: 'divide by 255 (unit)' },
  },
  batch: {
    label: 'Batch',
    help: 'How many pictures the network looks at before it changes its weights once.',
    unit: ' pictures',
  },
  optimiser: {
    label: 'Learning rule (optimiser)',
    help: 'How a gradient becomes a step. Adam gives every weight a step size of its own.',
    unit: '',
    options: {
      adam: 'Adam, as in Keras',
      adam_torch: 'Adam, as in PyTorch',
      sgd: 'Plain steps (SGD)',
    },
  },
  momentum: {
    label: 'Momentum',
    help: 'How much of the last step is kept in the next one.',
    unit: '',
  },
  nesterov: {
    label: 'Look ahead (Nesterov)',
    help: 'Momentum is added before the step is chosen.',
    unit: '',
  },
  schedule: {
    label: 'Step size over time',
    help: 'The learning rate stays, or falls to 0 along half a cosine wave.',
    unit: '',
    options: { constant: 'stays the same', cosine: 'falls to 0 (cosine)' },
  },
  warmup: {
    label: 'Warm-up',
    help: 'Rounds in which the learning rate grows from 0.',
    unit: ' rounds',
  },
  clip: {
    label: 'Longest gradient (clipping)',
    help: 'Longer gradients are shortened to this length. 0 shortens none.',
    unit: '',
  },
  patience: {
    label: 'Stop early after',
    help: 'Rounds without a lower loss on new pictures. The best round’s weights are kept. 0 never stops early.',
    unit: ' rounds',
  },
  shift: {
    label: 'Move pictures (shift)',
    help: 'In learning, every picture moves at random by up to this much.',
    unit: ' pixels',
  },
  shiftEdge: {
    label: 'What moves in',
    help: 'What fills the edge when a picture moves.',
    unit: '',
    options: { wrap: 'the other side (wrap)', repeat: 'the last pixel (repeat)' },
  },
  flip: {
    label: 'Mirror pictures (flip)',
    help: 'In learning, half of the pictures are mirrored left to right.',
    unit: '',
  },
  pixelNoise: {
    label: 'Extra snow in learning',
    help: 'New random grey levels on every pixel, each time a picture is learned from.',
    unit: ' grey levels',
  },
  dropout: {
    label: 'Dropout',
    help: 'Share of the numbers before the answers that are left out at random in learning.',
    unit: '%',
  },
  penalty: {
    label: 'Penalty on large weights (L2)',
    help: 'The loss gains this times the sum of all squared weights.',
    unit: '',
  },
  weightDecay: {
    label: 'Weight decay',
    help: 'Every step also shrinks all weights by the learning rate times this.',
    unit: '',
  },
  softLabels: {
    label: 'Softer labels (label smoothing)',
    help: 'Share of each label that is spread over all kinds.',
    unit: '%',
  },
  dataLuck: {
    label: 'Luck of the pictures (data seed)',
    help: 'The number that fixes which pictures are drawn.',
    unit: '',
  },
  networkLuck: {
    label: 'Luck of the network (network seed)',
    help: 'The number that fixes the first weights and the order of the pictures.',
    unit: '',
  },
  compare: {
    label: 'Compare by',
    help: 'What differs between A and B. Everything else stays the same.',
    unit: '',
    options: {
      size: 'Picture size',
      kinds: 'Kinds',
      perKind: 'Pictures per kind',
      ending: 'Ending',
      downsample: 'Shrinking',
      cueTrain: 'Background',
      none: 'Nothing: one run',
    },
  },
  preset: {
    label: 'Experiment',
    help: 'A prepared comparison with its own question.',
    unit: '',
  },
  lab: {
    label: 'Lab view',
    help: 'Shows the loss, every layer, memory, luck and run code.',
    unit: '',
  },
  theme: {
    label: 'Look',
    help: 'Light, dark, or large print for a projector.',
    unit: '',
    options: {
      auto: 'as the device',
      light: 'light',
      dark: 'dark',
      projector: 'projector',
    },
  },
};
