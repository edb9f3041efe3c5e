// No violation of WCAG 2.2 A and AA that axe can find, in every state and look of the page.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { text } from '../../web/text/en';
import { button, guesses, measured, menu, over, overOne } from './support';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const QUICK = 'r=12&ep=2&b.r=16';

/** What axe finds, one line a place. */
async function violations(page: Page, state: string): Promise<string[]> {
  const { violations: found } = await page.evaluate(
    (values) =>
      (
        window as unknown as { axe: { run(root: Document, o: object): Promise<AxeResults> } }
      ).axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] }),
    TAGS,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      `${state}: ${id} at ${target.join(' ')}: ${failureSummary}`.replace(/\s+/g, ' '),
    ),
  );
}

async function withAxe(page: Page): Promise<void> {
  await measured(page);
  await page.evaluate(axe);
}

async function run(page: Page): Promise<void> {
  await guesses(page).first().click();
  await over(page);
}

const context = { bypassCSP: true };

overOne('file', 'every state of the wide page', { hash: QUICK, context }, async ({ page }) => {
  await withAxe(page);
  const found = await violations(page, 'first screen');
  await run(page);
  found.push(...(await violations(page, 'after a run')));
  for (const summary of await page.locator('details > summary:visible').all()) {
    await summary.click();
  }
  found.push(...(await violations(page, 'tables open')));
  await button(page, text.change.more).click();
  found.push(...(await violations(page, 'more settings')));
  await page.getByRole('checkbox', { name: text.header.labOn }).last().check();
  found.push(...(await violations(page, 'more settings in the lab')));
  await page.keyboard.press('Escape');
  found.push(...(await violations(page, 'lab view')));
  for (const name of [text.header.experiments, text.header.help]) {
    await button(page, name).click();
    found.push(...(await violations(page, name)));
    await page.keyboard.press('Escape');
  }
  await menu(page, text.header.reset);
  found.push(...(await violations(page, text.header.reset)));
  expect(found).toEqual([]);
});

for (const look of ['dark', 'projector'] as const) {
  const hash = `${QUICK}&th=${look}`;
  overOne('file', `the ${look} look`, { hash, context }, async ({ page }) => {
    await withAxe(page);
    const found = await violations(page, 'first screen');
    await run(page);
    found.push(...(await violations(page, 'after a run')));
    await button(page, text.change.more).click();
    found.push(...(await violations(page, 'more settings')));
    expect(found).toEqual([]);
  });
}

overOne(
  'file',
  'a phone',
  {
    hash: QUICK,
    context: { ...context, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  },
  async ({ page }) => {
    await withAxe(page);
    const found = await violations(page, 'first screen');
    await run(page);
    found.push(...(await violations(page, 'after a run')));
    for (const section of [text.network.inside, text.change.title]) {
      await button(page, section).and(page.locator('[aria-expanded]')).click();
    }
    found.push(...(await violations(page, 'sections open')));
    await button(page, text.change.more).click();
    found.push(...(await violations(page, 'more settings')));
    expect(found).toEqual([]);
  },
);
