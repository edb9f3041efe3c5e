// 200 hostile names through the panel of one's own pictures: as kinds, as files that were left out,
// as what Undo would take back. The same pictures under plain names draw exactly the same elements.
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { YourPictures } from '../../../web/components/YourPictures';
import { OwnSession } from '../../../web/data/own_session';
import type { FoundFile, Skipped } from '../../../web/data/own_types';
import { cleanName } from '../../../web/data/paths';
import { toRaw } from '../../../web/data/raw_picture';
import { ownText } from '../../../web/text/en-own';
import { fakeEngine } from '../../data/fake_engine';
import { HOSTILE_NAMES, WITH_SLASHES } from '../../data/hostile_names';

const DIALOGS = ['alert', 'confirm', 'prompt', 'print', 'open'] as const;
const PLAIN = HOSTILE_NAMES.map((_, i) => `kind ${i}`);
const engine = fakeEngine();
let host: HTMLElement;
let session: OwnSession;

beforeEach(() => {
  for (const name of DIALOGS) vi.spyOn(window, name).mockReturnValue(null as never);
  host = document.createElement('main');
  document.body.append(host);
});
afterEach(() => {
  for (const name of DIALOGS) expect(vi.mocked(window[name])).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  render(null, host);
  host.remove();
});

/** Two pictures a kind, no two alike. */
function picturesOf(names: readonly string[]): FoundFile[] {
  return names.flatMap((className, k) =>
    [0, 1].map((i) => {
      const pixels = Uint8Array.from({ length: 16 }, (_, at) => (k * 37 + i * 91 + at * at) & 255);
      return { path: `${className}/${i}`, className, file: toRaw(4, 4, 1, pixels) };
    }),
  );
}

async function show(names: readonly string[]): Promise<void> {
  session = new OwnSession(engine);
  act(() => render(<YourPictures engine={engine} onReady={() => {}} session={session} />, host));
  const skipped: Skipped[] = names.map((path) => ({ path, reason: { kind: 'empty' } }));
  await session.add(() => ({ found: picturesOf(names), skipped }));
  await vi.waitFor(() => {
    expect(session.classes.value).toHaveLength(names.length);
    expect(host.querySelector('details.data-skipped, .data-skipped')).not.toBeNull();
  });
}

/** How many elements of each name the whole document has. */
function census(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { localName } of document.querySelectorAll('*')) {
    counts[localName] = (counts[localName] ?? 0) + 1;
  }
  return counts;
}

/** No attribute that runs, and no address but our own. */
function expectNothingRuns(): void {
  for (const element of host.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on/);
      if (name === 'href' || name === 'src') expect(value).toMatch(/^(?:blob:|data:image\/|#)/);
    }
  }
}

const laterButton = (): HTMLButtonElement | undefined =>
  [...host.querySelectorAll('button')].find(
    ({ textContent, ariaDisabled }) =>
      textContent === ownText.kinds.later && ariaDisabled !== 'true',
  );

/** Steps through all pages of kinds; the census of each, and every text that was seen. */
async function allPages(): Promise<{ counts: Record<string, number>[]; seen: Set<string> }> {
  const counts: Record<string, number>[] = [];
  const seen = new Set<string>();
  for (;;) {
    // Thumbnails are drawn in effects; their elements stand at once.
    counts.push(census());
    expectNothingRuns();
    for (const node of host.querySelectorAll('.data-kind-name')) seen.add(node.textContent ?? '');
    const next = laterButton();
    if (!next) return { counts, seen };
    act(() => next.click());
  }
}

describe('hostile names', () => {
  it('add no element as kinds and as files left out', async () => {
    const prototype = Object.getOwnPropertyNames(Object.prototype);
    await show(PLAIN);
    const plain = await allPages();
    expect(plain.seen).toEqual(new Set(PLAIN));
    render(null, host);
    await show(HOSTILE_NAMES);
    const hostile = await allPages();
    expect(hostile.counts).toEqual(plain.counts);
    expect([...hostile.seen].sort()).toEqual(HOSTILE_NAMES.map(cleanName).sort());
    expect(host.querySelector('.data-skipped')?.textContent).toContain('<img src=x');
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('add no element when typed', async () => {
    await show(PLAIN.slice(0, 3));
    const [first = '', second = ''] = PLAIN;
    act(() => session.renameKind(first, 'plain'));
    const before = census();
    for (const name of [...WITH_SLASHES, ...HOSTILE_NAMES]) {
      act(() => session.undo());
      act(() => session.renameKind(first, name));
      expect(session.classes.value.map((kind) => kind.name)).toContain(cleanName(name));
      expect(census(), name).toEqual(before);
      // It stands in the list and in what Undo would take back.
      expect(host.textContent).toContain(cleanName(name));
    }
    expectNothingRuns();
    expect(session.classes.value.map((kind) => kind.name)).toContain(second);
  });
});
