// One sample picture: an image that the build baked in until the core is there, a canvas then. Both
// hold the generator's bytes; the contrast is a matter of style, alike for all.
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Side } from '../state/store';
import type { Thumb } from '../state/thumbs';

function paint(canvas: HTMLCanvasElement, { side, channels, pixels }: Thumb): void {
  canvas.width = side;
  canvas.height = side;
  const image = new ImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    for (let c = 0; c < 3; c++) {
      image.data[4 * i + c] = pixels[channels * i + (channels === 3 ? c : 0)] ?? 0;
    }
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

interface Props {
  side: Side;
  thumb: Thumb | null;
  baked: string | null;
  label: string;
}

export function Thumbnail({ side, thumb, baked, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current !== null && thumb !== null) paint(canvas.current, thumb);
  }, [thumb]);
  if (thumb !== null) return <canvas class="thumb" ref={canvas} role="img" aria-label={label} />;
  if (baked !== null) return <img class="thumb" data-thumb={side} src={baked} alt={label} />;
  return <span class="thumb" role="img" aria-label={label} />;
}
