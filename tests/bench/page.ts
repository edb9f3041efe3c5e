// The page's own speed, in headless Chromium on the built file opened from file://: ready for the
// first tap, first curve after it, longest task of the main thread while training, slider to
// thumbnails, and whether 100,000 weight updates leave anything behind. Returns rows, prints none.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium, type Page } from 'playwright-core';
import { launchOptions } from '../../scripts/chromium.mjs';

/** 500 updates an epoch of one picture each, 200 epochs, nothing compared. */
const SOAK = 'by=none&r=8&k=5&n=100&bs=1&ep=200&t=50&w=1';
const PACKED = /<script[^>]*type="application\/octet-stream[^>]*>[\s\S]*?<\/script>/g;

export interface PageRow {
  name: string;
  value: number;
  unit: string;
  /** The largest value that reaches the aim. */
  aim: number;
  note: string;
}

interface Watching {
  seen: { longest: number };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Watches what only the page itself can see, from before its first script. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen = { longest: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
    }).observe({ type: 'longtask', buffered: true });
  });
}

/** A fresh browser each time, so that nothing is warm. */
async function inFreshBrowser(
  address: string,
  body: (page: Page) => Promise<number[]>,
): Promise<number[]> {
  const browser = await chromium.launch(launchOptions());
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await watch(page);
    await page.goto(address, { waitUntil: 'commit' });
    await page.waitForFunction(() => performance.getEntriesByName('ready').length > 0);
    return await body(page);
  } finally {
    await browser.close();
  }
}

/** [ms to ready, ms from tap to a drawn curve, longest main-thread task while training] */
async function firstRun(page: Page): Promise<number[]> {
  const ready = await page.evaluate(() => performance.getEntriesByName('ready')[0]?.startTime ?? 0);
  // The measurement of the machine is over when the button tells a time.
  await page.waitForFunction(() =>
    /\d/.test(document.querySelector('.run-button')?.textContent ?? ''),
  );
  const curve = await page.evaluate(async () => {
    (window as unknown as Watching).seen.longest = 0;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const tapped = performance.now();
    document.querySelector<HTMLElement>('.run-button')?.click();
    // A curve is a path of at least two points.
    const drawn = () =>
      /L/.test(document.querySelector('.chart-line.chart-validation')?.getAttribute('d') ?? '');
    while (!drawn()) await frame();
    return performance.now() - tapped;
  });
  await page.waitForFunction(() => document.querySelector('.verdict-sentence') !== null, null, {
    timeout: 120_000,
  });
  return [ready, curve, await page.evaluate(() => (window as unknown as Watching).seen.longest)];
}

/** Milliseconds from moving a slider to the next painted frame, median of the ladder's steps. */
async function sliderToThumbnails(page: Page): Promise<number[]> {
  const times = await page.evaluate(async () => {
    const toggle = document.querySelector<HTMLElement>('.change .section-toggle');
    if (toggle?.getAttribute('aria-expanded') === 'false') toggle.click();
    await new Promise((done) => setTimeout(done, 300));
    const slider = document.querySelector<HTMLInputElement>('#size-b');
    if (slider === null) throw new Error('there is no slider for the size of B');
    const found: number[] = [];
    for (const step of [1, 2, 3, 4, 5, 6, 3, 1]) {
      const started = performance.now();
      slider.value = String(step);
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      found.push(performance.now() - started);
      await new Promise((done) => setTimeout(done, 100));
    }
    return found;
  });
  return [median(times), Math.max(...times)];
}

/** Kilobytes of heap and number of DOM nodes that 100,000 updates leave behind. */
async function soak(page: Page): Promise<number[]> {
  const session = await page.context().newCDPSession(page);
  const measure = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name: string) => metrics.find((m) => m.name === name)?.value ?? 0;
    return [of('JSHeapUsedSize') / 1000, of('Nodes')];
  };
  await session.send('Performance.enable');
  const run = async () => {
    await page.evaluate(() => document.querySelector<HTMLElement>('.run-button')?.click());
    await page.waitForFunction(() => document.querySelector('.verdict-sentence') !== null, null, {
      timeout: 600_000,
    });
    await page.waitForTimeout(500);
  };
  const before = await measure();
  await run();
  const after = await measure();
  return after.map((value, i) => value - (before[i] ?? 0));
}

/** `file`: the built page. */
export async function pageRows(file: string, repeats = 5): Promise<PageRow[]> {
  const address = pathToFileURL(file).href;
  const runs: number[][] = [];
  const slides: number[][] = [];
  for (let i = 0; i < repeats; i++) {
    runs.push(await inFreshBrowser(address, firstRun));
    slides.push(await inFreshBrowser(address, sliderToThumbnails));
  }
  const column = (rows: number[][], i: number) => rows.map((row) => row[i] ?? Number.NaN);
  const [heap = Number.NaN, nodes = Number.NaN] = await inFreshBrowser(`${address}#${SOAK}`, soak);
  const page = readFileSync(file, 'utf8').replace(PACKED, '');
  type Figures = [name: string, value: number, unit: string, aim: number, note: string];
  const row = ([name, value, unit, aim, note]: Figures): PageRow => ({
    name,
    value,
    unit,
    aim,
    note,
  });
  return [
    row(['ready for the first tap', median(column(runs, 0)), 'ms', 1000, 'cold, file://, median']),
    row(['tap to first curve', median(column(runs, 1)), 'ms', 1000, 'median']),
    row([
      'longest main-thread task',
      Math.max(...column(runs, 2)),
      'ms',
      50,
      'while training; 0 = none over 50',
    ]),
    row(['slider to thumbnails', median(column(slides, 0)), 'ms', 50, 'with its frame, median']),
    row([
      'slider to thumbnails',
      Math.max(...column(slides, 1)),
      'ms',
      50,
      'with its frame, worst',
    ]),
    row(['heap after 100,000 updates', heap, 'kB', 2000, 'over the start']),
    row(['DOM nodes after 100,000 updates', nodes, '', 2000, 'over the start']),
    row(['page without pictures', gzipSync(page).length / 1000, 'kB gzip', 150, '']),
  ];
}
