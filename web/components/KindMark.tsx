// What a kind is called and how it looks: stripes have a direction, real kinds a name, others a
// number. The drawing shows the direction in which the stripes run.
import type { Settings } from '../settings/table';
import { text } from '../text/en';

/** Whether a kind is one thing with a look of its own, not several that share a kind. */
function isPlain(s: Settings, source: Settings['source']): boolean {
  return s.source === source && s.patterns <= s.kinds;
}

export function kindName(s: Settings, kind: number, names: readonly string[]): string {
  if (isPlain(s, 'striped_ball')) return text.kindName.angle(Math.round((180 * kind) / s.kinds));
  if (isPlain(s, 'polygons')) return text.kindName.corners(kind + 3);
  return names[kind] ?? text.kindName.number(kind);
}

const REACH = 7;

export function KindMark({ settings, kind }: { settings: Settings; kind: number }) {
  if (!isPlain(settings, 'striped_ball')) return null;
  // The scene's brightness varies along angle t, so the stripes run across it (y points down).
  const t = (Math.PI * kind) / settings.kinds;
  const [x, y] = [-Math.sin(t) * REACH, Math.cos(t) * REACH];
  return (
    <svg class="kind-mark" viewBox="-9 -9 18 18" aria-hidden="true">
      <circle r="8" />
      <line x1={-x} y1={-y} x2={x} y2={y} />
    </svg>
  );
}
