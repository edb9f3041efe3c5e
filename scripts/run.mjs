// How every script here starts another program: output shown, or kept in a log and shown when it
// failed. Node built-ins only, as these run before node_modules exists.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's top folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

/** Ends the program with one sentence. @param {string} sentence @returns {never} */
export function stop(sentence) {
  console.error(`\n${sentence}`);
  process.exit(1);
}

/**
 * The script of a package in node_modules, to be run by this very Node (not by the PATH's).
 * @param {string} script for example 'vite/bin/vite.js'
 */
export const packageScript = (script) => join(ROOT, 'node_modules', script);

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [log] file that takes the output, instead of the screen
 * @property {number} [limit] seconds after which the program is stopped
 * @property {boolean} [quiet] drop what it writes to stderr
 */

/**
 * Runs a program in the project's folder; resolves to its exit code, 127 where it did not start.
 * @param {string} program @param {string[]} parameters @param {RunOptions} [options]
 * @returns {Promise<number>}
 */
export function run(program, parameters, { env = process.env, log, limit, quiet } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      cwd: ROOT,
      env,
      stdio: ['inherit', log ? 'pipe' : 'inherit', quiet ? 'ignore' : log ? 'pipe' : 'inherit'],
      ...(limit ? { timeout: limit * 1000 } : {}),
    });
    if (log) mkdirSync(dirname(log), { recursive: true });
    const file = log ? createWriteStream(log, { flags: 'a' }) : null;
    file?.write(`$ ${program} ${parameters.join(' ')}\n`);
    if (file) {
      child.stdout?.pipe(file, { end: false });
      child.stderr?.pipe(file, { end: false });
    }
    /** Once the log is whole. @param {number} code @param {string} note */
    const end = (code, note) => {
      if (!file) {
        if (note) console.error(note);
        resolve(code);
      } else file.end(note && `${note}\n`, () => resolve(code));
    };
    child.on('error', (error) => end(127, error.message));
    child.on('close', (code, signal) => end(code ?? 1, signal ? `stopped by ${signal}` : ''));
  });
}

/**
 * Runs a program and ends this one when it fails.
 * @param {string} program @param {string[]} parameters @param {RunOptions} [options]
 */
export async function runOrStop(program, parameters, options) {
  const code = await run(program, parameters, options);
  if (code !== 0) process.exit(code);
}

/**
 * A short program's output, or null where it is missing or failed.
 * @param {string} program @param {string[]} parameters
 * @param {{ env?: NodeJS.ProcessEnv, input?: string }} [options]
 */
export function outputOf(program, parameters, { env = process.env, input } = {}) {
  const done = spawnSync(program, parameters, {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    ...(input === undefined ? {} : { input }),
  });
  return done.status === 0 ? done.stdout : null;
}

/** No line of a log needs more on the screen; generated code has lines of a megabyte. */
const LINE_LENGTH = 400;

/** A log's last lines. @param {string} log @param {number} count */
export function tailOf(log, count) {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-count);
  return lines.map((line) => line.slice(0, LINE_LENGTH)).join('\n');
}
