// Where the tests' browser is, and how to start it. Nothing is ever downloaded: Debian's Chromium
// or Google Chrome on the PATH, or whatever $CHROMIUM names.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser's path, or undefined where there is none. @returns {string | undefined} */
export function findChromium() {
  const named = process.env.CHROMIUM;
  if (named) return named;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...places, MAC].find(isProgram);
}

/** Options for playwright's chromium.launch(). Root cannot use Chromium's sandbox. */
export function launchOptions() {
  const executablePath = findChromium();
  if (!executablePath)
    throw new Error('No Chromium found: install it, or set CHROMIUM to its path.');
  const args = ['--disable-dev-shm-usage'];
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return { executablePath, args, headless: true };
}
