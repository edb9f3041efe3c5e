// Dropped folders: by file system handle (Chromium), by entry (elsewhere), and what bounds the walk.
import { afterEach, describe, expect, it } from 'vitest';
import { type Dropped, filesOfInput, takeDrop, walkDrop } from '../../../web/data/drop';
import { type Limits, limits } from '../../../web/data/limits';
import { inFolder } from './data_files';

const signal = new AbortController().signal;
const small = (changes: Partial<Limits>): Limits => ({ ...limits, ...changes });

type Tree = { [name: string]: Tree | string };

/** Entries as WebKit's interface gives them: readEntries in portions of two, then none. */
function entry(name: string, content: Tree | string, parent = ''): FileSystemEntry {
  const fullPath = `${parent}/${name}`;
  const base = { name, fullPath, isFile: typeof content === 'string', isDirectory: false };
  if (typeof content === 'string') {
    const file = (resolve: (file: File) => void, reject: (error: Error) => void): void => {
      if (content === 'gone') reject(new DOMException('', 'NotFoundError'));
      else resolve(new File([content], name));
    };
    return { ...base, file } as unknown as FileSystemEntry;
  }
  const createReader = () => {
    const left = Object.entries(content).map(([child, inside]) => entry(child, inside, fullPath));
    return {
      readEntries(resolve: (entries: FileSystemEntry[]) => void, reject: (error: Error) => void) {
        if (name === 'locked') reject(new DOMException('', 'EncodingError'));
        else resolve(left.splice(0, 2));
      },
    };
  };
  return { ...base, isDirectory: true, createReader } as unknown as FileSystemEntry;
}

const folder = (name: string, tree: Tree): Dropped => ({
  kind: 'folder',
  handle: null,
  entry: entry(name, tree),
});

const PETS: Tree = {
  cats: { '1.png': 'c1', '2.png': 'c2', '3.png': 'c3', '.DS_Store': 'x' },
  dogs: { '1.png': 'd1', old: { '2.png': 'd2' } },
};
const PATHS = [
  'pets/cats/1.png',
  'pets/cats/2.png',
  'pets/cats/3.png',
  'pets/dogs/1.png',
  'pets/dogs/old/2.png',
];

/** The same tree in the browser's private file system, which has real handles. */
async function handleOf(name: string, tree: Tree): Promise<FileSystemDirectoryHandle> {
  const build = async (into: FileSystemDirectoryHandle, content: Tree): Promise<void> => {
    for (const [child, inside] of Object.entries(content)) {
      if (typeof inside !== 'string') {
        await build(await into.getDirectoryHandle(child, { create: true }), inside);
        continue;
      }
      const file = await into.getFileHandle(child, { create: true });
      const writer = await file.createWritable();
      await writer.write(inside);
      await writer.close();
    }
  };
  const root = await navigator.storage.getDirectory();
  const top = await root.getDirectoryHandle(name, { create: true });
  await build(top, tree);
  return top;
}

afterEach(async () => {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('pets', { recursive: true }).catch(() => undefined);
});

describe('walkDrop', () => {
  it('walks entries to the last portion', async () => {
    const { found, skipped } = await walkDrop([folder('pets', PETS)], signal);
    expect(found.map(({ path }) => path).sort()).toEqual(PATHS);
    expect(skipped).toEqual([]);
    expect(await found[0]?.file.text()).toBe('c1');
  });

  it('prefers handles, which work in a page opened from disk', async () => {
    const blocked = entry('locked', {});
    const handle = handleOf('pets', PETS);
    const { found, skipped } = await walkDrop([{ kind: 'folder', handle, entry: blocked }], signal);
    expect(found.map(({ path }) => path).sort()).toEqual(PATHS);
    expect(skipped).toEqual([]);
  });

  it('falls back to entries when a handle is refused', async () => {
    const handle = Promise.reject(new DOMException('', 'NotAllowedError'));
    const { found } = await walkDrop(
      [{ kind: 'folder', handle, entry: entry('pets', PETS) }],
      signal,
    );
    expect(found).toHaveLength(5);
  });

  it('lists what cannot be opened and goes on', async () => {
    const { found, skipped } = await walkDrop(
      [
        folder('locked', PETS),
        folder('a', { '1.png': 'gone', '2.png': 'x' }),
        { kind: 'file', file: new File(['x'], 'loose.png') },
      ],
      signal,
    );
    expect(found.map(({ path }) => path)).toEqual(['a/2.png', 'loose.png']);
    expect(skipped).toEqual([
      { path: 'locked', reason: { kind: 'folder-blocked' } },
      { path: 'a/1.png', reason: { kind: 'unreadable' } },
    ]);
  });

  it.each(['entries', 'handles'] as const)('is bounded in depth and number, by %s', async (way) => {
    const walk = async (use: Limits) => {
      const handle = way === 'handles' ? handleOf('pets', PETS) : null;
      return walkDrop([{ kind: 'folder', handle, entry: entry('pets', PETS) }], signal, use);
    };
    const few = await walk(small({ files: 2 }));
    expect(few.found).toHaveLength(2);
    expect(few.skipped.map(({ reason }) => reason.kind)).toEqual(['too-many-files']);
    const shallow = await walk(small({ folderDepth: 2 }));
    expect(shallow.found).toHaveLength(4);
    expect(shallow.skipped).toEqual([
      { path: 'pets/dogs/old/2.png', reason: { kind: 'too-deep' } },
    ]);
  });

  it('stops when aborted', async () => {
    await expect(walkDrop([folder('pets', PETS)], AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('takeDrop', () => {
  it('takes files as files and passes text over', async () => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], 'a.png'));
    transfer.items.add('some words', 'text/plain');
    const { found } = await walkDrop(takeDrop(transfer), signal);
    expect(found.map(({ path }) => path)).toEqual(['a.png']);
  });
});

describe('filesOfInput', () => {
  it('keeps paths inside the chosen folder, and the limit', () => {
    const files = [inFolder(new Blob(['x']), 'pets/cats/1.png'), new File(['y'], '2.png')];
    expect(filesOfInput(files).found.map(({ path }) => path)).toEqual(['pets/cats/1.png', '2.png']);
    const cut = filesOfInput(files, small({ files: 1 }));
    expect(cut.found).toHaveLength(1);
    expect(cut.skipped).toEqual([{ path: '2.png', reason: { kind: 'too-many-files', limit: 1 } }]);
  });
});
