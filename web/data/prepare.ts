// Turns chosen pictures into the bytes of a run. Shared by every source, so that the checks, the
// order of the pictures and the yielding to the page are the same for all.

import type { ImageSet } from '../../wasm_glue/protocol';
import { dataText } from '../text/en-data';
import { limits } from './limits';
import { createPace } from './pace';
import {
  type Channels,
  DataError,
  type OnProgress,
  type PictureCount,
  type PictureRequest,
  type PreparedSet,
  type Thumbnail,
  type ThumbnailRequest,
} from './source';
import type { Chosen } from './split';

const SEED_MAX = 2147483647;
/** The core's range of R (CNN_CONFIG_FIELDS). */
const RESOLUTION = { min: 4, max: 256 } as const;

const text = dataText.request;

/** One picture at the wanted size and channels; `index` counts within class `label`. */
export type Render = (
  label: number,
  index: number,
  signal?: AbortSignal,
) => Uint8Array | Promise<Uint8Array>;

function isInteger(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

export function checkRequest(
  request: Pick<PictureRequest, 'resolution' | 'classes' | 'perClass' | 'seed'> & {
    testCount?: number;
  },
  classCount: number,
): void {
  const { resolution, classes, perClass, testCount = 1, seed } = request;
  if (!isInteger(resolution, RESOLUTION.min, RESOLUTION.max)) throw new DataError(text.resolution);
  if (!isInteger(classes, limits.minClasses, classCount)) {
    throw new DataError(text.classes(classCount));
  }
  if (!isInteger(perClass, 1, SEED_MAX) || !isInteger(testCount, 1, SEED_MAX)) {
    throw new DataError(text.counts);
  }
  if (!isInteger(seed, 0, SEED_MAX)) throw new DataError(text.seed);
}

/** A sentence when a class has fewer pictures to learn from than asked for. */
export function noteOf(
  names: readonly string[],
  count: PictureCount,
  wanted: number,
): string | undefined {
  const short = count.trainPerClass.map((has, k) => ({ has, k })).filter(({ has }) => has < wanted);
  if (short.length === 0) return undefined;
  const least = Math.min(...short.map(({ has }) => has));
  if (short.length > 3) return dataText.note.fewerKinds(short.length, least, wanted);
  return dataText.note.fewer(short.map(({ k }) => names[k] ?? '').join(', '), least, wanted);
}

interface Job {
  names: readonly string[];
  chosen: Chosen;
  request: PictureRequest;
  render: { train: Render; test: Render };
  signal: AbortSignal;
  onProgress?: OnProgress | undefined;
}

export async function prepareSet(job: Job): Promise<PreparedSet> {
  const { chosen, request, signal } = job;
  const lengths = (lists: number[][]): number[] => lists.map((list) => list.length);
  const trainPerClass = lengths(chosen.train);
  const testPerClass = lengths(chosen.test);
  const sum = (counts: number[]): number => counts.reduce((all, one) => all + one, 0);
  const total = sum(trainPerClass) + sum(testPerClass);
  const bytes = total * request.resolution ** 2 * request.channels;
  if (bytes > limits.preparedBytes) throw new DataError(text.memory(bytes, limits.preparedBytes));

  const pace = createPace(signal);
  let done = 0;
  const draw = async (lists: number[][], render: Render): Promise<ImageSet> => {
    const count = sum(lengths(lists));
    const values = request.resolution ** 2 * request.channels;
    const pixels = new Uint8Array(count * values);
    const labels = new Uint8Array(count);
    let at = 0;
    for (const [label, list] of lists.entries()) {
      for (const index of list) {
        pixels.set(await render(label, index, signal), at * values);
        labels[at++] = label;
        job.onProgress?.(++done, total);
        await pace();
      }
    }
    return { pixels, labels, count };
  };
  signal.throwIfAborted();
  const train = await draw(chosen.train, job.render.train);
  const test = await draw(chosen.test, job.render.test);
  const classNames = job.names.slice(0, request.classes);
  const count = { train: train.count, test: test.count, trainPerClass, testPerClass };
  const note = noteOf(classNames, count, request.perClass);
  const set = { train, test, classNames, trainPerClass, testPerClass };
  return note === undefined ? set : { ...set, note };
}

export async function drawThumbnails(
  names: readonly string[],
  train: number[][],
  request: ThumbnailRequest,
  render: Render,
  signal?: AbortSignal,
): Promise<Thumbnail[]> {
  const pace = createPace(signal);
  const thumbnails: Thumbnail[] = [];
  for (const [label, list] of train.entries()) {
    for (const index of list.slice(0, request.perClass)) {
      thumbnails.push({
        label,
        className: names[label] ?? '',
        side: request.resolution,
        channels: request.channels,
        pixels: await render(label, index, signal),
      });
      await pace();
    }
  }
  return thumbnails;
}

/** The same grey value in all three channels. */
export function greyToColour(grey: Uint8Array): Uint8Array {
  const colour = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) colour.fill(grey[i] ?? 0, 3 * i, 3 * i + 3);
  return colour;
}

/**
 * Luma of ITU-R BT.601 (0.299, 0.587, 0.114) in 256ths, 77 + 150 + 29 = 256, rounded half up:
 * whole numbers give the same grey on every machine, and a grey pixel keeps its value.
 */
export function colourToGrey(colour: Uint8Array): Uint8Array {
  const grey = new Uint8Array(colour.length / 3);
  for (let i = 0; i < grey.length; i++) {
    const r = colour[3 * i] ?? 0;
    const g = colour[3 * i + 1] ?? 0;
    const b = colour[3 * i + 2] ?? 0;
    grey[i] = (77 * r + 150 * g + 29 * b + 128) >> 8;
  }
  return grey;
}

export function inChannels(pixels: Uint8Array, from: Channels, to: Channels): Uint8Array {
  if (from === to) return pixels;
  return to === 1 ? colourToGrey(pixels) : greyToColour(pixels);
}
