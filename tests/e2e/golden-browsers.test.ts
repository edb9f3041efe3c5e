// The golden runs in browsers that are not Chromium: Firefox, and WebKitGTK's MiniBrowser in a
// virtual display. Each opens one page from a server of this test, which the page answers; nothing
// else drives it. A browser that is not installed is skipped by name. $FIREFOX and $MINIBROWSER may
// name them.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundled } from '../glue/bundle';
import { readCore } from '../glue/support';
import goldens from '../golden/fingerprints.json';

/** A cold browser on a loaded machine. */
const PATIENCE = 150_000;

interface Answer {
  browser: string;
  runs: Record<string, { dataHash: string; fingerprint: string }>;
}

// ---- Browsers ---------------------------------------------------------------------------------

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath(...names: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

/** Debian keeps it away from the PATH: lib/<machine>/webkit2gtk-4.1/MiniBrowser. */
function findMiniBrowser(): string | undefined {
  const { MINIBROWSER } = process.env;
  if (MINIBROWSER) return MINIBROWSER;
  const list = (folder: string) => {
    try {
      return readdirSync(folder).map((name) => join(folder, name));
    } catch {
      return [];
    }
  };
  const libraries = ['/usr/lib', '/usr/libexec', ...list('/usr/lib')];
  const places = libraries.flatMap(list).filter((place) => /webkit2?gtk-[\d.]+$/.test(place));
  return [onPath('MiniBrowser') ?? '', ...places.map((place) => join(place, 'MiniBrowser'))].find(
    isProgram,
  );
}

interface Browser {
  name: string;
  missing: string | undefined;
  command: (address: string, folder: string) => string[];
}

const firefox = process.env['FIREFOX'] ?? onPath('firefox-esr', 'firefox');
const miniBrowser = findMiniBrowser();
const display = onPath('xvfb-run');
const BROWSERS: Browser[] = [
  {
    name: 'Firefox',
    missing: firefox ? undefined : 'firefox-esr or firefox',
    command: (address, folder) => [
      String(firefox),
      '--headless',
      '--no-remote',
      '--profile',
      folder,
      address,
    ],
  },
  {
    name: 'WebKitGTK',
    missing: !miniBrowser ? 'MiniBrowser of WebKitGTK' : display ? undefined : 'xvfb-run',
    command: (address) => [String(display), '-a', String(miniBrowser), address],
  },
];

// ---- The page and its server ------------------------------------------------------------------

let server: Server;
let answered: (answer: Answer) => void = () => undefined;
const folders: string[] = [];

beforeAll(async () => {
  const script = await bundled(
    fileURLToPath(new URL('golden-page.ts', import.meta.url)),
    'browser',
  );
  const html = '<!doctype html><meta charset="utf-8"><title>goldens</title><script src="/page.js">';
  const files: Record<string, [type: string, body: string | Uint8Array]> = {
    '/': ['text/html', `${html}</script>`],
    '/page.js': ['text/javascript', script],
    '/core.wasm': ['application/wasm', readCore()],
  };
  server = createServer((request, response) => {
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        response.end();
        answered(JSON.parse(body));
      });
      return;
    }
    const [type, body] = files[request.url ?? ''] ?? ['text/plain', ''];
    response.writeHead(body === '' ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
}, PATIENCE);

afterAll(() => {
  server.close();
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
});

/** Ends a browser with everything that it started. */
function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return Promise.resolve();
  const { pid } = child;
  return new Promise((done) => {
    const kill = (signal: NodeJS.Signals) => {
      try {
        process.kill(-pid, signal);
      } catch {
        done(); // gone already
      }
    };
    child.once('exit', () => done());
    setTimeout(() => kill('SIGKILL'), 5000).unref();
    kill('SIGTERM');
  });
}

async function ask({ name, command }: Browser): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), 'pvl-browser-'));
  folders.push(folder);
  const { port } = server.address() as AddressInfo;
  const [program = '', ...words] = command(`http://127.0.0.1:${port}/`, folder);
  const home = { HOME: folder, XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn(program, words, {
    detached: true,
    env: { ...process.env, ...home, XDG_RUNTIME_DIR: folder, LIBGL_ALWAYS_SOFTWARE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (piece) => {
    said = (said + piece).slice(-2000);
  });
  try {
    return await new Promise<Answer>((resolve, reject) => {
      answered = resolve;
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${said}`)));
      const late = () => reject(new Error(`${name} gave no answer in time: ${said}`));
      setTimeout(late, PATIENCE - 10_000).unref();
    });
  } finally {
    await end(child);
  }
}

// ---- Tests ------------------------------------------------------------------------------------

describe.each(BROWSERS)('$name', (browser) => {
  const { name, missing } = browser;
  if (missing) console.warn(`SKIPPED: the golden runs in ${name}: no ${missing} on this machine.`);

  it.skipIf(missing)(
    'gives the golden bits',
    async () => {
      const answer = await ask(browser);
      expect(answer.browser).toMatch(name === 'Firefox' ? /Firefox\// : /AppleWebKit(?!.*Chrom)/);
      const expected = Object.fromEntries(
        Object.entries(goldens).map(([run, { dataHash, fingerprint }]) => [
          run,
          { dataHash, fingerprint },
        ]),
      );
      expect(answer.runs).toEqual(expected);
    },
    PATIENCE,
  );
});
