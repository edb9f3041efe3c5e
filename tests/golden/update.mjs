// Recomputes tests/golden/fingerprints.json with core.wasm, prints what changed, and writes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/run.mjs';
import { importTypeScript } from '../../scripts/typescript.mjs';

const file = join(ROOT, 'tests', 'golden', 'fingerprints.json');
const wasm = process.env.PVL_WASM ?? join(ROOT, 'build', 'wasm', 'core.wasm');
const { compileCore, instantiateCore } = await importTypeScript('wasm_glue/core.ts');
const { runGolden } = await importTypeScript('tests/glue/golden_runs.ts');

const module = await compileCore(readFileSync(wasm));
const runs = JSON.parse(readFileSync(file, 'utf8'));
for (const [name, golden] of Object.entries(runs)) {
  const fresh = runGolden(instantiateCore(module), golden);
  for (const [key, value] of Object.entries(fresh)) {
    const same = golden[key] === value;
    console.log(`${name} ${key} ${value}${same ? '' : `  (was ${golden[key] ?? 'not there'})`}`);
  }
  Object.assign(golden, fresh);
}
writeFileSync(file, `${JSON.stringify(runs, null, 2)}\n`);
