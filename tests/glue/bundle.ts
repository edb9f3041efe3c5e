// Bundles one TypeScript file of the tests into a script, for a browser or a thread to run.
import { build } from 'vite';

/** `entry` is a path; 'browser' gives a classic script, 'node' a module. */
export async function bundled(entry: string, target: 'browser' | 'node'): Promise<string> {
  const lib = { entry, formats: ['iife' as const], name: 'bundle' };
  const result = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: { write: false, target: 'es2022', ...(target === 'node' ? { ssr: entry } : { lib }) },
  });
  const [first] = [result].flat();
  const chunk = first && 'output' in first ? first.output[0] : undefined;
  if (chunk?.type !== 'chunk') throw new Error(`Vite made no script of ${entry}`);
  return chunk.code;
}
