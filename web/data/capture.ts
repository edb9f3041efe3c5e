// Pictures that are made on the page: frames of the camera and files from the clipboard, as found
// files with their kind. The camera runs only while someone holds its Camera object.

import { captureText } from '../text/en-capture';
import type { OwnSession } from './own_session';
import { type FoundFile, REFERENCE_SIDE } from './own_types';
import { toRaw } from './raw_picture';

/** Between two pictures of a recording, in milliseconds. */
export const FRAME_EVERY = 200;
/** Pictures of one recording: a minute. */
export const FRAMES_MOST = 300;
/** Between two looks whether the collection is free, in milliseconds. */
const BUSY_EVERY = 50;

/** "2026-11-23T03-16-15-042Z": sorts by time, and no system refuses it in a file's name. */
export function stamp(): string {
  return new Date().toISOString().replace(/[:.]/g, '-');
}

/** Adds pictures, after those that are being read; gives the number that joined the collection. */
export async function addWhenFree(session: OwnSession, found: FoundFile[]): Promise<number> {
  while (session.busy) await new Promise((resolve) => setTimeout(resolve, BUSY_EVERY));
  const count = (): number => session.pictures.value.length + session.loose.value.length;
  const before = count();
  await session.add(() => ({ found, skipped: [] }));
  return count() - before;
}

/** Files of a paste, each of the kind `className`; without one they wait for its name. */
export function pastedFiles(transfer: DataTransfer, className: string): FoundFile[] {
  const at = stamp();
  return [...transfer.files].map((file, i) => ({
    // Every screenshot is called so; the name must be the picture's own.
    path: file.name === 'image.png' ? `pasted-${at}-${i + 1}.png` : file.name,
    file,
    className: className === '' ? undefined : className,
  }));
}

/** Why there is no camera, as a sentence with its remedy. */
export function cameraProblem(error: unknown, protocol: string = location.protocol): string {
  const name = error instanceof DOMException ? error.name : '';
  const fromFile = protocol === 'file:';
  switch (name) {
    case 'NotFoundError':
    case 'OverconstrainedError':
      return captureText.cameraMissing;
    case 'NotReadableError':
    case 'AbortError':
      return captureText.cameraBusy;
    case 'NotAllowedError':
      return fromFile ? captureText.cameraFromFile : captureText.cameraRefused;
    default:
      return fromFile ? captureText.cameraFromFile : captureText.cameraBlocked;
  }
}

export interface Camera {
  stream: MediaStream;
  /** Seen by the one in front of the screen; shown as in a mirror. */
  mirrored: boolean;
  /** Of the camera that comes after this one; null when it is the only one. */
  next: string | null;
}

export function closeCamera(camera: Camera | null): void {
  for (const track of camera?.stream.getTracks() ?? []) track.stop();
}

/** Rejects with whatever cameraProblem turns into words. */
export async function openCamera(deviceId: string | null): Promise<Camera> {
  const which = deviceId === null ? { facingMode: 'user' } : { deviceId: { exact: deviceId } };
  // Undefined where the page is not trusted with a camera; the TypeError is put into words too.
  const stream = await navigator.mediaDevices.getUserMedia({ video: which, audio: false });
  const settings = stream.getVideoTracks()[0]?.getSettings() ?? {};
  // Only now: before the permission cameras have no names.
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  const cameras = devices.filter(({ kind }) => kind === 'videoinput');
  const now = cameras.findIndex((camera) => camera.deviceId === settings.deviceId);
  const next = cameras.length > 1 ? cameras[(now + 1) % cameras.length]?.deviceId : undefined;
  const mirrored = settings.facingMode !== 'environment';
  return { stream, mirrored, next: next ?? null };
}

/** The middle square of what the video shows, at most the size that every picture is brought to. */
export function frameOf(video: HTMLVideoElement, canvas: HTMLCanvasElement): Blob | null {
  const { videoWidth: width, videoHeight: height } = video;
  const crop = Math.min(width, height);
  if (crop === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
  const side = Math.min(crop, REFERENCE_SIDE);
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.imageSmoothingQuality = 'high';
  context.drawImage(video, (width - crop) / 2, (height - crop) / 2, crop, crop, 0, 0, side, side);
  const { data } = context.getImageData(0, 0, side, side);
  const pixels = new Uint8Array(side * side * 3);
  for (let i = 0, at = 0; i < data.length; i += 4) {
    for (let c = 0; c < 3; c++) pixels[at++] = data[i + c] ?? 0;
  }
  return toRaw(side, side, 3, pixels);
}
