// Copies among the pictures, those that stand in both halves above all, with ways to take them out.
// Compares in slices whenever the collection has changed, while the panel is open.
import { useEffect, useState } from 'preact/hooks';
import { copiesOf, type FoundCopies, spans } from '../data/copies';
import type { OwnSession } from '../data/own_session';
import type { OwnPicture } from '../data/own_types';
import { settingsA } from '../state/store';
import { ownText } from '../text/en-own';
import { Pager, pageStart } from './Pager';
import { PictureThumb } from './PictureThumb';

const text = ownText.copies;

const SETS_PER_PAGE = 12;
const SHOWN_PICTURES = 6;

function useCopies(own: OwnSession): 'comparing' | 'failed' | FoundCopies {
  const [found, setFound] = useState<FoundCopies | 'failed' | null>(null);
  const classes = own.classes.value;
  const square = own.square.value;
  useEffect(() => {
    const stop = new AbortController();
    copiesOf(classes, own, stop.signal).then(setFound, () => {
      if (!stop.signal.aborted) setFound('failed');
    });
    return () => stop.abort();
  }, [own, classes, square]);
  if (found === 'failed') return found;
  // What was found before the last change is no longer true.
  return found?.classes === classes ? found : 'comparing';
}

function Sets({ own, sets }: { own: OwnSession; sets: readonly OwnPicture[][] }) {
  const [open, setOpen] = useState(false);
  const [start, setStart] = useState(0);
  const from = pageStart(start, SETS_PER_PAGE, sets.length);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.show(sets.length)}</summary>
      {open && (
        <>
          <ul>
            {sets.slice(from, from + SETS_PER_PAGE).map((set, i) => (
              <li key={`${from + i} ${set[0]?.path}`}>
                <span class="data-thumbs">
                  {set.slice(0, SHOWN_PICTURES).map((picture, j) => (
                    <PictureThumb key={`${j} ${picture.path}`} own={own} picture={picture} />
                  ))}
                </span>
                <span class="data-small">
                  {text.set(
                    set.length,
                    ownText.names([...new Set(set.map(({ className }) => className))]),
                  )}
                </span>
              </li>
            ))}
          </ul>
          <Pager
            {...{ from, perPage: SETS_PER_PAGE, total: sets.length }}
            label={text.sets}
            onFrom={setStart}
          />
        </>
      )}
    </details>
  );
}

interface Props {
  own: OwnSession;
  copies: FoundCopies;
}

function Found({ own, copies: { exact, alike } }: Props) {
  const halves = own.problem.value === null ? own.sides(settingsA.value.dataLuck) : null;
  const across = halves === null ? [] : alike.filter(spans(halves));
  const beyondFirst = (sets: readonly OwnPicture[][]): Set<OwnPicture> =>
    new Set(sets.flatMap((set) => set.slice(1)));
  const [copied, similar] = [beyondFirst(exact), beyondFirst(alike)];
  const inAcross = (side: ReadonlySet<OwnPicture>): Set<OwnPicture> =>
    new Set(across.flat().filter((picture) => side.has(picture)));
  const mixed = alike.filter((set) => new Set(set.map(({ className }) => className)).size > 1);
  const takeOut = (pictures: Set<OwnPicture>, words: (count: number) => string) =>
    pictures.size > 0 && (
      <button type="button" onClick={() => own.removePictures(pictures)}>
        {words(pictures.size)}
      </button>
    );
  return (
    <>
      {alike.length === 0 && <p>{text.none}</p>}
      {across.length > 0 && (
        <p class="note">
          <strong>{text.across(across.length)}</strong> {text.acrossHelp}
        </p>
      )}
      {copied.size > 0 && <p>{text.exact(copied.size)}</p>}
      {similar.size > copied.size && <p>{text.alike(similar.size - copied.size)}</p>}
      {mixed.length > 0 && <p>{text.kinds(mixed.length)}</p>}
      <div class="data-choosers">
        {takeOut(copied, text.takeExact)}
        {similar.size > copied.size && takeOut(similar, text.takeAlike)}
        {/* Elsewhere the sides move when a picture goes. */}
        {own.split.value === 'parts' && halves !== null && (
          <>
            {takeOut(inAcross(halves.test), text.takeTest)}
            {takeOut(inAcross(halves.train), text.takeTrain)}
          </>
        )}
      </div>
      {alike.length > 0 && <Sets own={own} sets={alike} />}
    </>
  );
}

export function DataCardCopies({ own }: { own: OwnSession }) {
  const copies = useCopies(own);
  return (
    <div class="data-copies">
      <h4>{text.heading}</h4>
      <div aria-live="polite">
        {copies === 'failed' && text.failed}
        {copies === 'comparing' && text.comparing}
        {typeof copies === 'object' && <Found own={own} copies={copies} />}
      </div>
    </div>
  );
}
