// The camera: pictures for as long as a button is held, by finger, mouse or key. It runs only while
// this is on the page and the page is in view; one hold is one group.
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  type Camera,
  cameraProblem,
  closeCamera,
  FRAME_EVERY,
  FRAMES_MOST,
  frameOf,
  openCamera,
  stamp,
} from '../data/capture';
import { captureText as text } from '../text/en-capture';
import type { Take } from './AddPictures';

type State = { kind: 'starting' } | { kind: 'on'; camera: Camera } | { kind: 'off'; why: string };

/** `which` is a new object for every wish; null = off. */
function useCamera(which: { device: string | null } | null, onOff: () => void): State {
  const [state, setState] = useState<State>({ kind: 'starting' });
  useEffect(() => {
    if (!which) return undefined;
    let camera: Camera | null = null;
    let gone = false;
    const off = (why: string): void => {
      gone = true;
      onOff();
      closeCamera(camera);
      setState({ kind: 'off', why });
    };
    const hide = (): void => {
      if (document.hidden) off(text.stopped);
    };
    const leave = (): void => off(text.stopped);
    setState({ kind: 'starting' });
    openCamera(which.device).then(
      (opened) => {
        if (gone) return closeCamera(opened);
        camera = opened;
        // Pulled out, or taken back in the browser's settings.
        opened.stream.getVideoTracks()[0]?.addEventListener('ended', leave);
        return setState({ kind: 'on', camera });
      },
      (error: unknown) => {
        if (!gone) off(cameraProblem(error));
      },
    );
    document.addEventListener('visibilitychange', hide);
    window.addEventListener('pagehide', leave);
    return () => {
      gone = true;
      onOff();
      closeCamera(camera);
      document.removeEventListener('visibilitychange', hide);
      window.removeEventListener('pagehide', leave);
    };
  }, [which]);
  return state;
}

interface Recording {
  frames: Blob[];
  timer: ReturnType<typeof setInterval>;
}

export function CameraCapture({ take }: { take: Take }) {
  const [which, setWhich] = useState<{ device: string | null }>({ device: null });
  const [count, setCount] = useState(0);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const recording = useRef<Recording | null>(null);
  const latest = useRef(take);
  latest.current = take;

  const stop = (): void => {
    if (!recording.current) return;
    const { frames, timer } = recording.current;
    clearInterval(timer);
    recording.current = null;
    setCount(0);
    const group = `camera-${stamp()}`;
    const made = frames.map((file, i) => ({ path: `${group}-${i + 1}`, file, group }));
    if (made.length > 0) latest.current(made);
  };
  const state = useCamera(which, stop);
  const camera = state.kind === 'on' ? state.camera : null;
  useEffect(() => {
    if (video.current) video.current.srcObject = camera?.stream ?? null;
  }, [camera]);

  const start = (): void => {
    // With nothing to take it only asks for the kind.
    if (recording.current || !camera || !latest.current([])) return;
    const frames: Blob[] = [];
    const shoot = (): void => {
      canvas.current ??= document.createElement('canvas');
      const frame = video.current && frameOf(video.current, canvas.current);
      if (frame) frames.push(frame);
      setCount(frames.length);
      if (frames.length >= FRAMES_MOST) stop();
    };
    recording.current = { frames, timer: setInterval(shoot, FRAME_EVERY) };
    shoot();
  };

  if (!camera) {
    return (
      <div class="capture">
        <p aria-live="polite">{state.kind === 'off' ? state.why : text.starting}</p>
        {state.kind === 'off' && (
          <button type="button" onClick={() => setWhich({ device: null })}>
            {text.startCamera}
          </button>
        )}
      </div>
    );
  }
  const isHold = ({ key }: KeyboardEvent): boolean => key === ' ' || key === 'Enter';
  return (
    <div class="capture">
      <video
        class={camera.mirrored ? 'capture-square mirrored' : 'capture-square'}
        aria-label={text.preview}
        ref={video}
        muted
        playsInline
        autoplay
      />
      <div class="data-choosers">
        <button
          type="button"
          class="primary capture-hold"
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            start();
          }}
          onLostPointerCapture={stop}
          onKeyDown={(event) => {
            if (!isHold(event)) return;
            event.preventDefault();
            start();
          }}
          onKeyUp={(event) => {
            if (!isHold(event)) return;
            event.preventDefault();
            stop();
          }}
          onBlur={stop}
          onClick={(event) => {
            // Neither pointer nor key: a screen reader or voice control, which cannot hold.
            if (event.detail !== 0) return;
            start();
            stop();
          }}
          onContextMenu={(event) => event.preventDefault()}
        >
          {text.hold}
        </button>
        {camera.next !== null && (
          <button type="button" onClick={() => setWhich({ device: camera.next })}>
            {text.otherCamera}
          </button>
        )}
      </div>
      <p class="data-small">{count > 0 ? text.recording(count) : text.holdHelp}</p>
    </div>
  );
}
