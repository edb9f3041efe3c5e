// Files of a drop or of a file input. A drop's items must be taken at once, inside the event; the
// folders behind them are walked afterwards. Cycles and depth are bounded by limits.ts.

import type { SkipReason } from '../text/en-data';
import { limits as defaults, type Limits } from './limits';
import type { FoundFile, Skipped } from './own_types';
import { createPace, type Pace } from './pace';
import { isSystemPath } from './paths';

/** Something dropped: a file as it is, or a folder that can be walked. */
export type Dropped =
  | { kind: 'file'; file: File }
  | { kind: 'folder'; handle: Promise<FileSystemHandle | null> | null; entry: FileSystemEntry };

/** In Chromium only; the type library leaves it out. */
interface HandleItem {
  getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
}

/** Call inside the drop event: afterwards the browser has emptied the list. */
export function takeDrop(transfer: DataTransfer): Dropped[] {
  const dropped: Dropped[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) {
      const handle = (item as HandleItem).getAsFileSystemHandle?.() ?? null;
      // Awaited later; a refusal before that must not count as unhandled.
      handle?.catch(() => undefined);
      dropped.push({ kind: 'folder', handle, entry });
    } else {
      // Not entry.file(): Chromium refuses that in a page opened from disk (EncodingError).
      const file = item.getAsFile();
      if (file) dropped.push({ kind: 'file', file });
    }
  }
  return dropped;
}

interface Walk {
  found: FoundFile[];
  skipped: Skipped[];
  limits: Limits;
  pace: Pace;
}

/** False once enough has been looked at. */
function hasRoom(walk: Walk, path: string, depth: number): boolean {
  const { limits } = walk;
  let reason: SkipReason | null = null;
  if (depth > limits.folderDepth) reason = { kind: 'too-deep' };
  if (walk.found.length >= limits.files) reason = { kind: 'too-many-files', limit: limits.files };
  if (reason === null) return true;
  const last = walk.skipped.at(-1)?.reason.kind;
  // Said once, not for each of the thousands that may follow.
  if (reason.kind !== 'too-many-files' || last !== reason.kind) walk.skipped.push({ path, reason });
  return false;
}

async function walkHandle(
  walk: Walk,
  folder: FileSystemDirectoryHandle,
  path: string,
  depth: number,
): Promise<void> {
  for await (const child of folder.values()) {
    const childPath = `${path}/${child.name}`;
    if (isSystemPath(child.name)) continue;
    if (!hasRoom(walk, childPath, depth)) return;
    await walk.pace();
    if (child.kind === 'directory') {
      await walkHandle(walk, child as FileSystemDirectoryHandle, childPath, depth + 1);
      continue;
    }
    try {
      const file = await (child as FileSystemFileHandle).getFile();
      walk.found.push({ path: childPath, file });
    } catch {
      walk.skipped.push({ path: childPath, reason: { kind: 'unreadable' } });
    }
  }
}

/** readEntries gives a folder in portions (100 in Chromium); an empty one ends it. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return children;
    children.push(...portion);
  }
}

async function walkEntry(walk: Walk, entry: FileSystemEntry, depth: number): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  if (isSystemPath(entry.name) || !hasRoom(walk, path, depth)) return;
  await walk.pace();
  if (entry.isDirectory) {
    for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) {
      await walkEntry(walk, child, depth + 1);
    }
    return;
  }
  try {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    walk.found.push({ path, file });
  } catch {
    walk.skipped.push({ path, reason: { kind: 'unreadable' } });
  }
}

/**
 * By handle where there is one: in a page opened from disk Chromium refuses to list a dropped
 * folder's entries (EncodingError), and handles work. Elsewhere by entry.
 */
async function walkFolder(walk: Walk, dropped: Dropped & { kind: 'folder' }): Promise<void> {
  const handle = await dropped.handle?.catch(() => null);
  if (handle?.kind === 'directory') {
    await walkHandle(walk, handle as FileSystemDirectoryHandle, handle.name, 1);
  } else {
    await walkEntry(walk, dropped.entry, 0);
  }
}

/** Every file of a drop, with its path inside the dropped folder. */
export async function walkDrop(
  dropped: readonly Dropped[],
  signal: AbortSignal,
  limits: Limits = defaults,
): Promise<{ found: FoundFile[]; skipped: Skipped[] }> {
  const walk: Walk = { found: [], skipped: [], limits, pace: createPace(signal) };
  for (const item of dropped) {
    if (item.kind === 'file') {
      if (hasRoom(walk, item.file.name, 0))
        walk.found.push({ path: item.file.name, file: item.file });
      continue;
    }
    try {
      await walkFolder(walk, item);
    } catch {
      signal.throwIfAborted();
      walk.skipped.push({ path: item.entry.name, reason: { kind: 'folder-blocked' } });
    }
  }
  return { found: walk.found, skipped: walk.skipped };
}

/** Files of an <input type="file">, with their path inside a chosen folder. */
export function filesOfInput(
  files: Iterable<File>,
  limits: Limits = defaults,
): { found: FoundFile[]; skipped: Skipped[] } {
  const all = [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  const next = all[limits.files];
  const skipped: Skipped[] =
    next === undefined
      ? []
      : [{ path: next.path, reason: { kind: 'too-many-files', limit: limits.files } }];
  return { found: all.slice(0, limits.files), skipped };
}
