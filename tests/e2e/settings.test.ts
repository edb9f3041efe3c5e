// What the sliders change at once, before anything trains; and the ways back: undo, link, reset.
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { defaultPair, readHash, writeHash } from '../../web/settings/hash';
import { networkConfig, trainCount } from '../../web/settings/spec';
import type { Settings } from '../../web/settings/table';
import { settingsText, text } from '../../web/text/en';
import { formatBytes, formatCount } from '../../web/text/format';
import { newCore } from '../glue/support';
import {
  button,
  guesses,
  type Letter,
  measured,
  menu,
  network,
  over,
  overBoth,
  pictures,
  result,
} from './support';

const LETTERS: readonly Letter[] = ['A', 'B'];
const QUICK = 'r=12&ep=1&b.r=16';

const slider = (page: Page, name: string): Locator =>
  page.getByRole('slider', { name, exact: true });
const openStrip = (page: Page): Promise<void> =>
  button(page, text.change.title).and(page.locator('[aria-expanded]')).click();
const hashOf = (page: Page): Promise<string> =>
  page.evaluate(() => location.hash.replace(/^#/, ''));
const words = async (own: Locator): Promise<string> =>
  (await own.innerText()).replace(/\s+/g, ' ').trim();

/** Weights by hand: 3 x 3 filters with a bias each, then a weight per place, filter and kind. */
function weights({ size, filters, kinds, colour }: Settings): number {
  const channels = colour === 'colour' ? 3 : 1;
  const pooled = Math.floor((size - 2) / 2);
  return (9 * channels + 1) * filters + (filters * pooled * pooled + 1) * kinds;
}

async function expectShown(page: Page, letter: Letter, s: Settings): Promise<void> {
  const canvases = pictures(page, letter).locator('canvas');
  await expect
    .poll(() => canvases.evaluateAll((all) => (all as HTMLCanvasElement[]).map((c) => c.width)))
    .toEqual(Array(5).fill(s.size));
  const shown = await words(network(page, letter));
  const pooled = Math.floor((s.size - 2) / 2);
  expect(shown).toContain(formatCount(s.size ** 2));
  expect(shown).toContain(formatCount(s.filters * pooled ** 2));
  expect(shown).toContain(text.network.weights(formatCount(weights(s))));
  const plan = (await newCore()).plan(networkConfig(s), trainCount(s), s.testPictures);
  expect(plan.parameters).toBe(weights(s));
  const bytes = plan.bytes + (trainCount(s) + s.testPictures) * s.size ** 2;
  expect(shown).toContain(formatBytes(bytes));
}

/** Seconds that a network is said to need. */
async function seconds(page: Page, letter: Letter): Promise<number> {
  const found = /needs (about|under) (\d+) (s|min)/.exec(await words(network(page, letter)));
  expect(found).not.toBeNull();
  return Number(found?.[2]) * (found?.[3] === 'min' ? 60 : 1);
}

overBoth('sliders show what they cost before anything trains', {}, async ({ page }) => {
  await measured(page);
  const { a, b } = defaultPair();
  await expectShown(page, 'A', a);
  await expectShown(page, 'B', { ...a, ...b });
  const before = await seconds(page, 'B');
  const firstPicture = () =>
    pictures(page, 'A')
      .locator('canvas')
      .nth(1)
      .evaluate((own: HTMLCanvasElement) => own.toDataURL());
  const picture = await firstPicture();

  await openStrip(page);
  await slider(page, text.change.factorB(settingsText.size.label)).press('End');
  await expectShown(page, 'B', { ...a, size: 192 });
  expect(await hashOf(page)).toBe('b.r=192');
  expect(await seconds(page, 'B')).toBeGreaterThan(before);

  await slider(page, settingsText.kinds.label).press('ArrowRight');
  await expectShown(page, 'A', { ...a, kinds: 6 });
  await expectShown(page, 'B', { ...a, size: 192, kinds: 6 });
  await pictures(page, 'A').getByText(text.row.someKinds(5, 6)).waitFor();
  expect(await firstPicture()).not.toBe(picture);
  expect(await hashOf(page)).toBe('k=6&b.r=192');
  for (const letter of LETTERS) {
    expect(await result(page, letter).innerText()).toContain(text.result.empty);
  }

  await page.keyboard.press('Control+z');
  await expectShown(page, 'B', { ...a, size: 192 });
  expect(await hashOf(page)).toBe('b.r=192');
  await page.keyboard.press('Control+z');
  await expectShown(page, 'B', { ...a, ...b });
  expect(await hashOf(page)).toBe('');
  expect(await firstPicture()).toBe(picture);
});

overBoth(
  'a link that makes no sense falls back and says so',
  { hash: 'r=99999&wat=1&k=abc&b.th=dark&w=8' },
  async ({ page }) => {
    await page.getByRole('status').getByText(text.change.ignoredLink(4)).waitFor();
    await measured(page);
    const { a, b } = defaultPair();
    await expectShown(page, 'A', { ...a, filters: 8 });
    await expectShown(page, 'B', { ...a, ...b, filters: 8 });
    // A link followed while the page stands.
    await page.evaluate(() => {
      location.hash = 'r=12&b.r=16';
    });
    await expectShown(page, 'A', { ...a, size: 12 });
    await expectShown(page, 'B', { ...a, size: 16 });
  },
);

overBoth('the copied link holds the settings', { hash: 'r=12&k=8&b.r=32' }, async (visit) => {
  const { page, address } = visit;
  await measured(page);
  await openStrip(page);
  await slider(page, settingsText.perKind.label).press('Home');
  await menu(page, text.header.copyLink);
  await page.getByRole('status').getByText(text.header.copied).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link.replace(/#.*$/, '')).toBe(address);
  const { a, b, ignored } = readHash(link.replace(/^[^#]*/, ''));
  expect(ignored).toEqual([]);
  expect({ size: a.size, kinds: a.kinds, perKind: a.perKind }).toEqual({
    size: 12,
    kinds: 8,
    perKind: 1,
  });
  expect(b).toEqual({ size: 32 });
  expect(writeHash({ a, b })).toBe(await hashOf(page));
});

overBoth('reset asks once, and then forgets everything', { hash: QUICK }, async ({ page }) => {
  await measured(page);
  await guesses(page).first().click();
  await over(page);
  const list = page.locator('details', { hasText: text.runs.title }).last();
  await list.locator('summary').click();
  await list.getByRole('table').waitFor();

  await menu(page, text.header.reset);
  const dialog = page.getByRole('dialog', { name: text.header.reset });
  await dialog.getByText(text.header.resetAsk).waitFor();
  await button(dialog, text.header.resetNo).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await hashOf(page)).toBe(QUICK);
  await list.getByRole('table').waitFor();

  await menu(page, text.header.reset);
  await button(dialog, text.header.resetYes).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await hashOf(page)).toBe('');
  await list.getByText(text.runs.empty).waitFor();
  const { a, b } = defaultPair();
  await expectShown(page, 'A', a);
  await expectShown(page, 'B', { ...a, ...b });
  for (const letter of LETTERS) {
    expect(await result(page, letter).innerText()).toContain(text.result.empty);
  }
});
