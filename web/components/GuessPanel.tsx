// The question and the guesses; afterwards the guess that was made and the transport. Nothing
// trains before a tap here.

import { shortText } from '../settings/show';
import { asking, guessAndRun, vote, votes } from '../state/page';
import { current, phase } from '../state/runs';
import { activePreset, pair, settingsA, settingsB } from '../state/store';
import { presetsText, text } from '../text/en';
import type { GuessText } from '../text/en-presets';
import { canRun, Transport } from './Transport';
import './guess.css';

/** The experiment's own question, or one made from what differs. */
function ask(): { question: string; guesses: readonly GuessText[] } {
  const preset = activePreset.value;
  if (preset !== null) return presetsText[preset.id];
  const factor = pair.value.a.compare;
  const b = settingsB.value;
  if (factor === 'none' || b === null) return { question: text.guess.generic.single, guesses: [] };
  const { same, a: nameA, b: nameB } = text.guess.generic;
  return {
    question: text.guess.generic.question,
    guesses: [
      { side: 'B', main: nameB(shortText(factor, b[factor])), why: '' },
      { side: 'same', main: same, why: '' },
      { side: 'A', main: nameA(shortText(factor, settingsA.value[factor])), why: '' },
    ],
  };
}

function Hands({ guess, place }: { guess: GuessText; place: number }) {
  const count = votes.value[place] ?? 0;
  return (
    <span class="hands">
      <button
        type="button"
        aria-label={text.guess.fewer(guess.main, guess.why)}
        disabled={count === 0}
        onClick={() => vote(place, -1)}
      >
        −
      </button>
      <output aria-label={text.guess.votes(guess.main, guess.why)}>{count}</output>
      <button
        type="button"
        aria-label={text.guess.votes(guess.main, guess.why)}
        onClick={() => vote(place, 1)}
      >
        +
      </button>
    </span>
  );
}

function Guesses({ guesses }: { guesses: readonly GuessText[] }) {
  const busy = phase.value === 'running';
  return (
    <ul class="guesses">
      {guesses.map((guess, place) => (
        <li key={`${guess.main}.${guess.why}`}>
          <button
            type="button"
            class="guess"
            disabled={busy || !canRun()}
            onClick={() => guessAndRun({ side: guess.side, main: guess.main })}
          >
            <strong>{guess.main}</strong>
            {guess.why !== '' && <span>{guess.why}</span>}
          </button>
          <Hands guess={guess} place={place} />
        </li>
      ))}
    </ul>
  );
}

function VotesKept({ guesses }: { guesses: readonly GuessText[] }) {
  if (!votes.value.some((n) => n > 0)) return null;
  const said = guesses.map((g, i) => `${g.main}: ${text.guess.hands(votes.value[i] ?? 0)}`);
  return <p class="votes-kept">{said.join(' · ')}</p>;
}

export function Question() {
  return <p class="question">{ask().question}</p>;
}

export function GuessPanel() {
  const { guesses } = ask();
  const mine = current.value?.guess;
  return (
    <section class="guess-panel" aria-label={text.guess.legend}>
      {asking.value ? (
        <Guesses guesses={guesses} />
      ) : (
        <div class="guess-made">
          {mine && <p>{text.guess.mine(mine.main)}</p>}
          <VotesKept guesses={guesses} />
        </div>
      )}
      <Transport />
    </section>
  );
}
