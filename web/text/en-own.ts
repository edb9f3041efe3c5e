// Words about sorting one's own pictures: kinds and their pictures, copies, the split, the square.
// Sentences of at most 20 words, each problem with its remedy. Part of the catalogue in en.ts.

import { LOCALE } from './format';

const numbers = new Intl.NumberFormat(LOCALE);
const n = (value: number): string => numbers.format(value);
const pictures = (count: number): string => (count === 1 ? '1 picture' : `${n(count)} pictures`);
/** "1 picture stands", "7 pictures stand". */
const verb = (count: number, one: string, many: string): string =>
  `${pictures(count)} ${count === 1 ? one : many}`;
const NAMED = 3;

export const ownText = {
  /** “a”, “b”, “c”, and 2 more. */
  names: (all: readonly string[]): string => {
    const named = all.slice(0, NAMED).map((name) => `“${name}”`);
    const rest = all.length - named.length;
    return [...named, ...(rest > 0 ? [`and ${n(rest)} more`] : [])].join(', ');
  },

  /** What Undo takes back. */
  did: {
    named: (name: string) => `new kind “${name}”`,
    renamed: (name: string, to: string) => `“${name}” renamed to “${to}”`,
    merged: (name: string, to: string) => `“${name}” put into “${to}”`,
    shifted: (name: string) => `“${name}” moved in the list`,
    leftOut: (name: string) => `“${name}” left out`,
    moved: (count: number, to: string) => `${pictures(count)} moved to “${to}”`,
    removed: (count: number) => `${pictures(count)} taken out`,
    cleared: 'started over',
  },
  done: (words: string) => `Done: ${words}.`,
  undone: (words: string) => `Taken back: ${words}.`,
  undo: (words: string) => `Undo: ${words}`,

  kinds: {
    help: 'Fewer kinds take the first of this list.',
    change: 'Change',
    changeKind: (name: string) => `Change ${name}`,
    name: 'Name of this kind',
    rename: 'Rename',
    putInto: (name: string) => `Put into “${name}”`,
    mergeHelp: 'Under the name of another kind, the two become one.',
    up: 'Up',
    down: 'Down',
    upKind: (name: string) => `Up: ${name}`,
    downKind: (name: string) => `Down: ${name}`,
    pictures: (name: string) => `Pictures of ${name}`,
    moveTo: 'Move the ticked to',
    newKind: 'a new kind',
    newName: 'Name of the new kind',
    move: 'Move',
    takeOut: 'Take out the ticked',
    ticked: (count: number) => `${n(count)} ticked`,
    earlier: 'Earlier',
    later: 'Later',
    range: (from: number, to: number, total: number) => `${n(from)} to ${n(to)} of ${n(total)}`,
  },

  copies: {
    heading: 'Copies',
    comparing: 'Comparing pictures',
    none: 'No two pictures are alike.',
    failed: 'The pictures could not be compared. Choose them again.',
    across: (count: number) => `${verb(count, 'stands', 'stand')} in both halves.`,
    acrossHelp:
      'The network learns them and then meets them again as new: the test looks too good.',
    kinds: (count: number) => `${verb(count, 'stands', 'stand')} in more than one kind.`,
    exact: (count: number) => `${verb(count, 'is an exact copy', 'are exact copies')} of another.`,
    alike: (count: number) => `${verb(count, 'looks', 'look')} almost like another.`,
    takeExact: (count: number) => `Take out exact copies (${n(count)})`,
    takeAlike: (count: number) => `Keep one of each (${n(count)} out)`,
    takeTest: (count: number) => `Take out of the test (${n(count)})`,
    takeTrain: (count: number) => `Take out of the training (${n(count)})`,
    show: (count: number) => (count === 1 ? 'Show the set' : `Show the ${n(count)} sets`),
    sets: 'Sets of copies',
    set: (count: number, names: string) => `${pictures(count)}: ${names}`,
  },

  split: {
    heading: 'Which pictures are new, for the test',
    modes: {
      stratified: 'A fifth of each kind, by luck',
      parts: 'As the folders say',
      groups: 'Group by group',
    },
    help: {
      stratified: 'Another luck takes others.',
      parts: 'Folders named train, and test or validation.',
      groups: 'One burst or person stays on one side: by capture, folder, or file name.',
    },
    counts: (train: number, test: number) => `${n(train)} to learn from, ${n(test)} new.`,
    aside: (count: number) => `${verb(count, 'stands', 'stand')} aside for validation.`,
    partial: (names: string) =>
      `Not in both the training and the test folder: ${names}. So luck decides.`,
    balance: 'Same number for each kind',
    balanceHelp: (most: number) =>
      `Luck takes ${pictures(most)} of each kind, as many as the smallest has.`,
  },

  square: {
    heading: 'Pictures that are not square',
    crop: 'Cut out the middle',
    fit: 'Add a border',
    stretch: 'Stretch',
    grey: 'Take the colours away',
  },

  oneSided: {
    parts: (names: string) =>
      `Not in both the training and the test folder: ${names}. Choose another split.`,
    groups: (names: string) =>
      `All pictures are of one group: ${names}. Name the files apart, or choose another split.`,
  },
};
