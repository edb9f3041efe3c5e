// Files that were left out, each with its reason; folded up when there are many.
import type { Skipped } from '../data/own_types';
import { dataText } from '../text/en-data';

const text = dataText.own;

const OPEN_UP_TO = 5;
const SHOWN = 100;

export function DataCardSkipped({ skipped }: { skipped: readonly Skipped[] }) {
  const more = skipped.length - SHOWN;
  return (
    <details class="data-skipped" open={skipped.length <= OPEN_UP_TO}>
      <summary>{text.skippedHeading(skipped.length)}</summary>
      <ul>
        {skipped.slice(0, SHOWN).map(({ path, reason }) => (
          <li key={`${path} ${reason.kind}`}>
            <bdi class="data-path">{path}</bdi> {text.skipped(reason)}
          </li>
        ))}
      </ul>
      {more > 0 && <p class="data-small">{text.morePaths(more)}</p>}
    </details>
  );
}
