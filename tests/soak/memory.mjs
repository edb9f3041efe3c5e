// What a page's process holds: resident bytes of its own from the system (Linux), and the browser's
// own count of what scripts keep. Sampled while something else goes on; the highest counts.
import { readFileSync } from 'node:fs';

const MB = 1e6;

/** Bytes that are not files mapped from disk; null where /proc is missing. @param {number} pid */
function resident(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = ['RssAnon', 'RssShmem'].map((name) =>
      Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0),
    );
    return 1024 * kilobytes.reduce((sum, one) => sum + one, 0);
  } catch {
    return null;
  }
}

/**
 * The page's processes: its renderer and any that its workers or canvases live in.
 * @param {import('playwright-core').Browser} browser @param {import('playwright-core').Page} page
 */
export async function watchMemory(browser, page) {
  const system = await browser.newBrowserCDPSession();
  const session = await page.context().newCDPSession(page);
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);

  const process = () => {
    const all = pids.map(resident).filter((bytes) => bytes !== null);
    return all.length === 0 ? null : all.reduce((sum, one) => sum + one, 0) / MB;
  };
  const scripts = async () => {
    const usage = /** @type {Record<string, number>} */ (
      await session.send('Runtime.getHeapUsage')
    );
    const parts = ['usedSize', 'embedderHeapUsedSize', 'backingStorageSize'];
    return parts.reduce((sum, name) => sum + (usage[name] ?? 0), 0) / MB;
  };

  /** After a collection, the lowest of a few samples. */
  const settled = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const processes = [];
    for (let i = 0; i < 10; i++) {
      await new Promise((done) => setTimeout(done, 200));
      processes.push(process() ?? 0);
    }
    return { process: Math.min(...processes), scripts: await scripts() };
  };

  /** Highest values, in MB, while `work` runs. @param {() => Promise<unknown>} work */
  const highest = async (work) => {
    const top = { process: 0, scripts: 0 };
    let going = true;
    const sampling = (async () => {
      while (going) {
        top.process = Math.max(top.process, process() ?? 0);
        top.scripts = Math.max(top.scripts, await scripts());
        await new Promise((done) => setTimeout(done, 100));
      }
    })();
    await work().finally(() => {
      going = false;
    });
    await sampling;
    return top;
  };
  return { settled, highest };
}
