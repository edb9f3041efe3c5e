// All other settings, each with what it does; a drawer beside the screen, so that pictures and
// weights are seen to change. Lab settings are listed in the lab view.
import { useEffect, useRef } from 'preact/hooks';
import { applies } from '../settings/limits';
import { SETTING_NAMES, SETTINGS, type SettingName } from '../settings/table';
import type { Part } from '../settings/types';
import { core } from '../state/engine';
import { openWindow } from '../state/page';
import { ownSource } from '../state/pictures';
import { overrideNames, pair, setSetting, settingsA } from '../state/store';
import { text } from '../text/en';
import { AboutData } from './AboutData';
import { Control } from './Control';
import { YourPictures } from './YourPictures';
import './more.css';

const PARTS: readonly Part[] = ['pictures', 'nuisance', 'network', 'training', 'remedies'];

function group(name: SettingName) {
  return SETTINGS[name].group;
}

function OwnPictures() {
  const engine = core.value;
  if (engine === null) return null;
  return (
    <YourPictures
      engine={engine}
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
  const inGroup = (wanted: string) =>
    SETTING_NAMES.filter((name) => group(name) === wanted && applies(name, s));
  const rows = (names: SettingName[]) =>
    names.map((name) => (
      <div key={name} class="drawer-row">
        <Control name={name} explain letter={overridden.includes(name)} />
        {overridden.includes(name) && <Control name={name} side="b" explain letter />}
        {name === 'source' && <AboutData />}
        {name === 'source' && s.source === 'own' && <OwnPictures />}
      </div>
    ));
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
      {rows(inGroup('more'))}
      <label class="drawer-lab">
        <input
          type="checkbox"
          checked={s.lab}
          onChange={(event) => setSetting('lab', event.currentTarget.checked)}
        />
        {text.header.labOn}: {SETTINGS.lab.help}
      </label>
      {s.lab &&
        PARTS.map((part) => {
          const names = inGroup('lab').filter((name) => SETTINGS[name].part === part);
          return (
            names.length > 0 && (
              <section key={part} class="drawer-part" aria-labelledby={`drawer-${part}`}>
                <h3 id={`drawer-${part}`}>{text.change.parts[part]}</h3>
                {rows(names)}
              </section>
            )
          );
        })}
    </aside>
  );
}
