// Three projects: `node` (fast, no page), `browser` (components inside Chromium), `e2e` (drives the
// built dist/index.html with playwright-core; build it first).
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium, launchOptions } from './scripts/chromium.mjs';
import { buildPlugins } from './web/build/plugins.ts';

const oxc = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        oxc,
        plugins: buildPlugins(),
        test: {
          name: 'node',
          environment: 'node',
          include: [
            'tests/{glue,data,architecture,oracle}/**/*.test.{ts,tsx}',
            'tests/web/unit/**/*.test.{ts,tsx}',
          ],
          testTimeout: 60_000,
        },
      },
      {
        oxc,
        plugins: buildPlugins(),
        build: { assetsInlineLimit: () => true },
        worker: { format: 'iife', plugins: () => buildPlugins() },
        // Found only while tests already run, these would be bundled then and the page reloaded.
        optimizeDeps: {
          include: ['@preact/signals', 'axe-core', 'fflate', 'idb-keyval', 'preact/test-utils'],
        },
        test: {
          name: 'browser',
          include: ['tests/web/browser/**/*.test.{ts,tsx}'],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            // By number: a bare system may have no name for itself.
            api: { host: '127.0.0.1' },
            screenshotFailures: false,
            // Without a browser the other projects must still run; this one then fails to start.
            provider: playwright(findChromium() ? { launchOptions: launchOptions() } : {}),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        oxc,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
