// Draws the first screen at build time: the default pair's pictures and plans by the very core that
// the page carries, and the page's own components as HTML.
import { renderToString } from 'preact-render-to-string';
import { compileCore, instantiateCore } from '../../wasm_glue/core';
import { App } from '../components/App';
import { defaultPair } from '../settings/hash';
import { networkConfig, trainCount } from '../settings/spec';
import type { Settings } from '../settings/table';
import { type Baked, setBaked } from '../state/baked';
import { sceneThumbs, stretchOf, type Thumb } from '../state/thumbs';
import { encodePng } from './png';

function address({ pixels, side, channels }: Thumb): string {
  return `data:image/png;base64,${encodePng(pixels, side, channels).toString('base64')}`;
}

export interface PrerenderedPage {
  html: string;
  /** For the JSON element; the pictures stand in the HTML already. */
  baked: Omit<Baked, 'thumbs'>;
}

export async function prerenderPage(wasm: Uint8Array<ArrayBuffer>): Promise<PrerenderedPage> {
  const core = instantiateCore(await compileCore(wasm));
  const { a, b } = defaultPair();
  const sides: { a: Settings; b: Settings } = { a, b: { ...a, ...b } };
  const thumbs = { a: sceneThumbs(core, sides.a), b: sceneThumbs(core, sides.b) };
  const plan = (s: Settings) => core.plan(networkConfig(s), trainCount(s), s.testPictures);
  const baked = {
    stretch: stretchOf([...thumbs.a, ...thumbs.b]),
    plans: { a: plan(sides.a), b: plan(sides.b) },
  };
  setBaked({ ...baked, thumbs: { a: thumbs.a.map(address), b: thumbs.b.map(address) } });
  const html = renderToString(<App />);
  setBaked(null);
  return { html, baked };
}
