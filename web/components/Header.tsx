// Title, the task in words, and the few actions that concern the whole page.
import { useEffect, useState } from 'preact/hooks';
import { openWindow } from '../state/page';
import { facts } from '../state/preview';
import { settingsA } from '../state/store';
import { endTour, showMe, tour } from '../state/tour';
import { text } from '../text/en';
import { Menu } from './Menu';
import './header.css';

function FullScreen() {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const read = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', read);
    return () => document.removeEventListener('fullscreenchange', read);
  }, []);
  const toggle = () => {
    if (full) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen?.().catch(() => undefined);
  };
  return (
    <button type="button" class="quiet wide-only" onClick={toggle}>
      {full ? text.header.leaveFullScreen : text.header.fullScreen}
    </button>
  );
}

function counts(): string {
  const a = facts.a.value;
  const b = facts.b.value;
  if (b === null || b.train === a.train) return text.counts(a.train, a.test);
  return text.countsPair(a.train, b.train, a.test);
}

export function Header() {
  const showing = tour.value !== 'off';
  return (
    <header class="header">
      <h1>{text.title}</h1>
      <nav class="header-actions" aria-label={text.header.nav}>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            openWindow.value = 'experiments';
          }}
        >
          {text.header.experiments}
        </button>
        <button type="button" class="quiet" onClick={() => (showing ? endTour() : void showMe())}>
          {showing ? text.header.stopShow : text.header.showMe}
        </button>
        <FullScreen />
        <button
          type="button"
          class="quiet square"
          aria-label={text.header.help}
          onClick={() => {
            openWindow.value = 'help';
          }}
        >
          ?
        </button>
        <Menu />
      </nav>
      <p class="task">
        <strong>{text.task[settingsA.value.source]}</strong> <span>{counts()}</span>
      </p>
    </header>
  );
}
