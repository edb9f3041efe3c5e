// The core's parsers as plain as they can be, for tests of what stands on them: no quotes, one
// separator, the label's column by its name or else the first.
import { CoreError } from '../../wasm_glue/errors';
import type { PictureEngine } from '../../web/data/own_types';
import { areaAverage } from './area_average';

export interface FakeEngine extends PictureEngine {
  /** Bytes of every CSV that was asked for. */
  asked: number[];
}

const refuse = (message: string): CoreError => new CoreError('TEST', message);

export function fakeEngine(): FakeEngine {
  const asked: number[] = [];
  return {
    asked,
    resize: areaAverage,
    readIdx(bytes) {
      const rank = bytes[3] ?? 0;
      if (bytes[2] !== 8) throw refuse('No bytes in it. Give another file.');
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
      const offset = 4 + 4 * rank;
      if (dims.reduce((all, dim) => all * dim, 1) !== bytes.length - offset) {
        throw refuse('The length is wrong. Copy it again.');
      }
      return { dims, offset };
    },
    readCsv(bytes) {
      asked.push(bytes.length);
      const lines = new TextDecoder().decode(bytes).split('\n').filter(Boolean);
      const rows = lines.map((line) => line.trim().split(/[,;\t]/));
      const named = rows[0]?.indexOf('label') ?? -1;
      if (named >= 0) rows.shift();
      const column = Math.max(0, named);
      const labels = rows.map((row) => row[column] ?? '');
      const values = (rows[0]?.length ?? 0) - 1;
      const pixels = new Uint8Array(rows.length * values);
      rows.forEach((row, i) => {
        const line = row.filter((_, c) => c !== column).map(Number);
        if (line.length !== values || line.some((value) => !(value >= 0 && value <= 255))) {
          throw refuse(`Line ${i + 1} is wrong. Correct it.`);
        }
        pixels.set(line, i * values);
      });
      return { rows: rows.length, values, pixels, labels };
    },
  };
}
