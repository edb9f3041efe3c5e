// Format, width, height and frames of a picture from the first bytes of its file, before anything decodes
// it: a header can claim 65,535 x 65,535 pixels in 69 bytes. Goes by content, never by the name.
// Knows PNG, JPEG, WebP, GIF and BMP; names what else it recognises so that the page can say so.
// Width and height are as stored: EXIF orientation may swap them later.

export type PictureFormat = 'PNG' | 'JPEG' | 'WebP' | 'GIF' | 'BMP';

export type Header =
  /** `frames` is 1, or more where the bytes show that it moves; its first frame is what is taken. */
  | { kind: 'picture'; format: PictureFormat; width: number; height: number; frames: number }
  /** Starts like a picture, but width and height are not where they belong. */
  | { kind: 'no-size'; format: PictureFormat }
  /** The bytes end before width and height; ask again with more. */
  | { kind: 'more'; format: PictureFormat }
  | { kind: 'zip' }
  | { kind: 'svg' }
  | { kind: 'heic' }
  | { kind: 'other-format'; format: string }
  | { kind: 'unknown' };

/** ASCII at a place, with "?" for any byte. */
function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  if (at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '?' && bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

class Reader {
  private readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    return this.view.getUint8(at);
  }
  u16be(at: number): number {
    return this.view.getUint16(at, false);
  }
  u16le(at: number): number {
    return this.view.getUint16(at, true);
  }
  u24le(at: number): number {
    return this.u16le(at) | (this.u8(at + 2) << 16);
  }
  u32be(at: number): number {
    return this.view.getUint32(at, false);
  }
  u32le(at: number): number {
    return this.view.getUint32(at, true);
  }
  i32le(at: number): number {
    return this.view.getInt32(at, true);
  }
}

function sized(format: PictureFormat, width: number, height: number, frames = 1): Header {
  if (width < 1 || height < 1) return { kind: 'no-size', format };
  return { kind: 'picture', format, width, height, frames };
}

/** PNG (ISO/IEC 15948) section 11.2.2: IHDR is the first chunk and 13 bytes long. */
function readPng(r: Reader): Header {
  if (r.length < 24) return { kind: 'more', format: 'PNG' };
  if (r.u32be(8) !== 13 || !hasText(r.bytes, 12, 'IHDR')) return { kind: 'no-size', format: 'PNG' };
  return sized('PNG', r.u32be(16), r.u32be(20), pngFrames(r));
}

/** PNG (third edition) section 11.3.4.1: acTL stands before the pixels and counts the frames. */
function pngFrames(r: Reader): number {
  for (let at = 33; at + 12 <= r.length && !hasText(r.bytes, at + 4, 'IDAT'); ) {
    if (hasText(r.bytes, at + 4, 'acTL')) return Math.max(1, r.u32be(at + 8));
    at += 12 + r.u32be(at);
  }
  return 1;
}

/** GIF89a section 18: logical screen descriptor. */
function readGif(r: Reader): Header {
  if (r.length < 10) return { kind: 'more', format: 'GIF' };
  return sized('GIF', r.u16le(6), r.u16le(8), gifFrames(r));
}

/** Image blocks among the first bytes. */
function gifFrames(r: Reader): number {
  /** Global and local tables of colours: 3 bytes for each of 2^(n+1), if bit 7 says there is one. */
  const table = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let frames = 0;
  let at = r.length > 10 ? 13 + table(r.u8(10)) : r.length;
  while (at + 10 <= r.length) {
    const block = r.u8(at);
    if (block === 0x2c) {
      frames++;
      at += 11 + table(r.u8(at + 9));
    } else if (block === 0x21) at += 2;
    else break;
    // Sub-blocks, each led by its length, up to one of length 0.
    while (at < r.length && r.u8(at) !== 0) at += 1 + r.u8(at);
    at += 1;
  }
  return Math.max(1, frames);
}

/** BITMAPCOREHEADER is 12 bytes with u16 sides; later headers have i32, a negative height = top down. */
function readBmp(r: Reader): Header {
  if (r.length < 26) return { kind: 'more', format: 'BMP' };
  const headerBytes = r.u32le(14);
  if (headerBytes === 12) return sized('BMP', r.u16le(18), r.u16le(20));
  if (headerBytes < 40 || headerBytes > 1024) return { kind: 'no-size', format: 'BMP' };
  return sized('BMP', r.i32le(18), Math.abs(r.i32le(22)));
}

/** RFC 9649 sections 2.5 to 2.7: lossy, lossless and extended files say their size differently. */
function readWebp(r: Reader): Header {
  if (r.length < 30) return { kind: 'more', format: 'WebP' };
  if (hasText(r.bytes, 12, 'VP8X')) {
    // The flag says that it moves, not how many frames there are.
    return sized('WebP', r.u24le(24) + 1, r.u24le(27) + 1, r.u8(20) & 2 ? 2 : 1);
  }
  if (hasText(r.bytes, 12, 'VP8L') && r.u8(20) === 0x2f) {
    const bits = r.u32le(21);
    return sized('WebP', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  const startCode = r.u8(23) === 0x9d && r.u8(24) === 0x01 && r.u8(25) === 0x2a;
  if (hasText(r.bytes, 12, 'VP8 ') && startCode) {
    return sized('WebP', r.u16le(26) & 0x3fff, r.u16le(28) & 0x3fff);
  }
  return { kind: 'no-size', format: 'WebP' };
}

/** Start-of-frame markers of ITU-T T.81 table B.1: C0..CF without DHT (C4), JPG (C8), DAC (CC). */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Walks the segments up to the frame header; EXIF thumbnails inside a segment are passed over. */
function readJpeg(r: Reader): Header {
  let at = 2;
  while (at + 4 <= r.length) {
    if (r.u8(at) !== 0xff) return { kind: 'no-size', format: 'JPEG' };
    const marker = r.u8(at + 1);
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    if (standsAlone) {
      at += 2;
      continue;
    }
    if (isStartOfFrame(marker)) {
      if (at + 9 > r.length) break;
      return sized('JPEG', r.u16be(at + 7), r.u16be(at + 5));
    }
    const length = r.u16be(at + 2);
    // End of image or start of scan before any frame header: nothing can be shown.
    if (length < 2 || marker === 0xd9 || marker === 0xda)
      return { kind: 'no-size', format: 'JPEG' };
    at += 2 + length;
  }
  return { kind: 'more', format: 'JPEG' };
}

/** First characters without byte order mark and white space, lower case. */
function leadingText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 4096)).trimStart().toLowerCase();
}

function readOther(bytes: Uint8Array): Header {
  const brand = hasText(bytes, 4, 'ftyp') ? String.fromCharCode(...bytes.subarray(8, 12)) : '';
  if (/^(heic|heix|hevc|hevx|heim|heis|mif1|msf1)$/.test(brand)) return { kind: 'heic' };
  if (/^avi[fs]$/.test(brand)) return { kind: 'other-format', format: 'AVIF' };
  if (hasText(bytes, 0, 'II*\0') || hasText(bytes, 0, 'MM\0*')) {
    return { kind: 'other-format', format: 'TIFF' };
  }
  if (hasText(bytes, 0, '\0\0\x01\0')) return { kind: 'other-format', format: 'ICO' };
  if (hasText(bytes, 0, '8BPS')) return { kind: 'other-format', format: 'Photoshop' };
  if (hasText(bytes, 0, '\0\0\0\x0cJXL ')) return { kind: 'other-format', format: 'JPEG XL' };
  if (hasText(bytes, 0, '%PDF')) return { kind: 'other-format', format: 'PDF' };
  const text = leadingText(bytes);
  if (text.startsWith('<') && /<svg[\s>]/.test(text)) return { kind: 'svg' };
  return { kind: 'unknown' };
}

export function readHeader(bytes: Uint8Array): Header {
  const r = new Reader(bytes);
  if (hasText(bytes, 0, '\x89PNG\r\n\x1a\n')) return readPng(r);
  if (hasText(bytes, 0, '\xff\xd8\xff')) return readJpeg(r);
  if (hasText(bytes, 0, 'GIF87a') || hasText(bytes, 0, 'GIF89a')) return readGif(r);
  if (hasText(bytes, 0, 'RIFF????WEBP')) return readWebp(r);
  if (hasText(bytes, 0, 'PK\x03\x04') || hasText(bytes, 0, 'PK\x05\x06')) return { kind: 'zip' };
  const other = readOther(bytes);
  // "BM" is only two letters, so a text may start with it; the reserved words must be zero too.
  const isBmp = hasText(bytes, 0, 'BM') && bytes.length >= 14 && r.u32le(6) === 0;
  return other.kind === 'unknown' && isBmp ? readBmp(r) : other;
}
