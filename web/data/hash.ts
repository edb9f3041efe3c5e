// Counter hash for choosing pictures: a value is a pure function of seed, stream and key, so the
// choice depends on nothing that happened before. Not for cryptography.

/** Separate streams, so that choosing test pictures never moves the choice of training pictures. */
export const STREAM = { split: 1, train: 2, test: 3, groups: 4, patch: 5 } as const;
export type Stream = (typeof STREAM)[keyof typeof STREAM];

/** 32-bit finaliser of MurmurHash3 (Appleby 2011, public domain): a bijection of 32 bits. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function hashAt(seed: number, stream: Stream, key: number): number {
  // 0x9e3779b9 = 2^32 / golden ratio: keeps seed 0, stream and key 0 away from mix's fixed point 0.
  return mix(mix(mix(seed + 0x9e3779b9) ^ stream) ^ key);
}

/** FNV-1a, 32 bit (Fowler, Noll, Vo), over UTF-16 units low byte first: a key from a name. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    h = Math.imul(h ^ (unit & 0xff), 0x01000193);
    h = Math.imul(h ^ (unit >>> 8), 0x01000193);
  }
  return h >>> 0;
}
