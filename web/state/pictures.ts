// The real pictures at hand: the shipped set, and the user's own once chosen. Tells the settings
// what the set in use can give.
import { computed, effect, signal } from '@preact/signals';
import type { PictureSource } from '../data/source';
import { isReal } from '../settings/limits';
import { core } from './engine';
import { pair, pictureLimits } from './store';

/** Null until it has been opened. */
export const fashionSource = signal<PictureSource | null>(null);
/** Null until the user has chosen some. */
export const ownSource = signal<PictureSource | null>(null);

/** The set that the settings name, null for scenes and before there is one. */
export const pictureSource = computed<PictureSource | null>(() => {
  switch (pair.value.a.source) {
    case 'fashion':
      return fashionSource.value;
    case 'own':
      return ownSource.value;
    default:
      return null;
  }
});

/** True while the settings ask for pictures that nobody has chosen yet. */
export const picturesMissing = computed(() => isReal(pair.value.a) && pictureSource.value === null);

/** Opens sets on demand and keeps the limits of the settings up to date. Returns its end. */
export function watchSources(
  open: (engine: NonNullable<typeof core.value>) => PictureSource,
): () => void {
  const endOpen = effect(() => {
    const engine = core.value;
    if (pair.value.a.source === 'fashion' && fashionSource.peek() === null && engine !== null) {
      fashionSource.value = open(engine);
    }
  });
  const endLimits = effect(() => {
    const source = pictureSource.value;
    pictureLimits.value =
      source === null
        ? null
        : { kinds: source.classes.length, sizes: source.sides, perKind: source.maxPerClass };
  });
  return () => {
    endOpen();
    endLimits();
  };
}
