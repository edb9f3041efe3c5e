// IDX pairs and CSV tables: known by content, paired, cut to what fits, and every refusal.
import { gzipSync, strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readCsvInSlices } from '../../web/data/csv_slices';
import { type Limits, limits } from '../../web/data/limits';
import type { FoundFile } from '../../web/data/own_types';
import { createPace } from '../../web/data/pace';
import { RAW_TYPE, readRaw, toRaw } from '../../web/data/raw_picture';
import { openTables } from '../../web/data/tables';
import { dataText } from '../../web/text/en-data';
import { fakeEngine } from './fake_engine';

const pace = createPace();

function idx(dims: readonly number[], value = (i: number): number => i & 255, type = 8) {
  const bytes = new Uint8Array(4 + 4 * dims.length + dims.reduce((all, dim) => all * dim, 1));
  bytes.set([0, 0, type, dims.length]);
  const view = new DataView(bytes.buffer);
  dims.forEach((dim, i) => {
    view.setUint32(4 + 4 * i, dim);
  });
  for (let i = 4 + 4 * dims.length, k = 0; i < bytes.length; i++, k++) bytes[i] = value(k);
  return bytes;
}

const packed = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(bytes));
const file = (path: string, content: Uint8Array<ArrayBuffer> | string): FoundFile => ({
  path,
  file: new Blob([content]),
});

async function open(found: FoundFile[], changes: Partial<Limits> = {}) {
  const opened = await openTables(found, fakeEngine(), pace, { ...limits, ...changes });
  return {
    ...opened,
    kinds: opened.found.map(({ className }) => className),
    paths: opened.found.map(({ path }) => path),
    reasons: opened.skipped.map(({ path, reason }) => `${path}: ${dataText.own.skipped(reason)}`),
  };
}

/** `rows` pictures of 2 x 2; row i has label i % 3 and the pixels 4 i .. 4 i + 3. */
const labels = (rows: number) => idx([rows], (i) => i % 3);
const images = (rows: number) => idx([rows, 2, 2]);

describe('openTables', () => {
  it('pairs the files of MNIST by their names, packed or not, and knows its parts', async () => {
    const { found, kinds, paths, reasons } = await open([
      file('mnist/train-labels-idx1-ubyte.gz', packed(labels(4))),
      file('mnist/t10k-images.idx3-ubyte', images(2)),
      file('mnist/train-images-idx3-ubyte.gz', packed(images(4))),
      file('mnist/t10k-labels.idx1-ubyte', labels(2)),
    ]);
    expect(reasons).toEqual([]);
    expect(kinds).toEqual(['0', '1', '0', '1', '2', '0']);
    expect(found.map(({ part }) => part)).toEqual([
      ...['test', 'test'],
      ...['train', 'train', 'train', 'train'],
    ]);
    expect(paths[2]).toBe('mnist/train-images-idx3-ubyte 1');
    expect(new Set(paths).size).toBe(6);
    const third = found[4]?.file;
    if (!third) throw new Error('no picture');
    expect(await readRaw(third)).toEqual({
      width: 2,
      height: 2,
      channels: 1,
      pixels: Uint8Array.of(8, 9, 10, 11),
    });
  });

  it('pairs within a folder first, so that two sets of one name stay apart', async () => {
    const { kinds, reasons } = await open([
      file('a/train-images', images(2)),
      file('b/train-images', images(2)),
      file(
        'b/train-labels',
        idx([2], () => 8),
      ),
      file(
        'a/train-labels',
        idx([2], () => 7),
      ),
    ]);
    expect(reasons).toEqual([]);
    expect(kinds).toEqual(['7', '7', '8', '8']);
  });

  it('pairs across folders, and the only two whatever they are called', async () => {
    const apart = await open([
      file('x/train-images/train-images', images(2)),
      file('x/train-labels/train-labels', labels(2)),
    ]);
    expect(apart.kinds).toEqual(['0', '1']);
    const only = await open([file('pixels', images(2)), file('answers', labels(2))]);
    expect(only.kinds).toEqual(['0', '1']);
  });

  it('does not guess among more than two', async () => {
    const { found, reasons } = await open([
      file('a', images(2)),
      file('b', labels(2)),
      file('c', labels(2)),
    ]);
    expect(found).toEqual([]);
    expect(reasons).toEqual([
      'a: No file with 2 labels came with these pictures. Choose both files together.',
      'b: No file with 2 pictures came with these labels. Choose both files together.',
      'c: No file with 2 pictures came with these labels. Choose both files together.',
    ]);
  });

  it('never pairs different counts', async () => {
    const { found, reasons } = await open([
      file('train-images', images(3)),
      file('train-labels', labels(2)),
    ]);
    expect(found).toEqual([]);
    expect(reasons).toHaveLength(2);
  });

  it('takes colour and pictures that are not square', async () => {
    const { found } = await open([file('i', idx([1, 2, 5, 3])), file('l', labels(1))]);
    const raw = await readRaw(found[0]?.file ?? new Blob());
    expect([raw.width, raw.height, raw.channels]).toEqual([5, 2, 3]);
  });

  it.each([
    ['two dimensions', idx([2, 2]), 'An IDX file of 2 dimensions'],
    ['numbers that are no bytes', idx([2, 2, 2], () => 0, 0x0d), 'No bytes in it.'],
    ['a wrong length', images(2).slice(0, -1), 'The length is wrong.'],
    ['a damaged archive', packed(images(9)).slice(0, -9), 'It could not be unpacked'],
    ['something else in an archive', packed(strToU8('hello')), 'What is packed in it is neither'],
    ['an archive in an archive', packed(packed(images(2))), 'What is packed in it is neither'],
    ['a table of no square', '1,2,3,4,5,6,7\n', 'Its rows have 6 values'],
    ['a table with words in it', '1,2,x,4,5\n', 'Line 1 is wrong.'],
  ])('leaves %s out and keeps the rest', async (_, content, words) => {
    const other = file('cats/1.png', 'x');
    const { found, reasons } = await open([file('data', content), other]);
    expect(found).toEqual([other]);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(`data: ${words}`);
  });

  it('leaves channels that are no colours out, and sides above the limit', async () => {
    const four = await open([file('i', idx([1, 2, 2, 4])), file('l', labels(1))]);
    expect(four.reasons[0]).toContain('Its pictures have 4 channels.');
    const wide = await open([file('i', idx([1, 1, 4097])), file('l', labels(1))]);
    expect(wide.reasons[0]).toContain('4,097 × 1 pixels; the limit is 4,096 a side.');
    expect([...four.found, ...wide.found]).toEqual([]);
  });

  it('reads tables of grey and of colour, with names as labels', async () => {
    const { found, kinds, paths } = await open([
      file('pets/train.csv', 'cat,1,2,3,4\r\ndog,5,6,7,8\r\n'),
      file('rgb.txt', `x;${Array.from({ length: 12 }, (_, i) => i).join(';')}\n`),
    ]);
    expect(kinds).toEqual(['cat', 'dog', 'x']);
    expect(paths).toEqual(['pets/train 1', 'pets/train 2', 'rgb 1']);
    expect(found.map(({ part }) => part)).toEqual(['train', 'train', undefined]);
    expect((await readRaw(found[1]?.file ?? new Blob())).pixels).toEqual(Uint8Array.of(5, 6, 7, 8));
    expect((await readRaw(found[2]?.file ?? new Blob())).channels).toBe(3);
  });

  it('cleans what labels say', async () => {
    const { kinds } = await open([file('a', `a\u202eb,1,2,3,4\n \u200b ,1,2,3,4\n`)]);
    expect(kinds).toEqual(['ab', '?']);
  });

  it('passes pictures, texts and what is made here through untouched', async () => {
    const found = [
      file('a.png', idx([1])),
      file('notes.txt', 'One sentence, and no table.'),
      file('empty', ''),
      { path: 'camera 1', file: toRaw(1, 1, 1, Uint8Array.of(7)), className: 'me' },
      { path: 'claims', file: new Blob([images(2)], { type: RAW_TYPE }) },
    ];
    expect((await open(found)).found).toEqual(found);
  });

  it('shares the room evenly, spreads over sorted tables, and says what it left', async () => {
    const sorted = idx([8], (i) => Math.floor(i / 2));
    const { kinds, paths, reasons } = await open(
      [
        file('train-images', images(8)),
        file('train-labels', sorted),
        file('t10k-images', images(2)),
        file('t10k-labels', labels(2)),
      ],
      { pictures: 6 },
    );
    expect(kinds).toEqual(['0', '1', '2', '3', '0', '1']);
    expect(paths[3]).toBe('train-images 7');
    expect(reasons).toEqual(['train-images: Only 4 of its 8 pictures are taken, spread evenly.']);
  });

  it('refuses a file above the limit without reading it', async () => {
    const { reasons } = await open([file('i', images(9))], { fileBytes: 40 });
    expect(reasons[0]).toContain('the limit is');
  });

  it('stops when aborted', async () => {
    const abort = new AbortController();
    const work = openTables([file('t.csv', '1,2,3,4,5\n')], fakeEngine(), createPace(abort.signal));
    abort.abort();
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  });
});

/** A table of 28 x 28 pictures, about 2.1 kB a row. */
function long(rows: number, line: (i: number, pixels: string) => string): Uint8Array {
  const pixels = Array.from({ length: 784 }, (_, i) => i % 200).join(',');
  return strToU8(Array.from({ length: rows }, (_, i) => line(i, pixels)).join('\n'));
}

describe('readCsvInSlices', () => {
  const header = `label,${Array.from({ length: 784 }, (_, i) => `p${i}`).join(',')}`;
  it.each([
    ['a header', long(1000, (i, p) => (i === 0 ? header : `${i % 10},${p}`))],
    ['no header', long(1000, (i, p) => `${i % 10},${p}`)],
    [
      'a label in the middle',
      long(1000, (i, p) => (i === 0 ? `a,label${p.slice(1)}` : `7,k${i}${p.slice(1)}`)),
    ],
  ])('reads a table with %s as if at once', async (_, bytes) => {
    const engine = fakeEngine();
    const table = await readCsvInSlices(bytes, engine, pace);
    expect(Math.max(...engine.asked)).toBeLessThan(1.2 * 1024 * 1024);
    const { pixels, ...rest } = fakeEngine().readCsv(bytes);
    // Comparing a million numbers one by one takes seconds.
    expect(Buffer.compare(table.pixels, pixels)).toBe(0);
    expect({ ...table, pixels: null }).toEqual({ ...rest, pixels: null });
  });

  it.each([
    ['the label cannot be told', long(600, (_, p) => `3,${p}`)],
    ['a late row is wrong', long(600, (i, p) => (i === 599 ? '1,2' : `${i % 10},${p}`))],
    ['there are quotes', long(600, (i, p) => (i === 0 ? header : `${i % 10}",${p}`))],
  ])('leaves it to the core where %s', async (_, bytes) => {
    const engine = fakeEngine();
    await readCsvInSlices(bytes, engine, pace).catch(() => undefined);
    expect(engine.asked.at(-1)).toBe(bytes.length);
  });
});
