// The environment of every compiler run. Debian's emscripten brings an older Node of its own as
// `nodejs`; the Node that runs this script is the one that links, and that runs the wasm tests.
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { outputOf, ROOT } from './run.mjs';

const TOOLCHAIN = 'cmake/Modules/Platform/Emscripten.cmake';
/** Where Debian keeps the JavaScript packages (acorn) that emcc needs when it links to .js. */
const DEBIAN_NODE_PATH = '/usr/share/nodejs';

/** The first place of a program on the PATH. @param {string} name @returns {string | undefined} */
export function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder of emcc with its CMake files. @param {NodeJS.ProcessEnv} env */
function findEmscriptenRoot(env) {
  const emcc = findProgram('emcc');
  const places = [
    env.EMSCRIPTEN_ROOT,
    outputOf('em-config', ['EMSCRIPTEN_ROOT'], { env })?.trim(),
    emcc && dirname(realpathSync(emcc)),
    emcc && join(dirname(realpathSync(emcc)), '../libexec'),
  ];
  return places.find((place) => place && existsSync(join(place, TOOLCHAIN)));
}

/** A cache folder of our own, where emcc would write into one that it may not. @param {NodeJS.ProcessEnv} env */
function ownCache(env) {
  if (env.EM_CACHE) return {};
  if (outputOf('em-config', ['FROZEN_CACHE'], { env })?.trim() === 'True') return {};
  const cache = outputOf('em-config', ['CACHE'], { env })?.trim();
  if (!cache) return {};
  try {
    accessSync(existsSync(cache) ? cache : dirname(cache), constants.W_OK);
    return {};
  } catch {
    console.log('The first link builds the C library once more, into build/: a few minutes.');
    return { EM_CACHE: join(ROOT, 'build', 'emscripten-cache') };
  }
}

/** The environment without what only the wasm build needs. @returns {NodeJS.ProcessEnv} */
export function baseEnvironment() {
  const path = [dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter);
  const nodePath = [process.env.NODE_PATH, existsSync(DEBIAN_NODE_PATH) && DEBIAN_NODE_PATH];
  const withAcorn = nodePath.filter(Boolean).join(delimiter);
  return {
    ...process.env,
    PATH: path,
    EM_NODE_JS: process.execPath,
    ...(withAcorn ? { NODE_PATH: withAcorn } : {}),
  };
}

/** Everything that CMakePresets.json reads. @returns {NodeJS.ProcessEnv} */
export function buildEnvironment() {
  const env = baseEnvironment();
  const root = findEmscriptenRoot(env);
  return { ...env, ...(root ? { EMSCRIPTEN_ROOT: root } : {}), ...ownCache(env) };
}
