// Keeping the collection: saved on request in the browser's real storage, brought back, forgotten,
// and exported as a zip; what is damaged or does not fit is said, and nothing is lost.
import axe from 'axe-core';
import { unzipSync } from 'fflate';
import { createStore, get, set } from 'idb-keyval';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { KeepPictures } from '../../../web/components/KeepPictures';
import { forgetKept, keep, keptHere, keptPictures } from '../../../web/data/keep';
import type { OwnPicture } from '../../../web/data/own_types';
import { RAW_TYPE, readRaw, toRaw } from '../../../web/data/raw_picture';
import { keepText as text } from '../../../web/text/en-capture';
import { encode } from './data_files';
import { notingSession } from './own_made';

const WHEN = Date.UTC(2026, 10, 23, 12);
const button = (name: string) => page.getByRole('button', { name });
const storage = () => createStore('pixels-vs-labels', 'pictures');
const KEY = 'own-pictures';

let host: HTMLElement;
let pictures: OwnPicture[];

function show(present: readonly OwnPicture[]) {
  const noted = notingSession(present);
  act(() => render(<KeepPictures session={noted.session} />, host));
  return noted;
}

beforeEach(async () => {
  await forgetKept();
  host = document.createElement('main');
  document.body.append(host);
  const photo = await encode('image/png', 3, 2, (x, y) => [50 * x, 60 * y, 7, 255]);
  const colours = Uint8Array.from({ length: 18 }, (_, i) => 10 * i);
  pictures = [
    { className: 'cats', path: 'pets/cats/1.png', file: photo },
    { className: 'dogs', path: 'camera-1', file: toRaw(3, 2, 3, colours), group: 'camera' },
    { className: 'dogs', path: 'row 1', file: toRaw(2, 1, 1, Uint8Array.of(9, 8)), part: 'test' },
    { className: '', path: 'loose.png', file: photo },
  ];
});
afterEach(async () => {
  act(() => render(null, host));
  host.remove();
  vi.restoreAllMocks();
  await forgetKept();
});

describe('keep', () => {
  it('gives back every picture as it was, and forgets on request', async () => {
    expect(await keptHere()).toBeNull();
    const kept = await keep(pictures, WHEN);
    expect(kept).toEqual({
      count: 4,
      bytes: pictures.reduce((sum, { file }) => sum + file.size, 0),
      when: WHEN,
    });
    expect(await keptHere()).toEqual(kept);
    const back = await keptPictures();
    expect(back.map(({ path }) => path)).toEqual(pictures.map(({ path }) => path));
    expect(back.map(({ className }) => className)).toEqual(['cats', 'dogs', 'dogs', undefined]);
    expect(back.map(({ group }) => group)).toEqual([undefined, 'camera', undefined, undefined]);
    expect(back.map(({ part }) => part)).toEqual([undefined, undefined, 'test', undefined]);
    for (const [i, { file }] of back.entries()) {
      expect(file.type).toBe(pictures[i]?.file.type);
      expect(await file.arrayBuffer()).toEqual(await pictures[i]?.file.arrayBuffer());
    }
    await forgetKept();
    expect(await keptHere()).toBeNull();
    expect(await keptPictures()).toEqual([]);
  });

  it('lets what was brought back be saved over itself', async () => {
    await keep(pictures, WHEN);
    const [, raw] = await keptPictures();
    if (!raw) throw new Error('nothing came back');
    await keep([{ ...raw, className: 'dogs' }], WHEN + 1);
    const [again] = await keptPictures();
    expect((await readRaw(again?.file ?? new Blob())).width).toBe(3);
  });

  it('keeps what was there when there is no room, and says so', async () => {
    await keep(pictures, WHEN);
    const full = new DOMException('', 'QuotaExceededError');
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw full;
    });
    await expect(keep(pictures.slice(1), WHEN + 1)).rejects.toThrow(text.full);
    expect((await keptHere())?.count).toBe(4);
  });

  it.each<[string, (stored: Record<string, unknown>) => unknown]>([
    ['words', () => 'pictures'],
    ['no list', ({ entries: _, ...rest }) => rest],
    ['a size that is not there', (stored) => ({ ...stored, files: new Blob(['x']) })],
    ['a path that is no text', (stored) => ({ ...stored, entries: [{ path: 7 }] })],
    ['no date', (stored) => ({ ...stored, when: 'today' })],
  ])('does not trust %s in the storage', async (_, change) => {
    await keep(pictures, WHEN);
    const stored = await get<Record<string, unknown>>(KEY, storage());
    await set(KEY, change(stored ?? {}), storage());
    await expect(keptHere()).rejects.toThrow(text.damaged);
    await expect(keptPictures()).rejects.toThrow(text.damaged);
  });
});

describe('KeepPictures', () => {
  it('shows nothing while there is nothing to keep', () => {
    show([]);
    expect(host.textContent).toBe('');
  });

  it('saves only when asked, says how much, warns, brings back and forgets', async () => {
    show(pictures);
    await expect.element(page.getByText(text.shared)).toBeVisible();
    await expect.element(page.getByText(/^4 pictures, under 1 kB/)).toBeVisible();
    expect(await keptHere()).toBeNull();
    await button(text.save).click();
    await expect.element(page.getByText(text.saved)).toBeVisible();
    expect((await keptHere())?.count).toBe(4);

    // As after a reload.
    act(() => render(null, host));
    await keep(pictures, WHEN);
    const { added } = show([]);
    await expect
      .element(page.getByText('You saved 4 pictures (under 1 kB) here on November 23, 2026.'))
      .toBeVisible();
    expect(button(text.save).query()).toBeNull();
    await button(text.bringBack).click();
    await expect
      .poll(() => added[0]?.map(({ path }) => path))
      .toEqual(pictures.map(({ path }) => path));
    expect(added[0]?.[1]?.file.type).toBe(RAW_TYPE);
    await expect.element(button(text.save)).toBeVisible();
    await button(text.forget).click();
    await expect.element(page.getByText(text.forgotten)).toBeVisible();
    expect(await keptHere()).toBeNull();
    expect(button(text.bringBack).query()).toBeNull();
  });

  it('says when there is no room', async () => {
    show(pictures);
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('', 'QuotaExceededError');
    });
    await button(text.save).click();
    await expect.element(page.getByText(text.full)).toBeVisible();
    await expect.element(button(text.save)).toBeEnabled();
  });

  it('offers to forget what it cannot read', async () => {
    await set(KEY, 'nonsense', storage());
    show([]);
    await expect.element(page.getByText(text.damaged)).toBeVisible();
    expect(button(text.bringBack).query()).toBeNull();
    await button(text.forget).click();
    await expect.element(page.getByText(text.forgotten)).toBeVisible();
  });

  it('exports a zip whose pictures this browser opens', async () => {
    const offered: Blob[] = [];
    vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      offered.push(blob as Blob);
      return 'blob:';
    });
    const click = vi
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation(() => undefined);
    show(pictures.slice(0, 3));
    await button(text.export).click();
    await expect.element(page.getByText(/^The zip has/)).toBeVisible();
    expect((click.mock.contexts[0] as HTMLAnchorElement).download).toBe('my-pictures.zip');
    const files = unzipSync(new Uint8Array((await offered[0]?.arrayBuffer()) ?? []));
    expect(Object.keys(files)).toEqual(['cats/1.png', 'dogs/camera-1.png', 'test/dogs/row 1.png']);
    const png = new Blob([new Uint8Array(files['dogs/camera-1.png'] ?? [])]);
    const image = await createImageBitmap(png);
    expect([image.width, image.height]).toEqual([3, 2]);
    const context = new OffscreenCanvas(3, 2).getContext('2d');
    context?.drawImage(image, 0, 0);
    const { data } = context?.getImageData(2, 1, 1, 1) ?? { data: [] };
    expect([...data]).toEqual([150, 160, 170, 255]);
  });

  it('stops packing on request', async () => {
    let read: (bytes: ArrayBuffer) => void = () => undefined;
    const slow = {
      size: 9,
      type: '',
      slice: () => slow,
      arrayBuffer: () => new Promise((r) => (read = r)),
    };
    show([{ className: 'k', path: 'k/1.png', file: slow as unknown as Blob }]);
    await button(text.export).click();
    await expect.element(page.getByText(text.packing(0, 1))).toBeVisible();
    await button(text.stop).click();
    read(new ArrayBuffer(9));
    await expect.poll(() => button(text.stop).query()).toBeNull();
    expect(host.querySelector('[aria-live]')?.textContent).toBe('');
  });

  it('passes the accessibility rules', async () => {
    await keep(pictures, WHEN);
    show(pictures);
    await expect.element(button(text.forget)).toBeVisible();
    expect((await axe.run(host)).violations.map(({ id }) => id)).toEqual([]);
  });
});
