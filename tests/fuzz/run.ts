// Fuzzing for a given time: damaged files one after the other, and properties in equal shares. The
// script scripts/fuzz.mjs is the only caller; one module, so that errors keep their classes.
import fc from 'fast-check';
import { compileCore, instantiateCore } from '../../wasm_glue/core';
import { type Bytes, feed, mutated, seedFiles } from './mutated';
import { PROPERTIES } from './properties';

export interface Found {
  what: string;
  /** What was thrown, or how long it took. */
  trouble: string;
  /** Bytes of a file, or a counterexample as text. */
  input: Bytes | string;
}

export interface FilesResult {
  files: number;
  /** Processor time, which other programs do not stretch. */
  slowestMs: number;
  found: Found[];
}

export interface FilesOptions {
  root: string;
  core: BufferSource;
  seconds: number;
  /** At least so many, however long they take. */
  least: number;
  seed: number;
  hangMs: number;
}

export async function fuzzFiles(options: FilesOptions): Promise<FilesResult> {
  const core = instantiateCore(await compileCore(options.core));
  const seeds = [...seedFiles(options.root).values()];
  const end = performance.now() + options.seconds * 1000;
  const result: FilesResult = { files: 0, slowestMs: 0, found: [] };
  while (result.files < options.least || performance.now() < end) {
    const input = mutated(seeds, options.seed + result.files);
    const what = `damaged file ${options.seed + result.files}`;
    const start = process.cpuUsage();
    try {
      await feed(core, input);
    } catch (error) {
      result.found.push({ what, trouble: String(error), input });
    }
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    if (ms > options.hangMs) result.found.push({ what, trouble: `${Math.round(ms)} ms`, input });
    result.slowestMs = Math.max(result.slowestMs, ms);
    result.files++;
  }
  return result;
}

export interface PropertyResult {
  name: string;
  runs: number;
  found: Found[];
}

/** Each property for its share of `seconds`. */
export async function fuzzProperties(seconds: number, seed: number): Promise<PropertyResult[]> {
  const results: PropertyResult[] = [];
  for (const { name, property } of PROPERTIES) {
    const details = await fc.check(property, {
      seed,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: (seconds * 1000) / PROPERTIES.length,
      markInterruptAsFailure: false,
    });
    const found: Found[] = [];
    if (details.failed) {
      const trouble = `${details.errorInstance ?? 'a broken promise'} (seed ${seed})`;
      found.push({ what: name, trouble, input: fc.stringify(details.counterexample) });
    }
    results.push({ name, runs: details.numRuns, found });
  }
  return results;
}
