// Contenders take turns: one burst each, round after round, in an order that turns too. All give a
// rate (more is better), and all are reported by the same statistics.

/**
 * @typedef {object} Host where the harness runs; harness.ts' methods
 * @property {(task: import('./task').Task, seconds: number) => Promise<number>} start
 * @property {(id: number) => Promise<number>} burst
 * @property {(id: number) => void | Promise<void>} stop
 * @property {(network: import('./task').SeedCnn) => any} memory
 * @property {(run: import('./ours').WholeRun) => any} whole
 */
/**
 * @typedef {object} Contender
 * @property {string} id
 * @property {(seconds: number) => Promise<void>} open warms up and sets the length of a burst
 * @property {() => Promise<number>} burst work per second
 * @property {() => Promise<void>} close
 */
/** @typedef {{ median: number, best: number, worst: number, spread: number, samples: number[] }} Rates */

/** @param {string} id @param {Host} host @param {import('./task').Task} task @returns {Contender} */
export function hosted(id, host, task) {
  let open = 0;
  return {
    id,
    open: async (seconds) => {
      open = await host.start(task, seconds);
    },
    burst: () => host.burst(open),
    close: async () => host.stop(open),
  };
}

/**
 * @param {string} id @param {import('./native.mjs').NativePeer} peer @param {object} task
 * @param {number} work of one iteration
 * @returns {Contender}
 */
export function native(id, { program, line }, task, work) {
  let iterations = 1;
  const time = async (/** @type {number} */ count) =>
    /** @type {number} */ ((await program.ask(line(task, count))).seconds);
  return {
    id,
    open: async (seconds) => {
      let took = await time(1);
      for (iterations = 1; took < seconds / 2; took = await time(iterations)) iterations *= 2;
      iterations = Math.max(1, Math.round((iterations * seconds) / took));
    },
    burst: async () => (work * iterations) / (await time(iterations)),
    close: async () => undefined,
  };
}

/** @param {number[]} values sorted @param {number} share */
function quantile(values, share) {
  const at = (values.length - 1) * share;
  const low = values[Math.floor(at)] ?? Number.NaN;
  const high = values[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** spread: half the distance of the quartiles as a share of the median. @param {number[]} samples @returns {Rates} */
export function ratesOf(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  return {
    median,
    best: quantile(sorted, 1),
    worst: quantile(sorted, 0),
    spread: (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / median,
    samples,
  };
}

/**
 * @param {Contender[]} contenders @param {{ rounds: number, seconds: number }} length
 * @returns {Promise<Map<string, Rates>>} by contender
 */
export async function race(contenders, { rounds, seconds }) {
  /** @type {Map<string, number[]>} */
  const samples = new Map();
  for (const contender of contenders) {
    await contender.open(seconds);
    samples.set(contender.id, []);
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + round) % contenders.length];
      if (contender) samples.get(contender.id)?.push(await contender.burst());
    }
  }
  for (const contender of contenders) await contender.close();
  return new Map([...samples].map(([id, values]) => [id, ratesOf(values)]));
}

/**
 * Exponent of y = a * x^slope, by least squares on the logarithms.
 * @param {number[]} x @param {number[]} y
 */
export function exponentOf(x, y) {
  const logX = x.map(Math.log);
  const logY = y.map(Math.log);
  const mean = (/** @type {number[]} */ v) => v.reduce((sum, value) => sum + value, 0) / v.length;
  const [centreX, centreY] = [mean(logX), mean(logY)];
  const across = logX.reduce((sum, v, i) => sum + (v - centreX) * ((logY[i] ?? 0) - centreY), 0);
  return across / logX.reduce((sum, v) => sum + (v - centreX) ** 2, 0);
}
