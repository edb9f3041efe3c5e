// The chart in a real browser: focus and keys, what is announced, the table, and that no words lie
// on each other at any size.

import axe from 'axe-core';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { Chart } from '../../../web/charts/Chart';
import { SizeScoreChart } from '../../../web/charts/SizeScoreChart';
import type { ChartProps } from '../../../web/charts/types';
import { formatPercent } from '../../../web/text/format';
import { accuracyProps, levels } from './chart-data';

let host: HTMLElement;

beforeEach(() => {
  host = document.createElement('main');
  host.style.fontFamily = 'sans-serif';
  host.style.width = '600px';
  document.body.append(host);
});

afterEach(() => {
  render(null, host);
  host.remove();
});

function draw(props: ChartProps): void {
  render(<Chart {...props} />, host);
}

/** Measuring and drawing again take a few frames. */
async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((done) => requestAnimationFrame(done));
}

function find<T extends Element>(selector: string): T {
  const found = host.querySelector<T>(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
}

function readout(): HTMLElement {
  return find<HTMLElement>('.chart-readout');
}

function boxes(selector: string): DOMRect[] {
  return [...host.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());
}

function overlap(a: DOMRect, b: DOMRect): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? Math.min(width, height) : 0;
}

describe('keyboard', () => {
  it('is one tab stop with a name, and shows its focus', async () => {
    draw(accuracyProps(30, 1, 0.7));
    await settle();
    // Chromium focuses an SVG that listens for keys even without it; others need the attribute.
    expect(find('svg').getAttribute('tabindex')).toBe('0');
    await userEvent.tab();
    expect(document.activeElement).toBe(find('svg'));
    const chart = page.getByRole('application', {
      name: 'Right answers of network B, round by round',
    });
    await expect.element(chart).toHaveFocus();
    expect(getComputedStyle(find('svg')).outlineStyle).toBe('solid');
    await userEvent.tab();
    expect(document.activeElement?.tagName).toBe('SUMMARY');
  });

  it('reads the last round on focus and moves with the arrow keys, Home and End', async () => {
    draw(accuracyProps(30, 1, 0.7));
    await settle();
    find<SVGElement>('svg').focus();
    await expect
      .element(readout())
      .toHaveTextContent('Round 30: seen 100%, new 70%, gap 30, guessing 20%');
    const steps: [string, string][] = [
      ['{ArrowLeft}', 'Round 29:'],
      ['{ArrowRight}', 'Round 30:'],
      ['{ArrowRight}', 'Round 30:'],
      ['{Home}', 'Round 1: seen 30%, new 25%, gap 5, guessing 20%'],
      ['{ArrowLeft}', 'Round 1:'],
      ['{PageUp}', 'Round 11:'],
      ['{PageDown}', 'Round 1:'],
      ['{End}', 'Round 30:'],
    ];
    for (const [key, words] of steps) {
      await userEvent.keyboard(key);
      await expect.element(readout()).toHaveTextContent(words);
    }
    expect(host.querySelectorAll('.chart-cursor line')).toHaveLength(1);
    await userEvent.keyboard('{Escape}');
    await expect.element(readout()).toHaveTextContent('');
    expect(host.querySelector('.chart-cursor')).toBeNull();
  });

  it('reads ceiling and simple rule after what was measured, and lists them', async () => {
    const props = accuracyProps(30, 1, 0.7, { compact: true });
    host.style.width = '300px';
    draw({ ...props, series: [...props.series, ...levels] });
    await settle();
    find<SVGElement>('svg').focus();
    await expect
      .element(readout())
      .toHaveTextContent(
        'Round 30: seen 100%, new 70%, gap 30, guessing 20%, ceiling 98%, rule 91%',
      );
    const ends = boxes('.chart-end');
    expect(ends).toHaveLength(5);
    ends.forEach((end, i) => {
      for (const other of ends.slice(i + 1)) expect(overlap(end, other)).toBeLessThanOrEqual(2.5);
    });
    await page.getByText('Show as table').click();
    const column = page.getByRole('columnheader', { name: 'ceiling' });
    await expect.element(column).toBeVisible();
    expect(host.querySelectorAll('tbody tr')).toHaveLength(30);
  });

  it('forgets the cursor when the focus leaves', async () => {
    draw(accuracyProps(30, 1, 0.7));
    await settle();
    find<SVGElement>('svg').focus();
    await expect.element(readout()).toHaveTextContent('Round 30');
    find<SVGElement>('svg').blur();
    await expect.element(readout()).toHaveTextContent('');
  });

  it('leaves keys with Ctrl, Alt or Meta to the browser', async () => {
    draw(accuracyProps(30, 1, 0.7));
    await settle();
    find<SVGElement>('svg').focus();
    const event = new KeyboardEvent('keydown', {
      key: 'ArrowLeft',
      altKey: true,
      bubbles: true,
      cancelable: true,
    });
    find('svg').dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
  });

  it('stays at its round while training adds rounds, and goes when the round is gone', async () => {
    draw(accuracyProps(10, 1, 0.7));
    await settle();
    find<SVGElement>('svg').focus();
    await userEvent.keyboard('{ArrowLeft}');
    await expect.element(readout()).toHaveTextContent('Round 9:');
    draw(accuracyProps(11, 1, 0.7));
    await settle();
    expect(readout().textContent).toContain('Round 9:');
    draw(accuracyProps(3, 1, 0.7));
    await settle();
    expect(readout().textContent).toBe('');
  });

  it('is a plain picture as long as there is nothing to read', async () => {
    draw(accuracyProps(0, 1, 0.7));
    await settle();
    expect(find('svg').getAttribute('role')).toBe('img');
    expect(find('svg').hasAttribute('tabindex')).toBe(false);
    expect(host.querySelector('details')).toBeNull();
  });
});

describe('announcing', () => {
  it('is polite for keys and silent for the pointer', async () => {
    draw(accuracyProps(30, 1, 0.7));
    await settle();
    expect(readout().getAttribute('aria-live')).toBe('polite');
    const frame = find('svg').getBoundingClientRect();
    find('svg').dispatchEvent(
      new PointerEvent('pointermove', {
        bubbles: true,
        clientX: frame.left + frame.width / 2,
        clientY: frame.top + 20,
      }),
    );
    await settle();
    expect(readout().textContent).toMatch(/^Round 1\d: seen/);
    expect(readout().getAttribute('aria-live')).toBe('off');
    find('svg').dispatchEvent(new PointerEvent('pointerleave'));
    await settle();
    expect(readout().textContent).toBe('');
  });

  it('names figure and drawing, and describes band and keys', async () => {
    draw(accuracyProps(30, 1, 0.7));
    await settle();
    await expect
      .element(page.getByRole('figure', { name: 'Right answers of network B, round by round' }))
      .toBeInTheDocument();
    const about = document.getElementById(find('svg').getAttribute('aria-describedby') ?? '');
    expect(about?.textContent).toContain('new pictures stay at 70%');
    expect(about?.textContent).toContain('guessing band: 17% to 24%.');
    expect(about?.textContent).toContain('arrow keys');
  });
});

describe('table', () => {
  it('opens below the chart with the same numbers', async () => {
    draw(accuracyProps(30, 1, 0.7));
    await settle();
    expect(host.querySelector('table')).toBeNull();
    await page.getByText('Show as table').click();
    await expect.element(page.getByRole('table')).toBeVisible();
    const rows = [...host.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    expect(rows).toHaveLength(30);
    expect(rows[0]).toEqual(['Round 1', '30%', '25%', '20%', 'gap 5']);
    expect(rows[29]).toEqual(['Round 30', '100%', '70%', '20%', 'gap 30']);
    const heads = [...host.querySelectorAll('thead th')].map((cell) => cell.textContent);
    expect(heads).toEqual(['round', 'seen', 'new', 'guessing', 'gap']);
  });
});

describe('words at the lines’ ends', () => {
  const ends: [number, number][] = [
    [1, 0.7],
    [1, 0.98],
    [1, 1],
    [0.24, 0.22],
    [0.21, 0.2],
    [0.02, 0.01],
    [0.5, 0.5],
  ];
  const places: [number, boolean, string][] = [
    [250, true, ''],
    [600, false, ''],
    [358, true, ''],
    [900, false, '28px'],
  ];
  for (const [width, compact, font] of places) {
    it(`do not overlap and stay inside, ${width} px wide`, async () => {
      host.style.width = `${width}px`;
      if (font) host.style.setProperty('--chart-font-size', font);
      for (const [seen, fresh] of ends) {
        for (const rounds of [1, 4, 30]) {
          draw(accuracyProps(rounds, seen, fresh, { compact }));
          await settle();
          const frame = find('svg').getBoundingClientRect();
          expect(frame.width).toBeCloseTo(width, 0);
          const labels = boxes('.chart-end');
          expect(labels).toHaveLength(3);
          labels.forEach((label, i) => {
            for (const other of labels.slice(i + 1)) {
              // Boxes of text hold the line's whole height; the letters themselves are smaller.
              expect(overlap(label, other)).toBeLessThanOrEqual(0.1 * label.height);
            }
            expect(label.right).toBeLessThanOrEqual(frame.right + 0.5);
            expect(label.bottom).toBeLessThanOrEqual(frame.bottom + 0.5);
          });
        }
      }
    });
  }

  it('keeps axis words apart and inside, and letters at 12 px or more, at 250 × 150', async () => {
    host.style.width = '250px';
    draw(accuracyProps(30, 1, 0.7, { compact: true }));
    await settle();
    const frame = find('svg').getBoundingClientRect();
    expect([frame.width, frame.height]).toEqual([250, 150]);
    const texts = boxes('.chart-axes text');
    for (const [i, text] of texts.entries()) {
      expect(text.left).toBeGreaterThanOrEqual(frame.left - 0.5);
      expect(text.right).toBeLessThanOrEqual(frame.right + 0.5);
      expect(text.bottom).toBeLessThanOrEqual(frame.bottom + 2);
      for (const other of texts.slice(i + 1)) expect(overlap(text, other)).toBeLessThanOrEqual(2.5);
    }
    for (const text of host.querySelectorAll('svg text')) {
      expect(Number.parseFloat(getComputedStyle(text).fontSize)).toBeGreaterThanOrEqual(12);
    }
  });
});

describe('drawing', () => {
  it('tells lines apart without colour: dashes and shapes', async () => {
    const props = accuracyProps(30, 1, 0.7);
    draw({ ...props, series: [...props.series, ...levels] });
    await settle();
    const dash = (id: string) => getComputedStyle(find(`[data-series=${id}]`)).strokeDasharray;
    expect(dash('train')).toBe('none');
    expect(new Set(['train', 'validation', 'chance', 'ceiling', 'rule'].map(dash)).size).toBe(5);
    expect(find('.chart-marker.chart-train').tagName).toBe('circle');
    expect(find('.chart-marker.chart-validation').tagName).toBe('rect');
    expect(find('.chart-gap').getAttribute('d')).not.toBe('');
  });

  it('follows its place and its font size', async () => {
    draw(accuracyProps(30, 1, 0.7));
    await settle();
    expect(find('svg').getAttribute('viewBox')).toMatch(/^0 0 600 /);
    host.style.width = '320px';
    await settle();
    expect(find('svg').getAttribute('viewBox')).toMatch(/^0 0 320 /);
    const left = () => find('.chart-base').getAttribute('x1');
    const before = left();
    host.style.setProperty('--chart-height', '400px');
    host.style.setProperty('--chart-font-size', '28px');
    await settle();
    expect(Number(left())).toBeGreaterThan(1.5 * Number(before));
  });

  it('draws 100,000 rounds with few points and every peak, and lists 200 of them', async () => {
    const points = Array.from({ length: 100_000 }, (_, i) => ({
      x: i + 1,
      y: i === 61_803 ? 1 : 0.5 + 0.2 * Math.sin(i / 50),
    }));
    const props = accuracyProps(0, 1, 1);
    draw({
      ...props,
      xMax: 100_000,
      series: [
        { id: 'train', kind: 'train', label: 'seen', points },
        {
          id: 'validation',
          kind: 'validation',
          label: 'new',
          points: points.map((p) => ({ ...p, y: p.y / 2 })),
        },
      ],
    });
    await settle();
    const path = find('[data-series=train]').getAttribute('d') ?? '';
    expect(path.split('L').length).toBeLessThan(5 * 600);
    const top = Number(find('.chart-axes g:nth-of-type(6) line').getAttribute('y1'));
    const heights = [...path.matchAll(/,(-?[\d.]+)/g)].map((match) => Number(match[1]));
    expect(Math.min(...heights)).toBeCloseTo(top, 1);
    expect(host.querySelectorAll('.chart-marker').length).toBeLessThan(100);
    find<SVGElement>('svg').focus();
    await userEvent.keyboard('{ArrowLeft}');
    await expect.element(readout()).toHaveTextContent('Round 99999:');
    await page.getByText('Show as table').click();
    await expect.element(page.getByRole('table')).toBeVisible();
    expect(host.querySelectorAll('tbody tr').length).toBeLessThanOrEqual(200);
    expect(host.textContent).toContain('Round 61804');
    expect(find('caption').textContent).toContain('of 100,000 values');
  });

  it('breaks a line where nothing was measured', async () => {
    const props = accuracyProps(6, 1, 0.7);
    draw({
      ...props,
      series: props.series.map((series) =>
        series.id === 'train'
          ? {
              ...series,
              points: series.points.map((p) => (p.x === 3 ? { ...p, y: Number.NaN } : p)),
            }
          : series,
      ),
    });
    await settle();
    expect(find('[data-series=train]').getAttribute('d')?.match(/M/g)).toHaveLength(2);
    expect(host.innerHTML).not.toContain('NaN');
  });
});

describe('size against score', () => {
  const sizes = [
    { size: 48, scores: [{ correct: 348, count: 500 }] },
    { size: 12, scores: [{ correct: 385, count: 500 }] },
    {
      size: 24,
      scores: [
        { correct: 488, count: 500 },
        { correct: 480, count: 500 },
        { correct: 490, count: 500 },
      ],
    },
  ];

  it('shows a dot and an interval a seed, sizes in order, and reads them', async () => {
    render(
      <SizeScoreChart
        title="Size against score"
        description="The middle size wins."
        xLabel="picture size (pixels)"
        yLabel="new pictures right (%)"
        yFormat={formatPercent}
        xFormat={(x) => `${x} × ${x}`}
        sizes={sizes}
        chance={0.2}
        chanceLabel="guessing"
        label="new"
      />,
      host,
    );
    await settle();
    expect(boxes('.chart-marker')).toHaveLength(5);
    expect(boxes('.chart-bar')).toHaveLength(5);
    const dots = boxes('.chart-marker');
    dots.forEach((dot, i) => {
      for (const other of dots.slice(i + 1)) expect(overlap(dot, other)).toBe(0);
    });
    find<SVGElement>('svg').focus();
    await expect
      .element(readout())
      .toHaveTextContent('48 × 48: new 70% (likely 65% to 73%), guessing 20%');
    await userEvent.keyboard('{ArrowLeft}');
    await expect.element(readout()).toHaveTextContent('24 × 24: new 98%, 96%, 98%, guessing 20%');
    await userEvent.keyboard('{Home}');
    await expect.element(readout()).toHaveTextContent('12 × 12: new 77%');
  });
});

describe('axe', () => {
  it.each([true, false])('finds nothing, compact %s, table open, cursor shown', async (compact) => {
    draw(accuracyProps(30, 1, 0.7, { compact }));
    await settle();
    await page.getByText('Show as table').click();
    find<SVGElement>('svg').focus();
    await settle();
    const { violations } = await axe.run(host);
    expect(violations.map((violation) => `${violation.id}: ${violation.help}`)).toEqual([]);
  });
});
