// The user's own pictures from choice to prepared set, with a decoder that needs no browser; the
// browser's own decoding is tested in tests/web/browser/data_decode.test.tsx.
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { type CollectOptions, collect } from '../../web/data/collect';
import { limits } from '../../web/data/limits';
import { addPictures, classesOf, createOwnSource, problemOf } from '../../web/data/own';
import type { FoundFile, OwnPicture, Reference } from '../../web/data/own_types';
import { colourToGrey } from '../../web/data/prepare';
import type { PictureRequest } from '../../web/data/source';
import { PictureStore } from '../../web/data/store';
import { fixture, fixtureBlob } from './files';

const OK = fixture('ok_32x32.png');
const signal = new AbortController().signal;

/** A real PNG header, then a marker byte that the stand-in decoder below turns into a colour. */
function png(marker: number): Blob {
  return new Blob([OK, Uint8Array.of(marker)]);
}

/** Colour (marker, 2 * marker, 0) everywhere, 4 x 4; marker 255 cannot be decoded. */
async function decode(file: Blob): Promise<Reference> {
  const marker = new Uint8Array(await file.arrayBuffer()).at(-1) ?? 0;
  if (marker === 255) throw new DOMException('no', 'InvalidStateError');
  const pixels = Uint8Array.from({ length: 48 }, (_, i) => [marker, 2 * marker, 0][i % 3] ?? 0);
  return { side: 4, channels: 3, pixels };
}

function options(changes: Partial<CollectOptions> = {}): CollectOptions {
  return { decode, keep: () => undefined, already: 0, signal, ...changes };
}

function found(...paths: string[]): FoundFile[] {
  return paths.map((path, i) => ({ path, file: png(i) }));
}

const names = (pictures: readonly OwnPicture[]): string[] =>
  pictures.map(({ className, path }) => `${className}: ${path}`);
const reasons = (result: { skipped: { path: string; reason: { kind: string } }[] }): string[] =>
  result.skipped.map(({ path, reason }) => `${path}: ${reason.kind}`);

describe('collect', () => {
  it('skips what it cannot use, says why, and goes on', async () => {
    const file = (name: string): FoundFile => ({
      path: `pets/cats/${name}`,
      file: fixtureBlob(name),
    });
    const result = await collect(
      [
        ...found('pets/cats/a.png', 'pets/dogs/b.png'),
        { path: 'pets/cats/broken.png', file: png(255) },
        file('header_only_65535x65535.png'),
        file('empty.png'),
        file('png_named_text.png'),
        file('script.svg'),
        file('ok.idx3'),
        { path: 'pets/dogs/thin.png', file: thinPng() },
        { path: 'pets/cats/Thumbs.db', file: new Blob(['x']) },
        { path: 'pets/note.png', file: png(7) },
        { path: 'pets/dogs/ok.zip.png', file: fixtureBlob('ok.zip') },
      ],
      options(),
    );
    expect(names(result.pictures)).toEqual(['cats: pets/cats/a.png', 'dogs: pets/dogs/b.png']);
    expect(reasons(result).sort()).toEqual([
      'pets/cats/broken.png: broken',
      'pets/cats/empty.png: empty',
      'pets/cats/header_only_65535x65535.png: too-many-pixels',
      'pets/cats/ok.idx3: not-a-picture',
      'pets/cats/png_named_text.png: not-a-picture',
      'pets/cats/script.svg: svg',
      'pets/dogs/ok.zip.png: nested-zip',
      'pets/dogs/thin.png: too-thin',
      'pets/note.png: no-kind',
    ]);
  });

  it('never decodes what its header rules out', async () => {
    let decoded = 0;
    const spy = async (file: Blob): Promise<Reference> => {
      decoded++;
      return decode(file);
    };
    const huge = { path: 'a/1.png', file: fixtureBlob('header_only_65535x65535.png') };
    await collect([huge, ...found('a/2.png')], options({ decode: spy }));
    expect(decoded).toBe(1);
  });

  it('opens a zip, and gives loose pictures in it the name of the zip', async () => {
    const flat = new Blob([new Uint8Array(zipSync({ '1.png': OK, '2.png': OK }))]);
    const result = await collect(
      [
        { path: 'ok.zip', file: fixtureBlob('ok.zip') },
        { path: 'birds.ZIP', file: flat },
      ],
      options(),
    );
    expect(names(result.pictures)).toEqual([
      'cat: ok/cat/1.png',
      'cat: ok/cat/2.png',
      'dog: ok/dog/1.png',
      'dog: ok/dog/2.png',
      'birds: birds/1.png',
      'birds: birds/2.png',
    ]);
  });

  it('takes names in a zip as labels only', async () => {
    const paths = await collect([{ path: 'p.zip', file: fixtureBlob('paths.zip') }], options());
    expect(paths.pictures.map(({ path }) => path)).toEqual([
      'p/etc/passwd.png',
      'p/abs/1.png',
      'p/win/1.png',
      'p/a/b/1.png',
    ]);
    const proto = await collect([{ path: 'p.zip', file: fixtureBlob('proto.zip') }], options());
    expect(proto.pictures.map(({ className }) => className)).toEqual([
      '__proto__',
      'constructor',
      'hasOwnProperty',
    ]);
    expect(classesOf(proto.pictures)).toHaveLength(3);
    expect(reasons(proto)).toEqual(['p/toString: no-kind', 'p/__proto__: no-kind']);
  });

  it('leaves a lying entry closed and a file that is no zip out', async () => {
    const result = await collect(
      [
        { path: 'bomb.zip', file: fixtureBlob('lying_size.zip') },
        { path: 'cut.zip', file: fixtureBlob('ok.zip').slice(0, 500) },
        { path: 'text.zip', file: new Blob(['no zip']) },
        ...found('a/1.png'),
      ],
      options(),
    );
    expect(result.pictures).toHaveLength(1);
    expect(reasons(result).sort()).toEqual([
      'bomb.zip: zip-lies',
      'cut.zip: zip-not-a-zip',
      'text.zip: not-a-picture',
    ]);
  });

  it('asks for a name where neither folder nor file name gives a kind', async () => {
    const camera = await collect(found('IMG_1.jpg', 'IMG_2.jpg'), options());
    expect(camera.pictures).toEqual([]);
    expect(camera.loose.map(({ path }) => path)).toEqual(['IMG_1.jpg', 'IMG_2.jpg']);
    const named = await collect(found('cat1.png', 'cat2.png', 'dog1.png', 'dog2.png'), options());
    expect(named.loose).toEqual([]);
    expect(named.pictures.map(({ className }) => className)).toEqual(['cat', 'cat', 'dog', 'dog']);
  });

  it('stops at the limit of pictures, counting those there already', async () => {
    const result = await collect(
      found('a/1.png', 'a/2.png', 'b/1.png', 'b/2.png'),
      options({ already: 4, limits: { ...limits, pictures: 6 } }),
    );
    expect(result.pictures).toHaveLength(2);
    expect(reasons(result)).toEqual(['b/1.png: too-many-pictures', 'b/2.png: too-many-pictures']);
  });

  it('stops when aborted, and tells how far it is', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const many = found(...Array.from({ length: 50 }, (_, i) => `a/${i}.png`));
    const work = collect(
      many,
      options({
        signal: controller.signal,
        onProgress: (done, total) => {
          seen.push(`${done}/${total}`);
          if (done === 5) controller.abort();
        },
      }),
    );
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.slice(0, 6)).toEqual(['0/50', '1/50', '2/50', '3/50', '4/50', '5/50']);
    expect(seen.length).toBeLessThan(9);
  });
});

/** A valid PNG header of 1 x 201 pixels. */
function thinPng(): Blob {
  const bytes = OK.slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(16, 1, false);
  view.setUint32(20, 201, false);
  return new Blob([bytes]);
}

function owned(...paths: string[]): OwnPicture[] {
  return paths.map((path, i) => ({ path, className: path.split('/')[0] ?? '', file: png(i) }));
}

describe('a collection', () => {
  it('grows by choices and knows what it has', () => {
    const first = addPictures([], owned('b/1.png', 'a/2.png', 'a/1.png'));
    const second = addPictures(first.pictures, owned('c/1.png', 'a/1.png'));
    expect(reasons(second)).toEqual(['a/1.png: twice']);
    const classes = classesOf(second.pictures);
    expect(classes.map(({ name, pictures }) => [name, pictures.map(({ path }) => path)])).toEqual([
      ['a', ['a/1.png', 'a/2.png']],
      ['b', ['b/1.png']],
      ['c', ['c/1.png']],
    ]);
  });

  it('says what stops it, and how to go on', () => {
    const problem = (...paths: string[]): string | null => problemOf(classesOf(owned(...paths)));
    expect(problem()).toMatch(/Choose at least 2 kinds/);
    expect(problem('a/1', 'a/2')).toMatch(/one kind. Add a folder/);
    expect(problem('a/1', 'a/2', 'b/1')).toMatch(/“b”. Each kind needs at least 2; add some/);
    expect(problem('a/1', 'b/1', 'c/1', 'd/1', 'e/1')).toMatch(/“a”, “b”, “c”, and 2 more/);
    expect(problem('a/1', 'a/2', 'b/1', 'b/2')).toBeNull();
    const kinds = Array.from({ length: 256 }, (_, i) => [`${i}/1`, `${i}/2`]).flat();
    expect(problem(...kinds)).toMatch(/256 kinds were found; at most 255/);
    expect(problem(...kinds.slice(2))).toBeNull();
  });
});

describe('createOwnSource', () => {
  const paths = ['a', 'b', 'c'].flatMap((kind, k) =>
    Array.from({ length: [10, 20, 4][k] ?? 0 }, (_, i) => `${kind}/${i}.png`),
  );
  const classes = classesOf(owned(...paths));
  const request: PictureRequest = {
    resolution: 4,
    channels: 3,
    classes: 3,
    perClass: 8,
    testCount: 500,
    seed: 5,
  };
  const open = (capBytes?: number) => createOwnSource(classes, new PictureStore(decode, capBytes));

  it('tells what it has', () => {
    expect(open()).toMatchObject({
      id: 'own',
      nativeSide: null,
      maxPerClass: 16,
      classes: [
        { name: 'a', count: 10 },
        { name: 'b', count: 20 },
        { name: 'c', count: 4 },
      ],
    });
  });

  it('splits every kind, a fifth for the test, nothing in both', async () => {
    const set = await open().prepare(request, signal);
    expect(set.trainPerClass).toEqual([8, 8, 3]);
    expect(set.testPerClass).toEqual([2, 4, 1]);
    expect(open().count(request)).toMatchObject({ train: 19, test: 7, testPerClass: [2, 4, 1] });
    expect(set.note).toBe('c: only 3 pictures to learn from instead of 8.');
    const markers = [...set.train.pixels, ...set.test.pixels].filter((_, i) => i % 48 === 0);
    expect(new Set(markers).size).toBe(26);
    // The marker is the picture's number, so it shows that labels belong to their pictures.
    const kindOf = (marker: number): number => (marker < 10 ? 0 : marker < 30 ? 1 : 2);
    const labels = [...set.train.labels, ...set.test.labels];
    expect(markers.map(kindOf)).toEqual(labels);
  });

  it('gives the same pictures at every size, in grey and colour, whatever else was asked', async () => {
    const source = open();
    const small = await source.prepare({ ...request, resolution: 8 }, signal);
    const native = await source.prepare(request, signal);
    const fresh = await open().prepare({ ...request, resolution: 8 }, signal);
    expect(fresh).toEqual(small);
    const first = (set: typeof small, bytes: number): number[] =>
      [...set.train.pixels].filter((_, i) => i % bytes === 0);
    expect(first(small, 192)).toEqual(first(native, 48));
    const grey = await source.prepare({ ...request, channels: 1 }, signal);
    expect(grey.train.pixels).toEqual(colourToGrey(native.train.pixels));
  });

  it('does not depend on where the pictures came from', async () => {
    const moved = owned(...paths).map((p) => ({ ...p, path: `some/zip/${p.path}` }));
    const source = createOwnSource(classesOf(moved), new PictureStore(decode));
    expect(await source.prepare(request, signal)).toEqual(await open().prepare(request, signal));
  });

  it('gives the same bits when nothing fits into memory', async () => {
    expect(await open(0).prepare(request, signal)).toEqual(await open().prepare(request, signal));
  });

  it('shows pictures that it learns from', async () => {
    const source = open();
    const { train } = await source.prepare({ ...request, perClass: 2 }, signal);
    const thumbnails = await source.thumbnails({ ...request, perClass: 2 });
    expect(thumbnails.map(({ className }) => className)).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(thumbnails.flatMap(({ pixels }) => [...pixels])).toEqual([...train.pixels]);
  });

  it('names a file that has gone since', async () => {
    const gone = createOwnSource(
      classes,
      new PictureStore(() => Promise.reject(new DOMException('', 'NotReadableError'))),
    );
    await expect(gone.prepare(request, signal)).rejects.toThrow(/can no longer be read/);
  });
});

describe('PictureStore', () => {
  it('keeps within its bytes and counts what it keeps', async () => {
    let decoded = 0;
    const store = new PictureStore((file) => {
      decoded++;
      return decode(file);
    }, 100);
    const [a, b, c] = owned('x/1', 'x/2', 'x/3') as [OwnPicture, OwnPicture, OwnPicture];
    for (const picture of [a, b, c, a, b, c]) await store.get(picture);
    expect(store.bytes).toBe(96);
    expect(decoded).toBe(4);
    store.release();
    expect(store.bytes).toBe(0);
  });
});

describe('colourToGrey', () => {
  it('weighs red, green and blue and keeps every grey', () => {
    const primaries = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255);
    expect([...colourToGrey(primaries)]).toEqual([77, 149, 29, 255]);
    for (let v = 0; v < 256; v++) expect(colourToGrey(Uint8Array.of(v, v, v))[0]).toBe(v);
  });
});
