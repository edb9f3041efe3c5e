// How far reading is and how long it may take, with a way to stop it. The words change often and
// are not read out; a screen reader hears a sentence at the start and now and then.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Activity } from '../data/own_session';
import { dataText } from '../text/en-data';
import { formatSeconds } from '../text/format';

const text = dataText.own;

/** Between two sentences that are read out, in milliseconds. */
const SAY_EVERY = 15_000;
/** Between two changes of the time left: it jumps with every large picture. */
const TIME_EVERY = 1000;

interface Props {
  activity: Extract<Activity, { kind: 'looking' | 'reading' }>;
  onCancel: () => void;
}

/** The latest `value`, at most once in `every` milliseconds; the first at once. */
function useThrottled<Value>(value: Value, every: number): Value {
  const [shown, setShown] = useState(value);
  const latest = useRef(value);
  latest.current = value;
  useEffect(() => {
    const timer = setInterval(() => setShown(latest.current), every);
    return () => clearInterval(timer);
  }, [every]);
  return shown;
}

export function DataCardProgress({ activity, onCancel }: Props) {
  const counted = activity.kind === 'reading' && activity.total > 0;
  const words = counted ? text.reading(activity.done, activity.total) : text.looking;
  const seconds = useThrottled(counted ? activity.secondsLeft : null, TIME_EVERY);
  const left = counted && seconds !== null ? text.timeLeft(formatSeconds(seconds)) : '';
  const said = useThrottled(left === '' ? words : `${words}, ${left}`, SAY_EVERY);
  return (
    <div class="data-progress">
      <span>
        {words}
        {left !== '' && <span class="data-small">{`, ${left}`}</span>}
      </span>
      <progress
        aria-label={text.progressLabel}
        {...(counted ? { value: activity.done, max: activity.total } : {})}
      />
      <button type="button" onClick={onCancel}>
        {text.cancel}
      </button>
      <span class="visually-hidden" aria-live="polite">
        {said}
      </span>
    </div>
  );
}
