// Picture files for the browser tests: fixtures, and files made on the spot.

const urls = import.meta.glob<string>('../../fixtures/hostile/*', {
  query: '?url',
  import: 'default',
  eager: true,
});

export async function fixture(name: string): Promise<File> {
  const url = urls[`../../fixtures/hostile/${name}`];
  if (url === undefined) throw new Error(`no fixture ${name}`);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return new File([await response.arrayBuffer()], name);
}

/** RGBA of the pixel at (x, y). */
export type Pixel = (x: number, y: number) => [number, number, number, number];

export async function encode(
  type: 'image/png' | 'image/jpeg' | 'image/webp',
  width: number,
  height: number,
  pixel: Pixel,
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) image.data.set(pixel(x, y), 4 * (y * width + x));
  }
  context.putImageData(image, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 1));
  if (blob?.type !== type) throw new Error(`${type} cannot be made here`);
  return blob;
}

/** 24-bit BMP with BITMAPINFOHEADER, rows from the bottom up. */
export function bmp(width: number, height: number, pixel: Pixel): Blob {
  const stride = Math.ceil((3 * width) / 4) * 4;
  const bytes = new Uint8Array(54 + stride * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = pixel(x, y);
      bytes.set([b, g, r], 54 + (height - 1 - y) * stride + 3 * x);
    }
  }
  return new Blob([bytes]);
}

/** LZW of GIF with 3-bit codes throughout: a clear code (4) in front of every second pixel. */
function lzw(indices: number[]): number[] {
  const codes = indices.flatMap((index, i) => (i % 2 === 0 ? [4, index] : [index]));
  const bits = [...codes, 5].flatMap((code) => [code & 1, (code >> 1) & 1, (code >> 2) & 1]);
  const bytes: number[] = [];
  bits.forEach((bit, i) => {
    bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (i & 7));
  });
  return bytes;
}

/** An animated GIF: each frame fills width x height with one entry of the palette. */
export function gif(width: number, height: number, palette: number[][], frames: number[]): Blob {
  const u16 = (v: number): number[] => [v & 255, v >> 8];
  const colours = Array.from({ length: 4 }, (_, i) => palette[i] ?? [0, 0, 0]).flat();
  const parts = frames.flatMap((index) => {
    const data = lzw(new Array<number>(width * height).fill(index));
    const control = [0x21, 0xf9, 4, 0, 10, 0, 0, 0];
    const head = [0x2c, 0, 0, 0, 0, ...u16(width), ...u16(height), 0, 2];
    return [...control, ...head, data.length, ...data, 0];
  });
  const screen = [...u16(width), ...u16(height), 0x81, 0, 0];
  const magic = [...'GIF89a'].map((letter) => letter.charCodeAt(0));
  return new Blob([Uint8Array.from([...magic, ...screen, ...colours, ...parts, 0x3b])]);
}

/** A file as a folder chooser hands it over. */
export function inFolder(blob: Blob, path: string): File {
  const file = new File([blob], path.split('/').at(-1) ?? '');
  Object.defineProperty(file, 'webkitRelativePath', { value: path });
  return file;
}
