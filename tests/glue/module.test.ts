// The loader: what core.wasm asks for and offers, memory that grows under it, and traps.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CoreError, compileCore } from '../../wasm_glue/core';
import { CoreModule } from '../../wasm_glue/module';
import { compiledCore, newCore, readCore, runStraight, smallRun } from './support';

const listed = JSON.parse(
  readFileSync(new URL('../../wasm_glue/exports.json', import.meta.url), 'utf8'),
) as string[];

function caught(act: () => unknown): CoreError {
  try {
    act();
  } catch (error) {
    if (error instanceof CoreError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('core.wasm', () => {
  it('asks for the one import of a growing module and nothing else', async () => {
    expect(WebAssembly.Module.imports(await compiledCore())).toEqual([
      { module: 'env', name: 'emscripten_notify_memory_growth', kind: 'function' },
    ]);
  });

  it('exports every function of exports.json, and no other of ours', async () => {
    const names = WebAssembly.Module.exports(await compiledCore()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('pvl_')).sort()).toEqual(
      listed.map((name) => name.slice(1)).sort(),
    );
    expect(names).toContain('_initialize');
    expect(names).toContain('memory');
  });

  it('is described by CoreExports, name by name', () => {
    const source = readFileSync(new URL('../../wasm_glue/module.ts', import.meta.url), 'utf8');
    const described = [...source.matchAll(/^ {2}(pvl_\w+)\(/gm)].map(([, name]) => `_${name}`);
    expect(described.sort()).toEqual([...listed].sort());
  });

  it('compiles from a data: address', async () => {
    const address = `data:application/wasm;base64,${Buffer.from(readCore()).toString('base64')}`;
    const module = await compileCore(address);
    expect(CoreModule.instantiate(module).exports.pvl_config_field_count()).toBeGreaterThan(10);
  });

  it('says what to do when it cannot be loaded', async () => {
    await expect(compileCore(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
      name: 'CoreError',
      code: 'crash',
      message: expect.stringMatching(/could not be loaded .* Use a current/),
    });
  });
});

describe('memory', () => {
  it('may grow between two calls without any result going stale', async () => {
    const core = await newCore();
    const { network, data } = smallRun(core);
    if (data.kind !== 'scene') throw new Error('a scene was asked for');
    const before = core.drawSet(data.scene, 12, 'train', 10);
    const images = core.createImages(10, 12, 1);
    images.drawNext(data.scene, 'train', 5);
    const size = core.memoryBytes();
    const large = core.createImages(200, 256, 3);
    expect(core.memoryBytes()).toBeGreaterThan(size);
    images.drawNext(data.scene, 'train', 5);
    expect(images.read()).toEqual(before);
    const trainer = core.createTrainer(network, images, images);
    trainer.run(1e15);
    const parameters = trainer.parameters();
    core.createImages(200, 256, 3);
    expect(trainer.parameters()).toEqual(parameters);
    expect(trainer.progress().epoch).toBe(1);
    large.free();
  });

  it('hands out copies, which later calls do not change', async () => {
    const core = await newCore();
    const scene = core.sceneDefaults();
    const first = core.drawScene(scene, 24, 'train', 0, 0);
    const copy = first.slice();
    core.drawScene(scene, 24, 'train', 1, 0);
    expect(first).toEqual(copy);
  });

  it('gives blocks aligned to 16 bytes', async () => {
    const module = CoreModule.instantiate(await compiledCore());
    const blocks = [1, 8, 24, 100, 4097].map((bytes) => module.alloc(bytes));
    expect(blocks.map((block) => block % 16)).toEqual([0, 0, 0, 0, 0]);
    for (const block of blocks) module.free(block);
  });

  it('that runs out is an error with the megabytes and a remedy', async () => {
    const core = await newCore();
    const error = caught(() => core.createImages(60000, 256, 3));
    expect(error.code).toBe('memory');
    expect(error.message).toMatch(/needs 11250 MB of memory.*Choose smaller pictures/);
    // 4 GB and a little: in 32 bits only the little would be left.
    expect(caught(() => core.createImages(21846, 256, 3)).code).toBe('memory');
    // The core goes on working.
    expect(core.plan(core.networkDefaults(), 10, 10).parameters).toBe(9845);
  });

  it('frees what a failed allocation had taken', async () => {
    const core = await newCore();
    for (let i = 0; i < 20; i++) caught(() => core.createImages(1000000000, 2, 1));
    for (let i = 0; i < 20; i++) core.createImages(1000, 256, 3).free();
    expect(core.memoryBytes()).toBeLessThan(1.3e9);
  });
});

describe('a trainer', () => {
  it('counts its work: the plan foretells it to the unit', async () => {
    const core = await newCore();
    const { trainer } = runStraight(core, smallRun(core));
    const { epochWork } = trainer.plan;
    expect(trainer.progress()).toMatchObject({ phase: 'finished', epoch: 3, epochWork });
    expect(trainer.workDone()).toBe(3 * epochWork);
  });

  it('gives out and takes in its weights', async () => {
    const core = await newCore();
    const { trainer, test } = runStraight(core, smallRun(core));
    const { pixels, count } = test.read();
    const logits = trainer.logits(pixels, count);
    const weights = trainer.parameters();
    trainer.setParameters(weights.map((value) => value / 2));
    expect(trainer.logits(pixels, count)).not.toEqual(logits);
    trainer.setParameters(weights);
    expect(trainer.logits(pixels, count)).toEqual(logits);
    expect(trainer.evaluate(test)).toEqual(trainer.progress().test);
    expect(caught(() => trainer.setParameters(new Float32Array(3))).message).toMatch(/not 3/);
  });

  it('refuses pictures that are not there', async () => {
    const core = await newCore();
    const { trainer } = runStraight(core, smallRun(core));
    expect(caught(() => trainer.step([30])).code).toBe('CNN_ERROR_ARGUMENT');
  });
});

describe('a trap', () => {
  it('comes out as a CoreError with a remedy', async () => {
    const module = CoreModule.instantiate(await compiledCore());
    const hash = module.alloc(8);
    const error = caught(() =>
      module.guard(() => module.exports.pvl_hash_add(hash, 0, 0xffffffff)),
    );
    expect(error.code).toBe('crash');
    expect(error.message).toMatch(/stopped unexpectedly \(.*\)\. Start the run again/);
  });
});
