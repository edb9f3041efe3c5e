// Zip archives: what is listed and unpacked, and every claim in them that must not be believed.
import { deflateRawSync } from 'node:zlib';
import { strFromU8, strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { type Limits, limits } from '../../web/data/limits';
import { createPace } from '../../web/data/pace';
import { listZip, unpackEntry, type ZipEntry, ZipProblem } from '../../web/data/zip';
import { fixture, fixtureBlob } from './files';
import { type MadeEntry, makeZip } from './make_zip';

const pace = createPace();

/** Files by name; level 0 = stored. */
function zip(files: Record<string, Uint8Array>, level: 0 | 6 = 6): Uint8Array<ArrayBuffer> {
  return new Uint8Array(zipSync(files, { level }));
}

function small(changes: Partial<Limits>): Limits {
  return { ...limits, ...changes };
}

async function unpack(file: Blob, entry: ZipEntry, use: Limits = limits): Promise<Uint8Array> {
  const blob = await unpackEntry(file, entry, { unpacked: 0 }, pace, use);
  return new Uint8Array(await blob.arrayBuffer());
}

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ZipProblem);
  return (error as ZipProblem).reason.kind;
}

/** Overwrites u16 or u32 fields in the directory record of the only entry. */
function patchDirectory(bytes: Uint8Array, offset: number, value: number, wide: boolean): void {
  const view = new DataView(bytes.buffer);
  let at = bytes.length - 4;
  while (view.getUint32(at, true) !== 0x02014b50) at--;
  if (wide) view.setUint32(at + offset, value, true);
  else view.setUint16(at + offset, value, true);
}

async function only(bytes: Uint8Array<ArrayBuffer>): Promise<[Blob, ZipEntry]> {
  const file = new Blob([bytes]);
  const [entry] = await listZip(file);
  if (!entry) throw new Error('no entry');
  return [file, entry];
}

const MIB = 1024 * 1024;
const TEXT = strToU8('cats and dogs '.repeat(5000));

describe('listZip and unpackEntry', () => {
  it.each([0, 6] as const)('give back what was packed at level %i', async (level) => {
    const file = new Blob([
      zip({ 'cats/1.png': TEXT, 'dogs/': new Uint8Array(0), empty: new Uint8Array(0) }, level),
    ]);
    const entries = await listZip(file);
    expect(entries.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['cats/1.png', TEXT.length],
      ['empty', 0],
    ]);
    for (const entry of entries) {
      expect(await unpack(file, entry)).toEqual(entry.bytes > 0 ? TEXT : new Uint8Array(0));
    }
  });

  it('open the control file', async () => {
    const file = fixtureBlob('ok.zip');
    const entries = await listZip(file);
    expect(entries.map(({ path }) => path)).toEqual([
      'cat/1.png',
      'cat/2.png',
      'dog/1.png',
      'dog/2.png',
    ]);
    for (const entry of entries) expect(await unpack(file, entry)).toEqual(fixture('ok_32x32.png'));
  });

  it('find the directory in front of a comment that looks like its end', async () => {
    const archive = zip({ 'a.png': TEXT });
    const comment = strToU8(`PK\x05\x06${' not the end'.repeat(4)}`);
    const bytes = new Uint8Array(archive.length + comment.length);
    bytes.set(archive);
    bytes.set(comment, archive.length);
    // The end record's last field is the length of the comment behind it.
    new DataView(bytes.buffer).setUint16(archive.length - 2, comment.length, true);
    expect(await listZip(new Blob([bytes]))).toHaveLength(1);
  });

  it('read names as UTF-8 where they are, else as Latin', async () => {
    const named = zip({ 'é.png': TEXT });
    patchDirectory(named, 8, 0, false);
    expect((await only(named))[1].path).toBe('é.png');
    // E9 71 is é and q in Latin and nothing in UTF-8; "éq" in UTF-8 would be three bytes.
    const latin = zip({ 'xq.png': TEXT });
    const at = new TextDecoder('latin1').decode(latin).lastIndexOf('xq.png');
    latin[at] = 0xe9;
    expect((await only(latin))[1].path).toBe('éq.png');
  });

  it('list an entry as often as it is there', async () => {
    const stored = (text: string): MadeEntry => {
      return { name: 'a.png', data: strToU8(text), method: 0, bytes: text.length };
    };
    const file = makeZip([stored('one'), stored('two')]);
    const entries = await listZip(file);
    expect(entries.map(({ path }) => path)).toEqual(['a.png', 'a.png']);
    const contents = await Promise.all(entries.map((entry) => unpack(file, entry)));
    expect(contents.map((content) => strFromU8(content))).toEqual(['one', 'two']);
  });

  it('treat names of objects as names', async () => {
    const entries = await listZip(fixtureBlob('proto.zip'));
    expect(entries.map(({ path }) => path)).toContain('__proto__');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('a bomb is stopped within 1.5 times the limit', () => {
  const zeros = (mebibytes: number): Uint8Array => new Uint8Array(mebibytes * MIB);

  /** Unpacks all entries up to the first refusal: why it ended, and the bytes that came out. */
  async function burst(file: Blob): Promise<[string, number]> {
    const budget = { unpacked: 0 };
    const unpackAll = async (): Promise<void> => {
      for (const entry of await listZip(file)) await unpackEntry(file, entry, budget, pace);
    };
    return [await reasonOf(unpackAll()), budget.unpacked];
  }
  const packed = (mebibytes: number): Omit<MadeEntry, 'name'> => {
    return { data: deflateRawSync(zeros(mebibytes)), method: 8, bytes: mebibytes * MIB };
  };

  it('of 200 to 1, past 4 MiB', async () => {
    const [reason, bytes] = await burst(makeZip([{ name: 'a.bmp', ...packed(16) }]));
    expect(reason).toBe('zip-lies');
    expect(bytes).toBeGreaterThan(4 * MIB);
    expect(bytes).toBeLessThan(1.5 * 4 * MIB);
  });

  it('of 256 MiB, without unpacking anything where the archive says so', async () => {
    const one = packed(4);
    const many = Array.from({ length: 65 }, (_, i) => ({ name: `${i}.bmp`, ...one }));
    expect(await burst(makeZip(many))).toEqual(['zip-too-much', 0]);
    expect(await listZip(makeZip(many.slice(0, 64)))).toHaveLength(64);
  });

  it('of 8 MiB, over entries that say nothing of it and share one content', async () => {
    const liar = { ...packed(4), bytes: 100 };
    const many = Array.from({ length: 50 }, (_, i) => ({ name: `${i}.bmp`, ...liar }));
    const use = small({ zipUnpackedBytes: 8 * MIB });
    const budget = { unpacked: 0 };
    const file = makeZip(many);
    const reasons = [];
    for (const entry of await listZip(file, use)) {
      reasons.push(await reasonOf(unpackEntry(file, entry, budget, pace, use)));
      if (reasons.at(-1) === 'zip-too-much') break;
    }
    expect(new Set(reasons)).toEqual(new Set(['zip-lies', 'zip-too-much']));
    expect(budget.unpacked).toBeLessThan(1.5 * 8 * MIB);
  });
});

describe('listZip refuses', () => {
  it.each([
    ['an empty file', new Uint8Array(0)],
    ['text', strToU8('this is no zip at all, only some text')],
    ['an archive that is cut short', zip({ 'a.png': TEXT }).subarray(0, 200)],
    ['only the end record, promising entries', zip({ 'a.png': TEXT }).slice(-22)],
  ])('%s', async (_, bytes) => {
    expect(await reasonOf(listZip(new Blob([new Uint8Array(bytes)])))).toBe('zip-not-a-zip');
  });

  it('more entries than the limit', async () => {
    const files = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${i}.png`, TEXT]));
    const file = new Blob([zip(files)]);
    expect(await listZip(file, small({ zipEntries: 11 }))).toHaveLength(11);
    expect(await reasonOf(listZip(file, small({ zipEntries: 10 })))).toBe('zip-too-many');
  });

  it('a list of files above the limit, before reading it', async () => {
    const file = new Blob([zip({ 'a.png': TEXT })]);
    const bytes = 46 + 'a.png'.length;
    expect(await listZip(file, small({ zipDirectoryBytes: bytes }))).toHaveLength(1);
    const work = listZip(file, small({ zipDirectoryBytes: bytes - 1 }));
    expect(await reasonOf(work)).toBe('zip-too-many');
  });

  it('a file above the limit', async () => {
    const file = fixtureBlob('ok.zip');
    expect(await reasonOf(listZip(file, small({ zipBytes: 985 })))).toBe('zip-too-large');
  });
});

describe('unpackEntry refuses', () => {
  it('more than the entry says, by counting', async () => {
    const file = fixtureBlob('lying_size.zip');
    const [entry] = await listZip(file);
    expect(entry?.bytes).toBe(100);
    const budget = { unpacked: 0 };
    const work = unpackEntry(file, entry as ZipEntry, budget, pace);
    expect(await reasonOf(work)).toBe('zip-lies');
    // The fewest bytes that are pushed come out as 1,032 times as many; the 64 MB must not.
    expect(budget.unpacked).toBeLessThanOrEqual(1032 * limits.zipLeastPushBytes);
  });

  it('even one byte more than the entry says', async () => {
    const bytes = zip({ 'a.png': TEXT });
    patchDirectory(bytes, 24, TEXT.length - 1, true);
    expect(await reasonOf(unpack(...(await only(bytes))))).toBe('zip-lies');
  });

  it('less than the entry says', async () => {
    const bytes = zip({ 'a.png': TEXT });
    patchDirectory(bytes, 24, TEXT.length + 1, true);
    expect(await reasonOf(unpack(...(await only(bytes))))).toBe('zip-damaged');
  });

  it('an honest bomb, by its ratio', async () => {
    const [file, entry] = await only(zip({ 'a.bmp': new Uint8Array(5 * MIB) }));
    expect(await reasonOf(unpack(file, entry))).toBe('zip-lies');
    // The same ratio in a small blank picture is fine.
    const [tiny, inside] = await only(zip({ 'a.bmp': new Uint8Array(1024 * 1024) }));
    expect(await unpack(tiny, inside)).toHaveLength(1024 * 1024);
  });

  it('one entry above the limit without unpacking it', async () => {
    const [file, entry] = await only(zip({ 'a.png': TEXT }));
    const budget = { unpacked: 0 };
    const use = small({ fileBytes: TEXT.length - 1 });
    expect(await reasonOf(unpackEntry(file, entry, budget, pace, use))).toBe('too-many-bytes');
    expect(budget.unpacked).toBe(0);
  });

  it.each([0, 6] as const)('all entries together above the limit, level %i', async (level) => {
    const file = new Blob([zip({ 'a.png': TEXT, 'b.png': TEXT }, level)]);
    const [a, b] = (await listZip(file)) as [ZipEntry, ZipEntry];
    const budget = { unpacked: 0 };
    const use = small({ zipUnpackedBytes: 2 * TEXT.length - 1 });
    await unpackEntry(file, a, budget, pace, use);
    expect(await reasonOf(unpackEntry(file, b, budget, pace, use))).toBe('zip-too-much');
  });

  it('locked entries and unknown methods', async () => {
    const locked = zip({ 'a.png': TEXT });
    patchDirectory(locked, 8, 1, false);
    expect(await reasonOf(unpack(...(await only(locked))))).toBe('zip-locked');
    const strange = zip({ 'a.png': TEXT });
    patchDirectory(strange, 10, 93, false);
    expect(await reasonOf(unpack(...(await only(strange))))).toBe('zip-method');
  });

  it('damaged data and places outside the file', async () => {
    const damaged = zip({ 'a.png': TEXT });
    damaged.fill(0xff, 40, 80);
    expect(await reasonOf(unpack(...(await only(damaged))))).toBe('zip-damaged');
    const elsewhere = zip({ 'a.png': TEXT });
    patchDirectory(elsewhere, 42, 0x7fffffff, true);
    expect(await reasonOf(unpack(...(await only(elsewhere))))).toBe('zip-damaged');
    const long = zip({ 'a.png': TEXT }, 0);
    patchDirectory(long, 20, 0x7fffffff, true);
    patchDirectory(long, 24, 0x7fffffff, true);
    const use = small({ fileBytes: Number.MAX_SAFE_INTEGER });
    const [file, entry] = await only(long);
    expect(await reasonOf(unpack(file, entry, use))).toBe('zip-damaged');
  });

  it('to go on once aborted', async () => {
    const [file, entry] = await only(zip({ 'a.png': TEXT }));
    const work = unpackEntry(file, entry, { unpacked: 0 }, createPace(AbortSignal.abort()));
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  });
});
