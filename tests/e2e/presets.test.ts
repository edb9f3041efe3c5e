// Every prepared experiment: opened by its link, it shows its time, starts, draws its first rounds
// on both charts and obeys. The ones with 256 pixels are stopped as soon as they have started.
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { PRESETS, type Preset } from '../../web/presets';
import { writeHash } from '../../web/settings/hash';
import { presetsText, text } from '../../web/text/en';
import { chartText } from '../../web/text/en-chart';
import {
  button,
  guesses,
  type Letter,
  measured,
  network,
  over,
  overBoth,
  overOne,
  result,
  score,
  timedRunButton,
  verdict,
  WAYS,
} from './support';

const LETTERS: readonly Letter[] = ['A', 'B'];
const HEAVY_SIDE = 256;

const heavy = ({ a, b }: Preset): boolean => Math.max(a.size, b.size ?? 0) >= HEAVY_SIDE;

/** Opens the table under a chart and waits for a round in it. */
async function drawn(page: Page, letter: Letter): Promise<void> {
  const chart = result(page, letter).getByRole('figure');
  await chart.getByText(chartText.showTable).click();
  const first = page.getByRole('rowheader', { name: text.result.round(1), exact: true });
  const row = chart.getByRole('table').getByRole('row').filter({ has: first });
  await row.filter({ hasText: '%' }).waitFor();
}

async function bothHaveRounds(page: Page): Promise<void> {
  for (const letter of LETTERS) {
    await expect.poll(() => score(page, letter), { timeout: 60_000 }).not.toBeNull();
  }
}

const stop = (page: Page): Promise<void> => button(page, text.run.stop).click({ timeout: 10_000 });

// What a way of opening changes is the same for all of them: each is opened in one.
describe.each(PRESETS.map((preset, i) => ({ preset, id: preset.id, way: WAYS[i % 2] ?? 'file' })))(
  '$id',
  ({ preset, way }) => {
    overOne(
      way,
      'shows its time, starts, draws, stops',
      { hash: writeHash(preset) },
      async ({ page }) => {
        await page.getByText(presetsText[preset.id].question, { exact: true }).waitFor();
        await measured(page);
        expect(await timedRunButton(page).innerText()).toMatch(/(about|under) \d+ (s|min)$/);
        for (const letter of LETTERS) {
          expect(await network(page, letter).innerText()).toMatch(
            /needs (about|under) \d+ (s|min)/,
          );
          expect(await result(page, letter).innerText()).toContain(text.result.empty);
        }
        expect(await guesses(page).count()).toBe(presetsText[preset.id].guesses.length);
        await guesses(page).last().click();
        await button(page, text.run.stop).waitFor();
        if (!heavy(preset)) {
          await bothHaveRounds(page);
          for (const letter of LETTERS) await drawn(page, letter);
        }
        // A fast one may be over before the button is pressed.
        if (await button(page, text.run.stop).isVisible()) await stop(page).catch(() => undefined);
        await over(page);
        if (heavy(preset)) await verdict(page).getByText(text.verdict.endedEarly).waitFor();
      },
    );
  },
);

/** Slow enough to be caught in the act, small enough to answer at once. */
const LONG = 'ep=200';

overBoth('pause, one round, go on, stop', { hash: LONG }, async ({ page }) => {
  await measured(page);
  await guesses(page).first().click();
  await bothHaveRounds(page);
  await button(page, text.run.pause).click();
  await button(page, text.run.resume).waitFor();
  const at = async (letter: Letter): Promise<number> =>
    Number(/round (\d+) of/.exec(await result(page, letter).innerText())?.[1]);
  const paused = { A: await at('A'), B: await at('B') };
  await page.waitForTimeout(1500);
  for (const letter of LETTERS) expect(await at(letter)).toBe(paused[letter]);

  await button(page, text.run.step).click();
  for (const letter of LETTERS) {
    await expect.poll(() => at(letter), { timeout: 60_000 }).toBe(paused[letter] + 1);
  }
  await button(page, text.run.resume).waitFor();
  for (const letter of LETTERS) expect(await at(letter)).toBe(paused[letter] + 1);

  await button(page, text.run.resume).click();
  await button(page, text.run.pause).waitFor();
  for (const letter of LETTERS) {
    await expect.poll(() => at(letter), { timeout: 60_000 }).toBeGreaterThan(paused[letter] + 1);
  }
  await stop(page);
  await over(page);
  const stopped = await result(page, 'B').innerText();
  expect(stopped).toMatch(/Stopped after round \d+/);
  await page.waitForTimeout(1000);
  expect(await result(page, 'B').innerText()).toBe(stopped);
  await verdict(page).getByText(text.verdict.endedEarly).waitFor();
});
