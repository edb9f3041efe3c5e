// From paths to kinds. The folder that a picture lies in is its kind; names are only labels here,
// never places to read or write. Handles what archives and file systems put into a path.

import { limits } from './limits';
import type { Part } from './own_types';

/** Files that systems leave in folders and nobody chose. */
const SYSTEM_FILES = new Set(['thumbs.db', 'desktop.ini', 'icon\r', '__macosx']);

/** Controls, and marks of width zero or of direction, which make one name look like another. */
const INVISIBLE = /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/** ASCII without controls: nothing to clean, and thousands of names are cleaned at once. */
const PLAIN = /^[ -~]*$/;

function cleanPart(part: string): string {
  if (PLAIN.test(part)) return part.trim();
  // NFC, because macOS stores accents apart and other systems do not.
  return part.normalize('NFC').replace(INVISIBLE, '').trim();
}

/** The named parts of a path: no drive, no "." or "..", either slash. */
export function partsOf(path: string): string[] {
  return path
    .split(/[/\\]/)
    .map(cleanPart)
    .filter((part) => part !== '' && part !== '.' && part !== '..' && !/^[A-Za-z]:$/.test(part));
}

/** Hidden files and what systems leave behind: passed over without a word. */
export function isSystemPath(path: string): boolean {
  return path.split(/[/\\]/).some((part) => {
    const hidden = part.startsWith('.') && part !== '.' && part !== '..';
    return hidden || SYSTEM_FILES.has(part.toLowerCase());
  });
}

export function shortName(name: string): string {
  const characters = [...name];
  if (characters.length <= limits.nameLength) return name;
  return `${characters.slice(0, limits.nameLength - 1).join('')}…`;
}

/** A kind's name as its user typed it; empty when nothing of it can be seen. */
export function cleanName(name: string): string {
  return shortName(cleanPart(name));
}

const PARTS = new Map<string, Part>([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
]);

/** The part of the split that a folder's name stands for, or null. */
export function partOf(folder: string): Part | null {
  return PARTS.get(folder.toLowerCase()) ?? null;
}

export type Placed =
  | { kind: 'class'; name: string; part?: Part }
  /** Came without any folder; the user has to say, or the file name does. */
  | { kind: 'loose'; part?: Part }
  /** Lies beside the folders of the kinds, in the folder that holds them. */
  | { kind: 'outside' };

/** Folders that all paths start with. */
function commonFolders(folders: readonly string[][]): number {
  const [first = [], ...rest] = folders;
  let length = first.length;
  for (const other of rest) {
    let same = 0;
    while (same < length && same < other.length && first[same] === other[same]) same++;
    length = same;
  }
  return length;
}

/** True when folders divide this choice: one to learn from and another for new pictures. */
function hasParts(folders: readonly string[][]): boolean {
  const parts = new Set(folders.flat().map(partOf));
  // "train" alone may well be a kind of vehicle.
  return parts.has('train') && (parts.has('test') || parts.has('validation'));
}

/**
 * The kind of every path of one choice (one drop, one folder, one zip). A picture's kind is its
 * nearest folder. The top folder that merely holds the kinds' folders is no kind itself, nor are
 * folders that divide the pictures into those to learn from and those to test with.
 */
export function placePaths(paths: readonly string[]): Placed[] {
  const all = paths.map((path) => partsOf(path).slice(0, -1));
  const divided = hasParts(all);
  const folders = divided
    ? all.map((list) => list.filter((folder) => partOf(folder) === null))
    : all;
  const common = commonFolders(folders);
  const somethingDeeper = folders.some((list) => list.length > common);
  return folders.map((list, i) => {
    const nearest = list.at(-1);
    if (list.length === common && somethingDeeper) return { kind: 'outside' };
    const part = divided ? all[i]?.map(partOf).findLast((one) => one !== null) : null;
    const known = part ? { part } : {};
    if (nearest === undefined) return { kind: 'loose', ...known };
    return { kind: 'class', name: shortName(nearest), ...known };
  });
}

/**
 * Kinds of loose files by the word that their names start with: "cat 1.jpg", "cat_2.jpg",
 * "dog (3).png". Null unless that gives at least two kinds with enough pictures each, because then
 * the names carry no kinds ("IMG_0001.jpg") and the user must say.
 */
export function kindsFromNames(paths: readonly string[]): string[] | null {
  const names = paths.map((path) => {
    const file = partsOf(path).at(-1) ?? '';
    const word = /^[\p{L}\p{M}]+(?:[ ][\p{L}\p{M}]+)*/u.exec(file.replace(/\.[^.]*$/, ''));
    return shortName(word?.[0] ?? '');
  });
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const enough = [...counts.values()].every((count) => count >= limits.minPerClass);
  return counts.size >= limits.minClasses && !counts.has('') && enough ? names : null;
}
