// Files of pictures through the core's parsers: IDX (the format of MNIST) and tables of pixels as
// CSV. Throws a CoreError whose sentence says what is wrong, where, and what to do.
import { CoreError } from './errors';
import type { CoreModule } from './module';

/** The longest, of four dimensions. */
const IDX_HEADER_BYTES = 20;

export interface IdxArray {
  /** One to four, each at least 1. */
  dims: number[];
  /** Where the u8 values start; they fill the rest of the file exactly. */
  offset: number;
}

export interface CsvTable {
  rows: number;
  /** [rows][values]: side * side * channels, the channels of a pixel side by side. */
  pixels: Uint8Array<ArrayBuffer>;
  /** Pixels of a row. */
  values: number;
  channels: 1 | 3;
  /** One per row, as written in the file. */
  labels: string[];
}

export function readIdx(core: CoreModule, bytes: Uint8Array): IdxArray {
  // The parser looks at the header alone, so the values need not be copied.
  const header = bytes.subarray(0, IDX_HEADER_BYTES);
  return core.borrow(IDX_HEADER_BYTES, (block) => {
    core.writeBytes(block, header);
    const { pvl_idx_parse } = core.exports;
    const [rank = 0, ...rest] = core.doubles(6, (out) => pvl_idx_parse(out, block, bytes.length));
    return { dims: rest.slice(0, rank), offset: rest[4] ?? 0 };
  });
}

/** Tables from spreadsheets are often not UTF-8; then they are Latin. */
function labelsOf(bytes: Uint8Array): string[] {
  const read = (encoding: string): string[] =>
    new TextDecoder(encoding, { fatal: true }).decode(bytes).split('\0').slice(0, -1);
  try {
    return read('utf-8');
  } catch {
    return read('windows-1252');
  }
}

export function readCsv(core: CoreModule, bytes: Uint8Array): CsvTable {
  const e = core.exports;
  return core.borrow(bytes.length, (block) => {
    core.writeBytes(block, bytes);
    const csv = core.allocated(64, () => e.pvl_csv_new());
    try {
      const status = core.guard(() => e.pvl_csv_scan(csv, block, bytes.length));
      const values = core.doubles(6, (out) => e.pvl_csv_values(out, csv));
      const [rows = 0, perRow = 0, channels = 0, labelBytes = 0, line = 0, column = 0] = values;
      if (status !== 0) throw placed(core, status, line, column);
      return core.borrow(rows * perRow, (pixels) =>
        core.borrow(labelBytes, (labels) => {
          core.check(core.guard(() => e.pvl_csv_read(pixels, labels, csv, block, bytes.length)));
          return {
            rows,
            pixels: core.readBytes(pixels, rows * perRow),
            values: perRow,
            channels: channels === 3 ? 3 : 1,
            labels: labelsOf(core.readBytes(labels, labelBytes)),
          };
        }),
      );
    } finally {
      core.free(csv);
    }
  });
}

/** "Line 3, column 5: a pixel is …", without what a failure has no place for. */
function placed(core: CoreModule, status: number, line: number, column: number): CoreError {
  const text = core.statusText(status);
  const place = column > 0 ? `Line ${line}, column ${column}` : `Line ${line}`;
  const rest = `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
  return new CoreError(core.statusName(status), line > 0 ? `${place}: ${rest}` : text);
}
