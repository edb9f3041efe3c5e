// The real pictures at hand: a shipped set, and the user's own once chosen. Tells the settings what
// the set in use can give.
import { computed, effect, signal } from '@preact/signals';
import { isPacked } from '../data/packed';
import { createShippedSource, type ShippedId } from '../data/shipped';
import { isShipped, SHIPPED } from '../data/shipped_sets';
import type { PictureSource } from '../data/source';
import { isReal } from '../settings/limits';
import { core } from './engine';
import { pair, pictureLimits } from './store';

/** The shipped set that was opened last; null before there was one. */
const shipped = signal<{ id: ShippedId; source: PictureSource } | null>(null);
/** Null until the user has chosen some. */
export const ownSource = signal<PictureSource | null>(null);

/** The set that the settings name, null for scenes and before there is one. */
export const pictureSource = computed<PictureSource | null>(() => {
  const id = pair.value.a.source;
  if (id === 'own') return ownSource.value;
  return shipped.value?.id === id ? shipped.value.source : null;
});

/** True while the settings ask for pictures that are not there: not chosen yet, or not in this page. */
export const picturesMissing = computed(() => isReal(pair.value.a) && pictureSource.value === null);

/** True when the settings name a set that this page file was built without. */
export const setMissing = computed(() => {
  const { source } = pair.value.a;
  return isShipped(source) && !isPacked(SHIPPED[source].folder);
});

/** Opens sets on demand and keeps the limits of the settings up to date. Returns its end. */
export function watchSources(): () => void {
  const endOpen = effect(() => {
    const engine = core.value;
    const { source: id } = pair.value.a;
    const before = shipped.peek();
    if (engine === null || !isShipped(id) || id === before?.id || setMissing.value) return;
    // One set at a time: the largest fills 24 MB.
    before?.source.release();
    shipped.value = { id, source: createShippedSource(id, engine) };
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
