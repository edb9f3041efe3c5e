// Installs Debian packages without questions, where that can be done: apt-get present, and root or
// `sudo -n`. Refuses what would remove the Node that is running.
import { realpathSync } from 'node:fs';
import { baseEnvironment, findProgram } from './environment.mjs';
import { outputOf, run } from './run.mjs';

const ENV = { ...baseEnvironment(), DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
const QUIET = [
  '-y',
  '--no-install-recommends',
  '-o',
  'DPkg::Lock::Timeout=300',
  '-o',
  'Dpkg::Use-Pty=0',
];

/** The words before a command that make it run as root, or null where there is no way. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo') && outputOf('sudo', ['-n', 'true']) !== null;
  return sudo ? ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C'] : null;
}

/** True where packages can be installed from here. */
export const canInstall = () => findProgram('apt-get') !== undefined && rootPrefix() !== null;

/** @param {string[]} parameters */
function aptGet(parameters) {
  const [program = 'apt-get', ...rest] = [...(rootPrefix() ?? []), 'apt-get', ...parameters];
  return run(program, rest, { env: ENV });
}

/** Bytes that installing these would download, or null where apt cannot tell. @param {string[]} packages */
function downloadSize(packages) {
  const list = outputOf('apt-get', ['install', ...QUIET, '-qq', '--print-uris', ...packages], {
    env: ENV,
  });
  if (list === null) return null;
  const sizes = [...list.matchAll(/^'[^']+' \S+ (\d+)/gm)].map((line) => Number(line[1]));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Keeps the running Node. emscripten depends on Debian's own, older `nodejs`: beside another Node in
 * /usr/local it does no harm, but one that was copied to /usr/bin would be overwritten (told to
 * leave that file out here), and one from a foreign package could be removed (refused here).
 * @param {string[]} packages @returns {string[] | null} more options for apt-get; null = refused
 */
function optionsToKeepNode(packages) {
  const node = realpathSync(process.execPath);
  const owner = outputOf('dpkg-query', ['-S', node])?.split(':')[0];
  if (!owner) return ['-o', `DPkg::Options::=--path-exclude=${node}`];
  const plan = outputOf('apt-get', ['install', ...QUIET, '-s', ...packages], { env: ENV }) ?? '';
  return new RegExp(`^(Remv|Inst) ${owner} `, 'm').test(plan) ? null : [];
}

/**
 * Installs packages; resolves to null, or to what went wrong.
 * @param {string[]} packages @returns {Promise<string | null>}
 */
export async function install(packages) {
  console.log('Asking Debian for its list of packages (apt-get update) …');
  await aptGet(['update', '-qq', '-o', 'DPkg::Lock::Timeout=300']);
  const size = downloadSize(packages);
  if (size === null) return 'apt-get does not know these packages';
  console.log(`Downloading ${Math.ceil(size / 1e6)} MB and installing: ${packages.join(' ')}`);
  const keep = optionsToKeepNode(packages);
  if (keep === null) return 'apt-get would replace the Node that is running';
  const code = await aptGet(['install', '-qq', ...QUIET, ...keep, ...packages]);
  return code === 0 ? null : `apt-get install failed with code ${code}`;
}
