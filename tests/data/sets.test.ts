// The files of the shipped sets: that they are what was published, that no picture stands in both
// halves, that licences and fonts are named, and that the page they go into keeps its budgets.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUDGET, overBudget, packTags, slimPage } from '../../web/build/pack';
import { filesOf, PHOTO, SHIPPED, SHIPPED_IDS } from '../../web/data/shipped_sets';
import { setsText } from '../../web/text/en-sets';
import {
  itemOf,
  ROOT,
  readIdxFile,
  SHARED,
  sha256,
  sharedPresent,
  toNibbles,
  unpacked,
} from './set_files';

const SETS = join(ROOT, 'web/data/sets');
const MNIST = join(ROOT, 'public/mnist10k');

/** The first half of SHA-256, of the unpacked files. */
const HASHES: Record<string, Record<string, string>> = {
  fashion6k: {
    'train-images-idx3-ubyte.gz': '444ed5f7ce17397f236f5eba17dd507d',
    'train-labels-idx1-ubyte.gz': '35d691216f65485d010cc635af5574a9',
    'test-images-idx3-ubyte.gz': '7cee33c3c6414b1b86c25e665a6c4f41',
    'test-labels-idx1-ubyte.gz': '3128d790775889812b73c4f13923559c',
  },
  glyphs62: {
    'train-images-idx3-ubyte.gz': '411c8a0dc3875194fcebeaca35aeafa1',
    'train-labels-idx1-ubyte.gz': '3af07d6e216c95d0148e000e92d5cdb8',
    'test-images-idx3-ubyte.gz': 'a49ac99f6c1dd858699824bcb290003f',
    'test-labels-idx1-ubyte.gz': '2238480362b3951f4c3721b8e1beac17',
  },
  textures3: { 'photos-idx3-ubyte.gz': 'e9109e133fe7b462c382c2cd42aefb03' },
  digits8x8: {
    'train-images-idx3-ubyte.gz': 'bbe2eb83332b5165bb5c524f2e9f7f2b',
    'train-labels-idx1-ubyte.gz': 'e34e4da611f58785e73fc70168b21eda',
    'test-images-idx3-ubyte.gz': '1a11eda2a761d337e28170be21137188',
    'test-labels-idx1-ubyte.gz': '7e73cb4ce4141e6d08e3443da4a6aa3a',
  },
  mnist10k: {
    'train-images-idx3-ubyte.gz': '0b9b7d6d28d3d66925b63a915ccc17fa',
    'train-labels-idx1-ubyte.gz': '96ef8fdb2542d4c29ab060369e728041',
    'test-images-idx3-ubyte.gz': '9c870bfe92ad078fb8de3f39ea8c329c',
    'test-labels-idx1-ubyte.gz': 'c03a0e87ba4951f6aa4ceb4f9b5b1c2b',
  },
};
const folderOf = (name: string): string => (name === 'mnist10k' ? MNIST : join(SETS, name));

describe.each(Object.keys(HASHES))('%s', (name) => {
  it('is what was published', () => {
    for (const [file, hash] of Object.entries(HASHES[name] ?? {})) {
      expect(sha256(unpacked(join(folderOf(name), file))).slice(0, 32), file).toBe(hash);
    }
  });

  it('equals its source', () => {
    if (!sharedPresent(`${name} beside its source`)) return;
    // Photographs: shipped.test.ts looks for the source's patches in them.
    for (const file of Object.keys(HASHES[name] ?? {}).filter((own) => !own.startsWith('photos'))) {
      const from = join(SHARED, name, file);
      const source = readIdxFile(existsSync(from) ? from : from.replace(/\.gz$/, ''));
      const ours = readIdxFile(join(folderOf(name), file));
      const packed = name === 'glyphs62' && file.includes('images');
      const expected = packed ? toNibbles(source.values) : source.values;
      expect(ours.dims[0]).toBe(source.dims[0]);
      expect(Buffer.compare(ours.values, expected), file).toBe(0);
    }
  });

  it('has licence and readme beside it', () => {
    const files = readdirSync(folderOf(name));
    expect(files.some((file) => /^LICENSE/.test(file))).toBe(true);
    expect(files.some((file) => /^README/.test(file))).toBe(true);
    expect(readFileSync(join(ROOT, 'NOTICE'), 'utf8')).toMatch(new RegExp(`/${name}\\s`));
  });

  it('has no picture in both halves', () => {
    if (name === 'textures3') {
      expect(PHOTO.testStart - PHOTO.trainEnd).toBe(64);
      return;
    }
    const [train, test] = ['train', 'test'].map((part) => {
      const images = readIdxFile(join(folderOf(name), `${part}-images-idx3-ubyte.gz`));
      const count = images.dims[0] ?? 0;
      return Array.from({ length: count }, (_, i) =>
        Buffer.from(itemOf(images, i)).toString('latin1'),
      );
    });
    const learned = new Set(train);
    expect(test?.length).toBeGreaterThan(300);
    expect(test?.filter((picture) => learned.has(picture))).toEqual([]);
  });
});

describe.each(SHIPPED_IDS)('the row of %s', (id) => {
  const set = SHIPPED[id];
  it('says how many pictures each class has', () => {
    for (const part of ['train', 'test'] as const) {
      if (set.form === 'photos') continue;
      const { values } = readIdxFile(join(SETS, set.folder, `${part}-labels-idx1-ubyte.gz`));
      const counted = set.order.map((label) => values.filter((own) => own === label).length);
      expect(set[part]).toEqual(counted);
    }
  });

  it('names every class once, and has words for all of it', () => {
    const { classes, traps, ...words } = setsText[id];
    const names = set.order.map((label) => classes[label]);
    expect(new Set(names).size).toBe(classes.length);
    expect(names).not.toContain(undefined);
    expect(set.train).toHaveLength(classes.length);
    expect(traps.length).toBeGreaterThan(1);
    const texts = [...traps, ...Object.values(words)];
    for (const sentence of texts.flatMap((one) => one.split(/[.:;] /))) {
      expect(sentence.split(' ').length, sentence).toBeLessThanOrEqual(20);
    }
  });

  it('offers its own side and ladders that ascend', () => {
    expect(set.sides).toContain(set.side);
    expect([...set.sides].sort((a, b) => a - b)).toEqual(set.sides);
  });
});

it('the order of the classes', () => {
  expect(SHIPPED.fashion.order).toEqual([0, 1, 8, 9, 3, 5, 7, 2, 4, 6]);
  const named = (id: 'glyphs' | 'photos' | 'digits') =>
    SHIPPED[id].order.map((label) => setsText[id].classes[label]).join(' ');
  expect(named('glyphs').replaceAll(' ', '')).toBe(
    '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  );
  expect(named('photos')).toBe('Brick Grass Gravel');
  expect(named('digits')).toBe('0 1 2 3 4 5 6 7 8 9');
});

it('NOTICE and the licence name the family of every glyph font', () => {
  const lines = readFileSync(join(SETS, 'glyphs62/FONTS.txt'), 'utf8').trim().split('\n');
  expect(lines).toHaveLength(189);
  const families = new Set(lines.map((line) => line.split('\t')[1] ?? ''));
  expect(families.size).toBe(41);
  for (const file of [join(ROOT, 'NOTICE'), join(SETS, 'glyphs62/LICENSE')]) {
    const words = readFileSync(file, 'utf8').replace(/\s+/g, ' ');
    for (const family of families) expect(words).toMatch(new RegExp(`[:;,] ${family}[,;.: (]`));
  }
});

describe('the packer', () => {
  const page = (inside: string): string => `<body>\n<p>text</p>\n${inside}</body>`;
  const packed = packTags()
    .map(({ attrs, children }) => {
      const attributes = Object.entries(attrs ?? {}).map(([name, value]) => `${name}="${value}"`);
      return `  <script ${attributes.join(' ')}>${children}</script>\n`;
    })
    .join('');

  it('puts in every file of every set once, with the licence', () => {
    const ids = packTags().map(({ attrs }) => attrs?.['data-pack'] ?? attrs?.['data-licence']);
    const expected = Object.values(SHIPPED).flatMap((set) => [
      set.folder,
      ...filesOf(set).map((file) => `${set.folder}/${file}`),
    ]);
    expect(ids).toEqual(expected);
    expect(packed).toContain('Copyright © 2017 Zalando SE');
    expect(packed).not.toContain('mnist10k');
  });

  it('takes all of it out of the slim page, and nothing else', () => {
    expect(slimPage(page(packed))).toBe(page(''));
    const script = '<script type="application/json" id="state">{}</script>';
    expect(slimPage(page(script))).toBe(page(script));
  });

  it('leaves the page a megabyte at least', () => {
    expect(packed.length).toBeLessThan(BUDGET.full - BUDGET.slim);
  });

  it('refuses pages over their budgets', () => {
    expect(overBudget({ full: 'x'.repeat(BUDGET.full), slim: 'x'.repeat(BUDGET.slim) })).toEqual(
      [],
    );
    const over = { full: 'x'.repeat(BUDGET.full + 3), slim: `${'x'.repeat(BUDGET.slim - 1)}é` };
    expect(overBudget(over)).toEqual([
      'the full page has 10000003 bytes, 3 above its budget',
      'the slim page has 1000001 bytes, 1 above its budget',
    ]);
  });
});
