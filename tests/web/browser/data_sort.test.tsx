// Sorting one's own pictures in the panel, by keyboard and mouse: kinds, single pictures, copies, the
// split, the square; and that long lists are never drawn whole.
import axe from 'axe-core';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { YourPictures } from '../../../web/components/YourPictures';
import { hashAt, STREAM } from '../../../web/data/hash';
import { OwnSession } from '../../../web/data/own_session';
import type { FoundFile } from '../../../web/data/own_types';
import { toRaw } from '../../../web/data/raw_picture';
import '../../../web/styles/index.css';
import { fakeEngine } from '../../data/fake_engine';

const engine = fakeEngine();
let host: HTMLElement;
let session: OwnSession;

beforeEach(() => {
  host = document.createElement('main');
  document.body.append(host);
  session = new OwnSession(engine);
  act(() =>
    render(<YourPictures engine={engine} onReady={() => undefined} session={session} />, host),
  );
});
afterEach(() => {
  render(null, host);
  host.remove();
});

/** Noise of 8 x 4 pixels, unlike that of every other seed. */
function picture(path: string, seed: number): FoundFile {
  const pixels = Uint8Array.from({ length: 32 }, (_, i) => hashAt(seed, STREAM.split, i) & 255);
  return { path, file: toRaw(8, 4, 1, pixels) };
}

async function add(...found: FoundFile[]): Promise<void> {
  await session.add(() => ({ found, skipped: [] }));
}

/** Kinds of three pictures each. */
async function addPets(): Promise<void> {
  const kinds = ['birds', 'cats', 'dogs'];
  await add(
    ...kinds.flatMap((kind, k) => [1, 2, 3].map((i) => picture(`p/${kind}/${i}.png`, 10 * k + i))),
  );
}

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const status = () => page.getByRole('status');
const kinds = (): string[] =>
  [...host.querySelectorAll('.data-kinds > ul > li')].map(
    (row) =>
      `${row.querySelector('.data-kind-name')?.textContent} ${row.querySelector('.data-small')?.textContent}`,
  );
const copies = (): string => host.querySelector('.data-copies')?.textContent ?? '';
async function openKind(name: string): Promise<void> {
  await button(`Change ${name}`).click();
  await expect.element(button(`Change ${name}`)).toHaveAttribute('aria-expanded', 'true');
}
/** A press of Tab at a time, until the control with this name has the focus. */
async function tabTo(name: string): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await userEvent.tab();
    const now = document.activeElement;
    if (now?.getAttribute('aria-label') === name || now?.textContent === name) return;
  }
  throw new Error(`no way to ${name}`);
}

describe('kinds', () => {
  it('are renamed and joined by keyboard alone, and taken apart by Undo', async () => {
    await addPets();
    await expect.element(button('Change cats')).toBeVisible();
    await tabTo('Change cats');
    await userEvent.keyboard('{Enter}');
    const name = page.getByLabelText('Name of this kind');
    await userEvent.tab();
    await userEvent.tab();
    await expect.element(name).toHaveFocus();
    await userEvent.keyboard('{Control>}a{/Control}felines');
    await expect.element(name).toHaveValue('felines');
    await userEvent.keyboard('{Enter}');
    await expect.element(status()).toHaveTextContent('Done: “cats” renamed to “felines”.');
    expect(kinds()).toEqual(['birds 3 pictures', 'felines 3 pictures', 'dogs 3 pictures']);
    // The row is another one now; its name has the focus, ready to be changed again.
    await expect.element(name).toHaveFocus();
    await userEvent.keyboard('{Control>}a{/Control}dogs');
    await expect.element(button('Put into “dogs”')).toBeVisible();
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(kinds()).toEqual(['birds 3 pictures', 'dogs 6 pictures']));
    await tabTo('Undo: “felines” put into “dogs”');
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(kinds()[1]).toBe('felines 3 pictures'));
    await expect.element(status()).toHaveTextContent('Taken back: “felines” put into “dogs”.');
    await button('Undo: “cats” renamed to “felines”').click();
    await vi.waitFor(() => expect(kinds()[1]).toBe('cats 3 pictures'));
    expect(session.undoable.value).toBeNull();
  });

  it('change places, and the pressed button keeps the focus', async () => {
    await addPets();
    await openKind('dogs');
    await button('Up: dogs').click();
    await vi.waitFor(() =>
      expect(kinds().map((row) => row.split(' ')[0])).toEqual(['birds', 'dogs', 'cats']),
    );
    await expect.element(button('Up: dogs')).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(kinds()[0]).toBe('dogs 3 pictures'));
    await expect.element(button('Up: dogs')).toHaveAttribute('aria-disabled', 'true');
    await userEvent.keyboard('{Enter}');
    expect(session.use().classes.map(({ name }) => name)).toEqual(['dogs', 'birds', 'cats']);
    await button('Down: dogs').click();
    await vi.waitFor(() => expect(kinds()[1]).toBe('dogs 3 pictures'));
    await expect.element(button('Down: dogs')).toHaveFocus();
  });

  it('give single pictures to others, to new ones, or away', async () => {
    await addPets();
    await openKind('cats');
    await page.getByRole('checkbox', { name: 'p/cats/1.png' }).click();
    await page.getByRole('checkbox', { name: 'p/cats/3.png' }).click();
    await expect.element(page.getByText('2 ticked')).toBeVisible();
    await page.getByLabelText('Move the ticked to').selectOptions('a new kind');
    await page.getByLabelText('Name of the new kind').fill('lions');
    await button('Move').click();
    await vi.waitFor(() => expect(kinds().slice(-1)).toEqual(['lions 2 pictures']));
    await page.getByRole('checkbox', { name: 'p/cats/2.png' }).click();
    await expect.element(page.getByLabelText('Move the ticked to')).toHaveValue('birds');
    await button('Take out the ticked').click();
    await vi.waitFor(() => expect(kinds()).toHaveLength(3));
    await button('Undo: 1 picture taken out').click();
    await vi.waitFor(() => expect(kinds()).toHaveLength(4));
    expect(session.pictures.value).toHaveLength(9);
  });

  it('of thousands of pictures are drawn a page at a time', async () => {
    await add(
      ...Array.from({ length: 60 }, (_, i) => picture(`cats/${i}.png`, i)),
      ...Array.from({ length: 45 }, (_, k) => picture(`kind${k}/1.png`, 100 + k)),
    );
    await openKind('cats');
    const canvases = (): number => host.querySelectorAll('.data-kinds canvas').length;
    const rows = (): number => host.querySelectorAll('.data-kinds > ul > li').length;
    await vi.waitFor(() => expect([rows(), canvases()]).toEqual([40, 24 + 4 + 39]));
    const group = page.getByRole('group', { name: 'Pictures of cats' });
    await expect.element(group.getByText('1 to 24 of 60')).toBeVisible();
    await group.getByText('Later').click();
    await group.getByText('Later').click();
    await expect.element(group.getByText('49 to 60 of 60')).toBeVisible();
    await expect.element(group.getByText('Later')).toHaveAttribute('aria-disabled', 'true');
    await vi.waitFor(() => expect(canvases()).toBe(12 + 4 + 39));
    const list = page.getByRole('group', { name: 'Kinds', exact: true });
    await list.getByText('Later').click();
    await vi.waitFor(() => expect(rows()).toBe(6));
  });
});

describe('copies', () => {
  const found = (): FoundFile[] =>
    ['cats', 'dogs'].flatMap((kind, k) => [
      ...[1, 2, 3, 4].map((i) => picture(`p/train/${kind}/${i}.png`, 10 * k + i)),
      ...[5, 6].map((i) => picture(`p/test/${kind}/${i}.png`, 10 * k + i)),
      picture(`p/test/${kind}/again.png`, 10 * k + 1),
    ]);

  it('that stand in both halves are named, taken out of one, and brought back', async () => {
    await add(...found());
    await vi.waitFor(() => expect(copies()).toContain('2 pictures stand in both halves.'));
    expect(copies()).toContain('2 pictures are exact copies of another.');
    await button('Take out of the test (2)').click();
    await vi.waitFor(() => expect(copies()).toContain('No two pictures are alike.'));
    expect(session.pictures.value.some(({ path }) => path.includes('again'))).toBe(false);
    await button('Undo: 2 pictures taken out').click();
    await vi.waitFor(() => expect(copies()).toContain('2 pictures stand in both halves.'));
    await button('Take out of the training (2)').click();
    await vi.waitFor(() => expect(copies()).toContain('No two pictures are alike.'));
    expect(session.pictures.value).toHaveLength(12);
  });

  it('are shown in their sets, and one of each is kept', async () => {
    await add(...found(), picture('p/train/cats/stray.png', 16));
    await vi.waitFor(() => expect(copies()).toContain('1 picture stands in more than one kind.'));
    await page.getByText('Show the 3 sets').click();
    await vi.waitFor(() => expect(host.querySelectorAll('.data-copies canvas')).toHaveLength(6));
    expect(copies()).toContain('2 pictures: “cats”, “dogs”');
    await button('Take out exact copies (3)').click();
    await vi.waitFor(() => expect(copies()).toContain('No two pictures are alike.'));
    await expect.element(status()).toHaveTextContent('Done: 3 pictures taken out.');
  });
});

describe('what runs are given', () => {
  it('splits as the folders say, until another way is chosen by arrow key', async () => {
    await add(
      ...['cats', 'dogs'].flatMap((kind, k) => [
        ...[1, 2, 3, 4].map((i) => picture(`p/train/${kind}/x${i}.png`, 10 * k + i)),
        picture(`p/val/${kind}/y5.png`, 10 * k + 5),
        picture(`p/test/${kind}/z6.png`, 10 * k + 6),
      ]),
    );
    const counts = (): string => host.querySelector('.data-counts')?.textContent ?? '';
    const parts = page.getByRole('radio', { name: /As the folders say/ });
    await expect.element(parts).toBeChecked();
    expect(counts()).toBe('8 to learn from, 2 new. 2 pictures stand aside for validation.');
    (parts.element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowDown}');
    await expect.element(page.getByRole('radio', { name: /Group by group/ })).toBeChecked();
    await vi.waitFor(() => expect(counts()).toMatch(/^\d+ to learn from, \d+ new\.$/));
    expect(session.split.value).toBe('groups');
  });

  it('says why the folders do not decide', async () => {
    await add(
      ...[1, 2].map((i) => picture(`p/train/cats/${i}.png`, i)),
      picture('p/test/cats/3.png', 3),
      ...[4, 5].map((i) => picture(`p/train/dogs/${i}.png`, i)),
    );
    await expect
      .element(page.getByText(/Not in both the training and the test folder: “dogs”/))
      .toBeVisible();
    await page.getByRole('radio', { name: /As the folders say/ }).click();
    await expect.element(status()).toHaveTextContent('Choose another split.');
  });

  it('shows small pictures as they are made square, and grey', async () => {
    const colour = toRaw(
      8,
      4,
      3,
      Uint8Array.from({ length: 96 }, (_, i) => [200, 100, 0][i % 3] ?? 0),
    );
    await add({ path: 'cats/1.png', file: colour }, picture('cats/2.png', 2));
    const top = (): number[] => {
      const canvas = host.querySelector<HTMLCanvasElement>('.data-kinds canvas');
      const data = canvas?.getContext('2d')?.getImageData(canvas.width >> 1, 0, 1, 1).data;
      return [...(data ?? [])].slice(0, 3);
    };
    await vi.waitFor(() => expect(top()).toEqual([200, 100, 0]));
    await page.getByRole('radio', { name: 'Add a border' }).click();
    await vi.waitFor(() => expect(top()).toEqual([128, 128, 128]));
    await page.getByRole('radio', { name: 'Stretch' }).click();
    await vi.waitFor(() => expect(top()).toEqual([200, 100, 0]));
    await page.getByRole('checkbox', { name: 'Take the colours away' }).click();
    await vi.waitFor(() => expect(top()).toEqual([119, 119, 119]));
  });

  it('evens the kinds out, with the number', async () => {
    await addPets();
    await add(...Array.from({ length: 17 }, (_, i) => picture(`p/cats/more${i}.png`, 50 + i)));
    const even = page.getByRole('checkbox', {
      name: /Same number for each kind.*3 pictures of each/,
    });
    await expect.element(even).not.toBeChecked();
    const bars = [...host.querySelectorAll<HTMLElement>('.data-bar')].map((bar) =>
      bar.style.getPropertyValue('--share'),
    );
    expect(bars).toEqual(['15%', '100%', '15%']);
    (even.element() as HTMLElement).focus();
    await userEvent.keyboard(' ');
    await expect.element(page.getByText('6 to learn from, 3 new.')).toBeVisible();
  });
});

describe('the panel', () => {
  it('has no fault that axe knows with all of it open', async () => {
    await addPets();
    await add(picture('p/cats/copy.png', 11), { path: 'IMG_1.png', file: picture('', 99).file });
    await openKind('cats');
    await page.getByRole('checkbox', { name: 'p/cats/1.png' }).click();
    await vi.waitFor(() => expect(copies()).toContain('exact cop'));
    await page.getByText('Show the set').click();
    await vi.waitFor(() => expect(host.querySelectorAll('.data-copies canvas')).toHaveLength(2));
    const { violations } = await axe.run(host, { rules: { 'heading-order': { enabled: false } } });
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(' ')}`),
    ).toEqual([]);
    const small = [...host.querySelectorAll<HTMLElement>('button, input:not([hidden])')].filter(
      (one) => one.offsetHeight < 24 || one.offsetWidth < 24,
    );
    expect(small.map((one) => one.outerHTML)).toEqual([]);
  });
});
