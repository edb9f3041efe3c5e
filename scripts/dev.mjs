// npm run dev: Vite's development server; after a change in core/ run `npm run wasm`.
import { buildWasm } from './build.mjs';
import { baseEnvironment } from './environment.mjs';
import { packageScript, runOrStop } from './run.mjs';
import { setUp } from './setup.mjs';

await setUp('build');
await buildWasm();
const parameters = [packageScript('vite/bin/vite.js'), ...process.argv.slice(2)];
await runOrStop(process.execPath, parameters, { env: baseEnvironment() });
