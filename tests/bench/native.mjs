// Peers outside JavaScript: programs that live as long as the benchmark and answer one line with
// one line, so that their bursts can alternate with ours.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { outputOf } from '../../scripts/run.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const PYTHON = '/usr/bin/python3';
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
/** glibc's allocator keeps what it once took, instead of paging it in anew at every update. */
const WARM_ALLOCATOR = {
  MALLOC_MMAP_THRESHOLD_: '4000000000',
  MALLOC_TRIM_THRESHOLD_: '8000000000',
  MALLOC_TOP_PAD_: '500000000',
};

export class LineProgram {
  /** @type {((line: string | null) => void)[]} */
  #waiting = [];
  /** @type {string[]} */
  #early = [];
  #ended = false;

  /** @param {string} program @param {string[]} parameters @param {NodeJS.ProcessEnv} env */
  constructor(program, parameters, env) {
    this.child = spawn(program, parameters, {
      env: { ...process.env, ...ONE_THREAD, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const end = () => {
      this.#ended = true;
      for (const waiting of this.#waiting.splice(0)) waiting(null);
    };
    this.child.on('error', end);
    this.child.stdin.on('error', end);
    const lines = createInterface({ input: this.child.stdout });
    lines.on('line', (line) => {
      const waiting = this.#waiting.shift();
      if (waiting) waiting(line);
      else this.#early.push(line);
    });
    lines.on('close', end);
  }

  /** The next answer as an object. @returns {Promise<Record<string, any>>} */
  async next() {
    const early = this.#early.shift();
    /** @type {string | null} */
    const line =
      early ??
      (this.#ended
        ? null
        : await new Promise((/** @type {(line: string | null) => void} */ done) => {
            this.#waiting.push(done);
          }));
    if (line === null) throw new Error('A peer of the benchmark ended early.');
    return JSON.parse(line);
  }

  /** @param {string} line */
  ask(line) {
    this.child.stdin.write(`${line}\n`);
    return this.next();
  }

  close() {
    this.child.stdin.end();
  }
}

/**
 * @typedef {object} NativePeer
 * @property {string} name
 * @property {LineProgram} program
 * @property {(task: any, iterations: number) => string} line one task as the program's line
 */

/** Every libblas.so.3 of the system, one a folder: /usr/lib/<triplet>/<library>. */
function blasFolders() {
  const top = '/usr/lib';
  const triplets = foldersIn(top).filter((name) => name.includes('linux'));
  const folders = triplets.flatMap((triplet) =>
    foldersIn(join(top, triplet)).map((name) => join(top, triplet, name)),
  );
  return folders.filter((folder) => existsSync(join(folder, 'libblas.so.3')));
}

/** @param {string} folder */
function foldersIn(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/**
 * Which library a running program's libblas.so.3 is. PyTorch may have OpenBLAS loaded beside it for
 * LAPACK; the linker still takes the matrix product from libblas.
 * @param {number | undefined} id
 */
function blasOf(id) {
  const maps = `/proc/${id}/maps`;
  const file = existsSync(maps) && readFileSync(maps, 'utf8').match(/\S*\/libblas\S*\.so\S*/)?.[0];
  if (!file) return null;
  const named = [
    [/openblas/, 'OpenBLAS'],
    [/blis/, 'BLIS'],
    [/atlas/, 'ATLAS'],
  ].find(([pattern]) => /** @type {RegExp} */ (pattern).test(file));
  return { name: named?.[1] ?? 'reference BLAS', file };
}

/**
 * PyTorch once for each BLAS that the system has and that the program was then seen to load.
 * @returns {Promise<{ peers: NativePeer[], versions: Record<string, unknown>, missing: string | null }>}
 */
export async function startTorch() {
  const missing = 'PyTorch is not installed: apt install python3-torch';
  if (outputOf(PYTHON, ['-c', 'import torch']) === null)
    return { peers: [], versions: {}, missing };
  /** @type {NativePeer[]} */
  const peers = [];
  /** @type {Record<string, unknown>} */
  const versions = {};
  const folders = blasFolders();
  for (const folder of folders.length > 0 ? folders : [null]) {
    const env = { ...WARM_ALLOCATOR, ...(folder ? { LD_LIBRARY_PATH: folder } : {}) };
    const program = new LineProgram(PYTHON, [join(HERE, 'torch_seed_cnn.py')], env);
    const { version } = await program.next();
    const blas = blasOf(program.child.pid);
    const name = `PyTorch, ${blas?.name ?? 'unknown BLAS'}`;
    if (peers.some((peer) => peer.name === name)) {
      program.close();
      continue;
    }
    versions[name] = { version, blas: blas?.file ?? null };
    const line = (/** @type {object} */ task, /** @type {number} */ iterations) =>
      JSON.stringify({ ...task, iterations });
    peers.push({ name, program, line });
  }
  return { peers, versions, missing: null };
}

/**
 * @param {string} folder for the program
 * @returns {{ peer: NativePeer | null, missing: string | null }}
 */
export function startBlas(folder) {
  const out = join(folder, 'blas');
  mkdirSync(folder, { recursive: true });
  const parameters = ['-std=c11', '-O2', join(HERE, 'blas.c'), '-lopenblas', '-o', out];
  if (outputOf('gcc', parameters) === null) {
    return { peer: null, missing: 'OpenBLAS is not installed: apt install libopenblas-dev' };
  }
  const program = new LineProgram(out, [], {});
  const line = (
    /** @type {import('./task').Product} */ { m, k, n },
    /** @type {number} */ iterations,
  ) => `${m} ${k} ${n} ${iterations}`;
  return { peer: { name: 'OpenBLAS', program, line }, missing: null };
}
