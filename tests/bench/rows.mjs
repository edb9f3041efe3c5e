// One line of the result: ours, a peer beside it, their ratio, and the aim.

/** @typedef {import('./race.mjs').Rates} Rates */
/**
 * @typedef {object} Row
 * @property {string} group
 * @property {string} name
 * @property {string} where
 * @property {string} unit of `ours` and `theirs`
 * @property {Rates} ours
 * @property {number | null} peakShare of the 128-bit multiply-add peak of the same race, the smaller of medians' and bests' share
 * @property {string | null} peer
 * @property {Rates | null} theirs
 * @property {{ median: number, best: number } | null} ratio
 * @property {string} aim '' = none
 * @property {boolean | null} reached
 * @property {string} note
 */

/** A number that was not sampled. @param {number} value @returns {Rates} */
export const single = (value) => ({
  median: value,
  best: value,
  worst: value,
  spread: 0,
  samples: [value],
});

/**
 * @param {Pick<Row, 'group' | 'name' | 'where' | 'unit' | 'ours'> & Partial<Row>} known
 * @returns {Row}
 */
export function rowOf(known) {
  const blank = { peakShare: null, peer: null, theirs: null, aim: '', reached: null, note: '' };
  const row = { ...blank, ratio: null, ...known };
  if (!row.theirs) return row;
  const { ours, theirs } = row;
  return { ...row, ratio: { median: ours.median / theirs.median, best: ours.best / theirs.best } };
}

/** Both statistics must reach it. @param {Row} row @param {number} least @returns {Row} */
export function withLeastRatio(row, least) {
  const reached = row.ratio ? Math.min(row.ratio.median, row.ratio.best) >= least : null;
  return { ...row, aim: `>= ${least.toLocaleString('en')} x`, reached };
}

/** @param {Row} row @param {number} least share of the peak @returns {Row} */
export function withLeastShare(row, least) {
  const reached = row.peakShare === null ? null : row.peakShare >= least;
  return { ...row, aim: `>= ${100 * least} % of peak`, reached };
}

/** @param {Row} row @param {number} most @returns {Row} */
export function withMost(row, most) {
  return { ...row, aim: `<= ${most} ${row.unit}`.trim(), reached: row.ours.median <= most };
}

/** Three significant digits at most. @param {number} value */
export function short(value) {
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumSignificantDigits: 3 });
}

/** @param {number} share */
const percent = (share) => `${Math.round(100 * share)} %`;
/** @param {Rates | null} rates */
const spreadOf = (rates) => (rates && rates.samples.length > 1 ? `+-${percent(rates.spread)}` : '');

const HEAD = [
  ['what', 'where', 'ours', '', 'unit', 'peak', 'peer', 'theirs', '', 'ratio', 'of best', 'aim'],
  ['', ''],
].flat();
/** Columns of words; numbers stand right. */
const WORDS = new Set(['what', 'where', 'unit', 'peer', 'aim', '']);

/** @param {Row} row */
function cellsOf(row) {
  const { ours, theirs, ratio, peakShare, reached } = row;
  return [
    row.name,
    row.where,
    short(ours.median),
    spreadOf(ours),
    row.unit,
    peakShare === null ? '' : percent(peakShare),
    row.peer ?? '',
    theirs ? short(theirs.median) : '',
    spreadOf(theirs),
    ratio ? short(ratio.median) : '',
    ratio ? short(ratio.best) : '',
    row.aim,
    reached === null ? '' : reached ? 'reached' : 'MISSED',
    row.note,
  ];
}

/** Aligned columns, an empty line between groups. @param {Row[]} rows */
export function tableOf(rows) {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const texts = lines.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return WORDS.has(HEAD[column] ?? '') ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  const [head = '', ...rest] = texts;
  const spaced = rest.flatMap((text, i) => {
    const starts = rows[i]?.group !== rows[i - 1]?.group;
    return starts ? ['', `-- ${rows[i]?.group ?? ''}`, text] : [text];
  });
  return [head, ...spaced].join('\n');
}
