// How a choice is read: in its own order whatever decodes first, over at once when aborted, tables
// opened on the way.
import { describe, expect, it } from 'vitest';
import { type CollectOptions, collect } from '../../web/data/collect';
import type { FoundFile, OwnPicture, Reference } from '../../web/data/own_types';
import { toRaw } from '../../web/data/raw_picture';
import { fixture } from './files';

const OK = fixture('ok_32x32.png');
const GREY: Reference = { side: 1, channels: 1, pixels: Uint8Array.of(7) };
const BROKEN = new DOMException('', 'InvalidStateError');

const png = (path: string): FoundFile => ({ path, file: new Blob([OK]) });
const paths = (pictures: readonly { path: string }[]): string[] => pictures.map(({ path }) => path);

function options(changes: Partial<CollectOptions>): CollectOptions {
  const signal = new AbortController().signal;
  return { decode: async () => GREY, keep: () => undefined, already: 0, signal, ...changes };
}

describe('collect', () => {
  it('lists pictures and broken ones in the order of the choice, not of decoding', async () => {
    const names = ['b/5', 'a/4', 'b/3', 'a/2', 'b/1', 'a/0'].map((name) => `${name}.png`);
    const files = names.map(png);
    let finishFirst = (): void => undefined;
    const firstDecodes = new Promise<void>((resolve) => {
      finishFirst = resolve;
    });
    let started = 0;
    const decode = async (file: Blob): Promise<Reference> => {
      const number = files.findIndex((found) => found.file === file);
      // The first is the last to be known: by then the other lane has read all the rest.
      if (++started === files.length) finishFirst();
      if (number === 0) await firstDecodes;
      if (number % 3 === 0) throw BROKEN;
      return GREY;
    };
    const result = await collect(files, options({ decode }));
    expect(paths(result.pictures)).toEqual([1, 2, 4, 5].map((i) => names[i]));
    expect(paths(result.skipped)).toEqual([names[0], names[3]]);
  });

  it('ends at once when aborted, though a picture never decodes, and keeps nothing after', async () => {
    const controller = new AbortController();
    const kept: OwnPicture[] = [];
    const late: ((reference: Reference) => void)[] = [];
    const work = collect(
      [png('a/1.png'), png('a/2.png')],
      options({
        signal: controller.signal,
        keep: (picture) => void kept.push(picture),
        decode: () => new Promise((resolve) => late.push(resolve)),
      }),
    );
    await expect.poll(() => late.length).toBe(2);
    controller.abort();
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    for (const resolve of late) resolve(GREY);
    await new Promise((done) => setTimeout(done, 20));
    expect(kept).toEqual([]);
  });

  it('takes what is named already as it is, beside folders of another shape', async () => {
    const raw = toRaw(2, 2, 1, Uint8Array.of(1, 2, 3, 4));
    const result = await collect(
      [
        { path: 'camera/1', file: raw, className: 'cat', group: 'burst 1', part: 'test' },
        png('pets/dog/1.png'),
        png('pets/bird/1.png'),
      ],
      options({}),
    );
    expect(result.skipped).toEqual([]);
    expect(result.pictures.map(({ className }) => className)).toEqual(['cat', 'dog', 'bird']);
    expect(result.pictures[0]).toMatchObject({ group: 'burst 1', part: 'test', file: raw });
  });
});
