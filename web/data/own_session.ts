// What the panel "Your pictures" works on: a collection that grows with every choice. A choice is
// read aside and joins the collection only once it is whole, so neither a failure nor a cancel
// changes what was there. Lives longer than the panel, which may close while this reads on.

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { dataText } from '../text/en-data';
import { type CollectOptions, collect } from './collect';
import { decodePicture } from './decode';
import { addPictures, classesOf, createOwnSource, type OwnClass, problemOf } from './own';
import type { FoundFile, OwnPicture, Reference, Skipped } from './own_types';
import { shortName } from './paths';
import type { PictureSource, Resize } from './source';
import { type Decode, PictureStore } from './store';

/** What the panel is doing; the collection itself stands beside it. */
export type Activity =
  | { kind: 'idle' }
  | { kind: 'looking' }
  | { kind: 'reading'; done: number; total: number }
  | { kind: 'failed'; message: string };

/** Found files, or the promise of them while a dropped folder is being walked. */
export type Choice = (
  signal: AbortSignal,
) =>
  | Promise<{ found: FoundFile[]; skipped: Skipped[] }>
  | { found: FoundFile[]; skipped: Skipped[] };

/** Between two repaints of the progress, in milliseconds. */
const PROGRESS_EVERY = 100;

export class OwnSession {
  readonly activity: Signal<Activity> = signal<Activity>({ kind: 'idle' });
  readonly pictures: Signal<readonly OwnPicture[]> = signal<readonly OwnPicture[]>([]);
  /** Came without a folder and wait for the name of their kind. */
  readonly loose: Signal<readonly OwnPicture[]> = signal<readonly OwnPicture[]>([]);
  readonly skipped: Signal<readonly Skipped[]> = signal<readonly Skipped[]>([]);
  /** How the last choice ended, when there is more to say than the lists show. */
  readonly notice: Signal<string> = signal('');
  /** The pictures that the page was last given. */
  readonly inUse: Signal<readonly OwnPicture[] | null> = signal<readonly OwnPicture[] | null>(null);

  readonly classes: ReadonlySignal<OwnClass[]> = computed(() => classesOf(this.pictures.value));
  /** What stops the collection from being used; null when nothing does. */
  readonly problem: ReadonlySignal<string | null> = computed(() => problemOf(this.classes.value));

  private store: PictureStore;
  private reading: AbortController | null = null;
  private readonly decode: Decode;

  /** `decode` is the browser's unless a test brings its own. */
  constructor(
    readonly resize: Resize,
    decode?: Decode,
  ) {
    this.decode = decode ?? ((file, pace) => decodePicture(file, resize, pace));
    this.store = new PictureStore(this.decode);
  }

  get busy(): boolean {
    return this.reading !== null;
  }

  /** Reads a choice and adds it; one at a time, a second one meanwhile is not taken. */
  async add(choice: Choice): Promise<void> {
    if (this.busy) return;
    const reading = new AbortController();
    this.reading = reading;
    this.notice.value = '';
    this.activity.value = { kind: 'looking' };
    try {
      const { found, skipped } = await choice(reading.signal);
      await this.take(found, skipped, reading.signal);
      this.activity.value = { kind: 'idle' };
    } catch {
      const stopped = reading.signal.aborted;
      this.activity.value = stopped
        ? { kind: 'idle' }
        : { kind: 'failed', message: dataText.own.failed };
      if (stopped) this.notice.value = dataText.own.stopped;
    } finally {
      this.reading = null;
    }
  }

  private async take(
    found: readonly FoundFile[],
    skipped: readonly Skipped[],
    abort: AbortSignal,
  ): Promise<void> {
    // Decoded pixels wait aside too, in the room that is left.
    const aside = new PictureStore(this.decode, this.store.roomBytes);
    const options: CollectOptions = {
      decode: this.decode,
      keep: (picture, reference) => aside.keep(picture, reference),
      already: this.pictures.value.length + this.loose.value.length,
      signal: abort,
      onProgress: this.progress(),
    };
    const batch = await collect(found, options);
    const merged = addPictures(this.pictures.value, batch.pictures);
    const waiting = addPictures(this.loose.value, batch.loose);
    this.store.takeFrom(aside, [...merged.pictures, ...waiting.pictures]);
    this.pictures.value = merged.pictures;
    this.loose.value = waiting.pictures;
    const left = [...skipped, ...batch.skipped, ...merged.skipped, ...waiting.skipped];
    this.skipped.value = [...this.skipped.value, ...left];
    const had = options.already;
    if (this.pictures.value.length + this.loose.value.length === had) {
      this.notice.value = left.length === 0 ? dataText.own.empty : dataText.own.none;
    }
  }

  private progress(): (done: number, total: number) => void {
    let shown = 0;
    return (done, total) => {
      const now = performance.now();
      if (done > 0 && done < total && now - shown < PROGRESS_EVERY) return;
      shown = now;
      this.activity.value = { kind: 'reading', done, total };
    };
  }

  cancel(): void {
    this.reading?.abort();
  }

  /** Gives the waiting pictures their kind; an empty name leaves them waiting. */
  nameLoose(name: string): void {
    const className = shortName(name.normalize('NFC').trim());
    if (className === '') return;
    const named = this.loose.value.map((picture) => ({ ...picture, className }));
    // A picture is known to the store by identity, so its copy takes the decoded pixels over.
    this.loose.value.forEach((picture, i) => {
      const copy = named[i];
      if (copy) this.store.rename(picture, copy);
    });
    const merged = addPictures(this.pictures.value, named);
    this.pictures.value = merged.pictures;
    this.skipped.value = [...this.skipped.value, ...merged.skipped];
    this.loose.value = [];
  }

  leaveOut(className: string): void {
    const stays = (picture: OwnPicture): boolean => picture.className !== className;
    for (const picture of this.pictures.value) if (!stays(picture)) this.store.forget(picture);
    this.pictures.value = this.pictures.value.filter(stays);
  }

  /** Forgets the collection, unless it is being read. A source handed out before keeps working. */
  clear(): void {
    if (this.busy) return;
    // A new store, not an emptied one: the source in use has the old one.
    this.store = new PictureStore(this.decode);
    this.pictures.value = [];
    this.loose.value = [];
    this.skipped.value = [];
    this.notice.value = '';
    this.activity.value = { kind: 'idle' };
  }

  /** Decoded, for the panel's small pictures. */
  reference(picture: OwnPicture): Promise<Reference> {
    return this.store.get(picture);
  }

  /** The collection as a source; call only while `problem` is null. */
  use(): PictureSource {
    this.inUse.value = this.pictures.value;
    return createOwnSource(this.classes.value, this.store, this.resize);
  }
}
