// IDX and CSV through core.wasm: what comes out, and that an error is a sentence with its place.
import { describe, expect, it } from 'vitest';
import { CoreError } from '../../wasm_glue/core';
import { fixture } from '../data/files';
import { newCore } from './support';

const core = await newCore();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function failure(act: () => unknown): [string, string] {
  try {
    act();
  } catch (error) {
    if (error instanceof CoreError) return [error.code, error.message];
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('readIdx', () => {
  it('gives the dimensions and where the values start', () => {
    const file = fixture('ok.idx3');
    expect(core.readIdx(file)).toEqual({ dims: [4, 8, 8], offset: 16 });
    const vector = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9);
    expect(core.readIdx(vector)).toEqual({ dims: [2], offset: 8 });
  });

  it('copies the header alone', () => {
    const large = new Uint8Array(16 + 60_000 * 784);
    large.set([0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28]);
    const before = core.memoryBytes();
    expect(core.readIdx(large).dims).toEqual([60_000, 28, 28]);
    expect(core.memoryBytes()).toBe(before);
  });

  it('refuses in a sentence', () => {
    const text = 'The file is not as long as its IDX header says: copy it again.';
    for (const name of ['short.idx3', 'overflow.idx3']) {
      expect(failure(() => core.readIdx(fixture(name)))).toEqual(['CNN_ERROR_IDX_LENGTH', text]);
    }
    expect(failure(() => core.readIdx(new Uint8Array(0)))[0]).toBe('CNN_ERROR_IDX_SHORT');
    expect(failure(() => core.readIdx(bytes('a picture')))[0]).toBe('CNN_ERROR_IDX_TYPE');
  });
});

describe('readCsv', () => {
  it('gives rows, pixels and labels', () => {
    expect(core.readCsv(bytes('p1,p2,p3,p4,label\n1,2,3,4,cat\n5,6,7,8,dög 🐕\n'))).toEqual({
      rows: 2,
      values: 4,
      channels: 1,
      pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      labels: ['cat', 'dög 🐕'],
    });
    expect(core.readCsv(bytes(`a${',9'.repeat(12)}`))).toMatchObject({ values: 12, channels: 3 });
  });

  it('reads labels that are not UTF-8 as Latin', () => {
    const latin = Uint8Array.from('dög,1,2,3,4', (letter) => letter.charCodeAt(0));
    expect(core.readCsv(latin).labels).toEqual(['dög']);
  });

  it('refuses with line and column', () => {
    expect(failure(() => core.readCsv(bytes('a,1,2,3,4\nb,1,2,x,4\n')))).toEqual([
      'CNN_ERROR_CSV_PIXEL',
      'Line 2, column 4: a pixel is no whole number from 0 to 255: correct it.',
    ]);
    expect(failure(() => core.readCsv(new Uint8Array(0)))).toEqual([
      'CNN_ERROR_CSV_ROWS',
      'The table has no row or more than 100,000: save fewer rows.',
    ]);
    expect(failure(() => core.readCsv(fixture('ok_32x32.png')))[0]).toMatch(/^CNN_ERROR_CSV_/);
  });

  it('gives its memory back, also after a refusal', () => {
    const rows = `a${',0'.repeat(784)}\n`.repeat(1000);
    core.readCsv(bytes(rows));
    const before = core.memoryBytes();
    for (let i = 0; i < 5; i++) {
      core.readCsv(bytes(rows));
      failure(() => core.readCsv(bytes(`${rows}a,1\n`)));
    }
    expect(core.memoryBytes()).toBe(before);
  });
});
