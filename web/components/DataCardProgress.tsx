// How far reading is, with a way to stop it.
import type { Activity } from '../data/own_session';
import { dataText } from '../text/en-data';

const text = dataText.own;

interface Props {
  activity: Extract<Activity, { kind: 'looking' | 'reading' }>;
  onCancel: () => void;
}

export function DataCardProgress({ activity, onCancel }: Props) {
  const counted = activity.kind === 'reading' && activity.total > 0;
  const words = counted ? text.reading(activity.done, activity.total) : text.looking;
  return (
    <div class="data-progress">
      <span>{words}</span>
      <progress
        aria-label={text.progressLabel}
        {...(counted ? { value: activity.done, max: activity.total } : {})}
      />
      <button type="button" onClick={onCancel}>
        {text.cancel}
      </button>
    </div>
  );
}
