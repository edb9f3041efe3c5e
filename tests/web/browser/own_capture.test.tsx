// Pictures made on the page: camera by mouse and key, drawing by mouse and key, paste; and that the
// camera goes off whenever nobody looks.
import axe from 'axe-core';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { AddPictures } from '../../../web/components/AddPictures';
import { cameraProblem } from '../../../web/data/capture';
import { blank, greyOf, stroke } from '../../../web/data/drawing';
import type { FoundFile } from '../../../web/data/own_types';
import { type RawPicture, readRaw } from '../../../web/data/raw_picture';
import { captureText as text } from '../../../web/text/en-capture';
import { type Noted, notingSession } from './own_made';

let host: HTMLElement;
let noted: Noted;
let drawing: ReturnType<typeof setInterval>;
let streams: MediaStream[];

const button = (name: string) => page.getByRole('button', { name });
const kindInput = () => page.getByLabelText(text.kind);
const paper = () => page.getByRole('application');
const video = (): HTMLVideoElement | null => host.querySelector('video');
const running = (): number =>
  streams.flatMap((s) => s.getTracks()).filter((track) => track.readyState === 'live').length;

/** A camera of 64 x 48 pixels: the middle square red, its sides blue. */
function fakeCamera(): MediaStream {
  const canvas = document.createElement('canvas');
  canvas.width = 64;
  canvas.height = 48;
  const context = canvas.getContext('2d');
  const paint = (): void => {
    if (!context) return;
    context.fillStyle = '#00f';
    context.fillRect(0, 0, 64, 48);
    context.fillStyle = '#f00';
    context.fillRect(8, 0, 48, 48);
  };
  paint();
  drawing = setInterval(paint, 30);
  const stream = canvas.captureStream(30);
  streams.push(stream);
  return stream;
}

function camera(kind: 'videoinput', deviceId: string): MediaDeviceInfo {
  return { kind, deviceId, label: deviceId, groupId: '', toJSON: () => '' };
}

async function show(): Promise<void> {
  act(() => render(<AddPictures session={noted.session} />, host));
}

async function startCamera(kind = 'cats'): Promise<void> {
  if (kind !== '') await kindInput().fill(kind);
  await button(text.camera).click();
  await expect.poll(() => video()?.readyState ?? 0).toBeGreaterThanOrEqual(2);
}

/** What was added last, decoded. */
async function last(): Promise<{ found: FoundFile[]; raw: RawPicture }> {
  const found = noted.added.at(-1) ?? [];
  return { found, raw: await readRaw(found[0]?.file ?? new Blob()) };
}

beforeEach(async () => {
  streams = [];
  host = document.createElement('main');
  document.body.append(host);
  noted = notingSession();
  vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockImplementation(async () => fakeCamera());
  vi.spyOn(navigator.mediaDevices, 'enumerateDevices').mockResolvedValue([]);
  await show();
});
afterEach(() => {
  act(() => render(null, host));
  host.remove();
  clearInterval(drawing);
  vi.restoreAllMocks();
});

describe('the camera', () => {
  it('records as long as the mouse holds, one group of raw squares', async () => {
    await startCamera();
    await userEvent.click(button(text.hold), { delay: 900 });
    await expect.poll(() => noted.added.length).toBe(1);
    const { found, raw } = await last();
    // At once, and then every 200 ms: 5 in 900 ms, fewer on a busy machine.
    expect(found.length).toBeGreaterThanOrEqual(2);
    expect(found.length).toBeLessThanOrEqual(6);
    expect(new Set(found.map(({ group }) => group)).size).toBe(1);
    expect(new Set(found.map(({ path }) => path)).size).toBe(found.length);
    expect(found.every(({ className }) => className === 'cats')).toBe(true);
    expect([raw.width, raw.height, raw.channels]).toEqual([48, 48, 3]);
    // Red to its edges: the middle square, as the preview shows it.
    for (const at of [0, 47 * 3, 48 * 47 * 3, raw.pixels.length - 3]) {
      const [r = 0, g = 0, b = 0] = raw.pixels.subarray(at, at + 3);
      expect(r).toBeGreaterThan(150);
      expect(Math.max(g, b)).toBeLessThan(100);
    }
    await expect.element(page.getByText(text.added(found.length, 'cats'))).toBeVisible();
  });

  it.each(['Enter', ' '])('records as long as the key %j is down', async (key) => {
    await startCamera();
    const hold = button(text.hold).element() as HTMLElement;
    hold.focus();
    await userEvent.keyboard(`{${key}>}`);
    await expect.element(page.getByText(/^Recording: [2-9]/)).toBeVisible();
    expect(noted.added).toEqual([]);
    await userEvent.keyboard(`{/${key}}`);
    await expect.poll(() => noted.added.length).toBe(1);
    expect(noted.added[0]?.length).toBeGreaterThanOrEqual(2);
    await expect.element(page.getByText(text.holdHelp)).toBeVisible();
    // The key's click afterwards is no second recording.
    await expect.element(button(text.hold)).toHaveFocus();
    expect(noted.added).toHaveLength(1);
  });

  it('takes one picture for those who cannot hold', async () => {
    await startCamera();
    (button(text.hold).element() as HTMLElement).click();
    await expect.poll(() => noted.added.length).toBe(1);
    expect(noted.added[0]).toHaveLength(1);
  });

  it('asks for the kind first, and waits while a choice is read', async () => {
    await startCamera('');
    (button(text.hold).element() as HTMLElement).click();
    await expect.element(page.getByText(text.kindMissing)).toBeVisible();
    await kindInput().fill(' dogs ');
    noted.hold(true);
    (button(text.hold).element() as HTMLElement).click();
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(noted.added).toEqual([]);
    noted.hold(false);
    await expect.poll(() => noted.added[0]?.[0]?.className).toBe('dogs');
  });

  it('goes off when it is closed, and keeps what it recorded until then', async () => {
    await startCamera();
    expect(running()).toBe(1);
    const hold = button(text.hold).element() as HTMLElement;
    hold.focus();
    await userEvent.keyboard('{Enter>}');
    await expect.element(page.getByText(/^Recording/)).toBeVisible();
    act(() => render(null, host));
    expect(running()).toBe(0);
    await expect.poll(() => noted.added.length).toBe(1);
    await userEvent.keyboard('{/Enter}');
  });

  it.each([
    ['the page is hidden', () => document.dispatchEvent(new Event('visibilitychange'))],
    ['the page is left', () => window.dispatchEvent(new Event('pagehide'))],
    ['it is pulled out', () => streams[0]?.getTracks()[0]?.dispatchEvent(new Event('ended'))],
  ])('goes off when %s, and can be started again', async (_, leave) => {
    await startCamera();
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    leave();
    expect(running()).toBe(0);
    await expect.element(page.getByText(text.stopped)).toBeVisible();
    await button(text.startCamera).click();
    await expect.poll(() => video()?.readyState ?? 0).toBeGreaterThanOrEqual(2);
    expect(running()).toBe(1);
  });

  it('goes off even when it came too late', async () => {
    let give: (stream: MediaStream) => void = () => undefined;
    vi.mocked(navigator.mediaDevices.getUserMedia).mockImplementation(
      () => new Promise((resolve) => (give = resolve)),
    );
    await button(text.camera).click();
    await expect.element(page.getByText(text.starting)).toBeVisible();
    await button(text.camera).click();
    give(fakeCamera());
    await expect.poll(running).toBe(0);
  });

  it('changes to the other camera where there are two', async () => {
    vi.mocked(navigator.mediaDevices.enumerateDevices).mockResolvedValue([
      camera('videoinput', 'back'),
      camera('videoinput', 'front'),
    ]);
    await startCamera();
    await button(text.otherCamera).click();
    const getUserMedia = vi.mocked(navigator.mediaDevices.getUserMedia);
    await expect.poll(() => getUserMedia.mock.calls.length).toBe(2);
    expect(getUserMedia.mock.calls[1]?.[0]?.video).toEqual({ deviceId: { exact: 'back' } });
    await expect.poll(running).toBe(1);
  });

  it('has no button for another camera where there is one', async () => {
    await startCamera();
    expect(button(text.otherCamera).query()).toBeNull();
  });

  it('says why there is none', async () => {
    const refuse = vi.mocked(navigator.mediaDevices.getUserMedia);
    refuse.mockRejectedValue(new DOMException('', 'NotAllowedError'));
    await button(text.camera).click();
    await expect.element(page.getByText(text.cameraRefused)).toBeVisible();
    refuse.mockImplementation(async () => fakeCamera());
    await button(text.startCamera).click();
    await expect.poll(() => video()?.readyState ?? 0).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['NotFoundError', 'https:', text.cameraMissing],
    ['OverconstrainedError', 'https:', text.cameraMissing],
    ['NotReadableError', 'file:', text.cameraBusy],
    ['NotAllowedError', 'https:', text.cameraRefused],
    ['NotAllowedError', 'file:', text.cameraFromFile],
    ['SecurityError', 'https:', text.cameraBlocked],
  ])('has words for %s at %s', (name, protocol, words) => {
    expect(cameraProblem(new DOMException('', name), protocol)).toBe(words);
  });

  it('has words for a page that is given no cameras at all', () => {
    expect(cameraProblem(new TypeError('undefined'), 'http:')).toBe(text.cameraBlocked);
    expect(cameraProblem(new TypeError('undefined'), 'file:')).toBe(text.cameraFromFile);
  });
});

describe('drawing', () => {
  const inkOf = (raw: RawPicture, x: number, y: number): number =>
    255 - (raw.pixels[y * raw.width + x] ?? 0);

  beforeEach(async () => {
    await kindInput().fill('sevens');
    await button(text.draw).click();
    await expect.element(paper()).toBeVisible();
  });

  it('draws by mouse where the mouse is', async () => {
    const box = paper().element().getBoundingClientRect();
    const at = (x: number, y: number) => ({ x: (x * box.width) / 256, y: (y * box.height) / 256 });
    await userEvent.dragAndDrop(paper(), paper(), {
      sourcePosition: at(64, 64),
      targetPosition: at(192, 64),
    });
    await button(text.addDrawing).click();
    await expect.poll(() => noted.added.length).toBe(1);
    const { found, raw } = await last();
    expect(found[0]?.className).toBe('sevens');
    expect([raw.width, raw.height, raw.channels]).toEqual([256, 256, 1]);
    expect(inkOf(raw, 128, 64)).toBe(255);
    expect(inkOf(raw, 128, 90)).toBe(0);
    expect(inkOf(raw, 30, 64)).toBe(0);
    // The paper is clean again, and an empty one is not taken.
    await button(text.addDrawing).click();
    await expect.element(page.getByText(text.drawingEmpty)).toBeVisible();
    expect(noted.added).toHaveLength(1);
  });

  it('draws by keys what the pen would draw', async () => {
    (paper().element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowUp}{ArrowUp} ');
    await expect.element(page.getByText(text.penDown)).toBeVisible();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}{ArrowDown}');
    await userEvent.keyboard(' ');
    await expect.element(page.getByText(text.penUp)).toBeVisible();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}');
    await button(text.addDrawing).click();
    await expect.poll(() => noted.added.length).toBe(1);
    const wanted = blank();
    const places = [
      { x: 128, y: 112 },
      { x: 136, y: 112 },
      { x: 144, y: 112 },
      { x: 144, y: 120 },
    ];
    places.forEach((place, i) => {
      stroke(wanted, places[Math.max(0, i - 1)] ?? place, place, 20);
    });
    const grey = greyOf(wanted, false);
    expect((await last()).raw.pixels.every((value, i) => value === grey[i])).toBe(true);
  });

  it('stays on the paper, in another width and with light ink', async () => {
    await page.getByLabelText(text.penSize).fill('48');
    await page.getByLabelText(text.lightInk).click();
    (paper().element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowLeft>40/} ');
    await button(text.addDrawing).click();
    await expect.poll(() => noted.added.length).toBe(1);
    const { raw } = await last();
    const at = (x: number, y: number): number => raw.pixels[y * 256 + x] ?? -1;
    expect([at(0, 128), at(22, 128), at(26, 128), at(255, 128)]).toEqual([255, 255, 0, 0]);
  });

  it('is wiped on request, and kept while its kind has no name', async () => {
    const box = paper().element().getBoundingClientRect();
    await paper().click({ position: { x: box.width / 2, y: box.height / 2 } });
    await kindInput().fill('');
    await button(text.addDrawing).click();
    await expect.element(page.getByText(text.kindMissing)).toBeVisible();
    await kindInput().fill('dots');
    await button(text.addDrawing).click();
    await expect.poll(() => noted.added.length).toBe(1);
    expect(inkOf((await last()).raw, 128, 128)).toBe(255);
    await paper().click();
    await button(text.wipe).click();
    await button(text.addDrawing).click();
    await expect.element(page.getByText(text.drawingEmpty)).toBeVisible();
  });
});

describe('paste', () => {
  function paste(...files: File[]): boolean {
    const clipboardData = new DataTransfer();
    for (const file of files) clipboardData.items.add(file);
    clipboardData.setData('text/plain', 'words');
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    return !document.body.dispatchEvent(event);
  }

  it('adds files with the kind that is written, or without', async () => {
    const shot = new File(['a'], 'image.png', { type: 'image/png' });
    expect(paste(shot, new File(['b'], 'cat 1.jpg'))).toBe(true);
    await expect.poll(() => noted.added.length).toBe(1);
    const [first, second] = noted.added[0] ?? [];
    expect(first?.path).toMatch(/^pasted-.*-1\.png$/);
    expect([second?.path, second?.className]).toEqual(['cat 1.jpg', undefined]);
    await kindInput().fill('dogs');
    paste(shot);
    await expect.poll(() => noted.added[1]?.[0]?.className).toBe('dogs');
    expect(noted.added[1]?.[0]?.path).not.toBe(first?.path);
    await expect.element(page.getByText(text.added(1, 'dogs'))).toBeVisible();
  });

  it('leaves pasted words alone, and everything once it is gone', () => {
    expect(paste()).toBe(false);
    act(() => render(null, host));
    expect(paste(new File(['a'], 'a.png'))).toBe(false);
    expect(noted.added).toEqual([]);
  });
});

describe('both ways', () => {
  it('pass the accessibility rules', async () => {
    const violations = async () => (await axe.run(host)).violations.map(({ id }) => id);
    expect(await violations()).toEqual([]);
    await startCamera();
    expect(await violations()).toEqual([]);
    await button(text.draw).click();
    await expect.element(paper()).toBeVisible();
    expect(await violations()).toEqual([]);
    expect(running()).toBe(0);
  });
});
