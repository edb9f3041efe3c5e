// The kinds found, each with its number of pictures and its first few, and a way to leave it out.
import { useEffect, useRef } from 'preact/hooks';
import { limits } from '../data/limits';
import type { OwnClass } from '../data/own';
import type { OwnPicture, Reference } from '../data/own_types';
import type { Resize } from '../data/source';
import { dataText } from '../text/en-data';

const text = dataText.own;

const SHOWN_KINDS = 40;
const SHOWN_PICTURES = 4;
/** Canvas pixels a side; twice its size on the page, for sharp screens. */
const THUMB_SIDE = 64;

function paint(canvas: HTMLCanvasElement, reference: Reference, resize: Resize): void {
  const { side, channels, pixels } = reference;
  // Small pictures stay as they are, so that their pixels are seen.
  const shown = side <= THUMB_SIDE ? side : THUMB_SIDE;
  const small = shown === side ? pixels : resize(pixels, side, shown, channels);
  const image = new ImageData(shown, shown);
  for (let i = 0; i < shown * shown; i++) {
    for (let c = 0; c < 3; c++) {
      image.data[4 * i + c] = small[channels * i + (channels === 3 ? c : 0)] ?? 0;
    }
    image.data[4 * i + 3] = 255;
  }
  canvas.width = shown;
  canvas.height = shown;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

interface Drawing {
  resize: Resize;
  reference: (picture: OwnPicture) => Promise<Reference>;
}

function KindThumb({ picture, resize, reference }: Drawing & { picture: OwnPicture }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let gone = false;
    reference(picture).then(
      (decoded) => {
        if (!gone && canvas.current) paint(canvas.current, decoded, resize);
      },
      // The file has gone since; using it will say so.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [picture]);
  return <canvas class="data-thumb" ref={canvas} width={1} height={1} />;
}

interface Props extends Drawing {
  classes: readonly OwnClass[];
  busy: boolean;
  onLeaveOut: (name: string) => void;
}

export function DataCardKinds({ classes, busy, onLeaveOut, ...drawing }: Props) {
  const more = classes.length - SHOWN_KINDS;
  return (
    <div class="data-kinds">
      <h4>{text.kindsHeading}</h4>
      <ul>
        {classes.slice(0, SHOWN_KINDS).map(({ name, pictures }) => (
          <li key={name}>
            <span class="data-thumbs" role="img" aria-label={text.thumbnailsOf(name)}>
              {pictures.slice(0, SHOWN_PICTURES).map((picture) => (
                <KindThumb key={picture.path} picture={picture} {...drawing} />
              ))}
            </span>
            <bdi class="data-kind-name">{name}</bdi>
            <span class="data-small">
              {pictures.length < limits.minPerClass
                ? text.kindTooSmall(pictures.length, limits.minPerClass)
                : text.kindCount(pictures.length)}
            </span>
            <button
              type="button"
              class="quiet"
              aria-label={text.leaveOutKind(name)}
              aria-disabled={busy}
              onClick={() => {
                if (!busy) onLeaveOut(name);
              }}
            >
              {text.leaveOut}
            </button>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="data-small">{text.morePaths(more)}</p>}
    </div>
  );
}
