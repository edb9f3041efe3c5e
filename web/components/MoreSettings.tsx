// All other settings, each with what it does; a drawer beside the screen, so that pictures and
// weights are seen to change. Lab settings are listed in the lab view.
import { useEffect, useRef } from 'preact/hooks';
import { applies } from '../settings/limits';
import { SETTING_NAMES, SETTINGS, type SettingName } from '../settings/table';
import { core } from '../state/engine';
import { openWindow } from '../state/page';
import { ownSource } from '../state/pictures';
import { overrideNames, pair, setSetting, settingsA } from '../state/store';
import { text } from '../text/en';
import { Control } from './Control';
import { YourPictures } from './YourPictures';
import './more.css';

function group(name: SettingName) {
  return SETTINGS[name].group;
}

function OwnPictures() {
  const engine = core.value;
  if (engine === null) return null;
  return (
    <YourPictures
      resize={(...args) => engine.resize(...args)}
      onReady={(source) => {
        ownSource.value = source;
      }}
      onBack={() => setSetting('source', SETTINGS.source.default)}
    />
  );
}

export function MoreSettings() {
  const box = useRef<HTMLElement>(null);
  const close = () => {
    openWindow.value = null;
  };
  useEffect(() => {
    const before = document.activeElement;
    box.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const s = settingsA.value;
  const overridden = pair.value.a.compare === 'none' ? [] : overrideNames(pair.value.b);
  const shown = SETTING_NAMES.filter(
    (name) => (group(name) === 'more' || (s.lab && group(name) === 'lab')) && applies(name, s),
  );
  return (
    <aside
      class="drawer"
      tabIndex={-1}
      ref={box}
      aria-label={text.change.more}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <div class="drawer-head">
        <h2>{text.change.more}</h2>
        <button type="button" class="quiet square" aria-label={text.change.close} onClick={close}>
          <span aria-hidden="true">×</span>
        </button>
      </div>
      {shown.map((name) => (
        <div key={name} class="drawer-row">
          <Control name={name} explain letter={overridden.includes(name)} />
          {overridden.includes(name) && <Control name={name} side="b" explain letter />}
          {name === 'source' && s.source === 'own' && <OwnPictures />}
        </div>
      ))}
      <label class="drawer-lab">
        <input
          type="checkbox"
          checked={s.lab}
          onChange={(event) => setSetting('lab', event.currentTarget.checked)}
        />
        {text.header.labOn}: {SETTINGS.lab.help}
      </label>
    </aside>
  );
}
