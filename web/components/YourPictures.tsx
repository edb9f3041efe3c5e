// The panel for the user's own pictures: choose or drop, see the kinds and what was left out, use
// them. Nothing leaves the device. Reading goes on when the panel closes; `session` holds it all.
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { filesOfInput, takeDrop, walkDrop } from '../data/drop';
import { OwnSession } from '../data/own_session';
import type { PictureEngine } from '../data/own_types';
import type { PictureSource } from '../data/source';
import { dataText } from '../text/en-data';
import { ownText } from '../text/en-own';
import { AddPictures } from './AddPictures';
import { DataCardChoose } from './DataCardChoose';
import { DataCardCopies } from './DataCardCopies';
import { DataCardKinds } from './DataCardKinds';
import { DataCardName } from './DataCardName';
import { DataCardProgress } from './DataCardProgress';
import { DataCardSkipped } from './DataCardSkipped';
import { DataCardSplit } from './DataCardSplit';
import { KeepPictures } from './KeepPictures';
import { ReadBackNote } from './ReadBackNote';
import './YourPictures.css';

const text = dataText.own;

export interface YourPicturesProps {
  /** The core. */
  engine: PictureEngine;
  /** The user's pictures are to be used from now on. */
  onReady: (source: PictureSource) => void;
  /** Without it there is no way back on the panel. */
  onBack?: (() => void) | undefined;
  /** For tests; otherwise the page has one, which outlives the panel. */
  session?: OwnSession | undefined;
}

let pageSession: OwnSession | null = null;

function sessionOfPage(engine: PictureEngine): OwnSession {
  pageSession ??= new OwnSession(engine);
  return pageSession;
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** A file dropped beside the panel would replace the page: take it as if dropped on the panel. */
function useDrop(session: OwnSession): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const allow = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!carriesFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      setOver(false);
      const dropped = takeDrop(event.dataTransfer);
      void session.add((signal) => walkDrop(dropped, signal));
    };
    window.addEventListener('dragover', allow);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', allow);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [session]);
  return over;
}

/** When the control that had the focus has gone (Cancel, Leave out), the panel takes it. */
function useFocusKept(box: RefObject<HTMLElement | null>): void {
  const inside = useRef(false);
  useEffect(() => {
    // Not focusout: browsers differ on whether removing the focused element fires it.
    const follow = (event: Event): void => {
      inside.current = event.target instanceof Node && !!box.current?.contains(event.target);
    };
    document.addEventListener('focusin', follow);
    document.addEventListener('pointerdown', follow);
    return () => {
      document.removeEventListener('focusin', follow);
      document.removeEventListener('pointerdown', follow);
    };
  }, [box]);
  useEffect(() => {
    const lost = inside.current && document.activeElement === document.body;
    if (lost) box.current?.focus({ preventScroll: true });
  });
}

/** What the panel last had to say, for a screen reader: one sentence per finished choice. */
function statusOf(session: OwnSession): string {
  const activity = session.activity.value;
  switch (activity.kind) {
    case 'looking':
    case 'reading':
      return '';
    case 'failed':
      return activity.message;
    case 'idle':
      break;
    default:
      return activity satisfies never;
  }
  const pictures = session.pictures.value;
  const started = pictures.length > 0 || session.notice.value !== '';
  const problem = session.loose.value.length > 0 ? null : session.problem.value;
  const ready = text.ready(pictures.length, session.classes.value.length);
  const state = problem ?? (session.problem.value === null ? ready : '');
  return [session.notice.value, started ? state : ''].filter((part) => part !== '').join(' ');
}

export function YourPictures({ engine, onReady, onBack, session }: YourPicturesProps) {
  const own = session ?? sessionOfPage(engine);
  const over = useDrop(own);
  const box = useRef<HTMLElement>(null);
  useFocusKept(box);
  const activity = own.activity.value;
  const reading = activity.kind === 'looking' || activity.kind === 'reading';
  const something = own.pictures.value.length + own.loose.value.length + own.skipped.value.length;
  const usable = own.problem.value === null && own.loose.value.length === 0 && !reading;
  const inUse = own.inUse.value;
  const undoable = own.undoable.value;
  return (
    <section class="your-pictures" aria-labelledby="your-pictures-heading" tabIndex={-1} ref={box}>
      <h3 id="your-pictures-heading">{text.heading}</h3>
      <p>
        <strong>{text.privacy}</strong> {text.lead}
      </p>
      <DataCardChoose
        over={over}
        busy={reading}
        onFiles={(files) => void own.add(() => filesOfInput(files))}
      />
      <AddPictures session={own} />
      <ReadBackNote />
      {reading && <DataCardProgress activity={activity} onCancel={() => own.cancel()} />}
      <p class="data-status" role="status">
        {statusOf(own)}
      </p>
      {own.loose.value.length > 0 && !reading && (
        <DataCardName count={own.loose.value.length} onName={(name) => own.nameLoose(name)} />
      )}
      {undoable !== null && !reading && (
        <button type="button" class="data-undo" onClick={() => own.undo()}>
          {ownText.undo(undoable)}
        </button>
      )}
      {own.classes.value.length > 0 && (
        <>
          <DataCardKinds own={own} busy={reading} />
          {!reading && <DataCardCopies own={own} />}
          <DataCardSplit own={own} busy={reading} />
        </>
      )}
      {own.skipped.value.length > 0 && <DataCardSkipped skipped={own.skipped.value} />}
      <KeepPictures session={own} />
      <div class="data-actions">
        {own.pictures.value.length > 0 && (
          <button
            type="button"
            class="primary"
            aria-disabled={!usable || inUse}
            onClick={() => {
              if (usable && !inUse) onReady(own.use());
            }}
          >
            {inUse ? text.used : text.use}
          </button>
        )}
        {something > 0 && !reading && (
          <button type="button" onClick={() => own.clear()}>
            {text.clear}
          </button>
        )}
        {onBack && (
          <button type="button" onClick={onBack}>
            {text.back}
          </button>
        )}
      </div>
    </section>
  );
}
