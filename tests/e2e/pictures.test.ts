// Real pictures through the page: a folder and a zip of one's own, each with one broken picture, and
// the clothes that travel in the file.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { encodePng } from '../../web/build/png';
import { settingsText, text } from '../../web/text/en';
import { dataText } from '../../web/text/en-data';
import { setsText } from '../../web/text/en-sets';
import {
  button,
  emptyFolder,
  guesses,
  measured,
  over,
  overBoth,
  pictures,
  region,
  result,
  verdict,
} from './support';

const SIDE = 64;
const EACH = 8;
const KINDS = ['across', 'down'] as const;
const BROKEN = 'across/broken.png';

/** Stripes across or down, each picture shifted and shaded otherwise. */
function stripes(kind: (typeof KINDS)[number], index: number): Buffer {
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const along = (kind === 'across' ? y : x) + index;
      pixels[y * SIDE + x] = (along % 16 < 8 ? 60 : 180) + ((x * 7 + y * 13 + index * 29) % 32);
    }
  }
  return encodePng(pixels, SIDE, 1);
}

function files(): Record<string, Buffer> {
  const made: Record<string, Buffer> = {};
  for (const kind of KINDS) {
    for (let i = 0; i < EACH; i++) made[`${kind}/${i}.png`] = stripes(kind, i);
  }
  // Its header is whole, its pixels are not.
  made[BROKEN] = stripes('across', 99).subarray(0, 60);
  return made;
}

function inFolder(): string {
  const folder = join(emptyFolder(), 'stripes');
  for (const [path, bytes] of Object.entries(files())) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

function inZip(): string {
  const file = join(emptyFolder(), 'stripes.zip');
  writeFileSync(file, zipSync(files()));
  return file;
}

async function openDrawer(page: Page): Promise<Locator> {
  const toggle = button(page, text.change.title).and(page.locator('[aria-expanded]'));
  // Gone once the strip is open.
  if (await toggle.isVisible()) await toggle.click();
  await button(page, text.change.more).click();
  const drawer = page.getByRole('complementary', { name: text.change.more });
  await drawer.waitFor();
  return drawer;
}

const closeDrawer = (drawer: Locator): Promise<void> => button(drawer, text.change.close).click();
const source = (drawer: Locator): Locator =>
  drawer.getByRole('combobox', { name: settingsText.source.label, exact: true });

async function trainOwn(page: Page, choose: (panel: Locator) => Promise<void>): Promise<void> {
  await measured(page);
  const drawer = await openDrawer(page);
  await source(drawer).selectOption('own');
  const panel = region(page, dataText.own.heading);
  await choose(panel);
  await panel.getByText(dataText.own.ready(KINDS.length * EACH, KINDS.length)).waitFor();
  await panel.getByText(dataText.own.skippedHeading(1)).waitFor();
  const skipped = panel.getByRole('listitem').filter({ hasText: BROKEN });
  expect(await skipped.innerText()).toContain(dataText.own.skipped({ kind: 'broken' }));
  await button(panel, dataText.own.use).click();
  await button(panel, dataText.own.used).waitFor();
  await closeDrawer(drawer);

  for (const kind of KINDS) await pictures(page, 'A').getByText(kind).first().waitFor();
  await guesses(page).first().click();
  await over(page);
  for (const letter of ['A', 'B'] as const) {
    const shown = (await result(page, letter).innerText()).replace(/\s+/g, ' ');
    expect(shown).toMatch(/\d+% of \d+ new pictures/);
    expect(shown).toMatch(/gap −?\d+ points?/);
    await expect.poll(() => pictures(page, letter).locator('canvas').count()).toBeGreaterThan(1);
  }
  expect((await verdict(page).innerText()).trim()).toMatch(/In this run .*\d+%/s);

  const again = await openDrawer(page);
  await button(again, dataText.own.back).click();
  await expect.poll(() => source(again).inputValue()).toBe('striped_ball');
  await page.getByText(text.task.striped_ball).waitFor();
  await closeDrawer(again);
}

overBoth('a folder with a broken picture trains to the end', { hash: 'ep=5' }, ({ page }) =>
  trainOwn(page, (panel) => panel.locator('input[webkitdirectory]').setInputFiles(inFolder())),
);

overBoth('a zip of the same folder does, too', { hash: 'ep=5' }, ({ page }) =>
  trainOwn(page, (panel) => panel.locator('input[accept*=".zip"]').setInputFiles(inZip())),
);

overBoth('three kinds of clothes', { hash: 'ep=10&n=20&t=100' }, async ({ page }) => {
  await measured(page);
  const drawer = await openDrawer(page);
  await source(drawer).selectOption('fashion');
  await page.getByText(setsText.fashion.credit).waitFor();
  await closeDrawer(drawer);
  const kinds = page.getByRole('slider', { name: settingsText.kinds.label, exact: true });
  await kinds.press('Home');
  await kinds.press('ArrowRight');
  const shown = pictures(page, 'A').getByRole('img');
  await expect.poll(() => shown.count()).toBe(3);
  const names: readonly string[] = setsText.fashion.classes;
  const labels = await pictures(page, 'A').getByRole('listitem').allInnerTexts();
  expect(new Set(labels.map((label) => label.trim())).size).toBe(3);
  for (const label of labels) expect(names).toContain(label.trim());
  await guesses(page).first().click();
  await over(page);
  for (const letter of ['A', 'B'] as const) {
    const shown = (await result(page, letter).innerText()).replace(/\s+/g, ' ');
    const right = Number(/(\d+)% of \d+ new pictures/.exec(shown)?.[1]);
    // Guessing is 33.
    expect(right).toBeGreaterThan(50);
  }
});
