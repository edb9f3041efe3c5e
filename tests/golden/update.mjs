// Recomputes tests/golden/fingerprints.json with core.wasm, prints what changed, and writes it and
// the same runs as goldens.h, for the native tests (C reads no JSON).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/run.mjs';
import { importTypeScript } from '../../scripts/typescript.mjs';

const file = join(ROOT, 'tests', 'golden', 'fingerprints.json');
const wasm = process.env.PVL_WASM ?? join(ROOT, 'build', 'wasm', 'core.wasm');
const { compileCore, instantiateCore } = await importTypeScript('wasm_glue/core.ts');
const { WORDS } = await importTypeScript('wasm_glue/protocol.ts');
const { runGolden } = await importTypeScript('tests/glue/golden_runs.ts');

const module = await compileCore(readFileSync(wasm));
const runs = JSON.parse(readFileSync(file, 'utf8'));
let changes = 0;
for (const [name, golden] of Object.entries(runs)) {
  const fresh = runGolden(instantiateCore(module), golden);
  for (const [key, value] of Object.entries(fresh)) {
    const same = golden[key] === value;
    if (!same) changes++;
    console.log(`${name} ${key} ${value}${same ? '' : `  (was ${golden[key] ?? 'not there'})`}`);
  }
  Object.assign(golden, fresh);
}
console.log(`${Object.keys(runs).length} runs, ${changes} of their hashes changed.`);
writeFileSync(file, `${JSON.stringify(runs, null, 2)}\n`);
writeFileSync(join(ROOT, 'tests', 'golden', 'goldens.h'), header());

/** Settings as C: names and numbers, ended by a NULL name. @param {Record<string, unknown>} settings */
function fields(settings) {
  const pairs = Object.entries(settings).map(
    ([name, value]) =>
      `{"${name}", ${typeof value === 'string' ? WORDS[name].indexOf(value) : value}}, `,
  );
  return `{${pairs.join('')}{NULL, 0}}`;
}

function header() {
  const rows = Object.entries(runs).map(
    ([name, run]) =>
      `    {"${name}",\n     ${fields(run.network)},\n     ${fields(run.scene)},\n` +
      `     ${run.trainCount}, ${run.testCount}, UINT64_C(0x${run.fingerprint})},\n`,
  );
  return `/* Written by tests/golden/update.mjs from fingerprints.json: do not edit. Each run's settings
 * differ from the defaults of cnn.h in the named fields. */
#ifndef GOLDENS_H
#define GOLDENS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *name; /* NULL ends the list */
  double value;
} golden_field;

typedef struct {
  const char *name;
  golden_field network[40];
  golden_field scene[20];
  int32_t train_count;
  int32_t test_count;
  uint64_t fingerprint; /* after the last epoch */
} golden_run;

/* clang-format off */
static const golden_run golden_runs[] = {
${rows.join('')}};
/* clang-format on */

#endif
`;
}
