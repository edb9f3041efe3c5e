// Reads back the PNG files that web/build/png.ts writes: 8 bits, grey or RGB, no filter.
import { inflateSync } from 'node:zlib';

export function decodePng(file: Buffer): { side: number; channels: number; pixels: Uint8Array } {
  const side = file.readUInt32BE(16);
  const channels = file[25] === 0 ? 1 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') {
      parts.push(file.subarray(at + 8, at + 8 + length));
    }
    at += 12 + length;
  }
  const lines = inflateSync(Buffer.concat(parts));
  const row = side * channels;
  const pixels = new Uint8Array(side * row);
  for (let y = 0; y < side; y++) {
    if (lines[y * (row + 1)] !== 0) throw new Error('a filtered line');
    pixels.set(lines.subarray(y * (row + 1) + 1, (y + 1) * (row + 1)), y * row);
  }
  return { side, channels, pixels };
}

/** The baked pictures of one run in a page's text, in order. */
export function bakedPictures(html: string, side: 'a' | 'b') {
  const images = html.match(new RegExp(`<img[^>]*data-thumb="${side}"[^>]*>`, 'g')) ?? [];
  return images.map((image) => {
    const address = /src="data:image\/png;base64,([^"]+)"/.exec(image)?.[1] ?? '';
    return decodePng(Buffer.from(address, 'base64'));
  });
}
