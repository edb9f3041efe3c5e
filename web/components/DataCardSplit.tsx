// How the collection is used: which pictures are new, how pictures become square, colour or not,
// and whether each kind gives the same number.

import { defaultMode, kindsWithoutParts, SPLIT_MODES, testPartOf } from '../data/halves';
import type { OwnSession } from '../data/own_session';
import { settingsA } from '../state/store';
import { ownText } from '../text/en-own';

const text = ownText.split;
const SQUARES = ['crop', 'fit', 'stretch'] as const;

interface Props {
  own: OwnSession;
  busy: boolean;
}

function SplitChoice({ own, busy }: Props) {
  const classes = own.classes.value;
  const mode = own.split.value;
  const parts = testPartOf(classes);
  const aside =
    mode === 'parts' && parts === 'test'
      ? classes.flatMap(({ pictures }) => pictures).filter(({ part }) => part === 'validation')
      : [];
  const counts = own.counts(settingsA.value.dataLuck);
  const undecided =
    parts !== null && defaultMode(classes) === 'stratified' && mode === 'stratified';
  return (
    <fieldset class="data-choice">
      <legend>{text.heading}</legend>
      {SPLIT_MODES.filter((one) => one !== 'parts' || parts !== null).map((one) => (
        <label key={one}>
          <input
            type="radio"
            name="data-split"
            checked={one === mode}
            disabled={busy}
            onChange={() => {
              own.chosenSplit.value = one;
            }}
          />
          <span>
            {text.modes[one]} <span class="data-small">{text.help[one]}</span>
          </span>
        </label>
      ))}
      {own.problem.value === null && (
        <p class="data-counts">
          {text.counts(counts.train, counts.test)}
          {aside.length > 0 && ` ${text.aside(aside.length)}`}
        </p>
      )}
      {undecided && <p class="note">{text.partial(ownText.names(kindsWithoutParts(classes)))}</p>}
    </fieldset>
  );
}

export function DataCardSplit({ own, busy }: Props) {
  const smallest = Math.min(...own.classes.value.map(({ pictures }) => pictures.length));
  return (
    <div class="data-use">
      <SplitChoice own={own} busy={busy} />
      <fieldset class="data-choice">
        <legend>{ownText.square.heading}</legend>
        {SQUARES.map((square) => (
          <label key={square}>
            <input
              type="radio"
              name="data-square"
              checked={square === own.square.value}
              disabled={busy}
              onChange={() => own.setSquare(square)}
            />
            {ownText.square[square]}
          </label>
        ))}
      </fieldset>
      <div class="data-choice">
        <label>
          <input
            type="checkbox"
            checked={own.grey.value}
            disabled={busy}
            onChange={(event) => {
              own.grey.value = event.currentTarget.checked;
            }}
          />
          {ownText.square.grey}
        </label>
        <label>
          <input
            type="checkbox"
            checked={own.balanced.value}
            disabled={busy}
            onChange={(event) => {
              own.balanced.value = event.currentTarget.checked;
            }}
          />
          <span>
            {text.balance} <span class="data-small">{text.balanceHelp(smallest)}</span>
          </span>
        </label>
      </div>
    </div>
  );
}
