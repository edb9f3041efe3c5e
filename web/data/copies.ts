// Copies among a collection as sets of pictures, for the panel that shows and removes them.

import { findCopies } from './duplicates';
import type { OwnClass } from './own';
import type { OwnSession } from './own_session';
import type { OwnPicture } from './own_types';
import { createPace } from './pace';

/** Each set has two or more, in the order of the kinds and their pictures. */
export interface FoundCopies {
  /** What was compared. */
  classes: readonly OwnClass[];
  /** With the same pixels. */
  exact: OwnPicture[][];
  /** Alike, those with the same pixels among them. */
  alike: OwnPicture[][];
}

export async function copiesOf(
  classes: readonly OwnClass[],
  own: Pick<OwnSession, 'printsOf'>,
  abort: AbortSignal,
): Promise<FoundCopies> {
  const all = classes.flatMap(({ pictures }) => pictures);
  const found = await findCopies(await own.printsOf(all, abort), createPace(abort));
  const pictures = (sets: number[][]): OwnPicture[][] =>
    sets.map((set) => set.flatMap((i) => all[i] ?? []));
  return { classes, exact: pictures(found.exact), alike: pictures(found.alike) };
}

/** The pictures that a run learns from and those that it tests with. */
export interface Sides {
  train: ReadonlySet<OwnPicture>;
  test: ReadonlySet<OwnPicture>;
}

/** True for a set with a picture on each side: it is one picture that stands in both halves. */
export function spans({ train, test }: Sides): (set: readonly OwnPicture[]) => boolean {
  return (set) => set.some((one) => train.has(one)) && set.some((one) => test.has(one));
}
