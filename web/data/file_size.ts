// Bytes of a chosen file, asked for once: Chromium goes to the disk for every `size` of a file that a
// folder brought, a third of a millisecond each, which thousands in a row make a frozen page.

const known = new WeakMap<Blob, number>();

export function sizeOf(file: Blob): number {
  let size = known.get(file);
  if (size === undefined) {
    size = file.size;
    known.set(file, size);
  }
  return size;
}
