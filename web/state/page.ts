// What the page itself remembers beside settings and runs: open windows, votes, the message line;
// and the actions behind its buttons.
import { batch, effect, signal, untracked } from '@preact/signals';
import type { PresetId } from '../presets-ids';
import { defaultPair } from '../settings/hash';
import { text } from '../text/en';
import { forgetLuck, stopMoreLuck } from './luck';
import { canTrain, current, forgetRuns, type GuessMade, startPair, stopPair } from './runs';
import { change, loadPreset, newLuck, pair, replacePair, undo } from './store';

export type Window = 'experiments' | 'help' | 'reset' | 'more';

export const openWindow = signal<Window | null>(null);
/** Shown for a few seconds and read out. */
export const message = signal('');
/** Hands counted per guess, by its place. */
export const votes = signal<readonly number[]>([]);
/** Sliders appear after the first run, or when asked for. */
export const stripOpen = signal(false);
/** Phones: the network of both runs. */
export const insideOpen = signal(false);
/** The settings were changed, or a new experiment chosen: ask again before the next run. */
export const asking = signal(true);
/** A guess made while the core was still loading. */
export const waitingGuess = signal<{ guess: GuessMade | null } | null>(null);

export function say(words: string): void {
  message.value = words;
}

export function guessAndRun(guess: GuessMade | null): void {
  stopMoreLuck();
  if (!canTrain.value) {
    waitingGuess.value = { guess };
    return;
  }
  waitingGuess.value = null;
  if (startPair(guess) !== null) asking.value = false;
}

/** A tap before the core was there; it starts as soon as it is. Call once. */
export function watchEarlyTap(): void {
  effect(() => {
    const early = waitingGuess.value;
    if (canTrain.value && early !== null) untracked(() => guessAndRun(early.guess));
  });
}

/** Same settings, same seeds: the same bits. */
export function runAgain(): void {
  const run = current.value;
  if (run !== null) change(run.chosen, 'again', text.run.again);
  guessAndRun(run?.guess ?? null);
}

export function runNewLuck(): void {
  const guess = current.value?.guess ?? null;
  newLuck();
  guessAndRun(guess);
}

export function choosePreset(id: PresetId): void {
  batch(() => {
    stopPair();
    stopMoreLuck();
    current.value = null;
    votes.value = [];
    loadPreset(id);
    asking.value = true;
    openWindow.value = null;
  });
}

export function backToPreset(): void {
  loadPreset(pair.value.a.preset);
}

export function undoLast(): void {
  const label = undo();
  if (label !== null) say(text.header.undone(label));
}

export function resetEverything(): void {
  batch(() => {
    forgetLuck();
    forgetRuns();
    votes.value = [];
    replacePair(defaultPair());
    asking.value = true;
    stripOpen.value = false;
    openWindow.value = null;
  });
}

export function vote(place: number, by: number): void {
  const next = [...votes.value];
  next[place] = Math.max(0, (next[place] ?? 0) + by);
  votes.value = next;
}
