// The words of the field that the page uses, each in one sentence.
export const glossary: readonly { word: string; meaning: string }[] = [
  { word: 'Accuracy', meaning: 'the share of pictures whose kind the network names correctly.' },
  {
    word: 'Aliasing',
    meaning: 'false coarse patterns where there are too few pixels for fine ones.',
  },
  {
    word: 'Attention pooling',
    meaning:
      'a learned spotlight: the network decides which places count most, then averages them.',
  },
  { word: 'Background', meaning: 'the part of the picture that says nothing about the kind.' },
  {
    word: 'Batch',
    meaning: 'the few pictures the network looks at before it changes its weights once.',
  },
  { word: 'Ceiling', meaning: 'the best score that any rule could reach on this scene.' },
  {
    word: 'Channel',
    meaning: 'one number per pixel; grey pictures have 1, colour pictures 3.',
  },
  { word: 'Class (kind)', meaning: 'one of the answers the network can give.' },
  { word: 'Convolution', meaning: 'one small filter moved over every place of the picture.' },
  {
    word: 'Dense layer',
    meaning: 'a layer in which every output has a weight for every input.',
  },
  {
    word: 'Dropout',
    meaning: 'leaving out some numbers at random in learning, so that none is relied on alone.',
  },
  {
    word: 'Early stopping',
    meaning: 'ending when new pictures no longer get better, and keeping the best round.',
  },
  { word: 'Epoch (round)', meaning: 'one pass through all training pictures.' },
  {
    word: 'Filter',
    meaning: 'a small grid of weights that answers strongly where the picture looks like it.',
  },
  {
    word: 'Flatten',
    meaning: 'lay all places in one long row, so that each place gets its own weights.',
  },
  { word: 'Gap', meaning: 'score on seen pictures minus score on new ones.' },
  {
    word: 'Global average, global max',
    meaning: 'keep one number per filter for the whole picture: its mean, or its strongest answer.',
  },
  {
    word: 'Guessing (chance)',
    meaning: 'the score of picking kinds at random: 1 divided by the number of kinds.',
  },
  { word: 'Label', meaning: 'the kind written on one training picture.' },
  { word: 'Learning rate', meaning: 'how big a step the weights take each time.' },
  {
    word: 'Loss',
    meaning:
      'a penalty: small when the network is sure and right, large when it is sure and wrong.',
  },
  {
    word: 'Normalisation',
    meaning: 'shifting and stretching filter answers to a like range before they are used.',
  },
  { word: 'Overfitting', meaning: 'doing well on seen pictures and clearly worse on new ones.' },
  { word: 'Pixel', meaning: 'one cell of the picture’s grid.' },
  {
    word: 'Pooling',
    meaning: 'replace a patch of numbers by one, for example the largest.',
  },
  {
    word: 'Regulariser',
    meaning: 'anything that makes learning by heart harder, such as dropout or a weight penalty.',
  },
  {
    word: 'Resolution (picture size)',
    meaning: 'how many pixels the picture has along each side.',
  },
  {
    word: 'Run code (fingerprint)',
    meaning: 'a short code of everything a run computed; equal codes mean equal runs.',
  },
  {
    word: 'Score above guessing (kappa)',
    meaning: '0 for guessing, 1 for perfect, so that 2 kinds and 32 kinds can be compared.',
  },
  {
    word: 'Seed (luck)',
    meaning: 'the number that fixes all random choices; same seed, same run.',
  },
  { word: 'Tensor', meaning: 'a block of numbers with a shape, such as 24 × 24 × 1.' },
  {
    word: 'Validation',
    meaning: 'pictures kept back as the test; the network never learns from them.',
  },
  { word: 'Weight (parameter)', meaning: 'one number the network changes while it learns.' },
];
