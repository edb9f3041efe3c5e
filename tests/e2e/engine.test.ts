// The engine's layers and remedies through the page: deep, normalised, attending networks train and
// show every step; early stopping keeps the best round; a run that runs away names its setting.
import { expect } from 'vitest';
import { SETTINGS } from '../../web/settings/table';
import { text } from '../../web/text/en';
import { verdictText } from '../../web/text/en-verdict';
import { button, over, overBoth, region, result, runButton, verdict } from './support';

const ONE = 'by=none&lab=1&n=10&t=50&ep=3';

overBoth(
  'trains two normalised blocks with attention, and lists every step',
  { hash: `${ONE}&d=2&nm=batch&e=attention&hu=16&dr=20&fl=1&op=sgd&lr=0.01` },
  async ({ page }) => {
    const ladder = page.getByRole('table', { name: text.network.caption('A') });
    const rows = (await ladder.getByRole('rowheader').allInnerTexts()).join('|');
    expect(rows).toContain(text.network.ofBlock(text.network.norm, 2));
    expect(rows).toContain(text.network.attention);
    expect(rows).toContain(text.network.hidden);
    await runButton(page).click();
    await over(page);
    await result(page, 'A').getByText(text.result.ofNew(50)).waitFor();
    const lab = region(page, text.change.lab);
    const code = /[0-9a-f]{16}/.exec(await lab.innerText())?.[0];
    await button(page, text.run.again).click();
    await over(page);
    expect(await lab.innerText()).toContain(code);
  },
);

overBoth(
  'stops early on random labels and keeps the best round',
  { hash: 'by=none&n=20&t=50&ep=100&q=100&pa=2&lr=0.003' },
  async ({ page }) => {
    await runButton(page).click();
    await over(page);
    const words = await result(page, 'A').innerText();
    const [, best, all] = /round (\d+) was the best of (\d+)/.exec(words) ?? [];
    expect(Number(all)).toBe(Number(best) + 2);
    expect(Number(all)).toBeLessThan(100);
  },
);

overBoth(
  'names the setting that made the numbers run away',
  { hash: 'by=none&n=10&t=50&op=sgd&mo=0.99&lr=1' },
  async ({ page }) => {
    await runButton(page).click();
    const cause = verdictText.causeOther(SETTINGS.momentum.label);
    await verdict(page).getByText(cause).waitFor();
  },
);

overBoth(
  'has its lab settings under headings, by keyboard',
  { hash: 'lab=1' },
  async ({ page }) => {
    await button(page, text.change.title).focus();
    await page.keyboard.press('Enter');
    await button(page, text.change.more).focus();
    await page.keyboard.press('Enter');
    for (const heading of Object.values(text.change.parts)) {
      await page.getByRole('heading', { name: heading }).waitFor();
    }
    const depth = page.getByRole('slider', { name: SETTINGS.blocks.label });
    await depth.focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('slider', { name: SETTINGS.laterFilters.label }).waitFor();
    expect(await page.evaluate(() => location.hash)).toContain('d=2');
    await page.getByLabel(SETTINGS.blocks.label).press('Home');
    await page
      .getByRole('table', { name: text.network.caption('A') })
      .getByText(text.network.pixels)
      .waitFor();
  },
);
