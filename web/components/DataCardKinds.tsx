// The kinds found, each with its number of pictures as a bar and its first few. One at a time opens
// to be changed in place.
import { useState } from 'preact/hooks';
import { limits } from '../data/limits';
import type { OwnClass } from '../data/own';
import type { OwnSession } from '../data/own_session';
import { dataText } from '../text/en-data';
import { ownText } from '../text/en-own';
import { KindEditor } from './KindEditor';
import { Pager, pageStart } from './Pager';
import { PictureThumb } from './PictureThumb';

const text = dataText.own;

const PER_PAGE = 40;
const SHOWN_PICTURES = 4;

interface RowProps {
  own: OwnSession;
  kind: OwnClass;
  /** Pictures of the largest kind. */
  most: number;
  busy: boolean;
  open: boolean;
  onOpen: (open: boolean) => void;
}

function KindRow({ own, kind, most, busy, open, onOpen }: RowProps) {
  const { name, pictures } = kind;
  return (
    <>
      <span class="data-thumbs" role="img" aria-label={text.thumbnailsOf(name)}>
        {pictures.slice(0, SHOWN_PICTURES).map((picture, i) => (
          <PictureThumb key={`${i} ${picture.path}`} own={own} picture={picture} />
        ))}
      </span>
      <bdi class="data-kind-name">{name}</bdi>
      <span class="data-small">
        <span
          class="data-bar"
          aria-hidden="true"
          style={{ '--share': `${(100 * pictures.length) / most}%` }}
        />
        {pictures.length < limits.minPerClass
          ? text.kindTooSmall(pictures.length, limits.minPerClass)
          : text.kindCount(pictures.length)}
      </span>
      <span class="data-kind-buttons">
        <button
          type="button"
          class="quiet"
          aria-label={ownText.kinds.changeKind(name)}
          aria-expanded={open}
          aria-disabled={busy}
          onClick={() => {
            if (!busy) onOpen(!open);
          }}
        >
          {ownText.kinds.change}
        </button>
        <button
          type="button"
          class="quiet"
          aria-label={text.leaveOutKind(name)}
          aria-disabled={busy}
          onClick={() => {
            if (!busy) own.leaveOut(name);
          }}
        >
          {text.leaveOut}
        </button>
      </span>
    </>
  );
}

export function DataCardKinds({ own, busy }: { own: OwnSession; busy: boolean }) {
  const [openName, setOpenName] = useState<string | null>(null);
  const [start, setStart] = useState(0);
  const classes = own.classes.value;
  const names = classes.map(({ name }) => name);
  const most = Math.max(...classes.map(({ pictures }) => pictures.length));
  const from = pageStart(start, PER_PAGE, classes.length);
  return (
    <div class="data-kinds">
      <h4>{text.kindsHeading}</h4>
      <p class="data-small">{ownText.kinds.help}</p>
      <ul>
        {classes.slice(from, from + PER_PAGE).map((kind) => {
          const open = kind.name === openName && !busy;
          return (
            <li key={kind.name}>
              <KindRow
                {...{ own, kind, most, busy, open }}
                onOpen={(on) => setOpenName(on ? kind.name : null)}
              />
              {open && <KindEditor {...{ own, kind, names }} onRenamed={setOpenName} />}
            </li>
          );
        })}
      </ul>
      <Pager
        {...{ from, perPage: PER_PAGE, total: classes.length }}
        label={text.kindsHeading}
        onFrom={setStart}
      />
    </div>
  );
}
