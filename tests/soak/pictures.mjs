// Pictures for the soak: thousands of different JPEGs of one megapixel in folders of kinds, drawn and
// encoded by the browser's workers, kept between runs. A few small PNGs stand for "one too many".
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { launchOptions } from '../../scripts/chromium.mjs';

/** 1,002,240 pixels, as wide to high as a phone's. */
export const WIDTH = 1160;
export const HEIGHT = 864;

/** Kind and number of a picture as its path: kind_03/00042.jpg. @param {number} i @param {number} kinds */
export function pathOf(i, kinds) {
  const kind = String(i % kinds).padStart(2, '0');
  return `kind_${kind}/${String(i).padStart(5, '0')}.jpg`;
}

/** Runs in a worker: draws picture i as shapes under a grain like a camera's, and posts its JPEG. */
const WORKER = `
const canvas = new OffscreenCanvas(${WIDTH}, ${HEIGHT});
const context = canvas.getContext('2d', { willReadFrequently: true });
let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const grain = new OffscreenCanvas(512, 512);
{
  const ink = grain.getContext('2d');
  const image = ink.createImageData(512, 512);
  for (let i = 0; i < image.data.length; i += 4) {
    image.data.fill(256 * random(), i, i + 3);
    image.data[i + 3] = 24;
  }
  ink.putImageData(image, 0, 0);
}
const colour = () => \`hsl(\${360 * random()} \${70 * random()}% \${20 + 60 * random()}%)\`;
async function make(i, kind) {
  state = (i + 1) * 2654435761 >>> 0;
  const sky = context.createLinearGradient(0, 0, ${WIDTH} * random(), ${HEIGHT});
  sky.addColorStop(0, colour());
  sky.addColorStop(1, colour());
  context.fillStyle = sky;
  context.fillRect(0, 0, ${WIDTH}, ${HEIGHT});
  for (let n = 0; n < 10 + kind; n++) {
    context.fillStyle = colour();
    context.beginPath();
    const [x, y] = [${WIDTH} * random(), ${HEIGHT} * random()];
    context.ellipse(x, y, 10 + 160 * random(), 10 + 120 * random(), 3 * random(), 0, 6.3);
    context.fill();
  }
  const [dx, dy] = [-512 * random(), -512 * random()];
  for (let y = dy; y < ${HEIGHT}; y += 512) {
    for (let x = dx; x < ${WIDTH}; x += 512) context.drawImage(grain, x, y);
  }
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 });
}
onmessage = async ({ data: { from, step, count, kinds } }) => {
  for (let i = from; i < count; i += step) {
    await fetch('/' + i, { method: 'POST', body: await make(i, i % kinds) });
  }
  postMessage('done');
};`;

/** Takes the pictures that the workers post. @param {string} folder @param {number} kinds */
async function receive(folder, kinds) {
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      const script = request.url === '/worker.js';
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
      response.end(script ? WORKER : '<!doctype html><title>Pictures</title>');
      return;
    }
    /** @type {Buffer[]} */
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const file = join(folder, pathOf(Number(request.url?.slice(1)), kinds));
      writeFileSync(file, Buffer.concat(parts));
      response.end();
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/**
 * A folder with `count` pictures in `kinds` folders; made once, a broken off making starts anew.
 * @param {string} parent @param {number} count @param {number} kinds
 */
export async function makePictures(parent, count, kinds) {
  const folder = join(parent, `${count}-in-${kinds}`);
  const whole = join(parent, `${count}-in-${kinds}.done`);
  if (existsSync(whole)) return folder;
  rmSync(folder, { recursive: true, force: true });
  for (let k = 0; k < kinds; k++) {
    mkdirSync(join(folder, pathOf(k, kinds), '..'), { recursive: true });
  }
  const server = await receive(folder, kinds);
  const browser = await chromium.launch(launchOptions());
  try {
    const page = await browser.newPage();
    await page.goto(server.address);
    await page.evaluate(
      ({ count, kinds }) =>
        Promise.all(
          [0, 1].map((from) => {
            const worker = new Worker('/worker.js');
            worker.postMessage({ from, step: 2, count, kinds });
            return new Promise((done, fail) => {
              worker.onmessage = done;
              worker.onerror = fail;
            });
          }),
        ).then(() => undefined),
      { count, kinds },
    );
  } finally {
    await browser.close();
    server.close();
  }
  writeFileSync(whole, '');
  return folder;
}

/**
 * `count` one-pixel PNGs of one kind: they fill a collection up to its limit at no cost.
 * @param {string} parent @param {number} count
 */
export function makeFillers(parent, count) {
  const folder = join(parent, `${count}-fillers`);
  const whole = `${folder}.done`;
  if (existsSync(whole)) return folder;
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
    'base64',
  );
  for (const kind of ['filler_a', 'filler_b']) mkdirSync(join(folder, kind), { recursive: true });
  for (let i = 0; i < count; i++) {
    const kind = i % 2 === 0 ? 'filler_a' : 'filler_b';
    writeFileSync(join(folder, kind, `${String(i).padStart(5, '0')}.png`), png);
  }
  writeFileSync(whole, '');
  return folder;
}

/** Mean bytes of the first pictures. @param {string} folder @param {number} kinds */
export function meanBytes(folder, kinds) {
  const sizes = Array.from({ length: 50 }, (_, i) => statSync(join(folder, pathOf(i, kinds))).size);
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
}
