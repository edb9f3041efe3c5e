// Everything the page says, in English. Other parts keep their words in files of their own beside
// this one; translating means writing this folder again. Plain word first, the field's term in
// brackets; sentences of at most 20 words; no colours.

export { glossary } from './en-glossary.ts';
export { presetsText } from './en-presets.ts';
export { settingsText } from './en-settings.ts';

/** 24 -> "24 × 24". */
export function times(size: number): string {
  return `${size} × ${size}`;
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const text = {
  title: 'Do bigger pictures need more labels?',
  documentTitle: 'Pixels vs Labels: do bigger pictures need more labels?',
  noscript:
    'This page trains networks, so it needs scripts. Open this file in a browser (Chrome, Firefox, Safari).',

  header: {
    experiments: 'Experiments',
    showMe: 'Show me',
    stopShow: 'Stop showing',
    fullScreen: 'Full screen',
    leaveFullScreen: 'Leave full screen',
    help: 'Help and keyboard',
    menu: 'More',
    nav: 'Page',
    undo: 'Undo',
    undone: (label: string) => `Undone: ${label}.`,
    copyLink: 'Copy link',
    copied: 'Link copied.',
    copyFailed: 'Copying was not allowed. The link is in the address bar.',
    save: 'Save this page',
    saved: 'Saved. The file works without a network.',
    print: 'Print',
    reset: 'Reset everything',
    resetAsk: 'Reset all settings and forget all runs?',
    resetYes: 'Yes, reset',
    resetNo: 'Keep everything',
    labOn: 'Lab view',
  },

  task: {
    striped_ball: 'Which way do the stripes run?',
    templates: 'Which hidden pattern is it?',
    textures: 'Which texture is it?',
    signs: 'Which sign is it?',
    polygons: 'How many corners does it have?',
    hues: 'Which colour is it?',
    noise: 'Pure noise with coin-flip labels.',
    fashion: 'Which piece of clothing is it?',
    glyphs: 'Which letter or digit is it?',
    photos: 'Which surface is it?',
    digits: 'Which digit is it?',
    own: 'Which of your kinds is it?',
  },
  counts: (learn: number, test: number) =>
    `${whole.format(learn)} labelled pictures to learn from, ${whole.format(test)} new ones as the test.`,
  countsPair: (a: number, b: number, test: number) =>
    `A learns from ${whole.format(a)} labelled pictures, B from ${whole.format(b)}. ${whole.format(test)} new ones are the test.`,

  row: {
    a: 'A',
    b: 'B',
    pictures: (letter: string) => `Pictures ${letter}`,
    network: (letter: string) => `Network ${letter}`,
    result: (letter: string) => `Result ${letter}`,
    size: (size: number) => `${times(size)} pixels`,
    kinds: (n: number) => `${n} kinds`,
    perKind: (n: number) => `${n} per kind`,
    sample: (kind: string, size: number) => `Picture of kind ${kind}, ${times(size)} pixels`,
    someKinds: (shown: number, all: number) => `${shown} of ${all} kinds`,
    choosePictures: 'Choose your pictures',
  },
  kindName: {
    angle: (degrees: number) => `${degrees}°`,
    corners: (n: number) => `${n} corners`,
    number: (k: number) => `kind ${k + 1}`,
  },

  network: {
    numbersWord: 'numbers',
    filtersWord: 'filters',
    kindsWord: 'kinds',
    sum: (filters: string, answers: string) => `${filters} + ${answers} =`,
    weights: (n: string) => `${n} weights`,
    weightsPerPicture: (n: string) => `${n} weights per labelled picture`,
    input: 'Picture',
    conv: (kernel: string) => `Filters ${kernel} × ${kernel} (convolution)`,
    ofBlock: (name: string, block: number) => `Block ${block}: ${name}`,
    norm: 'Evened out (normalisation)',
    pool: { max2: 'Largest of 2 × 2 (pooling)', average2: 'Average of 2 × 2 (pooling)' },
    pixels: 'Pixels in one row',
    flatten: 'Laid out in one row (Flatten)',
    global_max: 'Strongest per filter (global max)',
    global_average: 'Average per filter (global average)',
    grid: 'Average of each part (grid)',
    attention: 'Learned spotlight (attention)',
    hidden: 'Hidden layer (dense layer)',
    dense: 'Answers (dense layer)',
    endingShort: {
      flatten: 'Flatten',
      global_max: 'global max',
      global_average: 'global average',
      grid: 'grid',
      attention: 'attention',
    },
    hiddenWord: 'hidden',
    shape: 'Numbers',
    layer: 'Step',
    layerWeights: 'Weights',
    total: 'All weights',
    caption: (letter: string) => `Every step of network ${letter}`,
    needs: (seconds: string, memory: string) => `needs ${seconds} and ${memory}`,
    needsMemory: (memory: string) => `needs ${memory}`,
    memoryOf: (memory: string) => `memory ${memory}`,
    inside: 'Inside the network',
  },

  result: {
    empty: 'Nothing has been trained yet.',
    ofNew: (count: number) => `of ${whole.format(count)} new pictures`,
    seen: 'seen',
    fresh: 'new',
    guessing: 'guessing',
    ceiling: 'ceiling',
    simpleRule: 'simple rule',
    label: (letter: string, size: string) => `Result of ${letter}, picture size ${size}`,
    seenShort: (percent: string) => `${percent} of seen ones`,
    gapWords: (points: string) => `gap ${points}`,
    gapShort: (points: number) => `gap ${points}`,
    chartTitle: (letter: string) => `Right answers of network ${letter}, round by round`,
    chartAbout: (seen: string, fresh: string) =>
      `Seen pictures end at ${seen}, new pictures at ${fresh}.`,
    chartAboutEmpty: 'The lines appear when training starts.',
    lossTitle: (letter: string) => `Loss of network ${letter}`,
    lossAbout: 'A penalty: small when the network is sure and right.',
    xRounds: 'round',
    round: (n: number) => `Round ${n}`,
    yAccuracy: 'right answers (%)',
    yLoss: 'loss',
    legend: 'Lines',
    roundOf: (n: number, all: number) => `round ${n} of ${all}`,
    /** Early stopping: the weights are those of the best round. */
    bestRound: (best: number, all: number) => `round ${best} was the best of ${all} and is kept`,
    drawing: 'Drawing pictures …',
    waiting: 'Waiting …',
    paused: 'Paused',
    stopped: (n: number) => `Stopped after round ${n}`,
    failed: (message: string) => `This run ended early. ${message}`,
    kept: 'What was reached until then is still shown.',
    code: (code: string) => `Run code ${code}`,
    /** Browsers decode photos differently, so a run on them is only repeatable on equal pixels. */
    pictureCode: (code: string) => `Picture code ${code}`,
    same: 'Same run code as before: the same bits.',
    differs: 'Another run code than before. Please report this.',
    seconds: (drawing: string, training: string) => `drawing ${drawing} s, training ${training} s`,
  },

  guess: {
    legend: 'Your guess',
    generic: {
      question: 'Which one gets more new pictures right?',
      single: 'How many of the new pictures will it get right?',
      same: 'About the same',
      a: (label: string) => `A: ${label}`,
      b: (label: string) => `B: ${label}`,
    },
    mine: (main: string) => `Your guess: ${main}.`,
    votes: (main: string, why: string) => `Hands up for “${main}, ${why}”`,
    fewer: (main: string, why: string) => `One hand less for “${main}, ${why}”`,
    hands: (n: number) => (n === 1 ? '1 hand' : `${n} hands`),
    again: 'Guess again',
  },

  run: {
    train: 'Run',
    trainPair: 'Train both',
    trainOne: 'Train it',
    withTime: (words: string, seconds: string) => `${words}, ${seconds}`,
    pause: 'Pause',
    resume: 'Go on',
    step: 'One round',
    stop: 'Stop',
    again: 'Start again, same luck',
    newLuck: 'New luck',
    left: (seconds: string) => `${seconds} left`,
    progress: 'Progress',
    progressValue: (percent: number, left: string) => `${percent}%, ${left}`,
    about: (n: number) => (n < 1 ? 'under 1 s' : `about ${n} s`),
    unknown: 'measuring …',
    stale: 'The result below is for the earlier settings.',
    staleShort: 'Result of the earlier settings',
    loading: 'Getting ready …',
    loadFailed:
      'The computing core could not start, so nothing can be trained here. Use a current Chrome, Edge, Firefox or Safari.',
  },

  verdict: {
    title: 'What came out',
    running: 'Training …',
    trySizes: (a: number, b: number) => `Is that always so? Try ${a} → ${b}`,
    luck: 'Was it luck? Run 4 more',
    luckStop: (done: number, all: number) => `Stop: luck ${done + 1} of ${all} …`,
    endedEarly: 'This run ended early, so there is nothing to compare yet.',
    next: (name: string) => `Next: ${name}`,
    twin: (name: string) => `Instead: ${name}`,
  },

  change: {
    title: 'Change something',
    more: 'More settings',
    lab: 'Lab settings',
    parts: {
      pictures: 'Pictures and luck',
      nuisance: 'What else varies in the pictures',
      network: 'The network',
      training: 'How it learns',
      remedies: 'Against learning by heart',
    },
    factorB: (label: string) => `${label} of B`,
    factorA: (label: string) => `${label} of A`,
    backToStep: 'Back to this experiment’s settings',
    whatChanged: (changes: string[]) => `A → B: ${changes.join(', ')}`,
    youChanged: (changes: string[]) => `You changed: ${changes.join(', ')}`,
    changed: (label: string, from: string, to: string) => `${label} ${from} → ${to}`,
    onlyDiffers: (label: string) => `Only this differs: ${label}.`,
    close: 'Close',
    doesNotGo: (label: string) =>
      `“${label}” does not go with the other settings. Change it, or another one that it depends on.`,
    ignoredLink: (n: number) =>
      n === 1
        ? 'One part of the link was not understood and was left out.'
        : `${n} parts of the link were not understood and were left out.`,
  },

  sizes: {
    title: 'Size against score',
    about: 'New pictures right, for each picture size tried with the same other settings.',
    x: 'picture size (pixels)',
    y: 'new pictures right (%)',
    decides: 'So size alone does not decide. Two things pull: detail, and weights per picture.',
  },
  luck: {
    title: 'Every luck',
    about: 'One dot for each luck: other pictures, other first weights, another order.',
    a: 'A',
    b: 'B',
    y: 'new pictures right (%)',
    x: 'network',
  },

  runs: {
    title: 'My runs',
    empty: 'Finished runs are listed here.',
    what: 'Settings',
    weights: 'Weights',
    seen: 'Seen',
    fresh: 'New',
    gap: 'Gap',
    seconds: 'Seconds',
    code: 'Run code',
    load: 'Use these settings',
    run: 'Run',
    again: 'Again',
    name: (id: number, letter: string) => `${id} ${letter}`,
    gapWords: (gap: string, low: number, high: number) => `${gap}, likely ${low} to ${high}`,
    luckOf: (data: number, network: number) => `luck ${data}/${network}`,
    stoppedAt: (n: number) => `stopped in round ${n}`,
  },

  experiments: {
    title: 'Experiments',
    lead: 'Each trains two networks side by side. The time is measured for this device.',
    lesson: 'The question, step by step',
    seed: 'The three experiments that started it',
  },

  help: {
    title: 'Help and keyboard',
    lead: 'Guess, train two small networks, and compare them on new pictures. Nothing leaves this device.',
    keys: 'Keyboard',
    rows: [
      ['Tab, Shift Tab', 'go to the next or previous control'],
      ['Space or Enter', 'press a button'],
      ['Arrow keys', 'move a slider, or read a chart value by value'],
      ['Page Up, Page Down', 'move a slider by a bigger step'],
      ['Home, End', 'smallest or largest value'],
      ['Ctrl Z', 'undo the last change of a setting'],
      ['Esc', 'close this window, or stop “Show me”'],
    ],
    words: 'Words',
    close: 'Close',
  },

  show: {
    running: 'The page is showing you. Any key or tap stops it.',
    demo: 'Demo. Any key or tap ends it.',
    ended: 'Over to you.',
  },
};
