// Some browsers change pixels that a page reads back from a canvas, so that it cannot be told from
// others. Pictures decoded here then differ a little from their files. Found out once, with a
// pattern whose pixels are known, drawn and read in the way that decode.ts does it.

const SIDE = 64;

export interface ReadBack {
  /** Pixels that came back otherwise, as a share of all, 0..1. */
  share: number;
  /** The largest difference of any of them, in grey levels of 255. */
  most: number;
}

/** Opaque pixels without two neighbours alike: some browsers leave plain areas as they are. */
function pattern(): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(SIDE * SIDE * 4);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = i % 4 === 3 ? 255 : Math.imul(i + 1, 0x9e3779b1) >>> 24;
  }
  return pixels;
}

/** Of RGBA pixels; the last channel is not looked at. */
export function differenceOf(drawn: Uint8ClampedArray, read: Uint8ClampedArray): ReadBack {
  let changed = 0;
  let most = 0;
  for (let i = 0; i < drawn.length; i += 4) {
    let difference = 0;
    for (let c = i; c < i + 3; c++) {
      difference = Math.max(difference, Math.abs((drawn[c] ?? 0) - (read[c] ?? 0)));
    }
    if (difference > 0) changed++;
    most = Math.max(most, difference);
  }
  return { share: changed / (drawn.length / 4), most };
}

async function measure(): Promise<ReadBack> {
  const drawn = pattern();
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  if (!context) throw new Error('no canvas');
  const image = await createImageBitmap(new ImageData(drawn, SIDE, SIDE));
  context.drawImage(image, 0, 0);
  image.close();
  return differenceOf(drawn, context.getImageData(0, 0, SIDE, SIDE).data);
}

let measured: Promise<ReadBack> | null = null;

/** Measured at the first call, remembered afterwards. */
export function readBack(): Promise<ReadBack> {
  measured ??= measure();
  return measured;
}
