// Words about the user's own pictures, what was left out and why; en-sets.ts has those about shipped
// ones. Sentences of at most 20 words, each problem with its remedy. Part of the catalogue in en.ts.

import { formatPercent } from './format';

/** Why one file of a collection was left out. */
export type SkipReason =
  | { kind: 'empty' }
  | { kind: 'not-a-picture' }
  | { kind: 'svg' }
  | { kind: 'heic' }
  | { kind: 'other-format'; format: string }
  | { kind: 'broken' }
  | { kind: 'no-size' }
  | { kind: 'too-many-bytes'; bytes: number; limit: number }
  | { kind: 'too-many-pixels'; width: number; height: number; limit: number }
  | { kind: 'too-thin'; width: number; height: number; limit: number }
  | { kind: 'unreadable' }
  | { kind: 'folder-blocked' }
  | { kind: 'no-kind' }
  | { kind: 'twice' }
  | { kind: 'too-many-pictures'; limit: number }
  | { kind: 'too-many-files'; limit: number }
  | { kind: 'too-deep' }
  | { kind: 'nested-zip' }
  | { kind: 'zip-not-a-zip' }
  | { kind: 'zip-too-large'; limit: number }
  | { kind: 'zip-too-many'; limit: number }
  | { kind: 'zip-locked' }
  | { kind: 'zip-method' }
  | { kind: 'zip-too-much'; limit: number }
  | { kind: 'zip-lies' }
  | { kind: 'zip-damaged' }
  | { kind: 'table'; message: string };

const numbers = new Intl.NumberFormat('en');
const n = (value: number): string => numbers.format(value);
const megabytes = (bytes: number): string => `${n(Math.ceil(bytes / (1024 * 1024)))} MB`;
const megapixels = (pixels: number): string => `${n(Math.round(pixels / 1_000_000))} megapixels`;
const pictures = (count: number): string => (count === 1 ? '1 picture' : `${n(count)} pictures`);
const kinds = (count: number): string => (count === 1 ? '1 kind' : `${n(count)} kinds`);

function skipText(reason: SkipReason): string {
  switch (reason.kind) {
    case 'empty':
      return 'The file is empty.';
    case 'not-a-picture':
      return 'This is not a picture. PNG, JPEG, WebP, GIF and BMP work.';
    case 'svg':
      return 'SVG drawings are not taken. Save it as PNG first.';
    case 'heic':
      return 'HEIC pictures cannot be opened here. Save it as JPEG first.';
    case 'other-format':
      return `${reason.format} pictures are not taken. Save it as PNG or JPEG first.`;
    case 'broken':
      return 'The picture is damaged and could not be opened. Copy it again from where it came.';
    case 'no-size':
      return 'The picture does not say how large it is. Open it and save it again.';
    case 'too-many-bytes':
      return `The file has ${megabytes(reason.bytes)}; the limit is ${megabytes(reason.limit)}. Save it smaller.`;
    case 'too-many-pixels':
      return `${n(reason.width)} × ${n(reason.height)} pixels is above ${megapixels(reason.limit)}. Save it smaller.`;
    case 'too-thin':
      return `${n(reason.width)} × ${n(reason.height)} pixels is too thin a strip. Crop it closer to a square.`;
    case 'unreadable':
      return 'The file could not be read. Check that it is still there, then choose it again.';
    case 'folder-blocked':
      return 'This browser does not open dropped folders here. Use “Choose a folder”.';
    case 'no-kind':
      return 'It lies outside the folders of the kinds. Move it into one of them.';
    case 'twice':
      return 'This picture is here already.';
    case 'too-many-pictures':
      return `Only the first ${n(reason.limit)} pictures are taken.`;
    case 'too-many-files':
      return `Only the first ${n(reason.limit)} files are looked at. Choose a smaller folder.`;
    case 'too-deep':
      return 'This folder lies too deep inside others. Move it up.';
    case 'nested-zip':
      return 'A zip inside a zip is not opened. Unpack it first.';
    case 'zip-not-a-zip':
      return 'This is not a zip file, or it is cut short. Make it again.';
    case 'zip-too-large':
      return `The zip is above ${megabytes(reason.limit)}. Split it, or unpack it and choose the folder.`;
    case 'zip-too-many':
      return `The zip holds more than ${n(reason.limit)} files. Split it, or unpack it and choose the folder.`;
    case 'zip-locked':
      return 'It is locked with a password. Unpack the zip first.';
    case 'zip-method':
      return 'It is packed in an unusual way. Unpack the zip first.';
    case 'zip-too-much':
      return `The zip unpacks to more than ${megabytes(reason.limit)}. Split it, or choose the folder.`;
    case 'zip-lies':
      return 'A file in it unpacks to more than the zip says. The rest was left closed.';
    case 'zip-damaged':
      return 'This part of the zip is damaged. Make the zip again.';
    case 'table':
      return reason.message;
    default:
      return reason satisfies never;
  }
}

export const dataText = {
  request: {
    resolution: 'The picture size must be a whole number from 4 to 256. Choose another size.',
    classes: (most: number) =>
      `These pictures have ${kinds(most)}. Choose from 2 to ${n(most)} kinds.`,
    counts: 'Pictures per kind and test pictures must be whole numbers above 0. Raise them.',
    seed: 'The luck must be a whole number from 0 to 2,147,483,647. Choose another.',
    memory: (bytes: number, limit: number) =>
      `These pictures would fill ${megabytes(bytes)}; the limit is ${megabytes(limit)}. Choose smaller or fewer pictures.`,
    gone: (path: string) => `“${path}” can no longer be read. Choose your pictures again.`,
  },

  note: {
    fewer: (names: string, least: number, wanted: number) =>
      `${names}: only ${pictures(least)} to learn from instead of ${n(wanted)}.`,
    fewerKinds: (count: number, least: number, wanted: number) =>
      `${n(count)} kinds have fewer than ${pictures(wanted)} to learn from, the smallest ${n(least)}.`,
  },

  own: {
    title: 'Your pictures',
    heading: 'Your pictures',
    privacy: 'Your pictures never leave this device.',
    lead: 'One folder for each kind of picture; the folder’s name is the name of the kind.',
    dropHere: 'Drop folders, pictures, a zip or a table here',
    chooseFolder: 'Choose a folder',
    chooseFiles: 'Choose pictures',
    chooseZip: 'Choose a zip or table',
    formats:
      'PNG, JPEG, WebP, GIF and BMP, the first of a moving picture. Tables of pixels: IDX and CSV.',
    prepared: 'See-through parts become white.',
    use: 'Use these pictures',
    used: 'These pictures are in use',
    back: 'Back to scenes',
    cancel: 'Cancel',
    clear: 'Start over',
    looking: 'Looking for pictures',
    reading: (done: number, total: number) => `Reading ${n(done)} of ${n(total)} pictures`,
    progressLabel: 'Reading pictures',
    timeLeft: (seconds: string) => `${seconds} left`,
    readBack: (share: number, most: number) =>
      `For privacy, this browser changes ${formatPercent(share)} of the pixels that pages read, by up to ${n(most)} of 255 levels. Allow this page to read canvases, or use another browser.`,
    ready: (count: number, kindCount: number) =>
      `${pictures(count)} of ${kinds(kindCount)} are ready.`,
    kindsHeading: 'Kinds',
    kindCount: (count: number) => pictures(count),
    kindTooSmall: (count: number, least: number) =>
      `${pictures(count)}; a kind needs at least ${n(least)}`,
    leaveOut: 'Leave out',
    leaveOutKind: (name: string) => `Leave out ${name}`,
    thumbnailsOf: (name: string) => `First pictures of ${name}`,
    skippedHeading: (count: number) =>
      count === 1 ? '1 file was left out' : `${n(count)} files were left out`,
    skipped: skipText,
    morePaths: (count: number) => `and ${n(count)} more`,
    nameHeading: (count: number) => `Which kind are these ${pictures(count)}?`,
    nameHelp: 'They came without a folder. Give their kind a name, then choose the next kind.',
    nameLabel: 'Name of the kind',
    nameAdd: 'Add this kind',
    stopped: 'Reading was stopped. The pictures from before are unchanged.',
    empty: 'Nothing was found that could be read. Choose a folder with pictures in it.',
    none: 'None of these files could be used. The list below says why.',
    needKinds: (found: number) =>
      found === 0
        ? 'No pictures yet. Choose at least 2 kinds.'
        : 'All pictures are of one kind. Add a folder with another kind.',
    tooManyKinds: (found: number, most: number) =>
      `${n(found)} kinds were found; at most ${n(most)} work. Choose fewer folders.`,
    smallKinds: (names: string, least: number) =>
      `Too few pictures: ${names}. Each kind needs at least ${n(least)}; add some.`,
    failed: 'The pictures could not be read. Try again with fewer of them.',
  },
} as const;
