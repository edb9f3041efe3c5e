// The sets that ship, in the built page: each opens, says what it is and under which licence; the
// slim page says that it has none and offers what it has; the set beside the page lies there whole.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { BUDGET, overBudget } from '../../web/build/pack';
import { SHIPPED, SHIPPED_IDS } from '../../web/data/shipped_sets';
import { settingsText, text } from '../../web/text/en';
import { setsText } from '../../web/text/en-sets';
import { builtFile, button, measured, overBoth, pictures, runButton, visit } from './support';

const slimFile = join(dirname(builtFile), 'slim', 'index.html');

async function openDrawer(page: Page): Promise<Locator> {
  const toggle = button(page, text.change.title).and(page.locator('[aria-expanded]'));
  // Gone once the strip is open.
  if (await toggle.isVisible()) await toggle.click();
  await button(page, text.change.more).click();
  const drawer = page.getByRole('complementary', { name: text.change.more });
  await drawer.waitFor();
  return drawer;
}

const sourceOf = (drawer: Locator): Locator =>
  drawer.getByRole('combobox', { name: settingsText.source.label, exact: true });

overBoth('every set opens, with its licence and its traps', { hash: 'r=16&k=3' }, async (own) => {
  const { page } = own;
  await measured(page);
  const drawer = await openDrawer(page);
  for (const id of SHIPPED_IDS) {
    const words = setsText[id];
    await sourceOf(drawer).selectOption(id);
    await page.getByText(words.credit).waitFor();
    // Kinds stand under drawn pictures only once the set has been unpacked.
    const names = SHIPPED[id].order.slice(0, 3).map((label) => words.classes[label] ?? '');
    for (const name of names) {
      await pictures(page, 'A').getByText(name, { exact: true }).first().waitFor();
    }
    const card = drawer.locator('.about-data');
    // What was opened for one set stays open for the next.
    if (id === SHIPPED_IDS[0]) {
      await card.getByText(setsText.about).click();
      await card.getByText(setsText.fullLicence).click();
    }
    for (const line of [words.what, words.source, words.licence, words.split, ...words.traps]) {
      await card.getByText(line, { exact: true }).waitFor();
    }
    const licence = readFileSync(
      new URL(`../../web/data/sets/${SHIPPED[id].folder}/LICENSE`, import.meta.url),
      'utf8',
    );
    const plain = (written: string): string => written.replace(/\s+/g, ' ').trim();
    expect(plain(await card.locator('.licence').innerText())).toBe(plain(licence));
  }
});

it('both pages keep their budgets, and only the slim one is without sets', () => {
  const pages = { full: readFileSync(builtFile, 'utf8'), slim: readFileSync(slimFile, 'utf8') };
  expect(overBudget(pages)).toEqual([]);
  expect(pages.full.length).toBeGreaterThan(BUDGET.slim);
  expect(pages.full.match(/<script[^>]* data-pack=/g)).toHaveLength(13);
  expect(pages.slim).not.toMatch(/<script[^>]* data-(?:pack|licence)=/);
});

it('the slim page says what is missing and offers the rest', async () => {
  const own = await visit('file', { file: slimFile, hash: 's=fashion' });
  try {
    const { page } = own;
    await page.getByText(setsText.missing).waitFor();
    await expect.poll(() => runButton(page).isDisabled()).toBe(true);
    await button(page, setsText.useScenes).click();
    await page.getByText(text.task.striped_ball).waitFor();
    expect(await page.getByText(setsText.missing).count()).toBe(0);
    await measured(page);
    const drawer = await openDrawer(page);
    await sourceOf(drawer).selectOption('glyphs');
    await page.getByText(setsText.missing).waitFor();
    await button(drawer, text.change.close).click();
    await button(page, setsText.useOwn).click();
    await drawer.getByText(setsText.mnist).waitFor();
    own.quiet();
  } finally {
    await own.close();
  }
});

it('MNIST lies beside the page with its licence, and not in it', () => {
  const beside = (file: string): Buffer => readFileSync(join(dirname(builtFile), 'mnist10k', file));
  expect(beside('LICENSE.txt').toString()).toContain('Attribution-ShareAlike 3.0');
  const pictures10k = beside('train-images-idx3-ubyte.gz');
  expect(pictures10k.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  const start = pictures10k.subarray(30, 90).toString('base64');
  expect(readFileSync(builtFile, 'utf8')).not.toContain(start);
});
