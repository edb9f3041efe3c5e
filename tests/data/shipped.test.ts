// How runs get the shipped pictures: the published ones with their labels, the same at every size,
// chosen by seed alone, and patches of photographs that never meet across the halves.
import { describe, expect, it } from 'vitest';
import { createShippedSource, patchAt, type ReadFile, unpredict } from '../../web/data/shipped';
import { PHOTO, SHIPPED, SHIPPED_IDS, type ShippedId } from '../../web/data/shipped_sets';
import type { PictureRequest, PreparedSet } from '../../web/data/source';
import { setsText } from '../../web/text/en-sets';
import { areaAverage } from './area_average';
import { fakeEngine } from './fake_engine';
import { readSet } from './files';
import { itemOf, ROOT, readIdxFile, SHARED, sha256, sharedPresent, toNibbles } from './set_files';

const signal = new AbortController().signal;
const sources = Object.fromEntries(
  SHIPPED_IDS.map((id) => [id, createShippedSource(id, fakeEngine(), readSet)]),
) as Record<ShippedId, ReturnType<typeof createShippedSource>>;

/** Small enough for a slow area average, and never more classes than there are. */
function requestOf(id: ShippedId, changes: Partial<PictureRequest> = {}): PictureRequest {
  const { side, order } = SHIPPED[id];
  const classes = Math.min(5, order.length);
  return {
    resolution: side,
    channels: 1,
    classes,
    perClass: 4,
    testCount: 15,
    seed: 1,
    ...changes,
  };
}

function prepare(id: ShippedId, changes: Partial<PictureRequest> = {}): Promise<PreparedSet> {
  return sources[id].prepare(requestOf(id, changes), signal);
}

function picture(set: { pixels: Uint8Array }, i: number, bytes: number): Uint8Array {
  return set.pixels.slice(i * bytes, (i + 1) * bytes);
}

/** 512 x 512 pixels of each photograph, unpacked by plain sorting. */
function photographs(): Uint8Array[] {
  const file = readIdxFile(`${ROOT}web/data/sets/textures3/photos-idx3-ubyte.gz`);
  return SHIPPED.photos.order.map((label) => {
    const pixels = Uint8Array.from(itemOf(file, label));
    const at = (x: number, y: number) => (x < 0 || y < 0 ? 0 : (pixels[512 * y + x] ?? 0));
    pixels.forEach((left, i) => {
      const [x, y] = [i % 512, Math.floor(i / 512)];
      const [a, b] = [at(x - 1, y), at(x, y - 1)];
      const three = [a, b, a + b - at(x - 1, y - 1)].sort((one, two) => one - two);
      pixels[i] = left + (three[1] ?? 0);
    });
    return pixels;
  });
}

/** Where a 64 x 64 patch lies in a photograph; null when nowhere. */
function find(patch: Uint8Array, photo: Uint8Array): { x: number; y: number } | null {
  const rows = Buffer.from(photo);
  const first = patch.subarray(0, 64);
  for (let at = rows.indexOf(first); at >= 0; at = rows.indexOf(first, at + 1)) {
    const same = (row: number) =>
      rows.compare(patch, 64 * row, 64 * (row + 1), at + 512 * row, at + 512 * row + 64) === 0;
    if (at % 512 <= 448 && Array.from({ length: 64 }, (_, row) => row).every(same)) {
      return { x: at % 512, y: Math.floor(at / 512) };
    }
  }
  return null;
}

describe.each(SHIPPED_IDS)('%s', (id) => {
  const set = SHIPPED[id];
  const { side } = set;
  const area = side * side;

  it('gives classes in its order, labels with the names', async () => {
    const prepared = await prepare(id);
    const { classes } = requestOf(id);
    const names: readonly string[] = setsText[id].classes;
    expect(prepared.classNames).toEqual(set.order.slice(0, classes).map((label) => names[label]));
    expect(sources[id].classes.map(({ name }) => name)).toEqual(set.order.map((l) => names[l]));
    const labels = prepared.classNames.flatMap((_, k) => Array(4).fill(k));
    expect([...prepared.train.labels]).toEqual(labels);
    expect(prepared.train.pixels).toHaveLength(labels.length * area);
    expect(prepared.note).toBeUndefined();
  });

  it('gives the same pictures at every resolution, grey or colour', async () => {
    const few = { perClass: 2, testCount: 3, classes: 2 };
    const native = await prepare(id, few);
    for (const resolution of [set.sides[0] ?? 0, 24]) {
      const other = await prepare(id, { ...few, resolution });
      for (const part of ['train', 'test'] as const) {
        expect(other[part].labels).toEqual(native[part].labels);
        for (let i = 0; i < native[part].count; i++) {
          const expected = areaAverage(picture(native[part], i, area), side, resolution, 1);
          expect(sha256(picture(other[part], i, resolution ** 2))).toBe(sha256(expected));
        }
      }
    }
    const colour = await prepare(id, { ...few, channels: 3 });
    const tripled = Uint8Array.from(Array.from(native.train.pixels, (v) => [v, v, v]).flat());
    expect(sha256(colour.train.pixels)).toBe(sha256(tripled));
  });

  it('keeps chosen pictures when asked for more, and the test whatever is learned from', async () => {
    const few = await prepare(id, { perClass: 3 });
    const many = await prepare(id, { perClass: 90 });
    for (let k = 0; k < few.classNames.length; k++) {
      const kept = many.train.pixels.subarray(k * 90 * area, (k * 90 + 3) * area);
      expect(sha256(kept)).toBe(
        sha256(few.train.pixels.subarray(k * 3 * area, (k + 1) * 3 * area)),
      );
    }
    expect(sha256(many.test.pixels)).toBe(sha256(few.test.pixels));
  });

  it('changes with the seed and not without', async () => {
    const [one, again, two] = [
      await prepare(id),
      await prepare(id),
      await prepare(id, { seed: 2 }),
    ];
    expect(again.train).toEqual(one.train);
    expect(again.test).toEqual(one.test);
    expect(two.train.pixels).not.toEqual(one.train.pixels);
    expect(two.test.pixels).not.toEqual(one.test.pixels);
  });

  it('says what it can give before anything is read', async () => {
    const unread = createShippedSource(id, fakeEngine(), () => Promise.reject(new Error('read')));
    for (const [classes, testCount] of [
      [2, 500],
      [set.order.length, 500],
      [3, 2],
    ] as const) {
      const request = requestOf(id, { classes, testCount, perClass: 7, resolution: 4 });
      const counted = unread.count(request);
      const given = await sources[id].prepare(request, signal);
      expect(counted.train).toBe(given.train.count);
      expect(counted.test).toBe(given.test.count);
      expect(counted.testPerClass).toEqual(given.testPerClass);
    }
  });

  it('notes a shortage', async () => {
    const most = Math.min(...set.train.slice(0, 2));
    const given = await prepare(id, { classes: 2, perClass: 640, testCount: 2, resolution: 4 });
    expect(given.trainPerClass).toEqual(set.train.slice(0, 2));
    expect(given.note).toContain(`only ${most} pictures to learn from instead of 640.`);
  });

  it('gives thumbnails of pictures that the run learns from', async () => {
    const { train } = await prepare(id, { perClass: 2 });
    const thumbnails = await sources[id].thumbnails(requestOf(id, { perClass: 2 }));
    expect(thumbnails.map(({ label }) => label)).toEqual([...train.labels]);
    thumbnails.forEach(({ pixels }, i) => {
      expect(sha256(pixels)).toBe(sha256(picture(train, i, area)));
    });
  });

  it.each([
    [{ resolution: 3 }, /from 4 to 256/],
    [{ classes: 256 }, /Choose from 2 to/],
    [{ perClass: 0 }, /above 0/],
    [{ seed: -1 }, /luck/],
  ])('refuses %o', async (changes, message) => {
    await expect(prepare(id, changes)).rejects.toThrow(message);
  });

  it('stops when aborted, while unpacking and while drawing', async () => {
    const early = new AbortController();
    const never = createShippedSource(id, fakeEngine(), () => new Promise(() => undefined));
    const waiting = never.prepare(requestOf(id), early.signal);
    early.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    const late = new AbortController();
    const seen: number[] = [];
    const running = sources[id].prepare(requestOf(id), late.signal, (done) => {
      seen.push(done);
      if (done === 3) late.abort();
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.at(-1)).toBe(3);
  });

  it('says so when its data are damaged, and tries again', async () => {
    let damage: ((bytes: Uint8Array) => Uint8Array) | null = null;
    const flaky = createShippedSource(id, fakeEngine(), async (file) => {
      const bytes = await readSet(file);
      return damage === null ? bytes : damage(bytes);
    });
    const damaged = { name: 'DataError', message: /^\S+\/\S+: the packed data are damaged\./ };
    damage = (bytes) => bytes.subarray(0, bytes.length / 2);
    await expect(flaky.prepare(requestOf(id), signal)).rejects.toMatchObject({
      name: damaged.name,
      message: expect.stringMatching(damaged.message),
    });
    damage = () => new Uint8Array(0);
    await expect(flaky.prepare(requestOf(id), signal)).rejects.toThrow(damaged.message);
    damage = null;
    expect((await flaky.prepare(requestOf(id), signal)).train.count).toBeGreaterThan(0);
  });
});

describe('pictures that were published as such', () => {
  it.each(['fashion', 'glyphs', 'digits'] as const)('%s: with the published label', async (id) => {
    const { folder, form, side, order } = SHIPPED[id];
    for (const part of ['train', 'test'] as const) {
      const path = `${ROOT}web/data/sets/${folder}/${part}-`;
      const images = readIdxFile(`${path}images-idx3-ubyte.gz`);
      const labels = readIdxFile(`${path}labels-idx1-ubyte.gz`).values;
      const published = new Map<string, Set<number>>();
      labels.forEach((label, i) => {
        const key = sha256(itemOf(images, i));
        published.set(key, (published.get(key) ?? new Set()).add(label));
      });
      const given = (await prepare(id, { classes: order.length, perClass: 12, testCount: 600 }))[
        part
      ];
      for (let i = 0; i < given.count; i++) {
        const shown = picture(given, i, side * side);
        const stored = form === 'bytes' ? shown : toNibbles(shown);
        const found = published.get(sha256(stored));
        expect(found).toContain(order[given.labels[i] ?? -1]);
      }
    }
  });

  it('glyphs: 16 greys, spread over all 256', async () => {
    const { train } = await prepare('glyphs', { classes: 62, perClass: 20, testCount: 62 });
    const greys = [...new Set(train.pixels)].sort((a, b) => a - b);
    expect(greys).toEqual(Array.from({ length: 16 }, (_, i) => 17 * i));
  });

  it('glyphs: one picture of training is both l and I, as the card says', async () => {
    const { train } = await prepare('glyphs', { classes: 62, perClass: 135, testCount: 62 });
    const seen = new Map<string, number>();
    const twins: string[] = [];
    for (let i = 0; i < train.count; i++) {
      const key = sha256(picture(train, i, 4096));
      const before = seen.get(key) ?? train.labels[i];
      if (before !== train.labels[i]) {
        const name = (label = 0): string => setsText.glyphs.classes[label] ?? '';
        twins.push([name(before), name(train.labels[i])].sort().join(''));
      }
      seen.set(key, train.labels[i] ?? -1);
    }
    expect(twins).toEqual(['Il']);
  });
});

describe('patches of photographs', () => {
  const photos = photographs();

  it('the photographs are the committed ones', () => {
    expect(photos.map((photo) => sha256(photo).slice(0, 16))).toEqual([
      '664a145c5253f0d6',
      'b18dae4c68bf850a',
      '3d51ad45f789cd8b',
    ]);
  });

  it('contain every patch of their source', () => {
    if (!sharedPresent('840 patches in the photographs')) return;
    for (const part of ['train', 'test']) {
      const images = readIdxFile(`${SHARED}textures3/${part}-images-idx3-ubyte.gz`);
      const labels = readIdxFile(`${SHARED}textures3/${part}-labels-idx1-ubyte.gz`).values;
      labels.forEach((label, i) => {
        expect(find(itemOf(images, i), photos[label] ?? new Uint8Array())).not.toBeNull();
      });
    }
  });

  it.each([0, 1, 2147483647])('seed %i: halves lie 64 columns apart', async (seed) => {
    const set = await prepare('photos', { perClass: 200, testCount: 240, classes: 3, seed });
    expect(set.train.count + set.test.count).toBe(840);
    const columns = { train: [512, 0], test: [512, 0] };
    for (const part of ['train', 'test'] as const) {
      const { count, labels } = set[part];
      for (let i = 0; i < count; i++) {
        const place = find(
          picture(set[part], i, 4096),
          photos[labels[i] ?? -1] ?? new Uint8Array(),
        );
        const x = place?.x ?? Number.NaN;
        const [low = 0, high = 0] = columns[part];
        columns[part] = [Math.min(low, x), Math.max(high, x + 63)];
      }
    }
    // All of the room is used, none of the gap.
    const [trainLow = 0, trainHigh = 0] = columns.train;
    const [testLow = 0, testHigh = 0] = columns.test;
    expect(trainLow).toBeLessThan(8);
    expect(trainHigh).toBeGreaterThan(247);
    expect(testHigh).toBeGreaterThan(503);
    expect(testHigh).toBeLessThan(PHOTO.side);
    expect(testLow - trainHigh - 1).toBeGreaterThanOrEqual(64);
    expect(testLow).toBeLessThan(328);
  });

  it('lie elsewhere for another seed, class, number or half', () => {
    const places = [
      patchAt('train', 0, 0, 1, 64),
      patchAt('train', 0, 0, 2, 64),
      patchAt('train', 1, 0, 1, 64),
      patchAt('train', 0, 1, 1, 64),
      patchAt('test', 0, 0, 1, 64),
    ].map(({ x, y }) => `${x},${y}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it('undoes the prediction for any bytes', async () => {
    // Every value wraps somewhere: 0 and 255 side by side.
    const pixels = Uint8Array.from({ length: 256 }, (_, i) => (i * 97 + (i >> 3) * 201) & 255);
    const left = pixels.map((value, i) => {
      const at = (x: number, y: number) => (x < 0 || y < 0 ? 0 : (pixels[16 * y + x] ?? 0));
      const [x, y] = [i % 16, i >> 4];
      const [a, b] = [at(x - 1, y), at(x, y - 1)];
      const three = [a, b, a + b - at(x - 1, y - 1)].sort((one, two) => one - two);
      return value - (three[1] ?? 0);
    });
    expect(left).not.toEqual(pixels);
    await unpredict(left, 16);
    expect(left).toEqual(pixels);
  });
});

it('fashion: the note names the kinds, and memory has a limit', async () => {
  const short = await prepare('fashion', { classes: 2, perClass: 640, resolution: 7 });
  expect(short.note).toBe('T-shirt, Trousers: only 500 pictures to learn from instead of 640.');
  const huge = {
    resolution: 256,
    perClass: 500,
    classes: 10,
    testCount: 500,
    channels: 3,
  } as const;
  await expect(prepare('fashion', huge)).rejects.toThrow(/would fill 1,032 MB/);
});

it('digits: classes differ in size, and each gives what it has', async () => {
  const read: ReadFile = readSet;
  const digits = createShippedSource('digits', fakeEngine(), read);
  expect(digits.maxPerClass).toBe(161);
  const request = requestOf('digits', { classes: 10, perClass: 150, testCount: 500 });
  const { trainPerClass, testPerClass, note } = await digits.prepare(request, signal);
  expect(trainPerClass).toEqual([150, 150, 143, 131, 147, 150, 150, 136, 127, 138]);
  expect(testPerClass).toEqual([27, 21, 34, 50, 34, 28, 31, 43, 47, 42]);
  expect(note).toContain('6 kinds have fewer than 150 pictures to learn from, the smallest 127.');
});
