// "Save this page" and "Copy link". The saved file is the page as it was delivered, taken before
// any script changed it, with the present settings in a JSON element: it needs no network and can
// save itself again.
import { type PairSettings, readHash, writeHash } from '../settings/hash';
import { STATE_ID, scriptJson } from './baked';

/** The document as delivered; a clone, whose long texts the browser shares with the original. */
let pristine: Element | null = null;

/** Call before anything is drawn. */
export function keepPristine(root: Element = document.documentElement): void {
  pristine = root.cloneNode(true) as Element;
}

/** The text of a copy that opens with these settings. */
export function savedPage(pair: PairSettings): string {
  if (pristine === null) throw new Error('keepPristine was not called');
  const copy = pristine.cloneNode(true) as Element;
  const state = copy.querySelector(`#${STATE_ID}`);
  if (state === null) throw new Error('the page has no place for its settings');
  state.textContent = scriptJson({ hash: writeHash(pair) });
  // No line end after it: a browser would move that into the body, one more with every copy.
  return `<!doctype html>\n${copy.outerHTML}`;
}

/** Settings that a saved copy carries, as a hash; empty for the page as delivered. */
export function carriedHash(root: ParentNode = document): string {
  try {
    const state: unknown = JSON.parse(root.querySelector(`#${STATE_ID}`)?.textContent ?? '{}');
    if (typeof state !== 'object' || state === null || !('hash' in state)) return '';
    return typeof state.hash === 'string' ? state.hash : '';
  } catch {
    return '';
  }
}

/** The hash of the address wins over what a saved copy carries. */
export function startingPair(hash: string): ReturnType<typeof readHash> {
  return readHash(hash.length > 1 ? hash : carriedHash());
}

export function download(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download reads the address after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function linkTo(pair: PairSettings): string {
  const hash = writeHash(pair);
  return `${location.href.replace(/#.*$/, '')}${hash === '' ? '' : `#${hash}`}`;
}

export async function copyText(words: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return false;
  }
}
