// The page on the screens it is meant for: nothing scrolls sideways, no words run into others, and
// the first screen's guesses stand high enough to be seen.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { guesses, measured, over, overOne } from './support';

const SCREENS = [
  { width: 1280, height: 720 },
  { width: 1366, height: 768 },
  { width: 1920, height: 1080 },
  { width: 390, height: 844 },
] as const;
const PROJECTORS = SCREENS.filter(({ width }) => width >= 1280);
/** What stands above the fold on a Chromebook. */
const FOLD = 600;

/** Pairs of visible words that lie on each other. Runs in the page. */
function collisions(): string[] {
  interface Words {
    text: string;
    floats: boolean;
    node: Node;
    box: { left: number; top: number; right: number; bottom: number };
  }
  const all: Words[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const own = node.parentElement;
    const text = node.textContent?.trim() ?? '';
    if (own === null || text === '' || own.closest('option, script, style, noscript')) continue;
    if (!own.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    let clip = { left: 0, top: 0, right: Infinity, bottom: Infinity };
    let floats = false;
    for (let up: Element | null = own; up !== null; up = up.parentElement) {
      const { overflow, position } = getComputedStyle(up);
      if (position === 'fixed' || position === 'sticky') floats = true;
      if (overflow === 'visible' || up === document.body || up === document.documentElement)
        continue;
      if (up instanceof SVGElement && !(up instanceof SVGSVGElement)) continue;
      const box = up.getBoundingClientRect();
      clip = {
        left: Math.max(clip.left, box.left),
        top: Math.max(clip.top, box.top),
        right: Math.min(clip.right, box.right),
        bottom: Math.min(clip.bottom, box.bottom),
      };
    }
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      // Letters leave the top and the bottom of their line's box empty.
      const trim = line.height * 0.18;
      const box = {
        left: Math.max(line.left + 1, clip.left),
        top: Math.max(line.top + trim, clip.top),
        right: Math.min(line.right - 1, clip.right),
        bottom: Math.min(line.bottom - trim, clip.bottom),
      };
      if (box.right - box.left > 2 && box.bottom - box.top > 2)
        all.push({ text, floats, node, box });
    }
  }
  const found = new Set<string>();
  for (const [i, one] of all.entries()) {
    for (const other of all.slice(i + 1)) {
      // A bar that stays at the bottom and a message pass over the page by design.
      if (one.node === other.node || one.floats !== other.floats) continue;
      const across =
        Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down =
        Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (across > 1 && down > 1) found.add(`“${one.text}” and “${other.text}”`);
    }
  }
  return [...found];
}

/** Everything wrong on each screen, named by it. */
async function faults(
  page: Page,
  state: string,
  screens: readonly { width: number; height: number }[],
): Promise<string[]> {
  const found: string[] = [];
  for (const screen of screens) {
    await page.setViewportSize(screen);
    // Charts measure themselves and draw again.
    await page.waitForTimeout(400);
    const at = `${screen.width} × ${screen.height}, ${state}`;
    const wider = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
    if (wider > 0) found.push(`${at}: scrolls sideways by ${wider} pixels`);
    for (const pair of await page.evaluate(collisions)) found.push(`${at}: ${pair}`);
  }
  return found;
}

for (const [look, screens] of [
  ['auto', SCREENS],
  ['projector', PROJECTORS],
] as const) {
  const hash = look === 'auto' ? 'ep=5' : `ep=5&th=${look}`;
  overOne('file', `no words run into others, look ${look}`, { hash }, async ({ page }) => {
    await measured(page);
    const found = await faults(page, 'before', screens);
    await guesses(page).first().click();
    await over(page);
    found.push(...(await faults(page, 'after a run', screens)));
    expect(found).toEqual([]);
  });
}

overOne('file', 'the guesses stand on the first screen', {}, async ({ page }) => {
  await measured(page);
  expect(await guesses(page).count()).toBe(3);
  for (const guess of await guesses(page).all()) {
    const box = await guess.boundingBox();
    expect(box).not.toBeNull();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(FOLD);
  }
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

overOne('file', 'the overlap check sees an overlap', {}, async ({ page }) => {
  await measured(page);
  expect(await page.evaluate(collisions)).toEqual([]);
  await page.evaluate(() => {
    const [first, second] = document.querySelectorAll<HTMLElement>('h1, .question');
    const up =
      (second?.getBoundingClientRect().top ?? 0) - (first?.getBoundingClientRect().top ?? 0);
    if (second) second.style.transform = `translateY(${-up}px)`;
  });
  expect(await page.evaluate(collisions)).not.toEqual([]);
});
