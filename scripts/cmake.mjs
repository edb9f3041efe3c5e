// Configures and builds one of CMakePresets.json's builds in build/<preset>.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildEnvironment } from './environment.mjs';
import { ROOT, run } from './run.mjs';

/** @type {NodeJS.ProcessEnv | undefined} */
let environment;

/** The compilers' environment, found once. */
export function cmakeEnvironment() {
  environment ??= buildEnvironment();
  return environment;
}

/** True where the folder was configured elsewhere or for another Emscripten. @param {string} preset */
function isStale(preset) {
  const cache = join(ROOT, 'build', preset, 'CMakeCache.txt');
  if (!existsSync(cache)) return false;
  const text = readFileSync(cache, 'utf8');
  const home = text.match(/^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m)?.[1];
  const toolchain = text.match(/^CMAKE_TOOLCHAIN_FILE:\w+=(.*)$/m)?.[1];
  const root = cmakeEnvironment().EMSCRIPTEN_ROOT ?? '';
  return home !== ROOT || (toolchain !== undefined && !toolchain.startsWith(root));
}

/** @type {Map<string, Promise<number>>} */
const configured = new Map();

/**
 * Once a process: stages that run side by side may want the same folder, and one must not write it
 * while the other reads.
 * @param {string} preset @param {import('./run.mjs').RunOptions} [options]
 */
export function configure(preset, options) {
  const known = configured.get(preset);
  if (known) return known;
  const fresh = isStale(preset) ? ['--fresh'] : [];
  const running = run('cmake', ['--preset', preset, ...fresh], {
    ...options,
    env: cmakeEnvironment(),
  });
  configured.set(preset, running);
  return running;
}

/**
 * @param {string} preset @param {string | null} target null = all
 * @param {import('./run.mjs').RunOptions} [options]
 */
export function build(preset, target, options) {
  const what = target ? ['--target', target] : [];
  return run('cmake', ['--build', '--preset', preset, ...what], {
    ...options,
    env: cmakeEnvironment(),
  });
}
