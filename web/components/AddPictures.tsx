// Pictures that are made here: the camera and a drawing, one kind at a time, and whatever is pasted
// while the panel is open. They join the collection like chosen files.
import { useEffect, useRef, useState } from 'preact/hooks';
import { addWhenFree, pastedFiles } from '../data/capture';
import { limits } from '../data/limits';
import type { OwnSession } from '../data/own_session';
import type { FoundFile } from '../data/own_types';
import { cleanName } from '../data/paths';
import { captureText as text } from '../text/en-capture';
import { CameraCapture } from './CameraCapture';
import { DrawPicture } from './DrawPicture';
import './AddPictures.css';

/** Takes pictures of the kind that is written; false when there is none yet. */
export type Take = (made: FoundFile[]) => boolean;

/** Calls `onPaste` for files pasted anywhere; pasted words go where they always go. */
function usePaste(onPaste: (transfer: DataTransfer) => void): void {
  const latest = useRef(onPaste);
  latest.current = onPaste;
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      if (!event.clipboardData || event.clipboardData.files.length === 0) return;
      event.preventDefault();
      latest.current(event.clipboardData);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}

export function AddPictures({ session }: { session: OwnSession }) {
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState<'camera' | 'draw' | null>(null);
  const [said, setSaid] = useState('');
  const kind = cleanName(typed);

  const add = async (found: FoundFile[], name: string): Promise<void> => {
    const count = await addWhenFree(session, found);
    // Where nothing joined, the panel says why.
    setSaid(count > 0 && name !== '' ? text.added(count, name) : '');
  };
  const take: Take = (made) => {
    setSaid(kind === '' ? text.kindMissing : '');
    const found = made.map((picture) => ({ ...picture, className: kind }));
    if (kind !== '' && found.length > 0) void add(found, kind);
    return kind !== '';
  };
  usePaste((transfer) => void add(pastedFiles(transfer, kind), kind));

  const ways = { camera: CameraCapture, draw: DrawPicture } as const;
  const Way = open && ways[open];
  return (
    <div class="add-pictures">
      <h4>{text.heading}</h4>
      <label>
        {text.kind}
        <input
          type="text"
          list="kinds-here"
          autocomplete="off"
          maxLength={limits.nameLength}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <datalist id="kinds-here">
        {session.classes.value.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div class="data-choosers">
        {(['camera', 'draw'] as const).map((way) => (
          <button
            key={way}
            type="button"
            aria-expanded={open === way}
            onClick={() => setOpen(open === way ? null : way)}
          >
            {text[way]}
          </button>
        ))}
      </div>
      {Way && <Way take={take} />}
      <p class="data-small">{text.kindHelp}</p>
      <p class="data-status" aria-live="polite">
        {said}
      </p>
    </div>
  );
}
