// npm run bench -- [--quick] [--only GROUP,...] [--core FILE] [--kernels FILE]   How fast the core
// is beside its peers, from one run on one machine (docs/benchmark.md). Never a test: it says what
// it measured and ends with 0 whether or not an aim is reached.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openChromium } from '../tests/bench/chromium.mjs';
import { GROUPS } from '../tests/bench/groups.mjs';
import { startBlas, startTorch } from '../tests/bench/native.mjs';
import { tableOf } from '../tests/bench/rows.mjs';
import { buildPage } from './build.mjs';
import { build, configure } from './cmake.mjs';
import { ROOT, run, stop } from './run.mjs';
import { setUp } from './setup.mjs';
import { importTypeScript } from './typescript.mjs';

const PEERS = join(ROOT, 'tests', 'bench');
const FOLDER = join(ROOT, 'build', 'bench');

/** @typedef {{ core: string, kernels: string }} Modules */

function askedFor() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(GROUPS).join(',') },
      core: { type: 'string' },
      kernels: { type: 'string' },
    },
  });
  const groups = values.only.split(',');
  const unknown = groups.find((name) => !GROUPS[name]);
  if (unknown) stop(`Unknown group ${unknown}: ${Object.keys(GROUPS).join(', ')}.`);
  return { ...values, groups };
}

/** Once for each version of the peers' lock file. */
async function setUpPeers() {
  const packagesOf = (/** @type {string} */ path) =>
    existsSync(path) ? Object.entries(JSON.parse(readFileSync(path, 'utf8')).packages) : [];
  const installed = packagesOf(join(PEERS, 'node_modules', '.package-lock.json'));
  const have = new Map(installed.map(([path, { version }]) => [path, version]));
  const wanted = packagesOf(join(PEERS, 'package-lock.json'));
  if (wanted.every(([path, { version }]) => path === '' || have.get(path) === version)) return;
  console.error('Fetching the peers into tests/bench/node_modules (100 MB) …');
  const npm = process.env.npm_execpath;
  const [program, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const code = await run(program, [...first, '--prefix', PEERS, 'ci', '--no-audit', '--no-fund']);
  if (code !== 0) stop('The peers could not be installed; the reason is above.');
}

/** @param {{ core?: string | undefined, kernels?: string | undefined }} given @returns {Promise<Modules>} */
async function modulesOf({ core, kernels }) {
  const built = (/** @type {string} */ name) => join(ROOT, 'build', 'wasm', name);
  if (!core || !kernels) {
    const targets = [core ? [] : ['core'], kernels ? [] : ['bench_kernels']].flat();
    let code = await configure('wasm', { log: join(FOLDER, 'build.log') });
    for (const target of targets) {
      code ||= await build('wasm', target, { log: join(FOLDER, 'build.log') });
    }
    if (code !== 0) stop(`The wasm could not be built: ${join(FOLDER, 'build.log')} says why.`);
  }
  return {
    core: core ?? built('core.wasm'),
    kernels: kernels ?? built('bench_kernels.wasm'),
  };
}

/** The harness in this process. @param {Modules} modules */
async function openNode(modules) {
  const { Harness } = await importTypeScript('tests/bench/harness.ts');
  const need = createRequire(join(PEERS, 'package.json'));
  const tf = need('@tensorflow/tfjs-core');
  for (const part of ['backend-cpu', 'backend-wasm', 'layers']) need(`@tensorflow/tfjs-${part}`);
  const bytes = (/** @type {string} */ path) => new Uint8Array(readFileSync(path));
  return Harness.load({
    core: bytes(modules.core),
    kernels: bytes(modules.kernels),
    tf,
    convnet: need('convnetjs'),
  });
}

/** Of the last minute: what else the machine had to do, at the start and at the end. */
const loadAverage = () => Number((loadavg()[0] ?? 0).toFixed(2));

/** The peers' versions. @returns {Record<string, string>} */
function peerVersions() {
  const { dependencies } = JSON.parse(readFileSync(join(PEERS, 'package.json'), 'utf8'));
  return dependencies;
}

/** Builds the page; what measures it. */
async function openPage() {
  if ((await buildPage({ log: join(FOLDER, 'page.log') })) !== 0)
    stop(`The page could not be built: ${join(FOLDER, 'page.log')} says why.`);
  const { pageRows } = await importTypeScript('tests/bench/page.ts');
  return (/** @type {number} */ repeats) => pageRows(join(ROOT, 'dist', 'index.html'), repeats);
}

async function main() {
  const asked = askedFor();
  await setUp('build');
  await setUpPeers();
  const modules = await modulesOf(asked);
  const needsTorch = asked.groups.includes('train');
  const torch = needsTorch ? await startTorch() : { peers: [], versions: {}, missing: null };
  const needsBlas = asked.groups.includes('gemm');
  const blas = needsBlas ? startBlas(FOLDER) : { peer: null, missing: null };
  const browser = await openChromium(join(FOLDER, 'site'), modules);
  const missing = [torch.missing, blas.missing, browser ? null : 'Chromium is not installed'];
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    load: [loadAverage()],
    node: process.versions.node,
    v8: process.versions.v8,
    chromium: browser?.version ?? null,
    torch: torch.versions,
    packages: peerVersions(),
    missing: missing.filter((text) => text !== null),
  };
  const hosts = new Map([['Node', await openNode(modules)]]);
  if (browser) hosts.set('Chromium', /** @type {any} */ (browser.host));
  const rows = [];
  for (const name of asked.groups) {
    const group = GROUPS[name];
    if (!group) continue;
    const say = (/** @type {string} */ text) => console.error(`${name}: ${text}`);
    const { quick } = asked;
    const page = browser && name === 'page' ? await openPage() : null;
    const context = { hosts, torch: torch.peers, blas: blas.peer, page, quick, say };
    rows.push(...(await group(context)));
  }
  machine.load.push(loadAverage());
  await browser?.close();
  for (const peer of [...torch.peers, ...(blas.peer ? [blas.peer] : [])]) peer.program.close();
  const results = { when: new Date().toISOString(), quick: asked.quick, machine, rows };
  const file = join(FOLDER, 'results.json');
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  const reached = rows.filter((row) => row.reached).length;
  const missed = rows.filter((row) => row.reached === false).length;
  console.log(`${JSON.stringify(machine, null, 1)}\n\n${tableOf(rows)}\n`);
  console.log(`Aims: ${reached} reached, ${missed} missed.\n${file}`);
}

await main();
