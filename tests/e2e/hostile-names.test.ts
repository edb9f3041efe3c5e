// A zip of 200 kinds with hostile names through the whole built page: panel, pictures, result, chart
// and its table, print, a saved copy, an exported zip. Nothing is added to the page that plain names
// would not add, nothing asks or runs, and the export opens again as the same kinds.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { encodePng } from '../../web/build/png';
import { cleanName } from '../../web/data/paths';
import { listZip } from '../../web/data/zip';
import { settingsText, text } from '../../web/text/en';
import { keepText } from '../../web/text/en-capture';
import { dataText } from '../../web/text/en-data';
import { ownText } from '../../web/text/en-own';
import { HOSTILE_NAMES } from '../data/hostile_names';
import { makeZip } from '../data/make_zip';
import { button, emptyFolder, guesses, measured, menu, over, region, visit } from './support';

const SIDE = 8;
const PLAIN = HOSTILE_NAMES.map((_, i) => `kind ${i}`);
/** What the names would add if one of them were taken for markup. */
const ADDED =
  'a b base body details embed form frame iframe img input link meta object p script style template title'.split(
    ' ',
  );

async function zipOf(names: readonly string[]): Promise<string> {
  const entries = names.flatMap((name, k) =>
    [0, 1].map((i) => {
      const pixels = Uint8Array.from(
        { length: SIDE * SIDE },
        (_, at) => (k * 31 + i * 97 + at * (k + 3)) & 255,
      );
      const data = encodePng(pixels, SIDE, 1);
      return { name: `names/${name}/${i}.png`, data, method: 0 as const, bytes: data.length };
    }),
  );
  const file = join(emptyFolder(), 'names.zip');
  writeFileSync(file, new Uint8Array(await makeZip(entries).arrayBuffer()));
  return file;
}

async function openDrawer(page: Page): Promise<Locator> {
  const toggle = button(page, text.change.title).and(page.locator('[aria-expanded]'));
  if (await toggle.isVisible()) await toggle.click();
  await button(page, text.change.more).click();
  const drawer = page.getByRole('complementary', { name: text.change.more });
  await drawer.waitFor();
  return drawer;
}

const census = (page: Page): Promise<Record<string, number>> =>
  page.evaluate(
    (names) =>
      Object.fromEntries(names.map((name) => [name, document.querySelectorAll(name).length])),
    ADDED,
  );

/** Attributes that run, and what the names could have left behind. */
const traces = (page: Page): Promise<string[]> =>
  page.evaluate(() => [
    ...[...document.querySelectorAll('*')].flatMap((element) =>
      element.getAttributeNames().filter((name) => name.startsWith('on')),
    ),
    ...Object.keys(Object.prototype),
    ...('polluted' in {} ? ['polluted'] : []),
  ]);

/** Names of all kinds, page by page. */
async function kindsOf(panel: Locator): Promise<Set<string>> {
  const names = new Set<string>();
  const later = button(panel, ownText.kinds.later).first();
  for (;;) {
    for (const name of await panel.locator('.data-kind-name').allTextContents()) names.add(name);
    if ((await later.getAttribute('aria-disabled')) === 'true') return names;
    await later.click();
  }
}

async function downloaded(page: Page, act: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  const file = join(emptyFolder(), download.suggestedFilename());
  await download.saveAs(file);
  return file;
}

/** Uses the zip, trains, and looks; `beforeEnd` sees the page with its panel open. */
async function through(
  names: readonly string[],
  beforeEnd: (page: Page, panel: Locator) => Promise<void>,
): Promise<Record<string, number>[]> {
  const own = await visit('file', { hash: 'ep=1&n=1&r=8&b.r=12' });
  const dialogs: string[] = [];
  own.page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  try {
    const { page } = own;
    await measured(page);
    const drawer = await openDrawer(page);
    const source = drawer.getByRole('combobox', { name: settingsText.source.label, exact: true });
    await source.selectOption('own');
    const panel = region(page, dataText.own.heading);
    await panel.locator('input[accept*=".zip"]').setInputFiles(await zipOf(names));
    await panel.getByText(dataText.own.ready(2 * names.length, names.length)).waitFor();
    await button(panel, dataText.own.use).click();
    await button(panel, dataText.own.used).waitFor();
    const counts = [await census(page)];
    await beforeEnd(page, panel);
    await button(drawer, text.change.close).click();
    await page.getByRole('slider', { name: settingsText.kinds.label, exact: true }).press('End');
    await guesses(page).first().click();
    await over(page);
    for (const folded of await page.locator('details:not([open]) > summary').all()) {
      if (await folded.isVisible()) await folded.click();
    }
    counts.push(await census(page));
    await page.emulateMedia({ media: 'print' });
    counts.push(await census(page));
    await page.emulateMedia({ media: null });
    const copy = await downloaded(page, () => menu(page, text.header.save));
    // A boolean, as a failure would print the whole page.
    expect(readFileSync(copy, 'utf8').includes('alert(1)')).toBe(false);
    expect(await traces(page)).toEqual([]);
    expect(dialogs).toEqual([]);
    own.quiet();
    return counts;
  } finally {
    await own.close();
  }
}

it('200 hostile names add nothing to the page, and travel through an export', async () => {
  const plain = await through(PLAIN, async () => undefined);
  let exported = '';
  const hostile = await through(HOSTILE_NAMES, async (page, panel) => {
    // Half a character does not come through the UTF-8 of a zip.
    const shown = HOSTILE_NAMES.map((name) => cleanName(Buffer.from(name).toString()));
    expect([...(await kindsOf(panel))].sort()).toEqual(shown.sort());
    exported = await downloaded(page, () => button(panel, keepText.export).click());
  });
  expect(hostile).toEqual(plain);

  const file = new Blob([new Uint8Array(readFileSync(exported))]);
  const paths = (await listZip(file)).map(({ path }) => path);
  expect(paths).toHaveLength(400);
  expect(new Set(paths.map((path) => path.split('/')[0]?.toLowerCase())).size).toBe(200);
  for (const path of paths) {
    expect(path).toMatch(/^[^/\\]+\/[^/\\]+\.png$/);
    expect(path).not.toMatch(/[<>:"|?*\p{Cc}\u202a-\u202e]|^\.|\.\.\//u);
  }
});
