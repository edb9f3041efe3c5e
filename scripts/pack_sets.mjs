// node scripts/pack_sets.mjs [FOLDER]: writes the picture sets that ship with the page, web/data/sets
// and public/mnist10k, from the IDX files of FOLDER (default ../shared/data). Run once per change of
// the sources; the build takes what is committed. Every file is gzipped IDX: bytes as they are; 4-bit
// pictures two pixels to a byte, the left one in the high half; photographs as what is left after
// the LOCO-I median prediction (Weinberger et al. 2000), modulo 256.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { ROOT } from './run.mjs';

const from = resolve(process.argv[2] ?? join(ROOT, '..', 'shared', 'data'));
const SETS = join(ROOT, 'web', 'data', 'sets');
const PHOTOS = ['brick', 'grass', 'gravel'];
const PARTS = ['train', 'test'];

/** @param {string} path @param {Uint8Array} bytes */
function write(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  console.log(`${bytes.length.toString().padStart(9)}  ${path}`);
}

/** @param {number[]} dims @param {Uint8Array} values */
function idx(dims, values) {
  const header = Buffer.from([0, 0, 8, dims.length, ...dims.flatMap(() => [0, 0, 0, 0])]);
  dims.forEach((size, i) => {
    header.writeUInt32BE(size, 4 + 4 * i);
  });
  return gzipSync(Buffer.concat([header, values]), { level: 9 });
}

/** Pixels of a plain 8-bit grey PNG, not interlaced. @param {Buffer} file @param {number} side */
function greyOf(file, side) {
  const parts = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const data = file.subarray(at + 8, at + 8 + file.readUInt32BE(at));
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') parts.push(data);
    const plain = [0, 0, side >> 8, side & 255, 0, 0, side >> 8, side & 255, 8, 0, 0, 0, 0];
    if (type === 'IHDR' && Buffer.compare(data, Buffer.from(plain)) !== 0) {
      throw new Error(`not an 8-bit grey PNG of ${side} x ${side}`);
    }
  }
  const lines = inflateSync(Buffer.concat(parts));
  const out = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    const filter = lines[y * (side + 1)] ?? 0;
    for (let x = 0; x < side; x++) {
      const { left, up, corner } = around(out, side, x, y);
      const near = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
      const paeth = [left, up, corner][near.indexOf(Math.min(...near))] ?? 0;
      const guess = [0, left, up, (left + up) >> 1, paeth][filter] ?? 0;
      out[y * side + x] = guess + (lines[y * (side + 1) + 1 + x] ?? 0);
    }
  }
  return out;
}

/** Neighbours of (x, y), 0 outside. @param {Uint8Array} pixels @param {number} side @param {number} x @param {number} y */
function around(pixels, side, x, y) {
  const at = y * side + x;
  return {
    left: x > 0 ? (pixels[at - 1] ?? 0) : 0,
    up: y > 0 ? (pixels[at - side] ?? 0) : 0,
    corner: x > 0 && y > 0 ? (pixels[at - side - 1] ?? 0) : 0,
  };
}

/** @param {Uint8Array} pixels @param {number} side */
function residuals(pixels, side) {
  return pixels.map((value, i) => {
    const { left, up, corner } = around(pixels, side, i % side, Math.floor(i / side));
    const median = [left, up, left + up - corner].sort((a, b) => a - b)[1] ?? 0;
    return value - median;
  });
}

/** @param {Buffer} file of IDX, 64 x 64 */
function toNibbles(file) {
  const pixels = file.subarray(16);
  const packed = new Uint8Array(pixels.length / 2);
  packed.forEach((_, i) => {
    const level = (/** @type {number} */ at) => Math.round((pixels[at] ?? 0) / 17);
    packed[i] = (level(2 * i) << 4) | level(2 * i + 1);
  });
  return idx([file.readUInt32BE(4), 64, 32], packed);
}

const images = (/** @type {string} */ part) => `${part}-images-idx3-ubyte`;
const labels = (/** @type {string} */ part) => `${part}-labels-idx1-ubyte`;
const read = (/** @type {string} */ file) => readFileSync(join(from, file));

for (const part of PARTS) {
  for (const file of [`${images(part)}.gz`, `${labels(part)}.gz`]) {
    write(join(SETS, 'fashion6k', file), read(`fashion6k/${file}`));
    write(join(ROOT, 'public', 'mnist10k', file), read(`mnist10k/${file}`));
  }
  for (const file of [images(part), labels(part)]) {
    const bytes = gzipSync(read(`digits8x8/${file}`), { level: 9 });
    write(join(SETS, 'digits8x8', `${file}.gz`), bytes);
  }
  const glyphs = gunzipSync(read(`glyphs62/${images(part)}.gz`));
  write(join(SETS, 'glyphs62', `${images(part)}.gz`), toNibbles(glyphs));
  write(join(SETS, 'glyphs62', `${labels(part)}.gz`), read(`glyphs62/${labels(part)}.gz`));
}
const photos = PHOTOS.map((name) => residuals(greyOf(read(`textures3/${name}.png`), 512), 512));
const file = idx([PHOTOS.length, 512, 512], Buffer.concat(photos));
write(join(SETS, 'textures3', 'photos-idx3-ubyte.gz'), file);
