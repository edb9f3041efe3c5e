// What can be done with one kind: rename it or put it into another, move it in the list, and tick
// pictures of it to move them to another kind or to take them out.
import { useEffect, useRef, useState } from 'preact/hooks';
import { limits } from '../data/limits';
import type { OwnClass } from '../data/own';
import type { OwnSession } from '../data/own_session';
import type { OwnPicture } from '../data/own_types';
import { cleanName } from '../data/paths';
import { ownText } from '../text/en-own';
import { Pager, pageStart } from './Pager';
import { PictureThumb } from './PictureThumb';

const text = ownText.kinds;

const PER_PAGE = 24;

interface Props {
  own: OwnSession;
  kind: OwnClass;
  /** Of all kinds. */
  names: readonly string[];
  onRenamed: (to: string) => void;
}

function Rename({ own, kind, names, onRenamed }: Props) {
  const [typed, setTyped] = useState(kind.name);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // After a rename this is another row, and the focus would be nowhere.
    if (document.activeElement === document.body) field.current?.focus();
  }, []);
  const to = cleanName(typed);
  const other = to !== kind.name && names.includes(to);
  return (
    <form
      class="data-fields"
      onSubmit={(event) => {
        event.preventDefault();
        if (to === '' || to === kind.name) return;
        onRenamed(to);
        own.renameKind(kind.name, to);
      }}
    >
      <label>
        {text.name}
        <input
          ref={field}
          type="text"
          required
          maxLength={limits.nameLength}
          autocomplete="off"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <button type="submit">{other ? text.putInto(to) : text.rename}</button>
      <p class="data-small">{text.mergeHelp}</p>
    </form>
  );
}

function Places({ own, kind, names }: Props) {
  const at = names.indexOf(kind.name);
  const step = (by: number, words: string, label: string) => {
    const beyond = at + by < 0 || at + by >= names.length;
    return (
      <button
        type="button"
        aria-label={label}
        aria-disabled={beyond}
        onClick={() => {
          if (!beyond) own.moveKind(kind.name, by);
        }}
      >
        {words}
      </button>
    );
  };
  return (
    <div class="data-choosers">
      {step(-1, text.up, text.upKind(kind.name))}
      {step(1, text.down, text.downKind(kind.name))}
    </div>
  );
}

interface MoveProps {
  /** Kinds that pictures may go to. */
  others: readonly string[];
  onMove: (to: string) => void;
}

function Move({ others, onMove }: MoveProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  // No kind has an empty name, so that one stands for a new kind.
  const fallback = others[0] ?? '';
  const to = chosen === '' || others.includes(chosen ?? fallback) ? (chosen ?? fallback) : fallback;
  return (
    <>
      <label>
        {text.moveTo}
        <select value={to} onChange={(event) => setChosen(event.currentTarget.value)}>
          {[...others, ''].map((name) => (
            <option key={name} value={name} selected={name === to}>
              {name === '' ? text.newKind : name}
            </option>
          ))}
        </select>
      </label>
      {to === '' && (
        <label>
          {text.newName}
          <input
            type="text"
            maxLength={limits.nameLength}
            autocomplete="off"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
      )}
      <button type="button" onClick={() => onMove(to === '' ? typed : to)}>
        {text.move}
      </button>
    </>
  );
}

function Pictures({ own, kind, names }: Props) {
  const [start, setStart] = useState(0);
  const [ticked, setTicked] = useState<ReadonlySet<OwnPicture>>(new Set());
  const from = pageStart(start, PER_PAGE, kind.pictures.length);
  // Some may have gone since they were ticked.
  const chosen = new Set(kind.pictures.filter((picture) => ticked.has(picture)));
  const tick = (picture: OwnPicture, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(picture);
    else next.delete(picture);
    setTicked(next);
  };
  return (
    <div class="data-fields">
      <fieldset class="data-picks">
        <legend>{text.pictures(kind.name)}</legend>
        {kind.pictures.slice(from, from + PER_PAGE).map((picture, i) => (
          <label key={`${from + i} ${picture.path}`} title={picture.path}>
            <input
              type="checkbox"
              aria-label={picture.path}
              checked={chosen.has(picture)}
              onChange={(event) => tick(picture, event.currentTarget.checked)}
            />
            <PictureThumb own={own} picture={picture} />
          </label>
        ))}
      </fieldset>
      <Pager
        from={from}
        perPage={PER_PAGE}
        total={kind.pictures.length}
        label={text.pictures(kind.name)}
        onFrom={setStart}
      />
      {chosen.size > 0 && (
        <>
          <p class="data-small">{text.ticked(chosen.size)}</p>
          <Move
            others={names.filter((name) => name !== kind.name)}
            onMove={(to) => own.movePictures(chosen, to)}
          />
          <button type="button" onClick={() => own.removePictures(chosen)}>
            {text.takeOut}
          </button>
        </>
      )}
    </div>
  );
}

export function KindEditor(props: Props) {
  return (
    <div class="data-editor">
      <Rename {...props} />
      <Places {...props} />
      <Pictures {...props} />
    </div>
  );
}
