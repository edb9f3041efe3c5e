// One setting as a control, whatever its kind: slider, choice, switch or seed. Everything it shows
// comes from the setting's row. Ladders are sliders over the index of the step.

import { choicesOf, stepsOf } from '../settings/limits';
import { settingText, shortText } from '../settings/show';
import { SETTINGS, type SettingName, type Settings } from '../settings/table';
import { SEED_MAX, type SettingRow } from '../settings/types';
import { pictureLimits, type Side, setSetting, settingsOf } from '../state/store';
import { pointedAt } from '../state/tour';
import { text } from '../text/en';
import './control.css';

interface Props {
  name: SettingName;
  side?: Side;
  /** Names the run in the label: "Picture size of A". */
  letter?: boolean;
  /** Shows what the setting does. */
  explain?: boolean;
  /** Without the value beside the label. */
  plain?: boolean;
}

type Value = Settings[SettingName];

function Slider(props: {
  id: string;
  min: number;
  max: number;
  step: number;
  value: number;
  words: string;
  describedBy: string | undefined;
  onValue: (value: number) => void;
}) {
  const { id, min, max, step, value, words, describedBy, onValue } = props;
  const share = max > min ? ((value - min) / (max - min)) * 100 : 0;
  return (
    <input
      type="range"
      id={id}
      min={min}
      max={max}
      step={step}
      value={value}
      style={{ '--share': `${share}%` }}
      aria-valuetext={words}
      aria-describedby={describedBy}
      onInput={(event) => onValue(Number(event.currentTarget.value))}
    />
  );
}

function Field(props: {
  name: SettingName;
  side: Side;
  id: string;
  describedBy: string | undefined;
}) {
  const { name, side, id, describedBy } = props;
  const row: SettingRow = SETTINGS[name];
  const s = settingsOf(side);
  const value = s[name];
  const set = (next: Value) => setSetting(name, next as never, side);
  const words = settingText(name, value);
  switch (row.kind) {
    case 'number':
      return (
        <Slider
          {...{ id, words, describedBy }}
          min={row.min}
          max={row.max}
          step={row.step}
          value={Number(value)}
          onValue={set}
        />
      );
    case 'ladder': {
      const steps = stepsOf(name, s, pictureLimits.value);
      return (
        <Slider
          {...{ id, words, describedBy }}
          min={0}
          max={steps.length - 1}
          step={1}
          value={steps.indexOf(Number(value))}
          onValue={(index) => set(steps[index] ?? Number(value))}
        />
      );
    }
    case 'seed':
      return (
        <input
          type="number"
          id={id}
          min={0}
          max={SEED_MAX}
          step={1}
          value={Number(value)}
          aria-describedby={describedBy}
          onChange={(event) => {
            const next = Math.trunc(Number(event.currentTarget.value));
            if (next >= 0 && next <= SEED_MAX) set(next);
            else event.currentTarget.value = String(value);
          }}
        />
      );
    case 'switch':
      return (
        <input
          type="checkbox"
          id={id}
          checked={Boolean(value)}
          aria-describedby={describedBy}
          onChange={(event) => set(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <select
          id={id}
          value={String(value)}
          aria-describedby={describedBy}
          onChange={(event) => set(event.currentTarget.value as Value)}
        >
          {choicesOf(name, s).map((option) => (
            <option key={option} value={option} selected={option === value}>
              {row.options[option] ?? option}
            </option>
          ))}
        </select>
      );
    default:
      return row satisfies never;
  }
}

export function Control({ name, side = 'a', letter, explain, plain }: Props) {
  const row: SettingRow = SETTINGS[name];
  const id = `${name}-${side}${explain ? '-more' : ''}`;
  const help = explain ? `${id}-help` : undefined;
  const slider = row.kind === 'number' || row.kind === 'ladder';
  const label = letter
    ? side === 'a'
      ? text.change.factorA(row.label)
      : text.change.factorB(row.label)
    : row.label;
  const pointed = pointedAt.value === name && side === 'b' ? 'pointed' : '';
  return (
    <div class={`control control-${row.kind} ${pointed}`}>
      <label for={id} title={explain ? undefined : row.help}>
        {letter && !explain ? (
          <>
            <span class="letter" aria-hidden="true">
              {text.row[side]}
            </span>
            <span class="visually-hidden">{label}</span>
          </>
        ) : (
          label
        )}
      </label>
      {slider && !plain && (
        <output class="control-value" for={id}>
          {shortText(name, settingsOf(side)[name])}
        </output>
      )}
      <Field name={name} side={side} id={id} describedBy={help} />
      {help !== undefined && (
        <p id={help} class="control-help">
          {row.help}
        </p>
      )}
    </div>
  );
}
