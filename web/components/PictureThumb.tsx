// One of the user's pictures, small, drawn once it has been decoded.
import { useEffect, useRef } from 'preact/hooks';
import type { OwnSession } from '../data/own_session';
import type { OwnPicture, Reference } from '../data/own_types';
import { inChannels } from '../data/prepare';
import type { Resize } from '../data/source';

/** Canvas pixels a side; twice its size on the page, for sharp screens. */
const THUMB_SIDE = 64;

function paint(
  canvas: HTMLCanvasElement,
  { side, channels, pixels }: Reference,
  grey: boolean,
  resize: Resize,
): void {
  // Small pictures stay as they are, so that their pixels are seen.
  const shown = side <= THUMB_SIDE ? side : THUMB_SIDE;
  const small = shown === side ? pixels : resize(pixels, side, shown, channels);
  const kept = grey ? 1 : channels;
  const colour = inChannels(inChannels(small, channels, kept), kept, 3);
  const image = new ImageData(shown, shown);
  for (let i = 0; i < shown * shown; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = colour[3 * i + c] ?? 0;
    image.data[4 * i + 3] = 255;
  }
  canvas.width = shown;
  canvas.height = shown;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

export function PictureThumb({ own, picture }: { own: OwnSession; picture: OwnPicture }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const square = own.square.value;
  const grey = own.grey.value;
  useEffect(() => {
    let gone = false;
    own.reference(picture).then(
      (decoded) => {
        if (!gone && canvas.current) paint(canvas.current, decoded, grey, own.resize);
      },
      // The file has gone since; using it will say so.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [picture, square, grey]);
  return <canvas class="data-thumb" ref={canvas} width={1} height={1} />;
}
