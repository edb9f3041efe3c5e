// The groups of measurements; each gives rows. Sizes, peers and aims of the whole benchmark.
import { exponentOf, hosted, native, race, ratesOf } from './race.mjs';
import { rowOf, short, single, withLeastRatio, withLeastShare, withMost } from './rows.mjs';

/** @typedef {import('./race.mjs').Contender} Contender */
/** @typedef {import('./rows.mjs').Row} Row */
/**
 * @typedef {object} Context
 * @property {Map<string, import('./race.mjs').Host>} hosts by place: Node, Chromium
 * @property {import('./native.mjs').NativePeer[]} torch
 * @property {import('./native.mjs').NativePeer | null} blas
 * @property {((repeats: number) => Promise<import("./page").PageRow[]>) | null} page
 * @property {boolean} quick
 * @property {(text: string) => void} say what is being measured
 */

const BATCH = 32;
/** So small that the network stays in its first state however long it is timed: every burst on every
 *  side does the same work. What an update costs does not depend on it. */
const RATE = 1e-5;
const FILTERS = 32;
const PATCH = 27;
const XNNPACK = 'tfjs wasm (XNNPACK)';

const AIMS = { peak: 0.8, xnnpack: 1.3, torch: 3, convnetjs: 100, tfjs: 1500, exponent: 1.05 };

/**
 * @typedef {object} Problem
 * @property {string} name
 * @property {import('./task').Task} ours
 * @property {import('./task').Product} product what the peers compute for it
 * @property {boolean} square
 */

/** @param {number} side @returns {Problem} */
function square(side) {
  const product = { m: side, k: side, n: side };
  return {
    name: `matrix ${side} x ${side} x ${side}`,
    ours: { kind: 'gemm', ...product },
    product,
    square: true,
  };
}

/** @param {number} side @returns {Problem[]} */
function convolution(side) {
  const positions = (side - 2) ** 2;
  const shape = `R = ${side}`;
  return [
    {
      name: `conv forward ${shape}`,
      ours: { kind: 'conv-forward', side },
      product: { m: positions, k: PATCH, n: FILTERS },
      square: false,
    },
    {
      name: `conv weight gradient ${shape}`,
      ours: { kind: 'conv-gradient', side },
      product: { m: PATCH, k: positions, n: FILTERS },
      square: false,
    },
  ];
}

/** @param {number} outputs @returns {Problem[]} */
function dense(outputs) {
  const sizes = { images: BATCH, inputs: 30752, outputs };
  const { images, inputs } = sizes;
  const name = `${images} x ${inputs} x ${outputs}`;
  return [
    {
      name: `dense forward ${name}`,
      ours: { kind: 'dense-forward', ...sizes },
      product: { m: images, k: inputs, n: outputs },
      square: false,
    },
    {
      name: `dense dW ${name}`,
      ours: { kind: 'dense-weights', ...sizes },
      product: { m: inputs, k: images, n: outputs },
      square: false,
    },
    {
      name: `dense dX ${name}`,
      ours: { kind: 'dense-inputs', ...sizes },
      product: { m: images, k: outputs, n: inputs },
      square: false,
    },
  ];
}

/** @param {boolean} quick */
function problems(quick) {
  const squares = [256, 512].map(square);
  const layers = (quick ? [64, 256] : [64, 128, 256]).flatMap(convolution);
  return [...squares, ...layers, ...(quick ? [20] : [2, 20]).flatMap(dense)];
}

/** @param {Context} context @param {Problem} problem */
async function matrixRace({ hosts, blas, quick }, { ours, product }) {
  /** @type {Contender[]} */
  const contenders = [];
  for (const [where, host] of hosts) {
    contenders.push(hosted(`${where} ours`, host, ours));
    contenders.push(hosted(`${where} peak`, host, { kind: 'peak' }));
    contenders.push(hosted(`${where} xnnpack`, host, { kind: 'xnnpack', ...product }));
  }
  const work = (2 * product.m * product.k * product.n) / 1e9;
  if (blas) contenders.push(native('blas', blas, product, work));
  return race(contenders, quick ? { rounds: 5, seconds: 0.05 } : { rounds: 11, seconds: 0.1 });
}

/** @param {Context} context @returns {Promise<Row[]>} */
async function matrices(context) {
  /** @type {Row[]} */
  const rows = [];
  for (const problem of problems(context.quick)) {
    context.say(problem.name);
    const rates = await matrixRace(context, problem);
    for (const where of context.hosts.keys()) {
      const ours = rates.get(`${where} ours`) ?? ratesOf([]);
      const peak = rates.get(`${where} peak`) ?? ratesOf([]);
      const known = { group: 'matrix products', name: problem.name, where, unit: 'GFLOP/s', ours };
      const peakShare = Math.min(ours.median / peak.median, ours.best / peak.best);
      const share = { ...known, peakShare };
      const theirs = rates.get(`${where} xnnpack`) ?? null;
      const row = rowOf({ ...share, peer: XNNPACK, theirs });
      rows.push(
        problem.square ? withLeastShare(row, AIMS.peak) : withLeastRatio(row, AIMS.xnnpack),
      );
      const blas = where === 'Node' ? rates.get('blas') : null;
      if (blas) rows.push(rowOf({ ...share, peer: 'OpenBLAS, native', theirs: blas }));
    }
  }
  return rows;
}

/** Multiply-add peak of each place, alone. @param {Context} context @returns {Promise<Row[]>} */
async function peaks({ hosts, say }) {
  say('multiply-add peak');
  const contenders = [...hosts].map(([where, host]) => hosted(where, host, { kind: 'peak' }));
  const rates = await race(contenders, { rounds: 11, seconds: 0.1 });
  return [...rates].map(([where, ours]) =>
    rowOf({ group: 'peak', name: '128-bit multiply, then add', where, unit: 'GFLOP/s', ours }),
  );
}

const SIDES = [16, 32, 64, 128, 256];
/** @param {number} side @param {number} classes */
const sizeName = (side, classes) => `training R = ${side}, K = ${classes}`;

/** Against native PyTorch. @param {Context} context @returns {Promise<Row[]>} */
async function training(context) {
  const { hosts, torch, quick, say } = context;
  /** @type {Row[]} */
  const rows = [];
  for (const classes of [2, 20]) {
    for (const side of quick ? [16, 64, 256] : SIDES) {
      const name = sizeName(side, classes);
      say(name);
      const task = { side, classes, batch: BATCH, rate: RATE };
      const ours = [...hosts].map(([where, host]) =>
        hosted(where, host, { kind: 'train', ...task }),
      );
      const theirs = torch.map((peer) => native(peer.name, peer, task, BATCH));
      const length = quick ? { rounds: 5, seconds: 0.1 } : { rounds: 9, seconds: 0.25 };
      const rates = await race([...ours, ...theirs], length);
      for (const where of hosts.keys()) {
        const known = { group: 'training', name, where, unit: 'images/s' };
        const own = { ...known, ours: rates.get(where) ?? ratesOf([]) };
        if (torch.length === 0)
          rows.push(rowOf({ ...own, note: 'PyTorch is not installed: apt install python3-torch' }));
        for (const peer of torch) {
          const row = rowOf({ ...own, peer: peer.name, theirs: rates.get(peer.name) ?? null });
          rows.push(withLeastRatio(row, AIMS.torch));
        }
      }
    }
  }
  return rows;
}

/**
 * What the peers in JavaScript get through in reasonable time: [side, classes, batch of tfjs (0 =
 * not), batch of ConvNetJS].
 * @param {boolean} quick
 */
const scriptSizes = (quick) =>
  quick
    ? [
        [16, 2, 4, 32],
        [32, 2, 0, 8],
      ]
    : [
        [16, 2, 32, 32],
        [32, 2, 32, 32],
        [64, 2, 8, 32],
        [128, 2, 0, 8],
        [16, 20, 32, 32],
        [32, 20, 8, 32],
      ];

/** Against tfjs' cpu backend and ConvNetJS. @param {Context} context @returns {Promise<Row[]>} */
async function scripts({ hosts, quick, say }) {
  /** @type {Row[]} */
  const rows = [];
  for (const [side = 0, classes = 0, tfjs = 0, convnetjs = 0] of scriptSizes(quick)) {
    const name = sizeName(side, classes);
    for (const [where, host] of hosts) {
      say(`${name}, JavaScript peers in ${where}`);
      const size = { side, classes, rate: RATE };
      const contenders = [hosted('ours', host, { kind: 'train', ...size, batch: BATCH })];
      const convnet = { kind: /** @type {const} */ ('convnetjs'), ...size, batch: convnetjs };
      contenders.push(hosted('ConvNetJS', host, convnet));
      if (tfjs > 0)
        contenders.push(hosted('tfjs cpu', host, { kind: 'tfjs', ...size, batch: tfjs }));
      const rates = await race(contenders, { rounds: 3, seconds: 0.2 });
      const ours = rates.get('ours') ?? ratesOf([]);
      for (const [peer, batch, least] of /** @type {const} */ ([
        ['ConvNetJS', convnetjs, AIMS.convnetjs],
        ['tfjs cpu', tfjs, AIMS.tfjs],
      ])) {
        const theirs = rates.get(peer);
        if (!theirs) continue;
        const note = batch === BATCH ? '' : `peer with batch ${batch}`;
        const known = { group: 'training', name, where, unit: 'images/s', ours };
        const row = rowOf({ ...known, peer, theirs, note });
        rows.push(classes === 2 ? withLeastRatio(row, least) : row);
      }
    }
  }
  return rows;
}

/**
 * Times of all sizes in one race, so that a slow moment meets them all.
 * @param {Context} context @param {string} where @param {import('./race.mjs').Host} host
 * @param {[number, number][]} sizes side and classes
 */
async function timesOf({ quick }, where, host, sizes) {
  const contenders = sizes.map(([side, classes]) =>
    hosted(`${where} ${side} ${classes}`, host, {
      kind: 'train',
      side,
      classes,
      batch: BATCH,
      rate: RATE,
    }),
  );
  const rates = await race(contenders, { rounds: quick ? 3 : 7, seconds: quick ? 0.1 : 0.2 });
  return [...rates.values()].map(({ median }) => 1 / median);
}

/** @param {number} side */
const positions = (side) => (side - 2) ** 2;

/** Exponents of time. @param {Context} context @returns {Promise<Row[]>} */
async function growth(context) {
  /** @type {Row[]} */
  const rows = [];
  const known = { group: 'growth', unit: '' };
  for (const [where, host] of context.hosts) {
    for (const classes of context.quick ? [2] : [2, 20]) {
      context.say(`growth with R at K = ${classes}, ${where}`);
      const times = await timesOf(
        context,
        where,
        host,
        SIDES.map((side) => [side, classes]),
      );
      const ours = single(exponentOf(SIDES.map(positions), times));
      const name = `exponent of time in (R-2)^2, K = ${classes}`;
      rows.push(withMost(rowOf({ ...known, name, where, ours }), AIMS.exponent));
    }
    const counts = [2, 5, 10, 20, 50];
    for (const side of context.quick ? [64] : [64, 128]) {
      context.say(`growth with K at R = ${side}, ${where}`);
      const times = await timesOf(
        context,
        where,
        host,
        counts.map((classes) => [side, classes]),
      );
      const name = `exponent of time in K = 2..50, R = ${side}`;
      rows.push(rowOf({ ...known, name, where, ours: single(exponentOf(counts, times)) }));
    }
  }
  return rows;
}

/** Bytes, which need no repeats. @param {Context} context @returns {Promise<Row[]>} */
async function memory({ hosts, say }) {
  const host = hosts.get('Node');
  if (!host) return [];
  say('memory');
  const known = { group: 'memory', where: 'wasm' };
  /** @type {Row[]} */
  const rows = [];
  const exponent = (
    /** @type {string} */ what,
    /** @type {number[]} */ x,
    /** @type {number[]} */ y,
  ) =>
    rowOf({
      ...known,
      name: `exponent of memory in ${what}`,
      unit: '',
      ours: single(exponentOf(x, y)),
    });
  /** @param {number} side @param {number} classes */
  const use = (side, classes) => host.memory({ side, classes, batch: BATCH, rate: RATE });
  for (const classes of [2, 20]) {
    const bytes = [];
    for (const side of SIDES) {
      const { trainerBytes, moduleBytes } = await use(side, classes);
      bytes.push(trainerBytes);
      const note = `trainer ${short(trainerBytes / BATCH / 1e3)} kB an image of a batch of ${BATCH}`;
      const name = `memory R = ${side}, K = ${classes}`;
      rows.push(rowOf({ ...known, name, unit: 'MB', ours: single(moduleBytes / 1e6), note }));
    }
    rows.push(exponent(`(R-2)^2, K = ${classes}`, SIDES.map(positions), bytes));
  }
  const counts = [2, 5, 10, 20, 50];
  const bytes = [];
  for (const classes of counts) bytes.push((await use(128, classes)).trainerBytes);
  rows.push(exponent('K = 2..50, R = 128', counts, bytes));
  return rows;
}

const RUN = {
  side: 256,
  classes: 20,
  batch: BATCH,
  rate: 1e-3,
  train: 100,
  test: 100,
  epochs: 10,
};

/** A whole run of the largest pictures, once. @param {Context} context @returns {Promise<Row[]>} */
async function wholeRun({ hosts, quick, say }) {
  const run = quick ? { ...RUN, epochs: 1 } : RUN;
  /** @type {Row[]} */
  const rows = [];
  for (const [where, host] of hosts) {
    const what = `256 px, K = 20, 100 + 100 images, ${run.epochs} epoch${run.epochs === 1 ? '' : 's'}`;
    say(`${what}, ${where}`);
    const { trainSeconds, evaluateSeconds, moduleBytes } = await host.whole(run);
    const known = { group: 'whole run', where };
    const row = (
      /** @type {string} */ part,
      /** @type {string} */ unit,
      /** @type {number} */ value,
    ) => rowOf({ ...known, name: `${what}: ${part}`, unit, ours: single(value) });
    // The aims are for ten epochs.
    const seconds = (/** @type {number} */ ten) => (ten * run.epochs) / RUN.epochs;
    rows.push(withMost(row('training steps', 's', trainSeconds), seconds(10)));
    const whole = row('with re-evaluation', 's', trainSeconds + evaluateSeconds);
    rows.push(withMost(whole, seconds(18)));
    rows.push(withMost(row('peak memory', 'MB', moduleBytes / 1e6), 400));
  }
  return rows;
}

/** The built page, as a visitor has it. @param {Context} context @returns {Promise<Row[]>} */
async function pageSpeed({ page, quick, say }) {
  if (!page) return [];
  say('the page itself');
  return (await page(quick ? 2 : 5)).map(({ name, value, unit, aim, note }) =>
    withMost(
      rowOf({ group: 'page', where: 'Chromium', name, unit, ours: single(value), note }),
      aim,
    ),
  );
}

/** @type {Record<string, (context: Context) => Promise<Row[]>>} */
export const GROUPS = {
  peak: peaks,
  gemm: matrices,
  train: training,
  script: scripts,
  growth,
  memory,
  run: wholeRun,
  page: pageSpeed,
};
