// "Show me" and the demo loop: the page moves its own control, runs, and stops at the verdict. Any
// key, tap or press of the user ends it and leaves everything as it is then.
import { signal } from '@preact/signals';
import type { PresetId } from '../presets-ids';
import { stepsOf } from '../settings/limits';
import { text } from '../text/en';
import { asking, choosePreset, guessAndRun, openWindow, say, stripOpen } from './page';
import { phase } from './runs';
import { activePreset, pair, setSetting, settingsA } from './store';

export type Tour = 'off' | 'show' | 'demo';

export const tour = signal<Tour>('off');
/** The control that the page is moving, for a ring around it. */
export const pointedAt = signal<string | null>(null);

const BEAT_MS = 700;
const READ_MS = 2500;
const VERDICT_MS = 9000;
const DEMO: readonly PresetId[] = ['size', 'smaller', 'switch', 'canvas'];

let stop: AbortController | null = null;

export function endTour(): void {
  stop?.abort();
  stop = null;
  if (tour.value !== 'off') say(text.show.ended);
  tour.value = 'off';
  pointedAt.value = null;
}

/** Ends the tour on anything the user does; call once. */
export function watchForUser(target: EventTarget): void {
  for (const type of ['pointerdown', 'keydown']) {
    target.addEventListener(
      type,
      (event) => {
        if (tour.value !== 'off' && event.isTrusted) endTour();
      },
      { capture: true },
    );
  }
}

function wait(ms: number, signalStop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signalStop.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signalStop.reason);
    });
  });
}

function untilDone(signalStop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signalStop.addEventListener('abort', () => reject(signalStop.reason), { once: true });
    const end = phase.subscribe((now) => {
      if (now !== 'done') return;
      // After this turn: subscribe calls at once, before `end` exists.
      queueMicrotask(() => {
        end();
        resolve();
      });
    });
  });
}

/** Moves B's picture size step by step to where the experiment wants it, then runs. */
async function playOnce(signalStop: AbortSignal): Promise<void> {
  openWindow.value = null;
  stripOpen.value = true;
  asking.value = true;
  const { a, b } = pair.value;
  if (a.compare === 'size' && b.size !== undefined) {
    pointedAt.value = 'size';
    const target = b.size;
    const steps = stepsOf('size', settingsA.value).filter(
      (size) => (size - a.size) * (size - target) <= 0,
    );
    const path = target < a.size ? [...steps].reverse() : steps;
    for (const size of path) {
      setSetting('size', size, 'b');
      await wait(BEAT_MS, signalStop);
    }
  } else {
    pointedAt.value = a.compare;
    await wait(READ_MS, signalStop);
  }
  pointedAt.value = 'run';
  await wait(BEAT_MS, signalStop);
  guessAndRun(null);
  pointedAt.value = null;
  await untilDone(signalStop);
}

async function begin(kind: Exclude<Tour, 'off'>, play: (s: AbortSignal) => Promise<void>) {
  endTour();
  const own = new AbortController();
  stop = own;
  tour.value = kind;
  say(kind === 'demo' ? text.show.demo : text.show.running);
  try {
    await play(own.signal);
    if (!own.signal.aborted) endTour();
  } catch (error) {
    if (!own.signal.aborted) throw error;
  }
}

export function showMe(): Promise<void> {
  return begin('show', async (signalStop) => {
    if (activePreset.value === null) choosePreset(pair.value.a.preset);
    await playOnce(signalStop);
  });
}

export function demoLoop(): Promise<void> {
  return begin('demo', async (signalStop) => {
    for (let i = 0; ; i++) {
      choosePreset(DEMO[i % DEMO.length] ?? 'size');
      await wait(READ_MS, signalStop);
      await playOnce(signalStop);
      await wait(VERDICT_MS, signalStop);
    }
  });
}
