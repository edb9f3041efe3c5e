// Changes to a collection of own pictures as pure functions: what was there goes in, what is there
// then comes out. None loses a picture but those that take pictures out by name.

import { folderGroup } from './groups';
import type { OwnPicture } from './own_types';

/** What an edit changes and Undo brings back. */
export interface Collection {
  readonly pictures: readonly OwnPicture[];
  /** Came without a folder and wait for the name of their kind. */
  readonly loose: readonly OwnPicture[];
  /** Kinds in the order that their user gave them; others follow by name. */
  readonly order: readonly string[];
}

export const NO_PICTURES: Collection = { pictures: [], loose: [], order: [] };

/** The same picture under another kind. What its folder said about its group must not be lost. */
function intoKind(picture: OwnPicture, className: string): OwnPicture {
  const group = picture.group ?? folderGroup(picture) ?? undefined;
  return { ...picture, className, ...(group === undefined ? {} : { group }) };
}

/** Pictures that `chosen` accepts go to kind `to`, which may be new. */
export function moved(
  from: Collection,
  chosen: (picture: OwnPicture) => boolean,
  to: string,
): Collection {
  const pictures = from.pictures.map((picture) =>
    chosen(picture) && picture.className !== to ? intoKind(picture, to) : picture,
  );
  return { ...from, pictures };
}

/** `to` stands where `name` stood; when there is such a kind already the two become one there. */
export function renamed(
  from: Collection,
  names: readonly string[],
  name: string,
  to: string,
): Collection {
  const order = names.includes(to)
    ? names.filter((other) => other !== name)
    : names.map((other) => (other === name ? to : other));
  return { ...moved(from, ({ className }) => className === name, to), order };
}

export function without(from: Collection, gone: (picture: OwnPicture) => boolean): Collection {
  return { ...from, pictures: from.pictures.filter((picture) => !gone(picture)) };
}

/** `names` with one of them `by` places further down; beyond an end it stays there. */
export function shifted(names: readonly string[], name: string, by: number): string[] {
  const at = names.indexOf(name);
  const rest = names.filter((other) => other !== name);
  if (at >= 0) rest.splice(Math.max(0, at + by), 0, name);
  return rest;
}

/** The waiting pictures as pictures of one kind. */
export function named(from: Collection, className: string): OwnPicture[] {
  return from.loose.map((picture) => ({ ...picture, className }));
}
