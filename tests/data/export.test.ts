// The collection as a .zip: read back by this page's own reader and by another, pixel for pixel, with
// names that every system takes.
import { crc32 as nodeCrc } from 'node:zlib';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { crc32, exportZip, safeName } from '../../web/data/export';
import type { OwnPicture } from '../../web/data/own_types';
import { createPace } from '../../web/data/pace';
import { placePaths } from '../../web/data/paths';
import { toRaw } from '../../web/data/raw_picture';
import { DataError } from '../../web/data/source';
import { listZip, unpackEntry } from '../../web/data/zip';
import { decodePng } from '../web/unit/png';
import { bytesOf, fixture } from './files';

const PNG = fixture('ok_32x32.png');
const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, ...new Array<number>(99).fill(7)]);

function picture(
  className: string,
  path: string,
  content: Uint8Array<ArrayBuffer> | Blob = PNG,
  extra: Partial<OwnPicture> = {},
): OwnPicture {
  return {
    className,
    path,
    file: content instanceof Blob ? content : new Blob([content]),
    ...extra,
  };
}

async function pathsIn(pictures: OwnPicture[]): Promise<string[]> {
  return (await listZip(await exportZip(pictures))).map(({ path }) => path);
}

describe('exportZip', () => {
  const colours = Uint8Array.from({ length: 5 * 5 * 3 }, (_, i) => (i * 37) & 255);
  const pictures = [
    picture('Katzen 🐈', 'pets/Katzen 🐈/mia.PNG'),
    picture('Katzen 🐈', 'pets/Katzen 🐈/leo.jpeg', JPEG),
    picture('dogs', 'drawing-1', toRaw(5, 5, 3, colours)),
    picture('dogs', 'drawing-2', toRaw(3, 3, 1, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9))),
  ];
  const paths = [
    'Katzen 🐈/mia.PNG',
    'Katzen 🐈/leo.jpeg',
    'dogs/drawing-1.png',
    'dogs/drawing-2.png',
  ];

  it('is read by this page as the same kinds and the same bytes', async () => {
    const zip = await exportZip(pictures);
    const entries = await listZip(zip);
    expect(entries.map(({ path }) => path)).toEqual(paths);
    const kinds = placePaths(paths.map((path) => `my-pictures/${path}`));
    expect(kinds.map((place) => place.kind === 'class' && place.name)).toEqual(
      pictures.map(({ className }) => className),
    );
    const files: Uint8Array[] = [];
    for (const entry of entries) {
      const blob = await unpackEntry(zip, entry, { unpacked: 0 }, createPace());
      files.push(new Uint8Array(await blob.arrayBuffer()));
    }
    expect(files.slice(0, 2)).toEqual([PNG, JPEG]);
    const [, , colour, grey] = files.map((file) => Buffer.from(file));
    expect(colour && decodePng(colour)).toEqual({ side: 5, channels: 3, pixels: colours });
    expect(grey && decodePng(grey).pixels).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
  });

  it('is read by another tool, checksums and all', async () => {
    const zip = new Uint8Array(await (await exportZip(pictures)).arrayBuffer());
    const files = unzipSync(zip);
    expect(Object.keys(files)).toEqual(paths);
    expect(files['Katzen 🐈/leo.jpeg']).toEqual(JPEG);
    // fflate passes over checksums: those of the directory, 16 bytes into each record.
    const view = new DataView(zip.buffer);
    const sums: number[] = [];
    for (let at = 0; at + 46 < zip.length; at++) {
      if (view.getUint32(at, true) === 0x02014b50) sums.push(view.getUint32(at + 16, true));
    }
    expect(sums).toEqual(Object.values(files).map((file) => nodeCrc(file)));
  });

  it('gives every PNG chunk its checksum', async () => {
    const zip = await exportZip(pictures.slice(2));
    const png = unzipSync(new Uint8Array(await zip.arrayBuffer()))['dogs/drawing-1.png'];
    const file = Buffer.from(png ?? []);
    const types: string[] = [];
    for (let at = 8; at < file.length; ) {
      const end = at + 8 + file.readUInt32BE(at);
      types.push(file.toString('latin1', at + 4, at + 8));
      expect(file.readUInt32BE(end)).toBe(nodeCrc(file.subarray(at + 4, end)));
      at = end + 4;
    }
    expect(types).toEqual(['IHDR', 'IDAT', 'IEND']);
  });

  it('is the same archive for the same pictures', async () => {
    const [a, b] = await Promise.all([exportZip(pictures), exportZip(pictures)]);
    expect(new Uint8Array(await a.arrayBuffer())).toEqual(new Uint8Array(await b.arrayBuffer()));
  });

  it('keeps apart what some systems take for the same', async () => {
    expect(
      await pathsIn([
        picture('cat', 'a/1.png'),
        picture('cat', 'b/1.png'),
        picture('cat', '1.PNG'),
        picture('Cat', '1.png'),
        picture('a:b', '1.png'),
        picture('a?b', '1.png'),
      ]),
    ).toEqual([
      'cat/1.png',
      'cat/1 (2).png',
      'cat/1 (3).PNG',
      'Cat (2)/1.png',
      'a_b/1.png',
      'a_b (2)/1.png',
    ]);
  });

  it('goes by content for the ending, and by folders for the parts', async () => {
    expect(
      await pathsIn([
        picture('k', 'photo.png', JPEG),
        picture('k', 'v1.2', JPEG),
        picture('k', 'old.JPE', JPEG),
        picture('k', 'row 1', PNG, { part: 'test' }),
      ]),
    ).toEqual(['k/photo.jpg', 'k/v1.2.jpg', 'k/old.JPE', 'test/k/row 1.png']);
  });

  it('packs nothing into an archive that opens', async () => {
    expect(await pathsIn([])).toEqual([]);
  });

  it('holds references, not copies, of large files', async () => {
    const slices: number[] = [];
    class Watched extends Blob {
      override slice(from = 0, to = this.size): Blob {
        slices.push(to - from);
        return super.slice(from, to);
      }
      override arrayBuffer(): Promise<ArrayBuffer> {
        throw new Error('read whole');
      }
    }
    const large = new Watched([PNG, new Uint8Array(3 * 1024 * 1024)]);
    const zip = await exportZip([picture('k', '1.png', large)]);
    expect(zip.size).toBeGreaterThan(large.size);
    expect(Math.max(...slices)).toBeLessThanOrEqual(1024 * 1024);
  });

  it('names the picture that can no longer be read', async () => {
    const gone = {
      size: 9,
      type: '',
      slice: () => gone,
      arrayBuffer: () => Promise.reject(Error()),
    };
    const work = exportZip(
      [picture('k', 'k/gone.png'), picture('k', 'k/lost.png')].map((p, i) =>
        i === 0 ? p : { ...p, file: gone as unknown as Blob },
      ),
    );
    await expect(work).rejects.toThrow(DataError);
    await expect(work).rejects.toThrow('“k/lost.png” can no longer be read');
  });

  it('says where it is, and stops when aborted', async () => {
    const seen: number[] = [];
    await exportZip(pictures, undefined, (done, total) => seen.push(done, total));
    expect(seen).toEqual([0, 4, 1, 4, 2, 4, 3, 4]);
    await expect(exportZip(pictures, AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('knows the checksum of the standard test', () => {
    expect(crc32(bytesOf('123456789'))).toBe(0xcbf43926);
    expect(crc32(bytesOf('6789'), crc32(bytesOf('12345')))).toBe(0xcbf43926);
  });
});

describe('safeName', () => {
  it.each([
    ['cats', 'cats'],
    ['Äpfel & Birnen, 2. Wahl', 'Äpfel & Birnen, 2. Wahl'],
    ['../../etc/passwd', 'etc_passwd'],
    ['C:\\Windows\\x', 'Windows_x'],
    ['a<b>c:d"e|f?g*h', 'a_b_c_d_e_f_g_h'],
    ['a\u0000b\u202ec\nd', 'abcd'],
    ['\ud800x', '_x'],
    ['dots...', 'dots'],
    ['spaces  . .', 'spaces'],
    ['.hidden', '_hidden'],
    ['CON', '_CON'],
    ['aux.tar', '_aux.tar'],
    ['com1', '_com1'],
    ['comet', 'comet'],
    ['__MACOSX', '___MACOSX'],
    ['Thumbs.db', '_Thumbs.db'],
    ['__proto__', '__proto__'],
    ['..', 'kind'],
    ['', 'kind'],
  ])('%j becomes %j', (name, safe) => {
    expect(safeName(name, 'kind')).toBe(safe);
  });

  it('is never too long for a file system', () => {
    const long = safeName('👩‍🚀'.repeat(99), 'kind');
    expect(new TextEncoder().encode(long).length).toBeLessThan(245);
  });
});
