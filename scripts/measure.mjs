// npm run measure -- [--seeds N] [--global-max] [PRESET...]   Runs the page's presets over seeds
// 1..N (5) through core.wasm and prints what each side scored. All presets take about half an hour.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './run.mjs';
import { importTypeScript } from './typescript.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '5' },
    'global-max': { type: 'boolean', default: false },
  },
});
const { compileCore, instantiateCore } = await importTypeScript('wasm_glue/core.ts');
const { PRESET_IDS, measurePreset } = await importTypeScript('tests/bench/presets.ts');
const count = Number(values.seeds);
const unknown = positionals.filter((id) => !PRESET_IDS.includes(id));
if (unknown.length > 0 || !Number.isInteger(count) || count < 1) {
  console.error(`Presets: ${PRESET_IDS.join(' ')}; --seeds takes a whole number from 1.`);
  process.exit(1);
}
const module = await compileCore(readFileSync(join(ROOT, 'build', 'wasm', 'core.wasm')));
const seeds = Array.from({ length: count }, (_, i) => i + 1);
for (const id of positionals.length > 0 ? positionals : PRESET_IDS) {
  const lines = measurePreset(() => instantiateCore(module), id, seeds, values['global-max']);
  console.log(lines.join('\n'));
}
