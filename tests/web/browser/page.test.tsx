// The page's parts in a real browser with the real core on the page and a pool that does what it is
// told: pictures and weights follow the settings, the run's states, focus, and axe in each state.
import axe from 'axe-core';
import { render } from 'preact';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import wasmUrl from '../../../build/wasm/core.wasm?url';
import { compileCore, openCore } from '../../../wasm_glue/core';
import type { RunSpec } from '../../../wasm_glue/protocol';
import { App } from '../../../web/components/App';
import { defaultPair } from '../../../web/settings/hash';
import { core, engineFailed, speed } from '../../../web/state/engine';
import { forgetLuck } from '../../../web/state/luck';
import { asking, message, openWindow, stripOpen } from '../../../web/state/page';
import { thumbSets } from '../../../web/state/preview';
import { forgetRuns, type RunHandlers, setLauncher } from '../../../web/state/runs';
import { pair, replacePair, setSetting } from '../../../web/state/store';
import { presetsText, text } from '../../../web/text/en';
import { ceilingText } from '../../../web/text/en-chart';
import '../../../web/styles/index.css';

interface Started {
  spec: RunSpec;
  handlers: RunHandlers;
  commands: string[];
}
let started: Started[] = [];
let host: HTMLElement;
let opened: Awaited<ReturnType<typeof openCore>>;

beforeAll(async () => {
  opened = await openCore(await compileCore(wasmUrl));
});

beforeEach(() => {
  document.title = text.documentTitle;
  document.documentElement.lang = 'en';
  forgetLuck();
  forgetRuns();
  replacePair(defaultPair());
  started = [];
  core.value = opened;
  engineFailed.value = false;
  speed.value = { secondsPerWork: 1e-9, secondsPerSceneValue: 1e-9 };
  openWindow.value = null;
  stripOpen.value = false;
  asking.value = true;
  message.value = '';
  setLauncher((spec, handlers) => {
    const own: Started = { spec, handlers, commands: [] };
    started.push(own);
    const command = (name: string) => () => own.commands.push(name);
    return {
      pause: command('pause'),
      resume: command('resume'),
      step: command('step'),
      stop: command('stop'),
      dispose: command('dispose'),
    };
  });
  host = document.createElement('div');
  document.body.append(host);
  render(<App />, host);
});

afterEach(() => {
  render(null, host);
  host.remove();
});

function find<T extends HTMLElement>(selector: string): T {
  const found = host.querySelector<T>(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
}
function button(words: string): HTMLButtonElement {
  const found = [...host.querySelectorAll('button')].find((b) => b.innerText.trim() === words);
  if (!found) throw new Error(`no button says ${words}`);
  return found;
}
async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((done) => requestAnimationFrame(done));
}
async function clean(): Promise<void> {
  const { violations } = await axe.run(document);
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
}
function finish(run: Started | undefined, fresh: number): void {
  const score = (correct: number, count: number) => ({ loss: 0.5, correct, count });
  run?.handlers.state('training');
  run?.handlers.progress({
    done: 1,
    epoch: 30,
    epochs: [{ epoch: 30, train: score(200, 200), test: score(fresh, 500) }],
  });
  run?.handlers.finished({
    fingerprint: '0123456789abcdef',
    dataHash: '0',
    nearestMean: null,
    dataSeconds: 1,
    trainSeconds: 2,
  });
}
async function runDefault(): Promise<void> {
  find('.guess').click();
  await settle();
  finish(started[0], 488);
  finish(started[1], 348);
  await settle();
}

describe('before a run', () => {
  it('trains nothing by itself, and is clean', async () => {
    await settle();
    expect(started).toHaveLength(0);
    await clean();
  });

  it('draws the very pictures that the network gets', async () => {
    await settle();
    const canvas = find<HTMLCanvasElement>('.pictures-a canvas');
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, 24, 24) ?? { data: [] };
    const s = defaultPair().a;
    const scene = { ...opened.sceneDefaults(), seed: s.dataLuck };
    const drawn = opened.drawScene(scene, 24, 'train', 0, 0);
    expect(Array.from(drawn)).toEqual(Array.from({ length: 576 }, (_, i) => data[4 * i]));
  });

  it('changes pictures, weights and time with the sliders, at once and by keyboard', async () => {
    stripOpen.value = true;
    await settle();
    const slider = find<HTMLInputElement>('#size-b');
    slider.focus();
    await userEvent.keyboard('{ArrowRight}');
    await settle();
    expect(find<HTMLCanvasElement>('.pictures-b canvas').width).toBe(64);
    expect(find('.network-b').innerText).toContain('77,045 weights');
    await userEvent.keyboard('{Home}');
    await settle();
    expect(find<HTMLCanvasElement>('.pictures-b canvas').width).toBe(8);
    expect(slider.getAttribute('aria-valuetext')).toBe('8 × 8');
    await userEvent.keyboard('{End}');
    expect(pair.value.b.size).toBe(192);
    find<HTMLInputElement>('#kinds-a').focus();
    await userEvent.keyboard('{ArrowRight}');
    await settle();
    expect(find('.pictures-a').innerText).toContain('5 of 6 kinds');
    expect(started).toHaveLength(0);
  });

  it('shows two sliders for what is compared and one for the rest', async () => {
    stripOpen.value = true;
    await settle();
    expect(host.querySelector('#kinds-b')).toBeNull();
    const compare = find<HTMLSelectElement>('#compare');
    await userEvent.selectOptions(compare, 'kinds');
    await settle();
    expect(host.querySelector('#kinds-b')).not.toBeNull();
    expect(host.querySelector('#size-b')).toBeNull();
  });

  it('has an explanation beside every setting in the drawer, and gives the focus back', async () => {
    stripOpen.value = true;
    await settle();
    const more = button(text.change.more);
    more.focus();
    await userEvent.keyboard('{Enter}');
    await settle();
    const controls = [...host.querySelectorAll('.drawer .control')];
    expect(controls.length).toBeGreaterThan(8);
    for (const control of controls) {
      expect(control.querySelector('.control-help')?.textContent).not.toBe('');
      const field = control.querySelector('input, select');
      expect(field?.getAttribute('aria-describedby')).toBe(
        control.querySelector('.control-help')?.id,
      );
    }
    await clean();
    await userEvent.keyboard('{Escape}');
    await settle();
    expect(host.querySelector('.drawer')).toBeNull();
    expect(document.activeElement).toBe(more);
  });

  it('says so when the core cannot start', async () => {
    engineFailed.value = true;
    await settle();
    expect(find('[role="alert"]').innerText).toContain(text.run.loadFailed);
    expect(find<HTMLButtonElement>('.guess').disabled).toBe(true);
  });

  it('starts an early tap as soon as the core is there', async () => {
    setLauncher(null);
    find('.guess').click();
    await settle();
    expect(find('.run-button').innerText).toBe(text.run.loading);
  });
});

describe('a run', () => {
  it('starts with a guess and ends with a verdict that is read out once', async () => {
    await runDefault();
    expect(started).toHaveLength(2);
    expect(find('.result-a .number').innerText).toBe('98%');
    expect(find('.result-b .number').innerText).toBe('70%');
    expect(find('.verdict [aria-live="polite"]').innerText).toContain('98% → 70%');
    expect(find('.verdict').innerText).toContain('Your guess: 48 × 48.');
    await clean();
  });

  it('passes pause, one round and stop on to both workers', async () => {
    find('.run-button').click();
    await settle();
    button(text.run.pause).click();
    for (const { handlers } of started) handlers.state('paused');
    await settle();
    await clean();
    button(text.run.step).click();
    button(text.run.resume).click();
    button(text.run.stop).click();
    for (const { commands } of started) {
      expect(commands).toEqual(['pause', 'step', 'resume', 'stop']);
    }
  });

  it('keeps the result and says that it is an earlier one when settings move', async () => {
    await runDefault();
    setSetting('kinds', 10);
    asking.value = true;
    await settle();
    expect(find('.verdict').innerText).toContain(text.run.stale);
    expect(find('.result-a .number').innerText).toBe('98%');
    expect(host.querySelectorAll('.guess').length).toBe(3);
    await clean();
  });

  it('shows why a run failed where its result would be, and keeps its rounds', async () => {
    find('.guess').click();
    await settle();
    started[1]?.handlers.failed({
      code: 'memory',
      message: 'There is not enough memory.',
      epoch: 0,
    });
    await settle();
    expect(find('.result-b [role="alert"]').innerText).toContain('There is not enough memory.');
    finish(started[0], 488);
    await settle();
    expect(find('.result-a .number').innerText).toBe('98%');
    expect(find('.verdict').innerText).toContain(text.verdict.endedEarly);
  });

  it('offers the next step, whose settings it loads without starting it', async () => {
    await runDefault();
    button(text.verdict.trySizes(12, 24)).click();
    await settle();
    expect(find('.question').innerText).toBe(presetsText.smaller.question);
    expect(started).toHaveLength(2);
  });

  it('lists what was run, with its code', async () => {
    await runDefault();
    find('.deeper-section summary').click();
    await settle();
    const rows = [...host.querySelectorAll('.runs tbody tr')].map((r) => r.textContent ?? '');
    expect(rows).toHaveLength(2);
    expect(rows[1]).toContain('42,485');
    expect(rows[1]).toContain('0123456789abcdef');
  });

  it('shows every layer and the loss in the lab view', async () => {
    await runDefault();
    setSetting('lab', true);
    await settle();
    const total = host.querySelector('.lab .ladder-total')?.textContent ?? '';
    expect(total).toContain('9,845');
    expect(find('.lab').innerText).toContain('22 × 22 × 16');
    await clean();
  });
});

describe('the ceiling', () => {
  const line = () => host.querySelector('.result-a [data-series=ceiling]')?.getAttribute('d');

  it('is drawn for hidden patterns, at each size its own, and for nothing else', async () => {
    expect(line()).toBeUndefined();
    setSetting('source', 'templates');
    setSetting('snr', 2);
    await expect.poll(line).toMatch(/^M/);
    const at24 = line();
    setSetting('size', 96);
    await expect.poll(line).not.toBe(at24);
    setSetting('clutter', 50);
    await expect.poll(line).toBeUndefined();
  });

  it('is a column of the table and a sentence of the lab view', async () => {
    setSetting('source', 'templates');
    setSetting('kinds', 2);
    setSetting('lab', true);
    await runDefault();
    find<HTMLElement>('.result-a summary').click();
    await expect.poll(() => find('.result-a table').innerText).toContain(text.result.ceiling);
    const said = () => find('.lab').innerText;
    await expect.poll(said).toContain(ceilingText.best('100%'));
    expect(said()).toMatch(/Averaging 40 labelled pictures per kind of 576 numbers each/);
    await clean();
    setSetting('wrongLabels', 40);
    await expect.poll(said).toContain(ceilingText.wrongLabels);
    expect(said()).not.toContain('Averaging');
    setSetting('source', 'noise');
    await expect.poll(said).toContain(ceilingText.guessing('50%'));
  });
});

describe('the thumbnails', () => {
  it('show two patterns of each of two kinds where patterns share a kind', async () => {
    setSetting('source', 'polygons');
    setSetting('kinds', 10);
    const names = () => [...host.querySelectorAll('.pictures-a .kind')].map((k) => k.textContent);
    await expect.poll(() => names()[4]).toBe('11 corners');
    setSetting('patterns', 20);
    await expect.poll(names).toEqual(['kind 1', 'kind 2', 'kind 1', 'kind 2']);
    const { thumbs } = thumbSets.a.value;
    expect(new Set(thumbs.map(({ pixels }) => pixels.join())).size).toBe(4);
  });

  it('are not drawn again for what changes no picture', () => {
    setSetting('cue', 40);
    const { thumbs } = thumbSets.a.value;
    setSetting('cueTest', 20);
    setSetting('wrongLabels', 50);
    setSetting('epochs', 10);
    setSetting('jitter', 30);
    expect(thumbSets.a.value.thumbs).toBe(thumbs);
    setSetting('cueTrain', 20);
    setSetting('rotation', 30);
    expect(thumbSets.a.value.thumbs).not.toBe(thumbs);
  });
});

describe('windows', () => {
  it.each(['experiments', 'help', 'reset'] as const)(
    '%s is clean and closes with Escape',
    async (name) => {
      openWindow.value = name;
      await settle();
      expect(find<HTMLDialogElement>('dialog').open).toBe(true);
      await clean();
      await userEvent.keyboard('{Escape}');
      await settle();
      expect(host.querySelector('dialog')).toBeNull();
    },
  );

  it('shows the time of every experiment first', async () => {
    openWindow.value = 'experiments';
    await settle();
    for (const one of host.querySelectorAll<HTMLElement>('.experiment')) {
      expect(one.innerText).toMatch(/^(about|under) \d+/);
    }
  });

  it('asks once before it resets everything', async () => {
    setSetting('kinds', 10);
    await runDefault();
    openWindow.value = 'reset';
    await settle();
    button(text.header.resetNo).click();
    await settle();
    expect(pair.value.a.kinds).toBe(10);
    openWindow.value = 'reset';
    await settle();
    button(text.header.resetYes).click();
    await settle();
    expect(pair.value).toEqual(defaultPair());
    expect(find('.result-a').innerText).toContain(text.result.empty);
  });

  it('undoes from the menu and says what', async () => {
    setSetting('snow', 80);
    await settle();
    find(`button[aria-label="${text.header.menu}"]`).click();
    await settle();
    await clean();
    button(text.header.undo).click();
    await settle();
    expect(pair.value.a.snow).toBe(40);
    expect(find('.message').innerText).toContain('Snow');
  });
});
