// The four settings that matter first, with two sliders for the one that differs between A and B,
// and the door to all others. Closed until the first run, or until asked for.

import { choicesOf } from '../settings/limits';
import { settingText, shortLabel } from '../settings/show';
import { SETTINGS, type SettingName, type Settings } from '../settings/table';
import { backToPreset, openWindow, stripOpen } from '../state/page';
import {
  changedFromPreset,
  compareBy,
  overrideNames,
  pair,
  pairDifferences,
  settingsA,
} from '../state/store';
import { text } from '../text/en';
import { Control } from './Control';
import { MoreSettings } from './MoreSettings';
import './change.css';

const FIRST = (Object.keys(SETTINGS) as SettingName[]).filter(
  (name) => SETTINGS[name].group === 'first',
);

function CompareBy() {
  const row = SETTINGS.compare;
  return (
    <div class="control compare-by">
      <label for="compare">{row.label}</label>
      <select
        id="compare"
        title={row.help}
        value={settingsA.value.compare}
        onChange={(event) => compareBy(event.currentTarget.value as Settings['compare'])}
      >
        {choicesOf('compare', settingsA.value).map((value) => (
          <option key={value} value={value} selected={value === settingsA.value.compare}>
            {row.options[value as Settings['compare']]}
          </option>
        ))}
      </select>
    </div>
  );
}

function Changes() {
  const differ = pairDifferences.value;
  const mine = changedFromPreset.value;
  return (
    <div class="changes">
      {differ.length > 0 && (
        <span class="chip">
          {text.change.whatChanged(
            differ.map(({ name, from, to }) =>
              text.change.changed(shortLabel(name), settingText(name, from), settingText(name, to)),
            ),
          )}
        </span>
      )}
      {mine.length > 0 && (
        <>
          <span class="chip">
            {text.change.youChanged(
              mine.map(({ name, from, to }) =>
                text.change.changed(
                  shortLabel(name),
                  settingText(name, from),
                  settingText(name, to),
                ),
              ),
            )}
          </span>
          <button type="button" class="quiet" onClick={backToPreset}>
            {text.change.backToStep}
          </button>
        </>
      )}
    </div>
  );
}

export function ChangeStrip() {
  const open = stripOpen.value;
  const more = openWindow.value === 'more';
  const differs = pair.value.a.compare === 'none' ? [] : overrideNames(pair.value.b);
  return (
    <section class={`change ${open ? 'open' : ''}`} aria-label={text.change.title}>
      <button
        type="button"
        class="section-toggle"
        aria-expanded={open}
        aria-controls="change-body"
        onClick={() => {
          stripOpen.value = !open;
        }}
      >
        {text.change.title}
      </button>
      <div id="change-body" hidden={!open}>
        <div class="strip">
          <CompareBy />
          {FIRST.map((name) =>
            differs.includes(name) ? (
              <fieldset key={name} class="control-pair">
                <legend>{SETTINGS[name].label}</legend>
                <Control name={name} letter />
                <Control name={name} side="b" letter />
              </fieldset>
            ) : (
              <Control key={name} name={name} />
            ),
          )}
          <button
            type="button"
            class="more-button"
            aria-expanded={more}
            onClick={() => {
              openWindow.value = more ? null : 'more';
            }}
          >
            {text.change.more}
          </button>
        </div>
        <Changes />
      </div>
      {more && <MoreSettings />}
    </section>
  );
}
