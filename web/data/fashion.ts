// The shipped set: Fashion-MNIST, 5,000 pictures to learn from and the official 1,000 new ones as
// the test, 28 x 28 grey, read from the page itself on first use.

import { dataText } from '../text/en-data';
import { type IdxImages, indexByLabel, parseIdxImages, parseIdxLabels } from './idx';
import { gunzipInSlices, readPacked } from './packed';
import { checkRequest, drawThumbnails, greyToColour, prepareSet, type Render } from './prepare';
import type { Channels, PictureSource, Resize } from './source';
import { chooseTwoPools, countTwoPools } from './split';

/**
 * Published labels in the order that the number of kinds takes them: first those that look least
 * alike, then the look-alikes (pullover, coat, shirt), so that every added kind is harder than the
 * one before. Two kinds: T-shirt and trousers.
 */
const ORDER = [0, 1, 8, 9, 3, 5, 7, 2, 4, 6] as const;
const TRAIN_PER_CLASS = 500;
const TEST_PER_CLASS = 100;
const SIDE = 28;

/** Divisors and multiples of 28, and the scenes' own sizes, for comparing with them. */
const SIDES = [7, 8, 12, 14, 16, 24, 28, 32, 48, 56, 64, 96, 112] as const;

interface Part {
  images: IdxImages;
  /** Indices into images, one list per class in ORDER. */
  byClass: number[][];
}

interface Loaded {
  train: Part;
  test: Part;
}

/** Reads one packed file by its name; tests pass their own. */
export type ReadFile = (id: string) => Promise<Uint8Array>;

async function loadPart(read: ReadFile, part: 'train' | 'test'): Promise<Part> {
  const file = async (kind: string): Promise<Uint8Array> => {
    const id = `fashion6k/${part}-${kind}`;
    return gunzipInSlices(await read(id), id);
  };
  const images = parseIdxImages(await file('images-idx3-ubyte.gz'), `${part} images`);
  const labels = parseIdxLabels(await file('labels-idx1-ubyte.gz'), `${part} labels`);
  const byLabel = indexByLabel(images, labels, ORDER.length);
  return { images, byClass: ORDER.map((label) => byLabel[label] ?? []) };
}

function createRender(
  part: Part,
  resolution: number,
  channels: Channels,
  resize: Resize,
): (label: number, index: number) => Uint8Array {
  const { side, pixels } = part.images;
  return (label, index) => {
    const image = part.byClass[label]?.[index] ?? 0;
    const native = pixels.slice(image * side * side, (image + 1) * side * side);
    const grey = side === resolution ? native : resize(native, side, resolution, 1);
    return channels === 1 ? grey : greyToColour(grey);
  };
}

export function createFashionSource(resize: Resize, read: ReadFile = readPacked): PictureSource {
  let loading: Promise<Loaded> | null = null;
  const load = (): Promise<Loaded> => {
    loading ??= (async () => ({
      train: await loadPart(read, 'train'),
      test: await loadPart(read, 'test'),
    }))();
    // A failed read must not be remembered: the next try may find the data.
    loading.catch(() => {
      loading = null;
    });
    return loading;
  };

  const names = ORDER.map((label) => dataText.fashion.classes[label]);
  const sizes = (count: number): number[] => ORDER.map(() => count);

  return {
    id: 'fashion6k',
    title: dataText.fashion.title,
    credit: dataText.fashion.credit,
    channels: 1,
    classes: names.map((name) => ({ name, count: TRAIN_PER_CLASS })),
    maxPerClass: TRAIN_PER_CLASS,
    nativeSide: SIDE,
    sides: SIDES,

    count: (request) => countTwoPools(sizes(TRAIN_PER_CLASS), sizes(TEST_PER_CLASS), request),

    async prepare(request, signal, onProgress) {
      checkRequest(request, ORDER.length);
      signal.throwIfAborted();
      const { train, test } = await load();
      const chosen = chooseTwoPools(train.byClass, test.byClass, request, request.seed);
      const { resolution, channels } = request;
      return prepareSet({
        names,
        chosen,
        request,
        render: {
          train: createRender(train, resolution, channels, resize),
          test: createRender(test, resolution, channels, resize),
        },
        signal,
        onProgress,
      });
    },

    async thumbnails(request, signal) {
      checkRequest(request, ORDER.length);
      signal?.throwIfAborted();
      const { train } = await load();
      const chosen = chooseTwoPools(train.byClass, [], { ...request, testCount: 1 }, request.seed);
      const { resolution, channels } = request;
      const render: Render = createRender(train, resolution, channels, resize);
      return drawThumbnails(names, chosen.train, request, render, signal);
    },

    release() {
      loading = null;
    },
  };
}
