// Column 1: what the run is trained on. Five sample pictures, all at the same width whatever their
// number of pixels, with their kinds.

import { shortLabel, shortText } from '../settings/show';
import { getBaked } from '../state/baked';
import { core } from '../state/engine';
import { openWindow } from '../state/page';
import { pictureSource, picturesMissing, setMissing } from '../state/pictures';
import { facts, thumbSets } from '../state/preview';
import { pairDifferences, type Side, settingsOf } from '../state/store';
import { shownKinds } from '../state/thumbs';
import { text } from '../text/en';
import { KindMark, kindName } from './KindMark';
import { SetMissing } from './SetMissing';
import { Thumbnail } from './Thumbnail';
import './pictures.css';

function Differs({ side }: { side: Side }) {
  const rest = pairDifferences.value.filter((d) => d.name !== 'size');
  return (
    <>
      {rest.map(({ name, from, to }) => (
        <span key={name} class="chip">
          {shortLabel(name)}: {shortText(name, side === 'a' ? from : to)}
        </span>
      ))}
    </>
  );
}

function Samples({ side }: { side: Side }) {
  const s = settingsOf(side);
  const { thumbs, stretch, names } = thumbSets[side].value;
  const baked = core.value === null ? (getBaked()?.thumbs[side] ?? []) : [];
  const kinds = thumbs.length > 0 ? thumbs : shownKinds(s);
  return (
    <ul class="samples" style={{ '--stretch': String(stretch) }}>
      {kinds.map(({ kind, index }, i) => {
        const name = kindName(s, kind, names);
        return (
          <li key={`${kind}.${index}`}>
            <Thumbnail
              side={side}
              thumb={thumbs[i] ?? null}
              baked={baked[i] ?? null}
              label={text.row.sample(name, s.size)}
            />
            <span class="kind">
              <KindMark settings={s} kind={kind} />
              <span>{name}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function ChoosePictures() {
  if (setMissing.value) return <SetMissing />;
  return (
    <button
      type="button"
      class="primary"
      onClick={() => {
        openWindow.value = 'more';
      }}
    >
      {text.row.choosePictures}
    </button>
  );
}

export function Pictures({ side }: { side: Side }) {
  const s = settingsOf(side);
  const letter = text.row[side];
  const shown = new Set(shownKinds(s).map(({ kind }) => kind)).size;
  const problem = facts[side].value?.problem ?? null;
  return (
    <section class={`pictures pictures-${side}`} aria-label={text.row.pictures(letter)}>
      <h2 class="row-title">
        <span class="letter">{letter}</span>
        <span>{text.row.size(s.size)}</span>
        {shown < s.kinds && <span class="chip">{text.row.someKinds(shown, s.kinds)}</span>}
        <Differs side={side} />
      </h2>
      {picturesMissing.value ? side === 'a' && <ChoosePictures /> : <Samples side={side} />}
      {problem !== null && <p class="note">{problem}</p>}
      {side === 'a' && pictureSource.value?.credit && (
        <p class="credit">{pictureSource.value.credit}</p>
      )}
    </section>
  );
}
