// Every hostile file that came with the oracles: what becomes of it before anything decodes. Those
// that are decoded go on in tests/web/browser/data_hostile.test.tsx, from the same bytes in
// tests/fixtures/hostile.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collect } from '../../web/data/collect';
import type { Reference } from '../../web/data/own_types';
import { newCore } from '../glue/support';
import { ORACLES, oraclesPresent, readOracle } from '../oracle/oracle-files';
import { fixture } from './files';

interface Manifest {
  files: { file: string; kind: string; expect: string }[];
}

/** Per file: how many pictures reach the decoder, and why the rest does not. */
const OUTCOMES: Readonly<Record<string, [number, string[]]>> = {
  'header_only_65535x65535.png': [0, ['too-many-pixels']],
  'ok_32x32.png': [1, []],
  'truncated_half.png': [1, []],
  'empty.png': [0, ['empty']],
  'png_named_text.png': [0, ['not-a-picture']],
  'bad_crc.png': [1, []],
  'exif_1.jpg': [1, []],
  'exif_6.jpg': [1, []],
  'exif_8.jpg': [1, []],
  'cmyk.jpg': [1, []],
  'grey16.png': [1, []],
  'alpha_zero.png': [1, []],
  'script.svg': [0, ['svg']],
  'ok.zip': [4, []],
  'paths.zip': [4, []],
  'proto.zip': [5, []],
  'lying_size.zip': [0, ['zip-lies']],
  'nan.json': [0, ['not-a-picture']],
};
/** For the core's parsers alone: the dimensions, or the status. */
const IDX: Readonly<Record<string, number[] | string>> = {
  'ok.idx3': [4, 8, 8],
  'short.idx3': 'CNN_ERROR_IDX_LENGTH',
  'overflow.idx3': 'CNN_ERROR_IDX_LENGTH',
};

const FOLDER = 'hostile/';
const present = oraclesPresent('hostile', Object.keys(OUTCOMES).length + Object.keys(IDX).length);
const files = present ? readOracle<Manifest>(`${FOLDER}MANIFEST.json`).files : [];
const read = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(`${ORACLES}${FOLDER}${name}`));

async function outcome(name: string): Promise<[number, string[]]> {
  let decoded = 0;
  const decode = async (): Promise<Reference> => {
    decoded++;
    return { side: 1, channels: 1, pixels: new Uint8Array(1) };
  };
  const path = name.endsWith('.zip') ? name : `folder/${name}`;
  const { signal } = new AbortController();
  const { skipped } = await collect([{ path, file: new Blob([read(name)]) }], {
    decode,
    keep: () => undefined,
    already: 0,
    signal,
  });
  // A picture beside the folders of a zip has no kind; that is about its place, not about the file.
  const about = skipped.map(({ reason }) => reason.kind).filter((kind) => kind !== 'no-kind');
  return [decoded + skipped.length - about.length, about];
}

describe.runIf(present)('the hostile files of the oracles', () => {
  it.each(files.map(({ file, kind, expect: wanted }) => [file, kind, wanted]))(
    '%s (%s): %s',
    async (file) => {
      const dims = IDX[file];
      if (dims === undefined) {
        expect(await outcome(file)).toEqual(OUTCOMES[file]);
      } else {
        const core = await newCore();
        let found: unknown;
        try {
          found = core.readIdx(read(file)).dims;
        } catch (error) {
          found = (error as { code: string }).code;
        }
        expect(found).toEqual(dims);
      }
      if (file !== 'nan.json') expect(fixture(file)).toEqual(read(file));
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    },
  );

  it('weights that are no numbers are no saved network', async () => {
    const core = await newCore();
    expect(() => core.savedConfig(read('nan.json'))).toThrow(/damaged/);
  });
});
