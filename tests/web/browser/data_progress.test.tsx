// Progress of reading in words: the time left once it is known, and what a screen reader hears.
import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DataCardProgress } from '../../../web/components/DataCardProgress';
import { dataText } from '../../../web/text/en-data';

let host: HTMLElement;
beforeEach(() => {
  host = document.createElement('main');
  document.body.append(host);
});
afterEach(() => {
  render(null, host);
  host.remove();
});

function show(done: number, secondsLeft: number | null): void {
  const activity = { kind: 'reading', done, total: 5000, secondsLeft } as const;
  render(<DataCardProgress activity={activity} onCancel={() => undefined} />, host);
}
const seen = (): string => host.querySelector('.data-progress > span')?.textContent ?? '';
const heard = (): string => host.querySelector('[aria-live=polite]')?.textContent ?? '';

it('counts at every change and adds the time left once there is one', async () => {
  show(0, null);
  expect(seen()).toBe(dataText.own.reading(0, 5000));
  show(1200, 76);
  expect(seen()).toContain(dataText.own.reading(1200, 5000));
  await vi.waitFor(() => expect(seen()).toContain(dataText.own.timeLeft('about 76 s')), 5000);
  const bar = host.querySelector('progress');
  expect([bar?.value, bar?.max]).toEqual([1200, 5000]);
});

it('does not read out every change', async () => {
  show(1, 100);
  await vi.waitFor(() => expect(heard()).toContain('1 of 5,000'));
  for (let done = 2; done < 30; done++) {
    show(done, 100);
    expect(heard()).toContain('1 of 5,000');
  }
});
