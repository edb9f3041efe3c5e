// Whether the browser changes pixels that are read back from a canvas, and the note that says so.
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { ReadBackNote } from '../../../web/components/ReadBackNote';
import { differenceOf, readBack } from '../../../web/data/read_back';

let host: HTMLElement;
beforeEach(() => {
  host = document.createElement('main');
  document.body.append(host);
});
afterEach(() => {
  render(null, host);
  host.remove();
});

it('finds nothing in a browser that gives pixels back as they were', async () => {
  expect(await readBack()).toEqual({ share: 0, most: 0 });
});

it('counts changed pixels, not channels, and leaves opacity out', () => {
  const drawn = Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255);
  const read = Uint8ClampedArray.of(1, 2, 3, 254, 4, 6, 3, 255, 7, 8, 9, 255, 10, 11, 12, 255);
  expect(differenceOf(drawn, read)).toEqual({ share: 0.25, most: 3 });
});

it('says how much of what is read is changed, and what to do', async () => {
  const measure = async () => ({ share: 0.37, most: 2 });
  act(() => render(<ReadBackNote measure={measure} />, host));
  await expect
    .element(page.getByText(/changes 37% of the pixels .* by up to 2 of 255 levels\. Allow/))
    .toBeVisible();
});

it('says nothing where nothing is changed', async () => {
  const measure = async () => ({ share: 0, most: 0 });
  act(() => render(<ReadBackNote measure={measure} />, host));
  await measure();
  expect(host.textContent).toBe('');
});
