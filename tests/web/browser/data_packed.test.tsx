// Reading shipped bytes out of the page's own elements, as the build puts them there.
import { afterEach, describe, expect, it } from 'vitest';
import { readPacked } from '../../../web/data/packed';

/** What web/build/pack.ts writes. */
function put(id: string, text: string): void {
  const element = document.createElement('script');
  element.type = 'application/octet-stream';
  element.dataset['pack'] = id;
  element.textContent = text;
  document.body.append(element);
}

afterEach(() => {
  for (const element of document.querySelectorAll('script[data-pack]')) element.remove();
});

describe('readPacked', () => {
  // 400,000 bytes are several slices; the small lengths have every padding.
  it.each([0, 1, 2, 3, 4, 98_304, 400_000])('gives back %i bytes', async (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 167 + (i >> 8)) & 255);
    let binary = '';
    for (const byte of bytes) binary += String.fromCharCode(byte);
    put('set/a-file.gz', `\n${btoa(binary)}\n`);
    put('set/another', 'AAAA');
    const read = await readPacked('set/a-file.gz');
    expect(read).toHaveLength(length);
    expect(read.every((byte, i) => byte === bytes[i])).toBe(true);
  });

  it('says so when the page carries no such data', async () => {
    await expect(readPacked('set/a-file.gz')).rejects.toThrow(/has no real pictures inside/);
  });
});
