// Reads a long CSV table in slices: the core reads 18 MB, the 10,000 pictures of MNIST, in one go of
// a third of a second, in which the page would not answer. Every slice is a table of its own with a
// header put in front that names the label's column. Where that column is in doubt, or a slice is
// refused, the core reads the whole: its word, with the right line number, is the one that counts.

import type { CsvTable, PictureEngine } from './own_types';
import type { Pace } from './pace';

/** Bytes of one slice: some 20 ms. */
const SLICE = 1024 * 1024;
/** Rows looked at, spread over the file, to find the label's column. */
const SAMPLE = 64;
const LF = 0x0a;
const QUOTE = 0x22;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The line that begins at the first line start from `at` on, with its end; empty at the end. */
function lineFrom(bytes: Uint8Array, at: number): Uint8Array {
  const start = at === 0 ? 0 : bytes.indexOf(LF, at) + 1;
  if (at > 0 && start === 0) return bytes.subarray(bytes.length);
  const end = bytes.indexOf(LF, start) + 1;
  return bytes.subarray(start, end === 0 ? bytes.length : end);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A header that names the label's column, and where the rows begin; null when in doubt. */
function layoutOf(
  bytes: Uint8Array,
  engine: PictureEngine,
): { header: Uint8Array; rowsAt: number } | null {
  const first = lineFrom(bytes, 0);
  const step = Math.floor((bytes.length - first.length) / SAMPLE);
  const lines = Array.from({ length: SAMPLE }, (_, i) =>
    lineFrom(bytes, first.length + i * step),
  ).filter((line) => line.length > 2);
  const sample = engine.readCsv(joined([first, ...lines]));
  const hasHeader = sample.rows === lines.length;
  if (!hasHeader && sample.rows !== lines.length + 1) return null;
  const text = decoder.decode(first);
  const separator = [',', ';', '\t'].find((sign) => text.includes(sign));
  if (separator === undefined) return null;
  const rows = lines.map((line) => decoder.decode(line).trimEnd().split(separator));
  const labels = sample.labels.slice(-lines.length);
  const columns = Array.from({ length: sample.values + 1 }, (_, c) => c);
  const [column, ...others] = columns.filter((c) =>
    labels.every((label, i) => rows[i]?.[c]?.trim() === label),
  );
  if (column === undefined || others.length > 0) return null;
  const names = columns.map((c) => (c === column ? 'label' : 'p'));
  const header = encoder.encode(`${names.join(separator)}\n`);
  return { header, rowsAt: hasHeader ? first.length : 0 };
}

async function inSlices(
  bytes: Uint8Array,
  engine: PictureEngine,
  pace: Pace,
): Promise<CsvTable | null> {
  const layout = layoutOf(bytes, engine);
  if (!layout) return null;
  const tables: CsvTable[] = [];
  for (let from = layout.rowsAt; from < bytes.length; ) {
    const cut = bytes.indexOf(LF, Math.min(from + SLICE, bytes.length) - 1) + 1;
    const to = cut === 0 ? bytes.length : cut;
    tables.push(engine.readCsv(joined([layout.header, bytes.subarray(from, to)])));
    from = to;
    await pace();
  }
  const values = tables[0]?.values ?? 0;
  if (tables.some((table) => table.values !== values)) return null;
  return {
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    values,
    pixels: joined(tables.map(({ pixels }) => pixels)),
    labels: tables.flatMap(({ labels }) => labels),
  };
}

/** Throws what the core throws, and the signal's reason once that is aborted. */
export async function readCsvInSlices(
  bytes: Uint8Array,
  engine: PictureEngine,
  pace: Pace,
): Promise<CsvTable> {
  // A quoted label may hold a line end, where no slice must be cut.
  if (bytes.length > SLICE && !bytes.includes(QUOTE)) {
    const table = await inSlices(bytes, engine, pace).catch(() => null);
    await pace(); // throws when it was an abort
    if (table) return table;
  }
  return engine.readCsv(bytes);
}
