// Shipped data inside the page itself: base64 in <script type="application/octet-stream"> elements
// at the end of the body (web/build/pack.ts puts them there). Read only when asked for, in slices,
// so that neither the first paint nor a tap waits for megabytes.

import { Gunzip } from 'fflate';
import { setsText } from '../text/en-sets';
import { limits } from './limits';
import { createPace } from './pace';
import { DataError } from './source';

/** Characters decoded at once; a multiple of 4, so that every slice is whole base64. */
const BASE64_SLICE = 4 * 32 * 1024;
/** Blank pictures unpack to a hundred times as much. */
const GUNZIP_SLICE = 8 * 1024;

/** Null where the page was built without it, or before there is a page. */
function packOf(attribute: string, name: string): Element | null {
  if (typeof document === 'undefined') return null;
  return document.querySelector(`script[${attribute}="${CSS.escape(name)}"]`);
}

/** Whether this page carries the set. */
export function isPacked(folder: string): boolean {
  return packOf('data-licence', folder) !== null;
}

/** The licence that travels with a packed set; null in a page without that set. */
export function packedLicence(folder: string): string | null {
  return packOf('data-licence', folder)?.textContent ?? null;
}

/** Bytes of the packed file with this id, as they were before packing (still gzip). */
export async function readPacked(id: string): Promise<Uint8Array> {
  const element = packOf('data-pack', id);
  if (!element) throw new DataError(setsText.missing);
  const base64 = (element.textContent ?? '').trim();
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((base64.length / 4) * 3 - padding);
  const pace = createPace();
  for (let from = 0, to = 0; from < base64.length; from += BASE64_SLICE) {
    const binary = atob(base64.slice(from, from + BASE64_SLICE));
    for (let i = 0; i < binary.length; i++) bytes[to++] = binary.charCodeAt(i);
    await pace();
  }
  return bytes;
}

/** Unpacks gzip in slices; refuses damaged data and more than limits.setBytes. */
export async function gunzipInSlices(packed: Uint8Array, what: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  let finished = false;
  const stream = new Gunzip((chunk, final) => {
    parts.push(chunk);
    total += chunk.length;
    finished = final;
  });
  const pace = createPace();
  try {
    for (let from = 0; from < packed.length && total <= limits.setBytes; from += GUNZIP_SLICE) {
      const to = Math.min(from + GUNZIP_SLICE, packed.length);
      stream.push(packed.subarray(from, to), to === packed.length);
      await pace();
    }
  } catch {
    throw new DataError(setsText.damaged(what));
  }
  if (!finished || total > limits.setBytes) throw new DataError(setsText.damaged(what));
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
    await pace();
  }
  return bytes;
}
