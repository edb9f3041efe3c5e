// Vite plug-in that puts the shipped picture sets into index.html: one base64 <script> of a type
// that no browser runs per file, at the very end of the body, with the set's licence beside it. The
// same elements stand in the page that `vite dev` serves, so that there is one way to read them.
// Refuses to build without a file it names, or over the budget.
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HtmlTagDescriptor, Plugin } from 'vite';

const SETS = fileURLToPath(new URL('../data/sets/', import.meta.url));

interface PackedSet {
  folder: string;
  files: readonly string[];
  /** The notice that must travel with every copy. */
  licence: string;
}

export const PACKED_SETS: readonly PackedSet[] = [
  {
    folder: 'fashion6k',
    files: [
      'train-images-idx3-ubyte.gz',
      'train-labels-idx1-ubyte.gz',
      'test-images-idx3-ubyte.gz',
      'test-labels-idx1-ubyte.gz',
    ],
    licence: 'LICENSE',
  },
];

/** Base64 characters of all sets; leaves 1 MB of the offline file's 5 MB to everything else. */
const BUDGET = 4_000_000;

function scriptTag(
  type: string,
  attributes: Record<string, string>,
  text: string,
): HtmlTagDescriptor {
  return { tag: 'script', attrs: { type, ...attributes }, children: text, injectTo: 'body' };
}

/** The elements that web/data/packed.ts looks for. */
export function packTags(sets: readonly PackedSet[] = PACKED_SETS): HtmlTagDescriptor[] {
  let size = 0;
  const tags: HtmlTagDescriptor[] = [];
  for (const set of sets) {
    const path = (file: string): string => resolve(SETS, set.folder, file);
    const licence = readFileSync(path(set.licence), 'utf8').trim();
    if (licence.includes('<'))
      throw new Error(`${set.licence}: a licence with "<" would end the element`);
    tags.push(scriptTag('text/plain', { 'data-licence': set.folder }, licence));
    for (const file of set.files) {
      const base64 = readFileSync(path(file)).toString('base64');
      size += base64.length;
      tags.push(
        scriptTag('application/octet-stream', { 'data-pack': `${set.folder}/${file}` }, base64),
      );
    }
  }
  if (size > BUDGET)
    throw new Error(`packed pictures take ${size} characters, the budget is ${BUDGET}`);
  return tags;
}

export function packData(): Plugin {
  let page = '';
  return {
    name: 'pack-data',
    configResolved(config) {
      page = resolve(config.root, 'index.html');
    },
    transformIndexHtml: {
      order: 'post',
      // Test runners serve pages of their own; only the product's page carries the data.
      handler: (_html, { filename }) =>
        basename(filename) === 'index.html' && resolve(filename) === page ? packTags() : [],
    },
  };
}
