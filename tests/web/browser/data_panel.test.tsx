// The panel "Your pictures" as its user meets it: choosing, kinds, what was left out, using,
// cancelling, naming loose pictures; by mouse, keyboard and drop.
import axe from 'axe-core';
import { zipSync } from 'fflate';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { YourPictures } from '../../../web/components/YourPictures';
import { OwnSession } from '../../../web/data/own_session';
import type { PictureSource } from '../../../web/data/source';
import { fakeEngine } from '../../data/fake_engine';
import { bmp, encode, fixture, inFolder } from './data_files';

const engine = fakeEngine();
let host: HTMLElement;
let session: OwnSession;
let ready: PictureSource[];
let backs: number;

function show(): void {
  const onReady = (source: PictureSource): void => void ready.push(source);
  const onBack = (): void => void backs++;
  act(() =>
    render(
      <YourPictures engine={engine} onReady={onReady} onBack={onBack} session={session} />,
      host,
    ),
  );
}

beforeEach(() => {
  host = document.createElement('main');
  document.body.append(host);
  session = new OwnSession(engine);
  ready = [];
  backs = 0;
  show();
});
afterEach(() => {
  render(null, host);
  host.remove();
});

/** Hands files to the chooser behind the n-th button (folder, pictures, zip). */
function choose(n: number, files: File[]): void {
  const input = host.querySelectorAll<HTMLInputElement>('input[type=file]')[n];
  if (!input) throw new Error(`no chooser ${n}`);
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  // A FileList made here would lose the paths that a folder chooser sets.
  Object.defineProperty(input, 'files', { value: files, configurable: true });
  Object.defineProperty(input, 'value', { value: '', configurable: true, writable: true });
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

const button = (name: string | RegExp) => page.getByRole('button', { name });
const status = () => page.getByRole('status');
const kinds = (): string[] =>
  [...host.querySelectorAll('.data-kind-name')].map((node) => node.textContent ?? '');

async function plain(shade: number): Promise<Blob> {
  return encode('image/png', 12, 10, () => [shade, shade, 0, 255]);
}

async function folderOfPets(): Promise<File[]> {
  const files = [];
  for (const [k, kind] of ['cats', 'dogs', 'birds'].entries()) {
    for (let i = 0; i < 3; i++)
      files.push(inFolder(await plain(60 * k + i), `pets/${kind}/${i}.png`));
  }
  return files;
}

describe('YourPictures', () => {
  it('says that nothing leaves the device, before anything is chosen', async () => {
    await expect.element(page.getByText('Your pictures never leave this device.')).toBeVisible();
    expect(button('Use these pictures').query()).toBeNull();
  });

  it('reads a folder, lists kinds and the broken file, and hands the rest over', async () => {
    const broken = await fixture('truncated_half.png');
    const lying = await fixture('header_only_65535x65535.png');
    choose(0, [
      ...(await folderOfPets()),
      inFolder(new Blob([await broken.arrayBuffer()]).slice(0, 60), 'pets/cats/broken.png'),
      inFolder(lying, 'pets/dogs/lying.png'),
      inFolder(
        bmp(5, 5, () => [1, 2, 3, 255]),
        'pets/dogs/no_extension',
      ),
    ]);
    await expect.element(status()).toHaveTextContent('10 pictures of 3 kinds are ready.');
    expect(kinds()).toEqual(['birds', 'cats', 'dogs']);
    await expect.element(page.getByText('4 pictures', { exact: true })).toBeVisible();
    const left = host.querySelector('.data-skipped');
    expect(left?.querySelector('summary')?.textContent).toBe('2 files were left out');
    expect(left?.textContent).toContain('pets/cats/broken.png The picture is damaged');
    expect(left?.textContent).toContain('65,535 × 65,535 pixels is above 64 megapixels');

    await button('Use these pictures').click();
    expect(ready).toHaveLength(1);
    const request = {
      resolution: 8,
      channels: 3,
      classes: 3,
      perClass: 2,
      testCount: 500,
      seed: 1,
    } as const;
    const set = await ready[0]?.prepare(request, new AbortController().signal);
    expect(set?.classNames).toEqual(['birds', 'cats', 'dogs']);
    expect(set?.trainPerClass).toEqual([2, 2, 2]);
    expect(set?.testPerClass).toEqual([1, 1, 1]);
    expect(set?.train.pixels).toHaveLength(6 * 192);
    const used = button('These pictures are in use');
    await expect.element(used).toHaveAttribute('aria-disabled', 'true');
    await expect.element(used).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    expect(ready).toHaveLength(1);
  });

  it('draws small pictures of each kind', async () => {
    choose(0, await folderOfPets());
    await expect.element(status()).toHaveTextContent('ready');
    await vi.waitFor(() => {
      const canvases = [...host.querySelectorAll<HTMLCanvasElement>('.data-thumb')];
      expect(canvases).toHaveLength(9);
      const reds = canvases.map((c) => c.getContext('2d')?.getImageData(3, 3, 1, 1).data[0]);
      // birds, cats, dogs: shades 120.., 0.., 60..
      expect(reds).toEqual([120, 121, 122, 0, 1, 2, 60, 61, 62]);
    });
  });

  it('grows choice by choice: a zip beside a folder, nothing twice', async () => {
    const pets = await folderOfPets();
    choose(0, pets);
    await expect.element(status()).toHaveTextContent('9 pictures of 3 kinds are ready.');
    choose(0, pets.slice(0, 2));
    await expect.element(status()).toHaveTextContent('None of these files could be used.');
    expect(host.querySelector('.data-skipped')?.textContent).toContain(
      'This picture is here already.',
    );
    const bytes = new Uint8Array(await (await plain(200)).arrayBuffer());
    const packed = new Uint8Array(zipSync({ 'fish/1.png': bytes, 'fish/2.png': bytes }));
    choose(2, [new File([packed], 'more.zip')]);
    await expect.element(status()).toHaveTextContent('11 pictures of 4 kinds are ready.');
    expect(kinds()).toEqual(['birds', 'cats', 'dogs', 'fish']);
  });

  it('says what is missing, and takes a kind out again', async () => {
    choose(0, [inFolder(await plain(1), 'cats/1.png'), inFolder(await plain(2), 'cats/2.png')]);
    await expect.element(status()).toHaveTextContent('All pictures are of one kind.');
    const use = button('Use these pictures');
    await expect.element(use).toHaveAttribute('aria-disabled', 'true');
    (use.element() as HTMLElement).click();
    expect(ready).toHaveLength(0);
    choose(0, [inFolder(await plain(3), 'pets/dogs/1.png'), ...(await folderOfPets()).slice(6)]);
    await expect.element(status()).toHaveTextContent('Too few pictures: “dogs”.');
    await button('Leave out dogs').click();
    await expect.element(status()).toHaveTextContent('5 pictures of 2 kinds are ready.');
    await expect.element(use).toHaveAttribute('aria-disabled', 'false');
    // Polled: the panel takes the focus in an effect, which runs after the status was drawn.
    await vi.waitFor(() => {
      expect(document.activeElement).toBe(host.querySelector('.your-pictures'));
    });
  });

  it('asks for the kind of pictures without a folder', async () => {
    const camera = async (shade: number) => new File([await plain(shade)], `IMG_${shade}.png`);
    choose(1, [await camera(1), await camera(2)]);
    await expect.element(page.getByText('Which kind are these 2 pictures?')).toBeVisible();
    await page.getByLabelText('Name of the kind').fill('  cats ');
    await userEvent.keyboard('{Enter}');
    await expect.element(status()).toHaveTextContent('All pictures are of one kind.');
    choose(1, [await camera(3), await camera(4)]);
    await page.getByLabelText('Name of the kind').fill('dogs');
    await button('Add this kind').click();
    await expect.element(status()).toHaveTextContent('4 pictures of 2 kinds are ready.');
    expect(kinds()).toEqual(['cats', 'dogs']);
  });

  it('stops on Cancel and keeps what was there', async () => {
    choose(0, await folderOfPets());
    await expect.element(status()).toHaveTextContent('9 pictures of 3 kinds are ready.');
    const blob = await plain(9);
    choose(
      0,
      Array.from({ length: 3000 }, (_, i) => inFolder(blob, `more/${i % 5}/${i}.png`)),
    );
    await button('Cancel').click();
    await expect
      .element(status())
      .toHaveTextContent(
        'Reading was stopped. The pictures from before are unchanged. 9 pictures of 3 kinds are ready.',
      );
    expect(kinds()).toEqual(['birds', 'cats', 'dogs']);
  });

  it('takes drops anywhere on the page', async () => {
    const transfer = new DataTransfer();
    for (const name of ['cat1.png', 'cat2.png', 'dog1.png', 'dog2.png']) {
      transfer.items.add(new File([await plain(name.length)], name));
    }
    const over = new DragEvent('dragover', {
      dataTransfer: transfer,
      bubbles: true,
      cancelable: true,
    });
    document.body.dispatchEvent(over);
    expect(over.defaultPrevented).toBe(true);
    await vi.waitFor(() => expect(host.querySelector('.data-drop.over')).not.toBeNull());
    const drop = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.body.dispatchEvent(drop);
    expect(drop.defaultPrevented).toBe(true);
    await expect.element(status()).toHaveTextContent('4 pictures of 2 kinds are ready.');
    expect(kinds()).toEqual(['cat', 'dog']);
  });

  it('keeps its collection while the panel is closed', async () => {
    choose(0, await folderOfPets());
    render(null, host);
    show();
    await expect.element(status()).toHaveTextContent('9 pictures of 3 kinds are ready.');
  });

  it('starts over and goes back', async () => {
    choose(0, await folderOfPets());
    await button('Start over').click();
    expect(kinds()).toEqual([]);
    await button('Back to scenes').click();
    expect(backs).toBe(1);
  });

  it('opens its choosers by keyboard, in order', async () => {
    const opened: string[] = [];
    for (const input of host.querySelectorAll<HTMLInputElement>('input[type=file]')) {
      input.click = () =>
        void opened.push(input.webkitdirectory ? 'folder' : input.accept.slice(0, 5));
    }
    for (let i = 0; i < 3; i++) {
      await userEvent.tab();
      await userEvent.keyboard(i === 1 ? ' ' : '{Enter}');
    }
    expect(opened).toEqual(['folder', 'image', '.zip,']);
  });

  it('folds a long list of left-out files', async () => {
    choose(
      0,
      Array.from({ length: 120 }, (_, i) => inFolder(new Blob(['x']), `a/${i}.png`)),
    );
    await expect.element(status()).toHaveTextContent('None of these files could be used.');
    const details = host.querySelector('details');
    expect(details?.open).toBe(false);
    expect(details?.querySelectorAll('li')).toHaveLength(100);
    expect(details?.textContent).toContain('and 20 more');
  });

  it('has no fault that axe knows, empty and full', async () => {
    const check = async (): Promise<string[]> => {
      // The page's headings above h3 are not part of the panel.
      const rules = { 'heading-order': { enabled: false } };
      const { violations } = await axe.run(host, { rules });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    };
    expect(await check()).toEqual([]);
    choose(0, [...(await folderOfPets()), inFolder(new Blob(['x']), 'pets/cats/x.png')]);
    choose(1, [new File([await plain(1)], 'IMG_1.png')]);
    await expect.element(status()).toHaveTextContent('ready');
    expect(await check()).toEqual([]);
  });
});
