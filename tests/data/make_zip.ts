// Archives byte by byte, so that a test can write what no packer would: names that repeat or are
// none, sizes that lie, and entries that share their content.

export interface MadeEntry {
  name: string;
  /** As packed. */
  data: Uint8Array;
  /** 0 = stored, 8 = deflate. */
  method: 0 | 8;
  /** What the archive says that it unpacks to. */
  bytes: number;
}

const u16 = (v: number): number[] => [v & 255, (v >> 8) & 255];
const u32 = (v: number): number[] => [...u16(v & 0xffff), ...u16(v >>> 16)];
/** Names are UTF-8. */
const FLAGS = 0x0800;

/** Entries with the same `data` object share one place in the archive. */
export function makeZip(entries: readonly MadeEntry[]): Blob {
  const places = new Map<Uint8Array, number>();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  const put = (...bytes: Uint8Array[]): void => {
    for (const part of bytes) {
      parts.push(new Uint8Array(part));
      at += part.length;
    }
  };
  const common = ({ data, method, bytes }: MadeEntry, name: Uint8Array): number[] => [
    ...[20, 0, ...u16(FLAGS), ...u16(method), ...u32(0), ...u32(0)],
    ...[...u32(data.length), ...u32(bytes), ...u16(name.length), ...u16(0)],
  ];
  const named = entries.map((entry) => ({ entry, name: new TextEncoder().encode(entry.name) }));
  for (const { entry, name } of named) {
    if (places.has(entry.data)) continue;
    places.set(entry.data, at);
    put(Uint8Array.from([...u32(0x04034b50), ...common(entry, name)]), name, entry.data);
  }
  const start = at;
  for (const { entry, name } of named) {
    const rest = [...u16(0), ...u16(0), ...u16(0), ...u32(0), ...u32(places.get(entry.data) ?? 0)];
    put(Uint8Array.from([...u32(0x02014b50), 20, 0, ...common(entry, name), ...rest]), name);
  }
  const count = u16(entries.length);
  const end = [
    ...u32(0x06054b50),
    0,
    0,
    0,
    0,
    ...count,
    ...count,
    ...u32(at - start),
    ...u32(start),
  ];
  put(Uint8Array.from([...end, 0, 0]));
  return new Blob(parts);
}
