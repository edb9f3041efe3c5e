// "Save this page": the downloaded file opens by itself with the settings it was saved with, trains
// to the same bits, and can save itself again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { settingsText, text } from '../../web/text/en';
import {
  button,
  codes,
  emptyFolder,
  guesses,
  measured,
  menu,
  network,
  over,
  overBoth,
  visit,
} from './support';

const SETTINGS = 'r=12&k=3&ep=2&b.r=16';

async function saved(page: Page): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    menu(page, text.header.save),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.html$/);
  const file = join(emptyFolder(), download.suggestedFilename());
  await download.saveAs(file);
  await page.getByRole('status').getByText(text.header.saved).waitFor();
  return file;
}

async function run(page: Page): Promise<string[]> {
  await guesses(page).first().click();
  await over(page);
  return codes(page);
}

/** Settings that a file opens with, as its ladder shows them. */
const ladder = async (page: Page): Promise<string> =>
  (await network(page, 'B').innerText()).replace(/needs.*/s, '');

async function atHome(file: string, look: (page: Page) => Promise<void>): Promise<void> {
  const own = await visit('file', { file });
  try {
    await measured(own.page);
    await look(own.page);
    own.quiet();
  } finally {
    await own.close();
  }
}

overBoth(
  'a saved page works alone and saves itself again',
  { hash: SETTINGS },
  async ({ page }) => {
    await measured(page);
    const shown = await ladder(page);
    const bits = await run(page);
    const first = await saved(page);
    let second = '';
    await atHome(first, async (copy) => {
      expect(await ladder(copy)).toBe(shown);
      expect(await run(copy)).toEqual(bits);
      const unchanged = await saved(copy);
      expect(readFileSync(unchanged, 'utf8') === readFileSync(first, 'utf8')).toBe(true);
      await copy
        .getByRole('slider', { name: settingsText.kinds.label, exact: true })
        .press('ArrowRight');
      second = await saved(copy);
    });
    await atHome(second, async (copy) => {
      const changed = await ladder(copy);
      expect(changed).toMatch(/\b4\s*kinds/);
      expect(changed).not.toBe(shown);
      await button(copy, text.header.menu).waitFor();
    });
  },
);
