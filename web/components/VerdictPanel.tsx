// What came out, in one sentence, with its details, and the next two buttons. Read out once for
// each finished run.
import { presetOf } from '../presets';
import { currentVerdict } from '../state/judge';
import { MORE, moreLuck, runMoreLuck, stopMoreLuck } from '../state/luck';
import { choosePreset } from '../state/page';
import { current, phase, sameCode, stale } from '../state/runs';
import { activePreset } from '../state/store';
import { presetsText, text } from '../text/en';
import { SmallChart } from './SmallCharts';
import './verdict.css';

function Next() {
  const run = current.value;
  if (run === null) return null;
  const luck = moreLuck.value.run === run ? moreLuck.value : null;
  const t = text.verdict;
  // With settings of one's own there is no next step to send anyone to.
  const preset = activePreset.value;
  const [first, second] = preset?.next ?? [];
  const sizes = first === undefined ? null : presetOf(first);
  const tryNext =
    first === undefined || sizes === null
      ? ''
      : preset?.id === 'size' && sizes.b.size !== undefined
        ? t.trySizes(sizes.a.size, sizes.b.size)
        : t.next(presetsText[first].name);
  return (
    <div class="buttons">
      {first !== undefined && (
        <button type="button" class="primary" onClick={() => choosePreset(first)}>
          {tryNext}
        </button>
      )}
      {luck?.running ? (
        <button type="button" onClick={stopMoreLuck}>
          {t.luckStop(luck.more.length, luck.wanted)}
        </button>
      ) : (
        <button
          type="button"
          disabled={stale.value || currentVerdict.value === null}
          onClick={() => void runMoreLuck(run, MORE)}
        >
          {t.luck}
        </button>
      )}
      {preset !== null && preset.twin !== null ? (
        <button type="button" onClick={() => choosePreset(preset.twin ?? preset.id)}>
          {t.twin(presetsText[preset.twin].name)}
        </button>
      ) : (
        second !== undefined &&
        preset?.id !== 'size' && (
          <button type="button" class="quiet" onClick={() => choosePreset(second)}>
            {t.next(presetsText[second].name)}
          </button>
        )
      )}
    </div>
  );
}

export function VerdictPanel() {
  const result = currentVerdict.value;
  const now = phase.value;
  const code = sameCode.value;
  const closing = activePreset.value === null ? '' : presetsText[activePreset.value.id].closing;
  return (
    <section class="verdict" aria-label={text.verdict.title}>
      <div class="verdict-words">
        {stale.value && <p class="chip stale-chip">{text.run.stale}</p>}
        <div aria-live="polite">
          {result !== null && now === 'done' && <p class="verdict-sentence">{result.sentence}</p>}
          {result === null && now === 'done' && (
            <p class="verdict-sentence">{text.verdict.endedEarly}</p>
          )}
        </div>
        {now !== 'done' && now !== 'idle' && <p class="verdict-wait">{text.verdict.running}</p>}
        {result !== null && now === 'done' && (
          <>
            {result.guessLine !== null && <p class="verdict-guess">{result.guessLine}</p>}
            {code !== null && (
              <p class="verdict-code">{code ? text.result.same : text.result.differs}</p>
            )}
          </>
        )}
        {now === 'done' && <Next />}
        {result !== null && now === 'done' && (result.details.length > 0 || closing !== '') && (
          <p class="verdict-details">{[...result.details, closing].join(' ')}</p>
        )}
      </div>
      {now === 'done' && <SmallChart />}
    </section>
  );
}
