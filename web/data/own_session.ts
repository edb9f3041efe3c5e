// What the panel "Your pictures" works on: a collection that grows with every choice and can be
// sorted. A choice is read aside and joins the collection only once it is whole, so neither a
// failure nor a cancel changes what was there. Lives longer than the panel, which may close while
// this reads on.

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { dataText } from '../text/en-data';
import { ownText } from '../text/en-own';
import { type CollectOptions, collect } from './collect';
import type { Sides } from './copies';
import { decodePicture } from './decode';
import { type Print, printOf } from './duplicates';
import { defaultMode, halvesOf, type SplitMode } from './halves';
import { limits } from './limits';
import { addPictures, classesOf, createOwnSource, type OwnClass, problemOf } from './own';
import { type Collection, moved, NO_PICTURES, named, renamed, shifted, without } from './own_edits';
import type {
  FoundFile,
  OwnPicture,
  PictureEngine,
  Reference,
  Skipped,
  SquarePolicy,
} from './own_types';
import { createPace } from './pace';
import { cleanName } from './paths';
import type { PictureCount, PictureSource, Resize } from './source';
import type { Counts } from './split';
import { type Decode, PictureStore } from './store';

/** What the panel is doing; the collection itself stands beside it. */
export type Activity =
  | { kind: 'idle' }
  | { kind: 'looking' }
  /** `secondsLeft` at the rate so far; null until there is one. */
  | { kind: 'reading'; done: number; total: number; secondsLeft: number | null }
  | { kind: 'failed'; message: string };

/** Found files, or the promise of them while a dropped folder is being walked. */
export type Choice = (
  signal: AbortSignal,
) =>
  | Promise<{ found: FoundFile[]; skipped: Skipped[] }>
  | { found: FoundFile[]; skipped: Skipped[] };

/** As `decodePicture`. */
type DecodeSquare = (
  file: Blob,
  pace: Parameters<Decode>[1],
  square: SquarePolicy,
) => Promise<Reference>;

/** A change of the collection that Undo takes back. */
interface Step {
  before: Collection;
  /** What was done, in words. */
  words: string;
}

/** Between two repaints of the progress, in milliseconds. */
const PROGRESS_EVERY = 100;
/** Before that a rate says little. */
const RATE_AFTER = 1000;
const STEPS = 20;

export class OwnSession {
  readonly activity: Signal<Activity> = signal<Activity>({ kind: 'idle' });
  readonly skipped: Signal<readonly Skipped[]> = signal<readonly Skipped[]>([]);
  /** How the last choice ended, when there is more to say than the lists show. */
  readonly notice: Signal<string> = signal('');
  readonly square: Signal<SquarePolicy> = signal<SquarePolicy>('crop');
  readonly grey: Signal<boolean> = signal(false);
  readonly balanced: Signal<boolean> = signal(false);
  /** Null leaves the choice to the folders. */
  readonly chosenSplit: Signal<SplitMode | null> = signal<SplitMode | null>(null);

  private readonly collection = signal<Collection>(NO_PICTURES);
  private readonly steps = signal<readonly Step[]>([]);

  readonly pictures: ReadonlySignal<readonly OwnPicture[]> = computed(
    () => this.collection.value.pictures,
  );
  /** Came without a folder and wait for the name of their kind. */
  readonly loose: ReadonlySignal<readonly OwnPicture[]> = computed(
    () => this.collection.value.loose,
  );
  readonly classes: ReadonlySignal<OwnClass[]> = computed(() =>
    classesOf(this.collection.value.pictures, this.collection.value.order),
  );
  readonly split: ReadonlySignal<SplitMode> = computed(
    () => this.chosenSplit.value ?? defaultMode(this.classes.value),
  );
  readonly halves = computed(() => halvesOf(this.classes.value, this.split.value));
  /** What stops the collection from being used; null when nothing does. */
  readonly problem: ReadonlySignal<string | null> = computed(
    () => problemOf(this.classes.value) ?? this.halves.value.problem(),
  );
  /** What Undo would take back, in words; null when there is nothing. */
  readonly undoable: ReadonlySignal<string | null> = computed(
    () => this.steps.value.at(-1)?.words ?? null,
  );

  /** All that a source handed out is made of. */
  private readonly current = computed(() => [
    this.collection.value.pictures,
    this.collection.value.order,
    this.square.value,
    this.grey.value,
    this.balanced.value,
    this.split.value,
  ]);
  private readonly handed = signal<readonly unknown[] | null>(null);
  /** True while the page uses the collection as it stands. */
  readonly inUse: ReadonlySignal<boolean> = computed(
    () => this.handed.value?.every((part, i) => part === this.current.value[i]) ?? false,
  );

  /** The engine's, free of the engine. */
  readonly resize: Resize;
  private store: PictureStore;
  private reading: AbortController | null = null;
  private readonly decode: DecodeSquare;
  private readonly prints = new WeakMap<Blob, { print: Print; square: SquarePolicy }>();

  /** `decode` is the browser's unless a test brings its own. */
  constructor(
    readonly engine: PictureEngine,
    decode?: DecodeSquare,
  ) {
    this.resize = (...args) => engine.resize(...args);
    this.decode = decode ?? decodePicture;
    this.store = this.newStore();
  }

  private newStore(): PictureStore {
    const square = this.square.value;
    return new PictureStore((file, pace) => this.decode(file, pace, square));
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
    const had = this.pictures.value.length + this.loose.value.length;
    const square = this.square.value;
    // Decoded pixels wait aside too.
    const aside = this.store.aside();
    const options: CollectOptions = {
      engine: this.engine,
      decode: (file, pace) => this.decode(file, pace, square),
      keep: (picture, reference) => {
        this.prints.set(picture.file, { print: printOf(reference, this.resize), square });
        aside.keep(picture, reference);
      },
      already: had,
      signal: abort,
      onProgress: this.progress(),
    };
    const batch = await collect(found, options).catch((error: unknown) => {
      aside.release();
      throw error;
    });
    const merged = addPictures(this.pictures.value, batch.pictures);
    const waiting = addPictures(this.loose.value, batch.loose);
    this.store.takeFrom(aside, [...merged.pictures, ...waiting.pictures]);
    this.collection.value = {
      ...this.collection.value,
      pictures: merged.pictures,
      loose: waiting.pictures,
    };
    this.addToSteps(batch.pictures, batch.loose);
    const left = [...skipped, ...batch.skipped, ...merged.skipped, ...waiting.skipped];
    this.skipped.value = [...this.skipped.value, ...left];
    if (this.pictures.value.length + this.loose.value.length === had) {
      this.notice.value = left.length === 0 ? dataText.own.empty : dataText.own.none;
    }
  }

  /** Undo takes an edit back, never pictures that came in after it. */
  private addToSteps(pictures: readonly OwnPicture[], loose: readonly OwnPicture[]): void {
    const grown = this.steps.value.map(({ before, words }) => ({
      words,
      before: {
        ...before,
        pictures: addPictures(before.pictures, pictures).pictures,
        loose: addPictures(before.loose, loose).pictures,
      },
    }));
    const over = grown.findLastIndex(
      ({ before }) => before.pictures.length + before.loose.length > limits.pictures,
    );
    this.steps.value = grown.slice(over + 1);
  }

  private progress(): (done: number, total: number) => void {
    let shown = 0;
    const start = performance.now();
    return (done, total) => {
      const now = performance.now();
      if (done > 0 && done < total && now - shown < PROGRESS_EVERY) return;
      shown = now;
      const known = done > 0 && now - start >= RATE_AFTER;
      const secondsLeft = known ? ((now - start) / 1000 / done) * (total - done) : null;
      this.activity.value = { kind: 'reading', done, total, secondsLeft };
    };
  }

  cancel(): void {
    this.reading?.abort();
  }

  /** Changes the collection so that Undo can take it back; not while a choice is being read. */
  private edit(after: Collection, words: string): void {
    if (this.busy) return;
    this.steps.value = [...this.steps.value, { before: this.collection.value, words }].slice(
      -STEPS,
    );
    this.show(after);
    this.notice.value = ownText.done(words);
  }

  private show(after: Collection): void {
    // The store knows pictures by identity, so copies take the decoded pixels over.
    const all = [...after.pictures, ...after.loose];
    const next = new Map(all.map((picture) => [picture.file, picture]));
    for (const picture of [...this.pictures.value, ...this.loose.value]) {
      const copy = next.get(picture.file);
      if (copy === undefined) this.store.forget(picture);
      else if (copy !== picture) this.store.rename(picture, copy);
    }
    this.collection.value = after;
  }

  undo(): void {
    const last = this.steps.value.at(-1);
    if (this.busy || last === undefined) return;
    this.steps.value = this.steps.value.slice(0, -1);
    this.show(last.before);
    this.notice.value = ownText.undone(last.words);
  }

  /** Gives the waiting pictures their kind; an empty name leaves them waiting. */
  nameLoose(name: string): void {
    const className = cleanName(name);
    if (className === '') return;
    const before = this.collection.value;
    const merged = addPictures(before.pictures, named(before, className));
    this.edit({ ...before, pictures: merged.pictures, loose: [] }, ownText.did.named(className));
    this.skipped.value = [...this.skipped.value, ...merged.skipped];
  }

  /** Under a name that another kind has, the two become one. */
  renameKind(name: string, to: string): void {
    const className = cleanName(to);
    if (className === '' || className === name) return;
    const names = this.classes.value.map((kind) => kind.name);
    const did = names.includes(className) ? ownText.did.merged : ownText.did.renamed;
    this.edit(renamed(this.collection.value, names, name, className), did(name, className));
  }

  /** Further down by `by` places, or up: the first kinds are those that fewer kinds take. */
  moveKind(name: string, by: number): void {
    const names = this.classes.value.map((kind) => kind.name);
    const order = shifted(names, name, by);
    this.edit({ ...this.collection.value, order }, ownText.did.shifted(name));
  }

  leaveOut(className: string): void {
    const gone = (picture: OwnPicture): boolean => picture.className === className;
    this.edit(without(this.collection.value, gone), ownText.did.leftOut(className));
  }

  movePictures(pictures: ReadonlySet<OwnPicture>, to: string): void {
    const className = cleanName(to);
    if (className === '' || pictures.size === 0) return;
    const after = moved(this.collection.value, (picture) => pictures.has(picture), className);
    this.edit(after, ownText.did.moved(pictures.size, className));
  }

  removePictures(pictures: ReadonlySet<OwnPicture>): void {
    if (pictures.size === 0) return;
    const after = without(this.collection.value, (picture) => pictures.has(picture));
    this.edit(after, ownText.did.removed(pictures.size));
  }

  /** Pictures are decoded anew when they are next needed; a source handed out keeps its own way. */
  setSquare(square: SquarePolicy): void {
    if (this.busy || square === this.square.value) return;
    this.square.value = square;
    // What the source in use still needs it decodes again; two full stores would be too much.
    this.store.release();
    this.store = this.newStore();
  }

  /** Empties the collection, unless it is being read. A source handed out before keeps working. */
  clear(): void {
    if (this.busy) return;
    // Emptied, the source in use decodes anew what it still needs from it.
    this.store.release();
    this.store = this.newStore();
    this.edit(NO_PICTURES, ownText.did.cleared);
    this.skipped.value = [];
    this.activity.value = { kind: 'idle' };
  }

  /** Decoded, for the panel's small pictures. */
  reference(picture: OwnPicture): Promise<Reference> {
    return this.store.get(picture);
  }

  /**
   * What pictures are compared by, in their order. Made while they are read; again only where some
   * were made square in another way than others.
   */
  async printsOf(pictures: readonly OwnPicture[], abort: AbortSignal): Promise<Print[]> {
    const { store } = this;
    const square = this.square.value;
    const known = pictures.map(({ file }) => this.prints.get(file));
    const ways = new Set(known.map((made) => made?.square));
    const pace = createPace(abort);
    const prints: Print[] = [];
    for (const [i, picture] of pictures.entries()) {
      let made = known[i];
      if (made === undefined || (ways.size > 1 && made.square !== square)) {
        const reference = await store.get(picture, abort);
        made = { print: printOf(reference, this.resize), square };
        this.prints.set(picture.file, made);
      }
      prints.push(made.print);
      await pace();
    }
    return prints;
  }

  /** All that the collection can give; runs take their share of it. */
  private get whole(): Counts {
    const classes = this.classes.value.length;
    const balanced = this.balanced.value;
    return { classes, perClass: Infinity, testCount: Infinity, balanced };
  }

  counts(seed: number): PictureCount {
    return this.halves.value.count(this.whole, seed);
  }

  /** Which pictures this seed sets aside for the test; call only while `problem` is null. */
  sides(seed: number): Sides {
    const { train, test } = this.halves.value.choose(this.whole, seed);
    const side = (lists: number[][]): Set<OwnPicture> =>
      new Set(
        lists.flatMap((list, k) => list.flatMap((i) => this.classes.value[k]?.pictures[i] ?? [])),
      );
    return { train: side(train), test: side(test) };
  }

  /** The collection as a source; call only while `problem` is null. */
  use(): PictureSource {
    this.handed.value = this.current.value;
    return createOwnSource(this.classes.value, this.store, {
      split: this.split.value,
      balanced: this.balanced.value,
      grey: this.grey.value,
    });
  }
}
