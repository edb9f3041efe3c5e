// Words of the prepared experiments: question, guesses, and the closing sentence that follows the
// verdict. Scores named in closings are means over seeds 1 to 5, as `npm run measure` prints them.
import type { PresetId } from '../presets-ids';

/** Which side a guess says will score higher; null where the question is not about that. */
export type GuessSide = 'A' | 'B' | 'same';

export interface GuessText {
  side: GuessSide | null;
  /** The answer in a few words. */
  main: string;
  /** The reason that people give for it. */
  why: string;
}

export interface PresetText {
  name: string;
  /** One line in the list of experiments. */
  about: string;
  question: string;
  guesses: readonly GuessText[];
  /** What to take from it, after the verdict; empty for none. */
  closing: string;
}

export const presetNames: Record<PresetId, string> = {
  size: 'Four times the pixels',
  smaller: 'Smaller still',
  switch: 'One switch',
  labels: 'More labelled pictures',
  random: 'Random labels',
  canvas: 'Empty background, 24 → 48',
  canvas_small: 'Empty background, 12 → 24',
  relabel: 'Same pictures, other labels',
  shortcut: 'A background that gives it away',
  aliasing: 'False stripes',
  experiment1: 'Experiment 1: 64 against 256 pixels',
  experiment2: 'Experiment 2: 5 against 20 kinds, 200 pictures in all',
  experiment2_each: 'Experiment 2: 5 against 20 kinds, 40 pictures each',
  experiment3: 'Experiment 3: 100 noise pictures',
};

export const presetsText: Record<PresetId, PresetText> = {
  size: {
    name: presetNames.size,
    about: '24 against 48 pixels, striped ball',
    question:
      'The same 200 pictures, once at 24 × 24 and once at 48 × 48 pixels. The network trains on both. Which one gets more new pictures right?',
    guesses: [
      { side: 'B', main: '48 × 48', why: 'more pixels, more to go on' },
      { side: 'same', main: 'About the same', why: 'same pictures, same five kinds' },
      { side: 'A', main: '24 × 24', why: 'fewer numbers to learn from only 200 pictures' },
    ],
    closing: '',
  },
  smaller: {
    name: presetNames.smaller,
    about: '12 against 24 pixels, striped ball',
    question: '24 × 24 did well. Will 12 × 12 do even better than 24 × 24?',
    guesses: [
      { side: 'A', main: '12 × 12', why: 'smaller is better here' },
      { side: 'same', main: 'About the same', why: 'picture size never matters' },
      { side: 'B', main: '24 × 24', why: 'the stripes get too fine for 12 pixels' },
    ],
    closing:
      'At 12 × 12 a light-dark pair of stripes is 1.5 pixels wide, so the stripes smear. At 48 × 48 there are about four times as many weights as at 24 × 24 for the same pictures.',
  },
  switch: {
    name: presetNames.switch,
    about: 'A weight for every place against the strongest answer anywhere, 48 pixels',
    question:
      'Keep 48 × 48. Instead of a weight for every place, keep only each filter’s strongest answer (global max): 245 weights instead of 42,485. Better or worse?',
    guesses: [
      { side: 'A', main: 'Worse', why: 'it throws away where the ball is' },
      { side: 'A', main: 'Worse', why: 'fewer weights, less clever' },
      { side: 'same', main: 'The same', why: 'same pictures, same filters' },
      { side: 'B', main: 'Better', why: 'the place never mattered' },
    ],
    closing: 'Both networks got the same pixels. Only the weights behind them differ.',
  },
  labels: {
    name: presetNames.labels,
    about: '40 against 160 labelled pictures per kind, 48 pixels',
    question:
      'Back to Flatten at 48 × 48. Four times the labelled pictures: 160 per kind, and 10 rounds instead of 30. What happens?',
    guesses: [
      { side: 'same', main: 'No change', why: 'the weights are still too many' },
      { side: 'B', main: 'Much better', why: 'more examples to learn from' },
      { side: 'A', main: 'Worse', why: 'more to learn by heart' },
    ],
    closing:
      'Both networks changed their weights about equally often: 210 and 250 times. The rounds differ so that the time spent learning does not.',
  },
  random: {
    name: presetNames.random,
    about: 'All labels shuffled, 24 against 48 pixels',
    question: 'Shuffle all 200 labels. Can the networks still get 100% of these 200 right?',
    guesses: [
      { side: null, main: 'No', why: 'there is nothing to learn' },
      { side: null, main: 'Yes, and new pictures too', why: 'a network finds a way' },
      { side: null, main: 'Yes, by heart', why: 'and only guessing on new pictures' },
    ],
    closing:
      'A perfect score on seen pictures can be nothing but memory. Only new pictures tell the difference.',
  },
  canvas: {
    name: presetNames.canvas,
    about: 'The ball stays 10 pixels wide, the picture around it grows',
    question:
      'The ball stays 10 pixels wide. The picture around it grows from 24 × 24 to 48 × 48. What happens?',
    guesses: [
      { side: 'same', main: 'Nothing', why: 'it is the same ball' },
      { side: 'A', main: 'Worse', why: 'more empty places, each with its weights' },
      { side: 'B', main: 'Better', why: 'more context' },
    ],
    closing:
      'The ball kept its pixels; only empty space was added, and Flatten paid for it. In 5 tries: 96% → 51%. With global max, both got 100%. This is what Experiment 3 wanted to test.',
  },
  canvas_small: {
    name: presetNames.canvas_small,
    about: 'The ball stays 10 pixels wide, from a tight frame to a loose one',
    question:
      'The ball stays 10 pixels wide. At 12 × 12 it fills the picture, at 24 × 24 there is empty space. What happens?',
    guesses: [
      { side: 'same', main: 'Nothing', why: 'it is the same ball' },
      { side: 'A', main: 'Worse', why: 'more empty places, each with its weights' },
      { side: 'B', main: 'Better', why: 'more context' },
    ],
    closing: 'The ball kept its pixels; only empty space was added. In 5 tries: 100% → 96%.',
  },
  relabel: {
    name: presetNames.relabel,
    about: '32 hidden patterns as 32 kinds, or dealt out at random into 2 kinds',
    question:
      'The same 640 pictures of 32 hidden patterns. In A every pattern is a kind. In B the patterns are dealt out at random into 2 kinds. Which network does better above guessing?',
    guesses: [
      { side: 'B', main: '2 kinds', why: 'fewer answers to choose from' },
      { side: 'same', main: 'About the same', why: 'the very same pictures' },
      { side: 'A', main: '32 kinds', why: 'each kind is one pattern, not sixteen' },
    ],
    closing:
      'In 5 tries, 32 kinds got 81% of new pictures and 2 kinds got 72%. Above guessing the scores are 0.80 and 0.44. Fewer kinds are not easier by themselves: each of the 2 is a mix of 16 unlike patterns.',
  },
  shortcut: {
    name: presetNames.shortcut,
    about: 'In A the background fits the kind, but only in learning',
    question:
      'In learning, every kind of A has a background brightness of its own. In B the background says nothing. It says nothing in the test either. Which network gets more new pictures right?',
    guesses: [
      { side: 'A', main: 'A', why: 'it had one more hint to learn from' },
      { side: 'same', main: 'About the same', why: 'both learned the stripes' },
      { side: 'B', main: 'B', why: 'it had to look at the stripes' },
    ],
    closing:
      'In 5 tries: 21% → 92%, and guessing gets 20%. A network learns whatever fits the labels, and the background was easier than the stripes (a shortcut). Only a test without it shows that.',
  },
  aliasing: {
    name: presetNames.aliasing,
    about: 'Stripes too fine for the picture: averaged away, or turned into false ones',
    question:
      '48 pairs of stripes do not fit into 24 × 24 pixels. A takes the average of each block of pixels, B takes one pixel of each. Which network gets more new pictures right?',
    guesses: [
      { side: 'A', main: 'Average', why: 'it looks at every pixel' },
      { side: 'same', main: 'About the same', why: 'the stripes are too fine for both' },
      { side: 'B', main: 'One pixel', why: 'something of the stripes is left' },
    ],
    closing:
      'In 5 tries: 28% → 76%. Averages of whole stripes are grey. Single pixels hit light and dark by turns, which makes coarse stripes that are not there (aliasing). They differ from kind to kind, so a network can use them.',
  },
  experiment1: {
    name: presetNames.experiment1,
    about: '2 kinds, yes-or-no output (sigmoid), colour, 100 labelled pictures, 10 rounds',
    question:
      'The same 100 colour pictures of 2 kinds, once at 64 × 64 and once at 256 × 256 pixels. Which network gets more new pictures right?',
    guesses: [
      { side: 'B', main: '256 × 256', why: 'sixteen times the pixels' },
      { side: 'same', main: 'About the same', why: 'same pictures, same two kinds' },
      { side: 'A', main: '64 × 64', why: 'sixteen times fewer weights' },
    ],
    closing:
      'In 5 tries, 64 × 64 got 62% of new pictures and 256 × 256 got 52%; guessing gets 50%. The original kept no pictures back, so it could not tell learning from memory. It called both the same network, but the weights grew from 31,649 to 517,025.',
  },
  experiment2: {
    name: presetNames.experiment2,
    about: '64 pixels, colour, 10 rounds, the same 200 labelled pictures in all',
    question:
      '200 labelled pictures in all, shared among 5 kinds or among 20 kinds. Which network gets more new pictures right?',
    guesses: [
      { side: 'A', main: '5 kinds', why: 'fewer answers to choose from' },
      { side: 'same', main: 'About the same', why: 'same picture size, same network' },
      { side: 'B', main: '20 kinds', why: 'more kinds, more to learn from' },
    ],
    closing:
      'In 5 tries, 5 kinds got 44% of new pictures and 20 kinds got 16%. But guessing gets 20% and 5%: above guessing, the scores are 0.30 and 0.11. The original changed kinds, pictures per kind and weights together. It could not tell which one did it.',
  },
  experiment2_each: {
    name: presetNames.experiment2_each,
    about: '64 pixels, colour, 10 rounds, 40 labelled pictures for each kind',
    question:
      '40 labelled pictures for each kind, with 5 kinds or with 20 kinds. Which network gets more new pictures right?',
    guesses: [
      { side: 'A', main: '5 kinds', why: 'fewer answers to choose from' },
      { side: 'same', main: 'About the same', why: 'each kind has its 40 pictures' },
      { side: 'B', main: '20 kinds', why: 'four times the pictures in all' },
    ],
    closing:
      'In 5 tries, 5 kinds got 44% of new pictures and 20 kinds got 23%. With 10 pictures each, 20 kinds had got 16%. Stripe directions also crowd: with 20 kinds they are 9° apart.',
  },
  experiment3: {
    name: presetNames.experiment3,
    about: '2 kinds, yes-or-no output (sigmoid), 10 rounds, plus a test the original lacked',
    question:
      '100 pictures of pure noise with coin-flip labels, at 256 × 256 and at 64 × 64 pixels. Which network gets more new pictures right?',
    guesses: [
      { side: 'A', main: '256 × 256', why: 'more numbers, more to go on' },
      { side: 'same', main: 'About the same', why: 'there is nothing to find in either' },
      { side: 'B', main: '64 × 64', why: 'less that is irrelevant' },
    ],
    closing:
      'In 5 tries, both learned nearly all 100 labels by heart: 100% and 92%. On new pictures they got 51% and 48%, which is guessing. The original had no new pictures. Both sizes hold nothing but noise, so no network can do better.',
  },
};
