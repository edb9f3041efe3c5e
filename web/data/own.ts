import { sizeOf } from './file_size';
// The user's own pictures: a collection that grows choice by choice, what still stops it from being
// used, and the source that hands it to runs. Works on decoded references, never on file names'
// extensions; refuses fewer than 2 or more than 255 kinds, and kinds with fewer than 2 pictures.

import { dataText, type SkipReason } from '../text/en-data';
import { ownText } from '../text/en-own';
import { halvesOf, type SplitMode } from './halves';
import { limits } from './limits';
import type { OwnPicture, Skipped } from './own_types';
import { checkRequest, drawThumbnails, inChannels, prepareSet, type Render } from './prepare';
import type { PictureSource } from './source';
import type { Counts } from './split';
import type { PictureStore } from './store';

/** The ladder of the scenes up to REFERENCE_SIDE, so that own pictures compare with them. */
const SIDES = [8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256] as const;

export interface OwnClass {
  name: string;
  pictures: OwnPicture[];
}

/** By code units: the same order on every machine and in every language. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Pictures by path; kinds as `order` has them, the others by name: so that the order of choosing
 * does not matter.
 */
export function classesOf(
  pictures: readonly OwnPicture[],
  order: readonly string[] = [],
): OwnClass[] {
  const places = new Map(order.map((name, i) => [name, i]));
  const place = (name: string): number => places.get(name) ?? order.length;
  const byName = new Map<string, OwnPicture[]>();
  for (const picture of pictures) {
    const list = byName.get(picture.className);
    if (list) list.push(picture);
    else byName.set(picture.className, [picture]);
  }
  return [...byName]
    .map(([name, list]) => ({ name, pictures: list.sort((a, b) => byText(a.path, b.path)) }))
    .sort((a, b) => place(a.name) - place(b.name) || byText(a.name, b.name));
}

/** Adds pictures to a collection; one with the same kind, path and size is there already. */
export function addPictures(
  present: readonly OwnPicture[],
  added: readonly OwnPicture[],
): { pictures: OwnPicture[]; skipped: Skipped[] } {
  const keyOf = ({ className, path, file }: OwnPicture): string =>
    JSON.stringify([className, path, sizeOf(file)]);
  const keys = new Set(present.map(keyOf));
  const pictures = [...present];
  const skipped: Skipped[] = [];
  const reason: SkipReason = { kind: 'twice' };
  for (const picture of added) {
    const key = keyOf(picture);
    if (keys.has(key)) {
      skipped.push({ path: picture.path, reason });
    } else {
      keys.add(key);
      pictures.push(picture);
    }
  }
  return { pictures, skipped };
}

/** What stops these kinds from being used, as a sentence with its remedy; null if nothing does. */
export function problemOf(classes: readonly OwnClass[]): string | null {
  const text = dataText.own;
  if (classes.length < limits.minClasses) return text.needKinds(classes.length);
  if (classes.length > limits.maxClasses) {
    return text.tooManyKinds(classes.length, limits.maxClasses);
  }
  const small = classes.filter(({ pictures }) => pictures.length < limits.minPerClass);
  if (small.length === 0) return null;
  return text.smallKinds(ownText.names(small.map(({ name }) => name)), limits.minPerClass);
}

export interface OwnOptions {
  split?: SplitMode;
  /** The same number of pictures for each kind. */
  balanced?: boolean;
  /** Colours are given away, whatever a run asks for. */
  grey?: boolean;
}

/** `classes` as classesOf gives them and problemOf and the split's own check accept them. */
export function createOwnSource(
  classes: readonly OwnClass[],
  store: PictureStore,
  { split = 'stratified', balanced = false, grey = false }: OwnOptions = {},
): PictureSource {
  const names = classes.map(({ name }) => name);
  const halves = halvesOf(classes, split);
  const everything = { classes: classes.length, perClass: Infinity, testCount: Infinity, balanced };

  const createRender = (resolution: number, channels: 1 | 3): Render => {
    return async (label, index, signal) => {
      const picture = classes[label]?.pictures[index];
      if (!picture) throw new RangeError(`no picture ${index} of kind ${label}`);
      const made = await store.at(picture, resolution, signal);
      const kept = grey ? 1 : made.channels;
      const seen = inChannels(made.pixels, made.channels, kept);
      // The store's own bytes are not handed out.
      return inChannels(seen, kept, channels).slice();
    };
  };

  return {
    id: 'own',
    title: dataText.own.title,
    credit: '',
    channels: grey || store.isGrey(classes.flatMap(({ pictures }) => pictures)) ? 1 : 3,
    classes: classes.map(({ name, pictures }) => ({ name, count: pictures.length })),
    maxPerClass: Math.max(...halves.count(everything).trainPerClass),
    nativeSide: null,
    sides: SIDES,

    count: ({ seed, ...request }: Counts & { seed?: number }) =>
      halves.count({ ...request, balanced }, seed),

    async prepare(request, signal, onProgress) {
      checkRequest(request, classes.length);
      const render = createRender(request.resolution, request.channels);
      const chosen = halves.choose({ ...request, balanced }, request.seed);
      return prepareSet({
        names,
        chosen,
        request,
        render: { train: render, test: render },
        signal,
        onProgress,
      });
    },

    async thumbnails(request, signal) {
      checkRequest(request, classes.length);
      const render = createRender(request.resolution, request.channels);
      const counts = { ...request, testCount: request.classes, balanced };
      const chosen = halves.choose(counts, request.seed);
      return drawThumbnails(names, chosen.train, request, render, signal);
    },

    release: () => store.release(),
  };
}
