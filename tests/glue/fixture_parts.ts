// A network's arrays in a training fixture: where they lie in the core's flat ones, by any of their
// names, and how far the two are apart.
import {
  type Comparison,
  compareArray,
  type FixtureArray,
  sizeOf,
  valuesOf,
} from './fixture_arrays';
import { type Part, UnsupportedFixture } from './fixture_layers';

export type Named<T> = Record<string, T>;

export const count = (shape: readonly number[]) =>
  shape.reduce((product, side) => product * side, 1);

export interface Place extends Part {
  first: number;
  last: number;
}

export function placesOf(parts: readonly Part[]): Place[] {
  let first = 0;
  return parts.map((one) => {
    const last = first + count(one.shape);
    const place = { ...one, first, last };
    first = last;
    return place;
  });
}

/** A file's array for a place, under any of its names. */
export function arrayOf<T>(arrays: Named<T> | undefined, { names }: Part): T | undefined {
  const name = names.find((candidate) => arrays?.[candidate] !== undefined);
  return name === undefined ? undefined : arrays?.[name];
}

export function fill(
  target: Float32Array,
  arrays: Named<FixtureArray>,
  places: readonly Place[],
): void {
  for (const place of places) {
    const array = arrayOf(arrays, place);
    if (!array) throw new UnsupportedFixture(`init has no ${place.names[0]}`);
    const shape = array.shape.filter((side) => side !== 1).join(' x ');
    const wanted = place.shape.filter((side) => side !== 1).join(' x ');
    const given = valuesOf(array);
    if (shape !== wanted || given?.step !== 1 || sizeOf(array) !== place.last - place.first) {
      throw new UnsupportedFixture(
        `init ${place.names[0]} is [${array.shape.join(', ')}]: this model has ` +
          `[${place.shape.join(', ')}]`,
      );
    }
    target.set(given.values, place.first);
  }
}

/** Every array of the file must have a place here, or something would go uncompared unseen. */
export function checkNames(what: string, arrays: Named<unknown>, places: readonly Place[]): void {
  const known = new Set(places.flatMap(({ names }) => names));
  const stranger = Object.keys(arrays).find((name) => !known.has(name));
  if (stranger) throw new UnsupportedFixture(`${what} ${stranger} has no place in this model`);
}

export function compareParts(
  what: string,
  ours: Float32Array,
  theirs: Named<FixtureArray>,
  places: readonly Place[],
  gateOf: (place: Place) => number,
  relative: boolean,
): Comparison[] {
  checkNames(what, theirs, places);
  return places.flatMap((place) => {
    const array = arrayOf(theirs, place);
    if (place.idle || !array) return [];
    const own = ours.subarray(place.first, place.last);
    return [compareArray(`${what} ${place.names[0]}`, own, array, gateOf(place), relative)];
  });
}
