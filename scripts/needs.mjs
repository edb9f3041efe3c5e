// What the project needs beside Node, how to tell that it is there (by trying the command, whatever
// the system), and the Debian package that brings it.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';
import { baseEnvironment, findProgram } from './environment.mjs';
import { outputOf } from './run.mjs';

/** @typedef {'build' | 'lint' | 'test'} Purpose */
/**
 * @typedef {object} Need
 * @property {string} name in words
 * @property {string} debian package
 * @property {Purpose[]} purposes
 * @property {() => boolean} isThere
 */

const PROGRAM = '#include <math.h>\n#include <stdio.h>\nint main(void) { return 0; }\n';

/** True where a small program compiles and links. @param {string} compiler @param {string[]} flags */
function compiles(compiler, flags) {
  const out = join(tmpdir(), `pixels-${compiler}-${process.pid}`);
  const done = outputOf(compiler, [...flags, '-x', 'c', '-', '-o', out], { input: PROGRAM });
  rmSync(out, { force: true });
  return done !== null;
}

/** True where the first version number in the output is at least this one. @param {string} program @param {number[]} least */
function isAtLeast(program, least) {
  const text = findProgram(program)
    ? outputOf(program, ['--version'], { env: baseEnvironment() })
    : null;
  const found = text
    ?.match(/\d+(\.\d+)+/)?.[0]
    .split('.')
    .map(Number);
  if (!found) return false;
  for (const [k, wanted] of least.entries()) {
    const have = found[k] ?? 0;
    if (have !== wanted) return have > wanted;
  }
  return true;
}

/** @param {string} program */
const onPath = (program) => () => findProgram(program) !== undefined;

/** @type {Need[]} */
export const NEEDS = [
  {
    name: 'a C compiler (gcc)',
    debian: 'build-essential',
    purposes: ['build', 'lint', 'test'],
    isThere: () => compiles('gcc', []),
  },
  {
    name: 'CMake 3.25 or newer',
    debian: 'cmake',
    purposes: ['build', 'lint', 'test'],
    isThere: () => isAtLeast('cmake', [3, 25]),
  },
  {
    name: 'Ninja',
    debian: 'ninja-build',
    purposes: ['build', 'lint', 'test'],
    isThere: onPath('ninja'),
  },
  {
    name: 'Emscripten 3.1.6 or newer',
    debian: 'emscripten',
    purposes: ['build', 'test'],
    isThere: () => isAtLeast('emcc', [3, 1, 6]),
  },
  {
    name: 'Clang',
    debian: 'clang',
    purposes: ['lint', 'test'],
    isThere: () => compiles('clang', []),
  },
  {
    name: 'Clang’s sanitizers',
    debian: 'libclang-rt-dev',
    purposes: ['test'],
    isThere: () => compiles('clang', ['-fsanitize=address,undefined']),
  },
  {
    name: 'clang-tidy',
    debian: 'clang-tidy',
    purposes: ['lint', 'test'],
    isThere: onPath('clang-tidy'),
  },
  {
    name: 'clang-format',
    debian: 'clang-format',
    purposes: ['lint', 'test'],
    isThere: onPath('clang-format'),
  },
  { name: 'cppcheck', debian: 'cppcheck', purposes: ['lint', 'test'], isThere: onPath('cppcheck') },
  {
    name: 'Chromium',
    debian: 'chromium',
    purposes: ['test'],
    isThere: () => findChromium() !== undefined,
  },
];

/** What this system lacks. @param {Purpose} purpose */
export function missingNeeds(purpose) {
  return NEEDS.filter((need) => need.purposes.includes(purpose) && !need.isThere());
}
