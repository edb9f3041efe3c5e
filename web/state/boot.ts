// What starts with the page: the core, the pool of workers, the measurement of this machine when
// nothing else is to do, the URL hash, the wake lock. No training starts here.
import { effect, signal } from '@preact/signals';
import { inflateSync } from 'fflate';
import packedCore from '../../build/wasm/core.wasm?deflated';
import { openCore } from '../../wasm_glue/core';
import { Pool } from '../../wasm_glue/pool';
import TrainWorker from '../../wasm_glue/worker?worker&inline';
import { writeHash } from '../settings/hash';
import { text } from '../text/en';
import { core, engineFailed, speed } from './engine';
import { asking, say, stripOpen, undoLast, watchEarlyTap } from './page';
import { watchSources } from './pictures';
import { watchRealPictures } from './preview';
import { current, phase, setLauncher } from './runs';
import { startingPair } from './save';
import { pair, replacePair, runKey, settingsA, settingsB } from './store';
import { demoLoop, watchForUser } from './tour';

const NARROW = '(max-width: 700px)';
/** As in styles/tokens.css, which knows it before any script runs. */
const BIG_SCREEN = '(min-width: 1800px) and (min-height: 850px)';

export function boot(): void {
  readAddress();
  void startEngine();
  watchSources();
  watchRealPictures();
  watchAddress();
  watchPhase();
  watchEarlyTap();
  watchForUser(window);
  keepAwake();
  dress();
  window.addEventListener('keydown', (event) => {
    const undoKey = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === 'z';
    if (!undoKey || (event.target instanceof HTMLInputElement && event.target.type === 'text'))
      return;
    event.preventDefault();
    undoLast();
  });
}

function readAddress(): void {
  const { a, b, ignored, demo } = startingPair(location.hash);
  replacePair({ a, b });
  if (ignored.length > 0) say(text.change.ignoredLink(ignored.length));
  if (demo) void demoLoop();
}

async function startEngine(): Promise<void> {
  try {
    const packed = Uint8Array.from(atob(packedCore), (character) => character.charCodeAt(0));
    const pool = new Pool({ core: inflateSync(packed), createWorker: () => new TrainWorker() });
    core.value = await openCore(await pool.compiledCore());
    setLauncher((spec, handlers, options) => pool.startRun(spec, handlers, options));
    performance.mark('ready'); // for the benchmark: a tap now starts training
    whenIdle(() => {
      if (phase.value === 'running') return;
      pool.calibrate().then(
        (measured) => {
          speed.value = measured;
        },
        () => undefined,
      );
    });
  } catch {
    engineFailed.value = true;
  }
}

function whenIdle(task: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(task, { timeout: 2000 });
  else setTimeout(task, 300);
}

/** Settings travel in the hash; replaced, not pushed, so that Back leaves the page. */
function watchAddress(): void {
  let written = location.hash;
  let first = true;
  effect(() => {
    const hash = writeHash(pair.value);
    if (first) {
      first = false;
      return;
    }
    written = hash === '' ? '' : `#${hash}`;
    history.replaceState(null, '', written === '' ? location.pathname + location.search : written);
  });
  window.addEventListener('hashchange', () => {
    if (location.hash !== written) readAddress();
  });
}

function watchPhase(): void {
  effect(() => {
    if (phase.value === 'done' && !window.matchMedia(NARROW).matches) stripOpen.value = true;
  });
  // On a phone the curves start below the guesses: bring them into view once per run.
  effect(() => {
    if (current.value === null || !window.matchMedia(NARROW).matches) return;
    requestAnimationFrame(() => document.querySelector('.question')?.scrollIntoView());
  });
  // New settings ask for a new guess; a run under way keeps the screen.
  effect(() => {
    const key = runKey(settingsA.value, settingsB.value);
    const run = current.value;
    if (run !== null && run.key !== key && phase.value === 'done') asking.value = true;
    if (run !== null && run.key === key) asking.value = false;
  });
}

/** The chosen look, on the root element, where the tokens read it. */
function dress(): void {
  const query = window.matchMedia(BIG_SCREEN);
  const bigScreen = signal(query.matches);
  query.addEventListener('change', () => {
    bigScreen.value = query.matches;
  });
  effect(() => {
    const { theme } = settingsA.value;
    const root = document.documentElement;
    if (theme === 'auto') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', theme);
    const big = bigScreen.value && theme === 'auto';
    root.toggleAttribute('data-projector', theme === 'projector' || big);
  });
}

/** Keeps a projector's machine awake while training, where the browser can. */
function keepAwake(): void {
  let lock: WakeLockSentinel | null = null;
  effect(() => {
    const wanted = phase.value === 'running';
    if (!wanted) {
      void lock?.release().catch(() => undefined);
      lock = null;
    } else if ('wakeLock' in navigator) {
      navigator.wakeLock.request('screen').then(
        (got) => {
          lock = got;
          if (phase.value !== 'running') void got.release().catch(() => undefined);
        },
        () => undefined,
      );
    }
  });
}
