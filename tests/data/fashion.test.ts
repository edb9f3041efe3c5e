// The shipped clothes pictures: that they are the published ones, and how runs get them.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { packTags } from '../../web/build/pack';
import { createFashionSource } from '../../web/data/fashion';
import { parseIdxImages, parseIdxLabels } from '../../web/data/idx';
import { gunzipInSlices } from '../../web/data/packed';
import type { PictureRequest, PreparedSet } from '../../web/data/source';
import { areaAverage } from './area_average';
import { readSet } from './files';

const source = createFashionSource(areaAverage, readSet);
const signal = new AbortController().signal;
const REQUEST: PictureRequest = {
  resolution: 28,
  channels: 1,
  classes: 5,
  perClass: 40,
  testCount: 500,
  seed: 1,
};

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function unpack(file: string): Promise<Uint8Array> {
  return gunzipInSlices(await readSet(`fashion6k/${file}`), file);
}

function prepare(changes: Partial<PictureRequest> = {}): Promise<PreparedSet> {
  return source.prepare({ ...REQUEST, ...changes }, signal);
}

/** Picture number i of a set with `bytes` bytes each. */
function picture(set: { pixels: Uint8Array }, i: number, bytes: number): Uint8Array {
  return set.pixels.slice(i * bytes, (i + 1) * bytes);
}

describe('the files', () => {
  // SHA-256 of the unpacked files and of the first picture of each part (an ankle boot in both).
  const parts = [
    {
      part: 'train',
      count: 5000,
      perClass: 500,
      images: '444ed5f7ce17397f236f5eba17dd507d3f6912f04edd3e4f1701cdf82f2cc0c5',
      labels: '35d691216f65485d010cc635af5574a9dc04aa5060de9be64ab6e5cb5ead38e9',
      first: '5bd44e331a6d6998daf675700cd0c13dcd7af8ab954b7585124124da61459e7b',
    },
    {
      part: 'test',
      count: 1000,
      perClass: 100,
      images: '7cee33c3c6414b1b86c25e665a6c4f41584269de3b7cc9768b1d351922845eef',
      labels: '3128d790775889812b73c4f13923559c8b9e281d112c6ea7862acf60a206a909',
      first: 'ffc7351ed0f8bae542820866086177fa4e0b366b97bf9d998dffdb8dbe138787',
    },
  ];
  it.each(parts)('$part is what was published', async (expected) => {
    const imageFile = await unpack(`${expected.part}-images-idx3-ubyte.gz`);
    const labelFile = await unpack(`${expected.part}-labels-idx1-ubyte.gz`);
    const images = parseIdxImages(imageFile, 'images');
    const labels = parseIdxLabels(labelFile, 'labels');
    expect(images.count).toBe(expected.count);
    expect(images.side).toBe(28);
    expect(sha256(imageFile)).toBe(expected.images);
    expect(sha256(labelFile)).toBe(expected.labels);
    expect(sha256(images.pixels.subarray(0, 784))).toBe(expected.first);
    expect(labels[0]).toBe(9);
    for (let label = 0; label < 10; label++) {
      expect(labels.filter((l) => l === label)).toHaveLength(expected.perClass);
    }
  });

  it('fit the budget of the offline file, licence included', () => {
    const tags = packTags();
    const size = tags.reduce((sum, tag) => sum + String(tag.children).length, 0);
    expect(tags).toHaveLength(5);
    expect(size).toBeLessThan(4_000_000);
    expect(tags[0]?.children).toContain('Copyright © 2017 Zalando SE');
  });
});

describe('gunzipInSlices', () => {
  it('refuses damaged and cut data', async () => {
    const packed = await readSet('fashion6k/train-labels-idx1-ubyte.gz');
    const damaged = packed.slice();
    damaged.fill(0xff, 20, 60);
    await expect(gunzipInSlices(damaged, 'x')).rejects.toThrow(/damaged/);
    await expect(gunzipInSlices(packed.subarray(0, 1000), 'x')).rejects.toThrow(/damaged/);
    await expect(gunzipInSlices(new Uint8Array(0), 'x')).rejects.toThrow(/damaged/);
  });
});

describe('createFashionSource', () => {
  it('gives balanced sets with labels in the order of the names', async () => {
    const set = await prepare();
    expect(set.classNames).toEqual(['T-shirt', 'Trousers', 'Bag', 'Ankle boot', 'Dress']);
    expect(set.trainPerClass).toEqual([40, 40, 40, 40, 40]);
    expect(set.testPerClass).toEqual([100, 100, 100, 100, 100]);
    expect(set.train.pixels).toHaveLength(200 * 784);
    expect(set.test.pixels).toHaveLength(500 * 784);
    expect([...set.train.labels]).toEqual([0, 1, 2, 3, 4].flatMap((k) => Array(40).fill(k)));
    expect(set.note).toBeUndefined();
  });

  it('gives each picture the label it was published with', async () => {
    const images = parseIdxImages(await unpack('train-images-idx3-ubyte.gz'), 'images');
    const labels = parseIdxLabels(await unpack('train-labels-idx1-ubyte.gz'), 'labels');
    const published = new Map(
      Array.from(labels, (label, i) => [sha256(picture(images, i, 784)), label]),
    );
    const { train } = await prepare({ classes: 10, perClass: 20 });
    const order = [0, 1, 8, 9, 3, 5, 7, 2, 4, 6];
    for (let i = 0; i < train.count; i++) {
      expect(published.get(sha256(picture(train, i, 784)))).toBe(order[train.labels[i] ?? -1]);
    }
  });

  it('gives the same pictures at every resolution, grey or colour', async () => {
    const native = await prepare({ perClass: 3, testCount: 10 });
    for (const resolution of [7, 14, 24, 56]) {
      const set = await prepare({ perClass: 3, testCount: 10, resolution });
      const bytes = resolution ** 2;
      for (const part of ['train', 'test'] as const) {
        expect(set[part].labels).toEqual(native[part].labels);
        for (let i = 0; i < native[part].count; i++) {
          const expected = areaAverage(picture(native[part], i, 784), 28, resolution, 1);
          expect(picture(set[part], i, bytes)).toEqual(expected);
        }
      }
    }
    const colour = await prepare({ perClass: 3, testCount: 10, channels: 3 });
    const tripled = Array.from(native.train.pixels, (v) => [v, v, v]).flat();
    expect(colour.train.pixels).toEqual(Uint8Array.from(tripled));
  });

  it('keeps chosen pictures when asked for more, and the test whatever is learned from', async () => {
    const few = await prepare({ perClass: 5 });
    const many = await prepare({ perClass: 500 });
    for (let k = 0; k < 5; k++) {
      const wanted = few.train.pixels.subarray(k * 5 * 784, (k + 1) * 5 * 784);
      const kept = many.train.pixels.subarray(k * 500 * 784, (k * 500 + 5) * 784);
      expect(sha256(kept)).toBe(sha256(wanted));
    }
    expect(sha256(many.test.pixels)).toBe(sha256(few.test.pixels));
    expect(many.test.labels).toEqual(few.test.labels);
  });

  it('changes with the seed and not without', async () => {
    const one = await prepare({ perClass: 10 });
    const again = await prepare({ perClass: 10 });
    expect(sha256(again.train.pixels)).toBe(sha256(one.train.pixels));
    expect(sha256(again.test.pixels)).toBe(sha256(one.test.pixels));
    const two = await prepare({ perClass: 10, seed: 2 });
    expect(sha256(two.train.pixels)).not.toBe(sha256(one.train.pixels));
  });

  it('says what it can give before anything is read', async () => {
    const unread = createFashionSource(areaAverage, () => Promise.reject(new Error('read')));
    for (const [classes, testCount] of [
      [2, 500],
      [3, 500],
      [7, 500],
      [10, 500],
      [10, 5],
    ] as const) {
      const counted = unread.count({ classes, perClass: 7, testCount });
      const set = await prepare({ classes, perClass: 7, testCount, resolution: 7 });
      expect(counted.train).toBe(set.train.count);
      expect(counted.test).toBe(set.test.count);
      expect(counted.testPerClass).toEqual(set.testPerClass);
    }
  });

  it('notes a shortage', async () => {
    const set = await prepare({ classes: 2, perClass: 640, resolution: 7 });
    expect(set.trainPerClass).toEqual([500, 500]);
    expect(set.note).toBe('T-shirt, Trousers: only 500 pictures to learn from instead of 640.');
  });

  it('gives thumbnails of pictures that the run learns from', async () => {
    const set = await prepare({ perClass: 2 });
    const thumbnails = await source.thumbnails({
      resolution: 28,
      channels: 1,
      classes: 5,
      perClass: 2,
      seed: 1,
    });
    expect(thumbnails.map(({ label }) => label)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
    expect(thumbnails[2]).toMatchObject({ className: 'Trousers', side: 28, channels: 1 });
    thumbnails.forEach(({ pixels }, i) => {
      expect(pixels).toEqual(picture(set.train, i, 784));
    });
  });

  it.each([
    [{ resolution: 3 }, /from 4 to 256/],
    [{ resolution: 28.5 }, /from 4 to 256/],
    [{ classes: 11 }, /have 10 kinds. Choose from 2 to 10/],
    [{ classes: 1 }, /from 2 to 10/],
    [{ perClass: 0 }, /above 0/],
    [{ testCount: Number.NaN }, /above 0/],
    [{ seed: -1 }, /luck/],
    [{ resolution: 256, perClass: 500, classes: 10, channels: 3 as const }, /would fill 1,032 MB/],
  ])('refuses %o', async (changes, message) => {
    await expect(prepare(changes)).rejects.toThrow(message);
  });

  it('stops when aborted and reports progress', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const running = source.prepare(REQUEST, controller.signal, (done, total) => {
      seen.push(done);
      expect(total).toBe(700);
      if (done === 30) controller.abort();
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.at(-1)).toBe(30);
  });

  it('tries again after a read that failed', async () => {
    let broken = true;
    const flaky = createFashionSource(areaAverage, (id) =>
      broken ? Promise.reject(new Error('not yet')) : readSet(id),
    );
    await expect(flaky.prepare(REQUEST, signal)).rejects.toThrow('not yet');
    broken = false;
    expect((await flaky.prepare(REQUEST, signal)).train.count).toBe(200);
  });
});
