// What the end-to-end tests share: the built file over http and from file://, in one browser, with
// the network blocked; and a watch over everything the page asks for or complains about. The folder
// with index.html is $PVL_DIST, or dist/.
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { launchOptions } from '../../scripts/chromium.mjs';
import { text } from '../../web/text/en';

export const WAYS = ['http', 'file'] as const;
export type Way = (typeof WAYS)[number];

/** Long enough for a slow machine under load; no test says how fast the page is. */
export const PATIENCE = 60_000;

const dist = resolve(process.env.PVL_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url)));
export const builtFile = join(dist, 'index.html');

let browser: Promise<Browser> | null = null;
let server: Promise<Server> | null = null;
const folders: string[] = [];

afterAll(async () => {
  await (await browser)?.close();
  (await server)?.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  browser = server = null;
});

/** An empty folder that goes away after the tests. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pvl-e2e-'));
  folders.push(folder);
  return folder;
}

function built(): Buffer {
  try {
    return readFileSync(builtFile);
  } catch {
    throw new Error(
      `${builtFile} is missing: run "npm run build", or name its folder in PVL_DIST.`,
    );
  }
}

/** Serves the one file and nothing else. */
function serve(): Promise<Server> {
  const page = built();
  return new Promise((done) => {
    const own = createServer((request, response) => {
      const found = request.url === '/';
      response.writeHead(found ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
      response.end(found ? page : '');
    });
    own.listen(0, '127.0.0.1', () => done(own));
  });
}

async function addressOf(way: Way): Promise<string> {
  if (way === 'file') {
    built();
    const copy = join(emptyFolder(), 'page.html');
    copyFileSync(builtFile, copy);
    return pathToFileURL(copy).href;
  }
  server ??= serve();
  return `http://127.0.0.1:${((await server).address() as AddressInfo).port}/`;
}

export interface Opening {
  hash?: string;
  /** Another file than the built one; over file:// only. */
  file?: string;
  context?: BrowserContextOptions;
  /** Runs in the page before its own scripts. */
  before?: (page: Page) => Promise<void>;
}

export interface Visit {
  way: Way;
  page: Page;
  context: BrowserContext;
  address: string;
  /** Fails when the page asked for anything beside itself, or complained. */
  quiet(): void;
  close(): Promise<void>;
}

/** Opens the page with everything but the document itself blocked. */
export async function visit(way: Way, opening: Opening = {}): Promise<Visit> {
  browser ??= chromium.launch(launchOptions());
  const address = opening.file ? pathToFileURL(opening.file).href : await addressOf(way);
  const context = await (await browser).newContext({
    viewport: { width: 1280, height: 720 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...opening.context,
  });
  context.setDefaultTimeout(PATIENCE);
  const asked: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url())) asked.push(request.url().replace(/#.*$/, ''));
  });
  await context.route('**/*', (route) =>
    route.request().isNavigationRequest() && route.request().url().replace(/#.*$/, '') === address
      ? route.continue()
      : route.abort(),
  );
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type())) {
      complaints.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  page.on('crash', () => complaints.push('the page crashed'));
  await opening.before?.(page);
  if (way === 'file') await context.setOffline(true);
  await page.goto(`${address}${opening.hash ? `#${opening.hash}` : ''}`);
  await context.setOffline(true);
  return {
    way,
    page,
    context,
    address,
    quiet() {
      expect(asked).toEqual([address]);
      expect(complaints).toEqual([]);
    },
    close: () => context.close(),
  };
}

/** A test that is quiet to its end. */
export function overOne(
  way: Way,
  name: string,
  opening: Opening,
  body: (visit: Visit) => Promise<void>,
  timeout?: number,
): void {
  it(
    `${name} [${way}]`,
    async () => {
      const own = await visit(way, opening);
      try {
        await body(own);
        own.quiet();
      } finally {
        await own.close();
      }
    },
    timeout,
  );
}

/** One test over http and one from file://. */
export function overBoth(
  ...rest: Parameters<typeof overOne> extends [Way, ...infer R] ? R : never
) {
  for (const way of WAYS) overOne(way, ...rest);
}

function escaped(words: string): string {
  return words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Starts with these words. */
export function opens(words: string): RegExp {
  return new RegExp(`^${escaped(words.trim())}`);
}

export type Letter = 'A' | 'B';

export const button = (page: Page | Locator, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

export const guesses = (page: Page): Locator =>
  page.getByRole('region', { name: text.guess.legend }).locator('li > button');

const train = [text.run.trainPair, text.run.trainOne];

export const runButton = (page: Page): Locator =>
  button(page, new RegExp(train.map((words) => opens(words).source).join('|')));

/** The run button once the machine has been measured: its words then hold the time. */
export const timedRunButton = (page: Page): Locator =>
  button(
    page,
    new RegExp(
      train.map((words) => `${opens(text.run.withTime(words, '')).source} .*\\d`).join('|'),
    ),
  );

export const region = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('region', { name, exact: typeof name === 'string' });

export const result = (page: Page, letter: Letter): Locator =>
  region(page, opens(text.result.label(letter, '')));

export const network = (page: Page, letter: Letter): Locator =>
  region(page, text.row.network(letter));

export const pictures = (page: Page, letter: Letter): Locator =>
  region(page, text.row.pictures(letter));

export const verdict = (page: Page): Locator => region(page, text.verdict.title);

/** The core is there and this machine has been measured. */
export const measured = (page: Page): Promise<void> => timedRunButton(page).waitFor();

/** The big number of a result, in whole percent; null before the first round. */
export async function score(page: Page, letter: Letter, tested = 500): Promise<number | null> {
  const words = (await result(page, letter).innerText()).replace(/\s+/g, ' ');
  const found = new RegExp(`(\\d+)% ${escaped(text.result.ofNew(tested))}`).exec(words);
  return found ? Number(found[1]) : null;
}

/** Waits until the pair on the screen is over and its verdict stands. */
export async function over(page: Page): Promise<void> {
  await button(page, text.run.again).waitFor();
}

/** Run codes of the newest pair in the list of runs, A first. */
export async function codes(page: Page): Promise<string[]> {
  const list = page.locator('details', { has: page.getByText(text.runs.title, { exact: true }) });
  if ((await list.getAttribute('open')) === null) await list.locator('summary').click();
  const table = list.getByRole('table');
  const heads = await table.getByRole('columnheader').allInnerTexts();
  // The row's own header counts as no cell.
  const column = heads.indexOf(text.runs.code) - 1;
  const rows = table.getByRole('row');
  const found: string[] = [];
  for (const row of [1, 2]) {
    found.push(await rows.nth(row).getByRole('cell').nth(column).innerText());
  }
  for (const code of found) expect(code).toMatch(/^[0-9a-f]{16}$/);
  return found;
}

/** Opens the menu and presses one of its items. */
export async function menu(page: Page, item: string): Promise<void> {
  await button(page, text.header.menu).click();
  await button(page, item).click();
}
