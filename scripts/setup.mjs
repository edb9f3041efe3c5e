// Makes a fresh clone ready: the system's tools, then the npm packages of the lock file. Asks
// nothing; where it cannot go on it ends with one sentence that names packages and command.
// Alone: node scripts/setup.mjs [build|lint|test]. Node built-ins only.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { canInstall, install } from './apt.mjs';
import { baseEnvironment } from './environment.mjs';
import { missingNeeds } from './needs.mjs';
import { ROOT, run, stop } from './run.mjs';

/** Vite 8 needs Node 20.19. */
const LEAST_MAJOR = 20;
const LEAST_MINOR = 19;
/** Compressed size of what `npm ci` fetches on Linux, measured from an empty npm cache. */
const NPM_MEGABYTES = 100;

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > LEAST_MAJOR || (major === LEAST_MAJOR && minor >= LEAST_MINOR)) return;
  stop(
    `This needs Node ${LEAST_MAJOR}.${LEAST_MINOR} or newer, not ${process.versions.node}: please install one from nodejs.org.`,
  );
}

/** @param {import('./needs.mjs').Need[]} missing @param {string} [why] */
function stopForTools(missing, why) {
  const names = missing.map((need) => need.name).join(', ');
  const packages = missing.map((need) => need.debian).join(' ');
  stop(
    `Missing: ${names}${why ? ` (${why})` : ''}; please install them (on Debian 12: apt-get install ${packages}, as root) and run this command again.`,
  );
}

/** @param {import('./needs.mjs').Purpose} purpose */
async function setUpTools(purpose) {
  const missing = missingNeeds(purpose);
  if (missing.length === 0) return;
  console.log(`Missing: ${missing.map((need) => need.name).join(', ')}.`);
  if (!canInstall()) stopForTools(missing);
  const trouble = await install(missing.map((need) => need.debian));
  const still = missingNeeds(purpose);
  if (still.length > 0) stopForTools(still, trouble ?? 'what apt-get installed is not enough');
}

/**
 * True where node_modules holds the lock file's versions. npm writes the list that is compared;
 * packages for other systems are optional and may be absent.
 */
export function hasPackages() {
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  /** @param {string} path @returns {Record<string, { version?: string, optional?: boolean }>} */
  const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  const have = packagesOf(installed);
  return Object.entries(packagesOf(join(ROOT, 'package-lock.json'))).every(
    ([path, wanted]) =>
      path === '' || (have[path] ? have[path].version === wanted.version : wanted.optional),
  );
}

/** npm's own script where npm runs us, or the npm beside this Node. */
function npmCommand() {
  const beside = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  const script = [process.env.npm_execpath, beside].find((path) => path && existsSync(path));
  return script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm'];
}

async function setUpPackages() {
  if (hasPackages()) return;
  console.log(`Downloading and installing the npm packages (about ${NPM_MEGABYTES} MB) …`);
  const [program = 'npm', ...parameters] = npmCommand();
  const options = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const code = await run(program, [...parameters, ...options], { env: baseEnvironment() });
  if (code !== 0) stop('The npm packages could not be installed; please run `npm ci` and see why.');
}

/** @param {import('./needs.mjs').Purpose} purpose */
export async function setUp(purpose) {
  checkNode();
  await setUpTools(purpose);
  await setUpPackages();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const purpose = process.argv[2] ?? 'test';
  if (purpose !== 'build' && purpose !== 'lint' && purpose !== 'test') {
    stop(`Unknown purpose ${purpose}: build, lint or test.`);
  }
  await setUp(purpose);
  console.log('Everything is there.');
}
