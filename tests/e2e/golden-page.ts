// What golden-browsers.test.ts opens: draws, trains and hashes every golden run in this browser and
// sends the answers to the test's own server. Any failure is an answer too.
import { compileCore, instantiateCore } from '../../wasm_glue/core';
import { type Golden, runGolden } from '../glue/golden_runs';
import goldens from '../golden/fingerprints.json';

async function answers(): Promise<Record<string, unknown>> {
  const bytes = await (await fetch('/core.wasm')).arrayBuffer();
  const module = await compileCore(new Uint8Array(bytes));
  const runs = Object.entries(goldens) as [string, Golden][];
  return Object.fromEntries(
    runs.map(([name, golden]) => [name, runGolden(instantiateCore(module), golden)]),
  );
}

answers()
  .catch((error: unknown) => ({ error: String(error) }))
  .then((runs) =>
    fetch('/answer', {
      method: 'POST',
      body: JSON.stringify({ browser: navigator.userAgent, runs }),
    }),
  );
