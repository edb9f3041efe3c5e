// The collection behind the panel: sorting it never loses a picture and can be taken back; what is
// chosen about squares, split and numbers reaches the source. The decoder needs no browser.
import { describe, expect, it, vi } from 'vitest';
import { limits } from '../../web/data/limits';
import { OwnSession } from '../../web/data/own_session';
import type { FoundFile, OwnPicture, Reference, SquarePolicy } from '../../web/data/own_types';
import { toRaw } from '../../web/data/raw_picture';
import { fakeEngine } from './fake_engine';

const SQUARES: readonly SquarePolicy[] = ['crop', 'fit', 'stretch'];

/** A file that needs no header read; its one pixel is `shade`. */
const file = (shade: number): Blob => toRaw(1, 1, 1, Uint8Array.of(shade));

/** The shade everywhere, raised by 100 for each further policy. */
async function decode(blob: Blob, _: unknown, square: SquarePolicy): Promise<Reference> {
  const shade = new Uint8Array(await blob.arrayBuffer()).at(-1) ?? 0;
  const value = shade + 100 * SQUARES.indexOf(square);
  return { side: 4, channels: 1, pixels: new Uint8Array(16).fill(value) };
}

const found = (...paths: string[]): FoundFile[] =>
  paths.map((path, i) => ({ path, file: file(i) }));

async function sessionWith(...paths: string[]): Promise<OwnSession> {
  const own = new OwnSession(fakeEngine(), decode);
  await own.add(() => ({ found: found(...paths), skipped: [] }));
  return own;
}

const PETS = ['cats/1', 'cats/2', 'cats/3', 'dogs/1', 'dogs/2', 'fish/1', 'fish/2'].map(
  (path) => `${path}.png`,
);
const kinds = (own: OwnSession): string[] =>
  own.classes.value.map(({ name, pictures }) => `${name} ${pictures.length}`);
const files = (own: OwnSession): Set<Blob> => new Set(own.pictures.value.map((one) => one.file));
const the = (own: OwnSession, path: string): OwnPicture => {
  const one = own.pictures.value.find((picture) => picture.path === path);
  if (!one) throw new Error(`no ${path}`);
  return one;
};

describe('sorting a collection', () => {
  it('renames, joins, orders and moves, and loses nothing', async () => {
    const own = await sessionWith(...PETS);
    const all = files(own);
    own.moveKind('fish', -2);
    expect(kinds(own)).toEqual(['fish 2', 'cats 3', 'dogs 2']);
    own.renameKind('cats', '  fel\u200bines ');
    expect(kinds(own)).toEqual(['fish 2', 'felines 3', 'dogs 2']);
    own.renameKind('fish', 'dogs');
    expect(kinds(own)).toEqual(['felines 3', 'dogs 4']);
    own.movePictures(new Set([the(own, 'cats/1.png'), the(own, 'fish/2.png')]), 'mixed');
    expect(kinds(own)).toEqual(['felines 2', 'dogs 3', 'mixed 2']);
    own.moveKind('felines', -1);
    own.moveKind('mixed', -1);
    own.moveKind('mixed', 5);
    expect(kinds(own)).toEqual(['felines 2', 'dogs 3', 'mixed 2']);
    own.renameKind('dogs', ' \u200b ');
    own.movePictures(new Set(), 'nobody');
    expect(kinds(own)).toEqual(['felines 2', 'dogs 3', 'mixed 2']);
    expect(files(own)).toEqual(all);
    // What was decoded is still known under the new kinds.
    for (const one of own.pictures.value)
      expect(own.classes.value.flatMap((k) => k.pictures)).toContain(one);
  });

  it('keeps both of two files with one name when their kinds join', async () => {
    const own = await sessionWith('a/1.png', 'a/2.png', 'b/1.png', 'b/2.png');
    const renamed = own.pictures.value.map((one) => one.file);
    own.renameKind('a', 'b');
    expect(own.pictures.value.map((one) => one.file)).toEqual(renamed);
    expect(kinds(own)).toEqual(['b 4']);
  });

  it('takes back every edit, the last one first', async () => {
    const own = await sessionWith(...PETS);
    const edits: (() => void)[] = [
      () => own.moveKind('fish', -1),
      () => own.renameKind('dogs', 'cats'),
      () => own.removePictures(new Set([the(own, 'dogs/2.png')])),
      () => own.leaveOut('fish'),
      () => own.movePictures(new Set([the(own, 'cats/2.png')]), 'new'),
      () => own.clear(),
    ];
    const states: [string[], Set<Blob>][] = [];
    for (const edit of edits) {
      states.push([kinds(own), files(own)]);
      edit();
      expect([kinds(own), files(own)]).not.toEqual(states.at(-1));
      expect(own.undoable.value).not.toBeNull();
    }
    expect(own.pictures.value).toEqual([]);
    for (const state of states.reverse()) {
      own.undo();
      expect([kinds(own), files(own)]).toEqual(state);
    }
    expect(own.undoable.value).toBeNull();
  });

  it('never takes back what came in after the edit', async () => {
    const own = await sessionWith(...PETS);
    own.leaveOut('cats');
    const more = [
      { path: 'birds/1.png', file: file(50) },
      { path: 'birds/2.png', file: file(51) },
    ];
    await own.add(() => ({ found: more, skipped: [] }));
    own.undo();
    expect(kinds(own)).toEqual(['birds 2', 'cats 3', 'dogs 2', 'fish 2']);
  });

  it('takes back the naming of pictures without a folder', async () => {
    const own = await sessionWith('IMG_1.png', 'IMG_2.png');
    expect(own.loose.value).toHaveLength(2);
    own.nameLoose('cats');
    expect([kinds(own), own.loose.value.length]).toEqual([['cats 2'], 0]);
    own.undo();
    expect([kinds(own), own.loose.value.length]).toEqual([[], 2]);
  });

  it('does nothing while a choice is being read', async () => {
    const own = await sessionWith(...PETS);
    const before = own.pictures.value;
    const reading = own.add(() => ({ found: found('more/1.png'), skipped: [] }));
    own.leaveOut('cats');
    own.undo();
    own.clear();
    own.setSquare('fit');
    expect(own.pictures.value).toBe(before);
    expect(own.square.value).toBe('crop');
    await reading;
    expect(kinds(own)).toContain('more 1');
  });
});

describe('the limit of pictures', () => {
  it('refuses the 10,001st by name and loses nothing, nor does Undo go beyond it', async () => {
    const kindOf = (i: number): string => `kind${i % 26}`;
    const many = Array.from({ length: limits.pictures + 1 }, (_, i) => ({
      path: `${kindOf(i)}/${i}.png`,
      file: file(i % 256),
    }));
    const own = new OwnSession(fakeEngine(), decode);
    await own.add(() => ({ found: many.slice(0, -2), skipped: [] }));
    expect(own.pictures.value).toHaveLength(limits.pictures - 1);
    await own.add(() => ({ found: many.slice(-2), skipped: [] }));
    expect(own.pictures.value).toHaveLength(limits.pictures);
    expect(own.skipped.value).toEqual([
      { path: many.at(-1)?.path, reason: { kind: 'too-many-pictures', limit: limits.pictures } },
    ]);
    expect(files(own)).toEqual(new Set(many.slice(0, -1).map((one) => one.file)));
    own.removePictures(new Set(own.pictures.value.slice(0, 1)));
    await own.add(() => ({ found: many.slice(-1), skipped: [] }));
    expect(own.pictures.value).toHaveLength(limits.pictures);
    expect(own.undoable.value).toBeNull();
  });
});

describe('reading', () => {
  it('tells the seconds left from the rate so far', async () => {
    const own = new OwnSession(fakeEngine(), decode);
    const seen: (number | null)[] = [];
    own.activity.subscribe((activity) => {
      if (activity.kind === 'reading') seen.push(activity.secondsLeft);
    });
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 50));
    await own.add(() => ({
      found: found(...Array.from({ length: 60 }, (_, i) => `a/${i}.png`)),
      skipped: [],
    }));
    clock.mockRestore();
    expect(seen[0]).toBeNull();
    const known = seen.filter((left) => left !== null);
    expect(known.length).toBeGreaterThan(5);
    expect(known.at(-1)).toBe(0);
    known.slice(1).forEach((left, i) => {
      expect(left).toBeLessThanOrEqual((known[i] ?? 0) + 0.5);
    });
  });
});

describe('what is chosen', () => {
  const request = {
    resolution: 4,
    channels: 1,
    classes: 3,
    perClass: 2,
    testCount: 9,
    seed: 1,
  } as const;
  const shades = async (own: OwnSession): Promise<number[]> => {
    const set = await own.use().prepare(request, new AbortController().signal);
    return [...new Set([...set.train.pixels, ...set.test.pixels])].sort((a, b) => a - b);
  };

  it('of squares reaches the source, and a source handed out keeps its own', async () => {
    const own = await sessionWith(...PETS);
    const before = await shades(own);
    const source = own.use();
    expect(own.inUse.value).toBe(true);
    own.setSquare('stretch');
    expect(own.inUse.value).toBe(false);
    expect(await shades(own)).toEqual(before.map((shade) => shade + 200));
    const again = await source.prepare(request, new AbortController().signal);
    expect(Math.max(...again.train.pixels)).toBeLessThan(100);
    await expect(own.reference(the(own, 'cats/1.png'))).resolves.toMatchObject({
      pixels: new Uint8Array(16).fill(200),
    });
  });

  it('of split, numbers, colour and order makes it another collection to use', async () => {
    const own = await sessionWith(...PETS);
    const changes: (() => void)[] = [
      () => {
        own.balanced.value = true;
      },
      () => {
        own.grey.value = true;
      },
      () => {
        own.chosenSplit.value = 'groups';
      },
      () => own.moveKind('fish', -1),
    ];
    for (const change of changes) {
      own.use();
      expect(own.inUse.value).toBe(true);
      change();
      expect(own.inUse.value).toBe(false);
    }
    // Names such as "1.png" put all pictures of a kind into one group.
    expect(own.problem.value).toMatch(/one group: “cats”, “fish”, “dogs”/);
    own.undo();
    own.chosenSplit.value = null;
    expect(own.problem.value).toBeNull();
  });

  it('by folders is the split where they stand', async () => {
    const paths = ['cats', 'dogs'].flatMap((kind) => [
      ...[1, 2, 3].map((i) => `p/train/${kind}/${i}.png`),
      ...[4, 5].map((i) => `p/${kind}/Testing/${i}.png`),
    ]);
    const own = await sessionWith(...paths);
    expect(kinds(own)).toEqual(['cats 5', 'dogs 5']);
    expect(own.split.value).toBe('parts');
    expect(own.counts(1)).toMatchObject({ train: 6, test: 4 });
    const { test } = own.sides(1);
    expect([...test].map(({ path }) => path).sort()).toEqual(
      paths.filter((path) => path.includes('Testing')).sort(),
    );
    own.chosenSplit.value = 'stratified';
    expect(own.counts(1)).toMatchObject({ train: 8, test: 2 });
  });
});

describe('prints', () => {
  it('are made while reading, and anew only where squares were made in two ways', async () => {
    const decoded = vi.fn(decode);
    const own = new OwnSession(fakeEngine(), decoded);
    const { signal } = new AbortController();
    const add = (...paths: string[]) => own.add(() => ({ found: found(...paths), skipped: [] }));
    const prints = () => own.printsOf(own.pictures.value, signal);
    await add(...PETS);
    own.setSquare('fit');
    const first = await prints();
    expect(first).toHaveLength(7);
    expect(decoded).toHaveBeenCalledTimes(7);
    await add('birds/1.png');
    const all = await prints();
    expect(decoded).toHaveBeenCalledTimes(8 + 7);
    // birds/1.png and cats/1.png have the same shade: copies only when made square alike.
    expect(all.at(-1)).toEqual(all[0]);
    expect(all[0]).not.toEqual(first[0]);
  });
});
