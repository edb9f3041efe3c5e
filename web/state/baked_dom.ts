// Reads what the build baked into the page. The pictures' addresses are taken from the images that
// already stand there, so that the file holds them once.
import { BAKED_ID, type Baked } from './baked';

export function readBaked(root: ParentNode = document): Baked | null {
  try {
    const data: unknown = JSON.parse(root.querySelector(`#${BAKED_ID}`)?.textContent ?? 'null');
    if (typeof data !== 'object' || data === null) return null;
    const rest = data as Omit<Baked, 'thumbs'>;
    const sources = (side: 'a' | 'b') =>
      Array.from(
        root.querySelectorAll<HTMLImageElement>(`img[data-thumb="${side}"]`),
        (img) => img.getAttribute('src') ?? '',
      );
    return { ...rest, thumbs: { a: sources('a'), b: sources('b') } };
  } catch {
    return null;
  }
}
