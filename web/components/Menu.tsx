// Everything that concerns the page as a thing: undo, link, saved copy, print, look, reset.
import { useEffect, useRef, useState } from 'preact/hooks';
import { openWindow, say, undoLast } from '../state/page';
import { copyText, download, linkTo, savedPage } from '../state/save';
import { canUndo, pair, setSetting, settingsA } from '../state/store';
import { text } from '../text/en';
import { Control } from './Control';
import './menu.css';

const FILE_NAME = 'pixels-vs-labels.html';

async function copyLink(): Promise<void> {
  say((await copyText(linkTo(pair.value))) ? text.header.copied : text.header.copyFailed);
}

function savePage(): void {
  download(FILE_NAME, 'text/html', savedPage(pair.value));
  say(text.header.saved);
}

interface Item {
  words: string;
  act: () => void;
  off?: boolean;
  stays?: boolean;
}

export function Menu() {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
    };
  }, [open]);
  const items: Item[] = [
    { words: text.header.undo, act: undoLast, off: !canUndo.value, stays: true },
    { words: text.header.copyLink, act: () => void copyLink() },
    { words: text.header.save, act: savePage },
    { words: text.header.print, act: () => window.print() },
    {
      words: text.header.reset,
      act: () => {
        openWindow.value = 'reset';
      },
    },
  ];
  return (
    <div class="menu" ref={box}>
      <button
        type="button"
        class="quiet square"
        ref={button}
        aria-expanded={open}
        aria-controls="page-menu"
        aria-label={text.header.menu}
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden="true">⋯</span>
      </button>
      <div id="page-menu" class="menu-list" hidden={!open}>
        {items.map(({ words, act, off, stays }) => (
          <button
            key={words}
            type="button"
            class="menu-item"
            disabled={off ?? false}
            onClick={() => {
              act();
              if (!stays) setOpen(false);
            }}
          >
            {words}
          </button>
        ))}
        <label class="menu-item menu-check">
          <input
            type="checkbox"
            checked={settingsA.value.lab}
            onChange={(event) => setSetting('lab', event.currentTarget.checked)}
          />
          {text.header.labOn}
        </label>
        <div class="menu-look">
          <Control name="theme" plain />
        </div>
      </div>
    </div>
  );
}
