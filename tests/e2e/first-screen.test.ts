// The first screen stands before any script runs, with the generator's own pictures; and the file
// that holds it is one file: small, with a policy that lets nothing out.
import { readFileSync, statSync } from 'node:fs';
import { gzipSync, inflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { defaultPair } from '../../web/settings/hash';
import type { Settings } from '../../web/settings/table';
import { sceneThumbs, stretchOf, type Thumb } from '../../web/state/thumbs';
import { presetsText, text } from '../../web/text/en';
import { newCore } from '../glue/support';
import { builtFile, guesses, type Letter, measured, overBoth, pictures } from './support';

const LETTERS: readonly Letter[] = ['A', 'B'];

async function generated(): Promise<Record<Letter, Thumb[]>> {
  const core = await newCore();
  const { a, b } = defaultPair();
  const second: Settings = { ...a, ...b };
  return { A: sceneThumbs(core, a), B: sceneThumbs(core, second) };
}

/** Pixels of a grey PNG without filters, as the build writes it. */
function greyPixels(address: string): { side: number; pixels: number[] } {
  const file = Buffer.from(address.replace(/^data:image\/png;base64,/, ''), 'base64');
  const side = file.readUInt32BE(16);
  const packed: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString('latin1', at + 4, at + 8) !== 'IDAT') continue;
    packed.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const lines = inflateSync(Buffer.concat(packed));
  const pixels: number[] = [];
  for (let y = 0; y < side; y++) {
    expect(lines[y * (side + 1)]).toBe(0);
    pixels.push(...lines.subarray(y * (side + 1) + 1, (y + 1) * (side + 1)));
  }
  return { side, pixels };
}

/** The factor by which the page spreads grey levels, as its style applies it. */
async function stretched(
  page: Page,
  letter: Letter,
  selector: 'img' | 'canvas',
): Promise<number[]> {
  const filters = await pictures(page, letter)
    .locator(selector)
    .evaluateAll((all) => all.map((own) => getComputedStyle(own).filter));
  return filters.map((filter) => Number(/^contrast\(([\d.]+)\)$/.exec(filter)?.[1]));
}

overBoth(
  'stands before any script',
  { context: { javaScriptEnabled: false } },
  async ({ page }) => {
    await page.getByRole('heading', { name: text.title, exact: true }).waitFor();
    await page.getByText(presetsText.size.question, { exact: true }).waitFor();
    await page.getByText(text.task.striped_ball).waitFor();
    const noscript = page.locator('noscript p');
    expect(await noscript.innerText()).toBe(text.noscript);
    expect(await noscript.isVisible()).toBe(true);
    const shown = await guesses(page).allInnerTexts();
    expect(shown.map((words) => words.replace(/\s+/g, ' ').trim())).toEqual(
      presetsText.size.guesses.map(({ main, why }) => `${main} ${why}`),
    );
    const thumbs = await generated();
    const stretch = stretchOf([...thumbs.A, ...thumbs.B]);
    for (const letter of LETTERS) {
      const images = pictures(page, letter).getByRole('img').and(page.locator('img'));
      expect(await images.count()).toBe(5);
      for (const [i, { side, pixels }] of thumbs[letter].entries()) {
        const image = images.nth(i);
        const address = (await image.getAttribute('src')) ?? '';
        expect(greyPixels(address)).toEqual({ side, pixels: [...pixels] });
        // Really decoded, under the page's own policy.
        expect(await image.evaluate((own: HTMLImageElement) => own.naturalWidth)).toBe(side);
      }
      expect(await stretched(page, letter, 'img')).toEqual(Array(5).fill(stretch));
    }
  },
);

overBoth('keeps the same pictures once it can draw them itself', {}, async ({ page }) => {
  await measured(page);
  const thumbs = await generated();
  const stretch = stretchOf([...thumbs.A, ...thumbs.B]);
  for (const letter of LETTERS) {
    const drawn = await pictures(page, letter)
      .locator('canvas')
      .evaluateAll((all) =>
        (all as HTMLCanvasElement[]).map((own) => {
          const data = own.getContext('2d')?.getImageData(0, 0, own.width, own.height).data ?? [];
          return { side: own.width, pixels: [...data].filter((_, i) => i % 4 === 0) };
        }),
      );
    expect(drawn).toEqual(
      thumbs[letter].map(({ side, pixels }) => ({ side, pixels: [...pixels] })),
    );
    expect(await stretched(page, letter, 'canvas')).toEqual(Array(5).fill(stretch));
  }
});

it('is one small file that lets nothing out', () => {
  const html = readFileSync(builtFile, 'utf8');
  expect(statSync(builtFile).size).toBeLessThan(10_000_000);
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
  const rules = new Map(
    (policy ?? '').split('; ').map((rule) => {
      const [name = '', ...values] = rule.split(' ');
      return [name, values.join(' ')];
    }),
  );
  expect(rules.get('default-src')).toBe("'none'");
  expect(rules.get('connect-src')).toBe('data: blob:');
  for (const [, values] of rules) expect(values).not.toMatch(/\*|https?:|'self'|'unsafe-eval'/);

  const pack = /<script type="application\/octet-stream"[^>]*>[^<]*<\/script>/g;
  expect(html.match(pack)?.length).toBeGreaterThan(0);
  const page = html.replace(pack, '');
  const kilobytes = gzipSync(page).length / 1000;
  console.info(`index.html without packed pictures: ${kilobytes.toFixed(1)} kB gzipped`);
  expect(kilobytes).toBeLessThanOrEqual(190); // ARCHITECTURE.md says what of
});

it('names nothing to load from elsewhere', () => {
  const html = readFileSync(builtFile, 'utf8');
  const tags = html.match(/<(?:script|link|img|iframe|style|a|source|meta)\b[^>]*>/g) ?? [];
  expect(tags.length).toBeGreaterThan(10);
  for (const tag of tags) expect(tag).not.toMatch(/(?:src|href|content)="(?:https?:)?\/\//);
  expect(html).not.toMatch(/@import|url\(\s*['"]?(?:https?:)?\/\//);
  // Names of XML vocabularies are no loads, and the licence of the packed pictures may name its home.
  const addresses = html
    .replace(/<script type="text\/plain" data-licence=[^>]*>[^<]*<\/script>/g, '')
    .match(/https?:\/\/[\w.-]+/g);
  for (const address of addresses ?? []) expect(address).toBe('http://www.w3.org');
});
