// The first screen that the build draws: question, task, guesses and the generator's own bytes.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Core, compileCore, instantiateCore } from '../../../wasm_glue/core';
import { encodePng } from '../../../web/build/png';
import { type PrerenderedPage, prerenderPage } from '../../../web/build/prerender_page';
import { defaultPair } from '../../../web/settings/hash';
import { sceneConfig } from '../../../web/settings/spec';
import { presetsText, text } from '../../../web/text/en';
import { bakedPictures, decodePng } from './png';

let page: PrerenderedPage;
let core: Core;
beforeAll(async () => {
  const wasm = new Uint8Array(
    readFileSync(new URL('../../../build/wasm/core.wasm', import.meta.url)),
  );
  core = instantiateCore(await compileCore(wasm));
  page = await prerenderPage(wasm);
});

describe('the first screen without any script', () => {
  it('asks the question and offers the guesses', () => {
    expect(page.html).toContain(text.title);
    expect(page.html).toContain(text.task.striped_ball);
    expect(page.html).toContain(presetsText.size.question);
    for (const { main, why } of presetsText.size.guesses) {
      expect(page.html).toContain(main);
      expect(page.html).toContain(why);
    }
  });

  it.each([
    ['a', 24],
    ['b', 48],
  ] as const)('shows for %s the pictures that the generator draws at %i pixels', (side, size) => {
    const pictures = bakedPictures(page.html, side);
    expect(pictures).toHaveLength(5);
    const scene = sceneConfig({ ...defaultPair().a, size });
    pictures.forEach((picture, kind) => {
      expect(picture.side).toBe(size);
      expect(picture.pixels).toEqual(core.drawScene(scene, size, 'train', kind, 0));
    });
  });

  it('says how many weights each network has', () => {
    expect(page.html).toContain('9,845 weights');
    expect(page.html).toContain('42,485 weights');
    expect(page.baked.plans.b.parameters).toBe(42485);
  });

  it('claims no time before the machine was measured', () => {
    expect(page.html).not.toMatch(/about \d+ s/);
  });
});

describe('PNG files', () => {
  it.each([
    [1, 5],
    [3, 4],
    [1, 1],
  ] as const)('carry %i channels at side %i unchanged', (channels, side) => {
    const pixels = Uint8Array.from({ length: side * side * channels }, (_, i) => (i * 37) % 256);
    expect(decodePng(encodePng(pixels, side, channels))).toEqual({ side, channels, pixels });
  });
});
