// Run, pause, step, stop, start again and new luck, with progress and the time left. On phones this
// is the bar that stays at the bottom.
import { useEffect, useState } from 'preact/hooks';
import { engineFailed } from '../state/engine';
import { guessAndRun, runAgain, runNewLuck, waitingGuess } from '../state/page';
import { picturesMissing } from '../state/pictures';
import { estimate, facts } from '../state/preview';
import {
  current,
  pausePair,
  phase,
  progress,
  resumePair,
  stale,
  stepPair,
  stopPair,
} from '../state/runs';
import { settingsB } from '../state/store';
import { pointedAt } from '../state/tour';
import { text } from '../text/en';
import { formatSeconds } from '../text/format';
import './transport.css';

const LEARN_FROM = 0.05;

/** Seconds left: the estimate at first, then what the share done so far says. */
function useLeft(): number | null {
  const [now, setNow] = useState(0);
  const running = phase.value === 'running';
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNow(performance.now()), 500);
    return () => clearInterval(timer);
  }, [running]);
  const run = current.value;
  if (run === null) return null;
  const done = progress.value;
  if (done < LEARN_FROM) return run.estimate;
  return ((Math.max(now, run.startedAt) - run.startedAt) * (1 - done)) / done / 1000;
}

export function canRun(): boolean {
  return (
    !engineFailed.value &&
    !picturesMissing.value &&
    facts.a.value.problem === null &&
    (facts.b.value?.problem ?? null) === null
  );
}

/** What a run starts, and about how long it takes once this machine has been measured. */
function trainWords(): string {
  const train = settingsB.value === null ? text.run.trainOne : text.run.trainPair;
  const time = estimate.value;
  return time === null ? train : text.run.withTime(train, formatSeconds(time));
}

export function RunButton() {
  const words = waitingGuess.value === null ? trainWords() : text.run.loading;
  return (
    <button
      type="button"
      class={`run-button ${pointedAt.value === 'run' ? 'pointed' : ''}`}
      disabled={!canRun()}
      onClick={() => guessAndRun(null)}
    >
      {words}
    </button>
  );
}

function Progress() {
  const left = useLeft();
  const percent = Math.round(100 * progress.value);
  const words =
    phase.value === 'paused'
      ? text.result.paused
      : left === null
        ? ''
        : text.run.left(formatSeconds(left));
  return (
    <div class="progress">
      <progress
        max={100}
        value={percent}
        aria-label={text.run.progress}
        aria-valuetext={text.run.progressValue(percent, words)}
      />
      <span class="progress-words">{words}</span>
    </div>
  );
}

export function Transport() {
  const now = phase.value;
  if (engineFailed.value) {
    return (
      <div class="transport" role="alert">
        <p>{text.run.loadFailed}</p>
      </div>
    );
  }
  if (now === 'running' || now === 'paused') {
    return (
      <div class="transport">
        <Progress />
        <div class="buttons">
          {now === 'paused' ? (
            <button type="button" class="primary" onClick={resumePair}>
              {text.run.resume}
            </button>
          ) : (
            <button type="button" class="primary" onClick={pausePair}>
              {text.run.pause}
            </button>
          )}
          <button type="button" onClick={stepPair}>
            {text.run.step}
          </button>
          <button type="button" onClick={stopPair}>
            {text.run.stop}
          </button>
        </div>
      </div>
    );
  }
  if (now === 'done' && !stale.value) {
    return (
      <div class="transport">
        <div class="buttons">
          <button type="button" onClick={runAgain}>
            {text.run.again}
          </button>
          <button type="button" onClick={runNewLuck}>
            {text.run.newLuck}
          </button>
        </div>
      </div>
    );
  }
  return (
    <div class="transport">
      <div class="buttons">
        <RunButton />
      </div>
    </div>
  );
}
