// The core's area average written a second time, slowly and in exact integers, so that tests of the
// page's data need no wasm. tests/core checks the core's own.

type Channels = 1 | 3;

/** Each input pixel as a block of outSide x outSide cells, each output pixel the mean of its cells. */
export function areaAverage(
  input: Uint8Array,
  inSide: number,
  outSide: number,
  channels: Channels,
): Uint8Array {
  const output = new Uint8Array(outSide * outSide * channels);
  /** Cells (in units of 1/(inSide*outSide)) that output o shares with input i along one axis. */
  const overlap = (o: number, i: number): number =>
    Math.max(0, Math.min((o + 1) * inSide, (i + 1) * outSide) - Math.max(o * inSide, i * outSide));
  for (let oy = 0; oy < outSide; oy++) {
    for (let ox = 0; ox < outSide; ox++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let iy = Math.floor((oy * inSide) / outSide); iy < inSide; iy++) {
          const high = overlap(oy, iy);
          if (high === 0) break;
          for (let ix = Math.floor((ox * inSide) / outSide); ix < inSide; ix++) {
            const wide = overlap(ox, ix);
            if (wide === 0) break;
            sum += high * wide * (input[(iy * inSide + ix) * channels + c] ?? 0);
          }
        }
        output[(oy * outSide + ox) * channels + c] = Math.floor(sum / inSide ** 2 + 0.5);
      }
    }
  }
  return output;
}
