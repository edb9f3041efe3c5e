// Drives the panel "Your pictures" of the built page for the soak, and looks at what the page's
// thread does meanwhile.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { launchOptions } from '../../scripts/chromium.mjs';

const ADDRESS = 'http://localhost/';
const PATIENCE = 20 * 60 * 1000;

/** Runs in the page before its own scripts: lists every task of 50 ms and more. */
function watchTasks() {
  const page = /** @type {any} */ (globalThis);
  page.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      page.longTasks.push({ startTime, duration });
    }
  }).observe({ type: 'longtask', buffered: true });
}

/**
 * Opens the page with the panel. `words` are the page's own catalogues.
 * @param {string} dist @param {any} words
 */
export async function openPanel(dist, words) {
  const browser = await chromium.launch(launchOptions());
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  page.setDefaultTimeout(PATIENCE);
  await page.addInitScript(watchTasks);
  // Isolated, so that the browser may tell how much memory the page has.
  await page.route('**/*', (route) =>
    route.request().url().startsWith(ADDRESS)
      ? route.fulfill({
          body: readFileSync(join(dist, 'index.html')),
          contentType: 'text/html; charset=utf-8',
          headers: {
            'cross-origin-opener-policy': 'same-origin',
            'cross-origin-embedder-policy': 'require-corp',
          },
        })
      : route.abort(),
  );
  await page.goto(`${ADDRESS}#`);
  const { text, settingsText, dataText } = words;
  const button = (/** @type {string} */ name) => page.getByRole('button', { name, exact: true });
  // The time beside it is there once the core is, and the buttons answer.
  await page.getByRole('button', { name: new RegExp(`^${text.run.trainPair}.*\\d`) }).waitFor();
  await button(text.change.title).and(page.locator('[aria-expanded]')).click();
  await button(text.change.more).click();
  const panel = page.getByRole('region', { name: dataText.own.heading });
  const source = page.getByRole('combobox', { name: settingsText.source.label, exact: true });
  await source.first().selectOption('own');
  await panel.waitFor();

  return {
    browser,
    page,
    panel,
    /**
     * Handing over thousands of files is the browser's own task, over before the page hears of them:
     * it is not counted. @param {string} folder
     */
    choose: async (folder) => {
      await panel.locator('input[webkitdirectory]').setInputFiles(folder);
      await page.waitForTimeout(500); // until the observer has told of it
      await page.evaluate(() => /** @type {any} */ (globalThis).longTasks.splice(0));
    },
    /** @param {string} words */
    says: (words) => panel.getByText(words).first().waitFor(),
    /** The words beside the bar. */
    promise: () => panel.locator('.data-progress').innerText(),
    use: async () => {
      await button(dataText.own.use).click();
      await button(dataText.own.used).waitFor();
      // What the page draws from them comes after that.
      await page.waitForTimeout(5000);
    },
    /** Share of the pictures read so far, 0..1. */
    share: () =>
      page.evaluate(() => {
        const bar = document.querySelector('progress');
        return bar?.hasAttribute('value') ? bar.value / bar.max : 0;
      }),
    /** Milliseconds from a click on Cancel until the page says that it has stopped. */
    cancel: () =>
      page.evaluate(
        ({ cancel, stopped }) =>
          new Promise((done, fail) => {
            const found = [...document.querySelectorAll('button')].find(
              (one) => one.textContent?.trim() === cancel,
            );
            if (!found) return fail(new Error('no Cancel'));
            const start = performance.now();
            const look = () => {
              if (document.body.textContent?.includes(stopped)) done(performance.now() - start);
              else setTimeout(look, 1);
            };
            found.click();
            look();
          }),
        { cancel: dataText.own.cancel, stopped: dataText.own.stopped },
      ),
    /** The longest task since the last call, in milliseconds; 0 when none reached 50. */
    longestTask: () =>
      page.evaluate(() => {
        const page = /** @type {any} */ (globalThis);
        const tasks = page.longTasks.splice(0);
        return Math.max(0, ...tasks.map((/** @type {any} */ { duration }) => duration));
      }),
    /** Bytes after the browser's own collection, in MB; null where it does not tell. */
    counted: () =>
      page.evaluate(async () => {
        const measure = /** @type {any} */ (performance).measureUserAgentSpecificMemory;
        if (!measure || !crossOriginIsolated) return null;
        return (await measure.call(performance)).bytes / 1e6;
      }),
  };
}
