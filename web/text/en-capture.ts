// Words about pictures that are made or kept here: tables of pixels, pasting, camera, drawing, the
// copy in the browser and the export. Sentences of at most 20 words. Part of the catalogue in en.ts.

import { formatBytes, LOCALE } from './format';

const numbers = new Intl.NumberFormat(LOCALE);
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'long' });
const n = (value: number): string => numbers.format(value);
const pictures = (count: number): string => (count === 1 ? '1 picture' : `${n(count)} pictures`);

/** Why a file of pixel rows was left out, or how much of it. */
export const tableText = {
  gzip: 'It could not be unpacked: damaged, or too large. Unpack it first, or get it again.',
  inside: 'What is packed in it is neither IDX nor CSV. Unpack it first.',
  rank: (rank: number) =>
    `An IDX file of ${rank} dimensions holds neither pictures nor labels. Give one with 3 or 4, or with 1.`,
  channels: (channels: number) =>
    `Its pictures have ${n(channels)} channels. Save them with 1 channel (grey) or 3 (colour), channels last.`,
  side: (width: number, height: number, most: number) =>
    `Its pictures are ${n(width)} × ${n(height)} pixels; the limit is ${n(most)} a side. Save them smaller.`,
  square: (values: number) =>
    `Its rows have ${n(values)} values, which make no square picture. Give a table such as 28 × 28 = 784.`,
  noLabels: (count: number) =>
    `No file with ${n(count)} labels came with these pictures. Choose both files together.`,
  noImages: (count: number) =>
    `No file with ${n(count)} pictures came with these labels. Choose both files together.`,
  cut: (taken: number, count: number) =>
    `Only ${n(taken)} of its ${pictures(count)} are taken, spread evenly.`,
  unread: 'It could not be read as a table of pixels. Save it again as CSV or IDX.',
};

export const captureText = {
  rawDamaged: 'The pixels of this picture are damaged. Add it again.',

  heading: 'Make pictures here',
  kind: 'Kind of the new pictures',
  kindHelp: 'Pictures that you paste are added too.',
  camera: 'Camera',
  draw: 'Drawing',
  kindMissing: 'First write which kind the pictures are.',
  added: (count: number, kind: string) => `${pictures(count)} of “${kind}” added.`,

  hold: 'Hold to record',
  holdHelp: 'Hold the button, or Space: 5 pictures a second.',
  recording: (count: number) => `Recording: ${pictures(count)}`,
  preview: 'What the camera sees',
  otherCamera: 'Other camera',
  starting: 'The camera is starting. Allow it if the browser asks.',
  startCamera: 'Start the camera',
  stopped: 'The camera is off.',
  cameraMissing: 'No camera was found. Connect one, then start it here.',
  cameraRefused:
    'The camera is not allowed here. Allow it in the browser’s settings for this page.',
  cameraBusy: 'The camera could not be started. Close other programs that use it.',
  cameraBlocked:
    'This browser gives pages like this one no camera. Take photos and choose the files.',
  cameraFromFile:
    'This browser gives no camera to a page opened from a file. Open the page over https.',

  canvas: 'Drawing area',
  canvasHelp:
    'Draw with pen, finger or mouse. Keys: arrows move, Space puts the pen down or lifts it.',
  penDown: 'The pen is down.',
  penUp: 'The pen is up.',
  penSize: 'Pen size',
  lightInk: 'Light ink on black',
  addDrawing: 'Add the drawing',
  wipe: 'Wipe',
  drawingEmpty: 'Nothing is drawn yet.',

  kindFolder: 'kind',
  pictureFile: 'picture',
};

export const keepText = {
  heading: 'Keep these pictures',
  save: 'Save in this browser',
  size: (count: number, bytes: number) => `${pictures(count)}, ${formatBytes(bytes)}.`,
  shared:
    'On a shared computer other people can find saved pictures, and so can other pages opened from files.',
  saved: 'Saved in this browser.',
  kept: (count: number, bytes: number, when: number) =>
    `You saved ${pictures(count)} (${formatBytes(bytes)}) here on ${day.format(when)}.`,
  replaces: 'Saving again replaces them.',
  bringBack: 'Bring them back',
  forget: 'Forget them',
  forgotten: 'The saved pictures are forgotten.',
  full: 'This browser has no room for that much. Leave some kinds out, or export a zip.',
  failed: 'The browser’s storage did not answer. Nothing is lost; export a zip instead.',
  damaged:
    'The saved pictures cannot be read any more. Forget them, and choose the pictures again.',
  export: 'Export as .zip',
  packing: (done: number, total: number) => `Packing ${n(done)} of ${n(total)}`,
  exported: (bytes: number) => `The zip has ${formatBytes(bytes)}.`,
  exportedLarge: (files: number, bytes: number) =>
    `This page opens zips of up to ${n(files)} files and ${formatBytes(bytes)}. Unpack this one and choose its folder.`,
  exportGone: (path: string) =>
    `“${path}” can no longer be read, so no zip was made. Choose it again or leave out its kind.`,
  exportTooLarge: 'The pictures fill more than 4 GB, too much for a zip. Leave some kinds out.',
  stop: 'Stop',
  fileName: 'my-pictures.zip',
};
