// The worker's loop, with a clock that the test moves: cuts change nothing, commands are answered
// in the next slice, messages are few, in order, and only about the present run.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../../wasm_glue/core';
import type { NetworkConfig, RunSpec } from '../../wasm_glue/protocol';
import { compiledCore, FakeWorld, newCore, runStraight, smallRun } from './support';

let core: Core;
let module: WebAssembly.Module;
beforeAll(async () => {
  module = await compiledCore();
  core = await newCore();
});

/** A run of many slices. */
function longRun(): RunSpec {
  return smallRun(core, { resolution: 24, filters: 16, epochs: 40 });
}

describe('a run', () => {
  it('draws, trains and finishes, and says so in this order', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 7, spec: smallRun(core) });
    world.turns();
    expect(world.states()).toEqual(['drawing', 'training', 'finished']);
    expect(world.epochs().map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    const types = world.messages.map(({ message }) => message.type);
    expect(types.slice(-3)).toEqual(['progress', 'finished', 'state']);
    const done = world.of('progress').map((message) => message.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(1);
    expect(world.messages.every(({ message }) => !('run' in message) || message.run === 7)).toBe(
      true,
    );
  });

  it('gives the numbers of a run without a loop, whatever the slices', () => {
    const spec = longRun();
    const straight = runStraight(core, spec);
    for (const millisecondsPerLook of [0, 0.01, 1, 9, 40]) {
      const world = new FakeWorld(module, millisecondsPerLook);
      world.loop.receive({ type: 'start', run: 1, spec });
      world.turns();
      expect(world.result()).toMatchObject({
        fingerprint: straight.fingerprint,
        dataHash: straight.dataHash,
      });
      expect(world.epochs()).toEqual(straight.epochs);
    }
  });

  it('gives the same numbers through pauses and steps', () => {
    const spec = longRun();
    const straight = runStraight(core, spec);
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec, paused: true });
    const commands = ['step', 'resume', 'pause', 'step', 'step', 'pause', 'resume'] as const;
    for (let i = 0; world.of('finished').length === 0; i++) {
      world.loop.receive({ type: commands[i % commands.length] ?? 'resume', run: 1 });
      for (let turns = 0; turns < 3; turns++) world.turn();
    }
    expect(world.result().fingerprint).toBe(straight.fingerprint);
    expect(world.epochs()).toEqual(straight.epochs);
    expect(world.states().filter((state) => state === 'paused').length).toBeGreaterThan(3);
  });

  it('of given pictures equals the run of the scene they came from', () => {
    const spec = smallRun(core);
    const { train, test, fingerprint, dataHash } = runStraight(core, spec);
    const data = { kind: 'images', train: train.read(), test: test.read() } as const;
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: { ...spec, data } });
    world.turns();
    expect(world.result()).toMatchObject({ fingerprint, dataHash });
  });

  it('reports the nearest class mean of its own pictures, whole or in parts', () => {
    const spec = smallRun(core, {}, { noise: 5 });
    const { train, test } = runStraight(core, spec);
    const whole = core.nearestMean(train, test, 5);
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec });
    world.turns();
    expect(world.result().nearestMean).toEqual(whole);
    const parts = [0, 7, 14].map((first) =>
      core.nearestMean(train, test, 5, first, Math.min(7, 20 - first)),
    );
    expect(parts.reduce((sum, { correct }) => sum + correct, 0)).toBe(whole.correct);
    expect(whole.correct).toBeGreaterThan(0);
  });

  it.each([
    ['a piece would hold up an answer', 300, { resolution: 192, classes: 5 }],
    ['it would take long beside the training', 30, { resolution: 96, classes: 200 }],
  ])('leaves the nearest class mean out where %s', (_why, trainCount, { resolution, classes }) => {
    const small = { filters: 1, head: 'global_max', epochs: 1 } as const;
    const spec = smallRun(core, { ...small, resolution, classes }, { classes });
    const data = { ...spec.data, trainCount } as RunSpec['data'];
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: { ...spec, data } });
    world.turns();
    expect(world.result().nearestMean).toBeNull();
  });

  it('passes every setting on to the core untouched', () => {
    const network = {
      ...{ blocks: 2, padding: 'same', norm: 'batch', pool: 'average2', filters2: 6, kernel2: 5 },
      ...{ padding2: 'same', stride2: 2, norm2: 'layer', pool2: 'none', head: 'grid', grid: 1 },
      ...{ hidden: 7, optimiser: 'sgd', momentum: 0.8, nesterov: 1, schedule: 'cosine', warmup: 1 },
      ...{ weight_decay: 0.01, l2: 0.001, dropout: 0.3, label_smoothing: 0.1, clip_norm: 0.01 },
      ...{ shift: 2, shift_edge: 'repeat', flip: 1, pixel_noise: 5 },
    } as const satisfies Partial<NetworkConfig>;
    const spec = smallRun(core, network);
    const straight = runStraight(core, spec);
    const world = new FakeWorld(module, 9);
    world.loop.receive({ type: 'start', run: 1, spec: structuredClone(spec) });
    world.turns();
    expect(world.result().fingerprint).toBe(straight.fingerprint);
    expect(world.epochs()).toEqual(straight.epochs);
    for (const name of Object.keys(network)) {
      const { [name]: _left, ...others } = spec.network as unknown as Record<string, unknown>;
      const without = { ...spec, network: others as unknown as RunSpec['network'] };
      expect([name, runStraight(core, without).fingerprint]).not.toEqual([
        name,
        straight.fingerprint,
      ]);
    }
  });

  it('with patience ends early and says which epoch was the best', () => {
    const spec = smallRun(core, { patience: 2, epochs: 60, learning_rate: 0.05 });
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec });
    world.turns();
    const losses = world.epochs().map(({ test }) => test.loss);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(losses.length).toBeLessThan(60);
    expect(losses.length).toBe(best + 2);
    expect(world.result().bestEpoch).toBe(best);
    expect(world.of('progress').at(-1)?.done).toBe(1);
  });

  it('without patience has no best epoch', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: smallRun(core) });
    world.turns();
    expect('bestEpoch' in world.result()).toBe(false);
  });

  it('counts only the time it worked', () => {
    const seconds = (pauses: number) => {
      const world = new FakeWorld(module);
      world.loop.receive({ type: 'start', run: 1, spec: smallRun(core) });
      for (let i = 0; i < pauses; i++) {
        world.turn();
        world.loop.receive({ type: 'pause', run: 1 });
        world.time += 1e6;
        world.loop.receive({ type: 'resume', run: 1 });
      }
      world.turns();
      const { dataSeconds, trainSeconds } = world.result();
      return dataSeconds + trainSeconds;
    };
    expect(seconds(0)).toBeGreaterThan(0);
    expect(seconds(2)).toBeLessThan(10);
  });
});

describe('commands', () => {
  it('start paused: nothing is drawn until resumed', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: smallRun(core), paused: true });
    world.turns();
    expect(world.states()).toEqual(['paused']);
    expect(world.cores).toBe(0);
    world.loop.receive({ type: 'resume', run: 1 });
    world.turns();
    expect(world.states()).toEqual(['paused', 'drawing', 'training', 'finished']);
  });

  it('pause shows every finished epoch at once and then stands still', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: longRun() });
    world.turns(() => world.epochs().length >= 2);
    world.loop.receive({ type: 'pause', run: 1 });
    const count = world.messages.length;
    world.turns();
    expect(world.messages.length).toBe(count);
    expect(world.messages.at(-1)?.message).toEqual({ type: 'state', run: 1, state: 'paused' });
    const last = world.of('progress').at(-1);
    expect(last?.epoch).toBe(world.epochs().length);
  });

  it('step trains to the end of one epoch, from a pause and from the start', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: longRun(), paused: true });
    for (const epoch of [1, 2, 3]) {
      world.loop.receive({ type: 'step', run: 1 });
      world.turns();
      expect(world.of('progress').at(-1)?.epoch).toBe(epoch);
      expect(world.states().at(-1)).toBe('paused');
    }
  });

  it('stop while drawing ends the run before its next picture', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: longRun() });
    world.turn();
    world.loop.receive({ type: 'stop', run: 1 });
    world.turns();
    expect(world.states()).toEqual(['drawing', 'stopped']);
    expect(world.of('finished')).toEqual([]);
  });

  it('stop while training keeps the finished epochs', () => {
    const spec = longRun();
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec });
    world.turns(() => world.epochs().length >= 1);
    world.turn();
    world.loop.receive({ type: 'stop', run: 1 });
    world.turns();
    expect(world.states().at(-1)).toBe('stopped');
    const { epochs } = runStraight(core, spec);
    expect(world.epochs()).toEqual(epochs.slice(0, world.epochs().length));
  });

  it('of another run are not obeyed', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 2, spec: smallRun(core) });
    for (const type of ['pause', 'stop', 'step'] as const) world.loop.receive({ type, run: 1 });
    world.turns();
    expect(world.states()).toEqual(['drawing', 'training', 'finished']);
    world.loop.receive({ type: 'resume', run: 2 });
    expect(world.turn()).toBe(false);
  });

  it('a new start silences the old run and gets a core of its own', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: longRun() });
    world.turns(() => world.epochs().length >= 1);
    const before = world.messages.length;
    world.loop.receive({ type: 'start', run: 2, spec: smallRun(core) });
    world.turns();
    const later = world.messages.slice(before).map(({ message }) => message);
    expect(later.every((message) => 'run' in message && message.run === 2)).toBe(true);
    expect(world.states(2)).toEqual(['drawing', 'training', 'finished']);
    expect(world.cores).toBe(2);
  });
});

describe('slices', () => {
  it('end after 30 ms and one more piece, while drawing and while training', () => {
    // 50 pictures at 3 ms, epochs of a quarter of a second: a slow machine.
    const world = new FakeWorld(module, 0.01, { picture: 3, megawork: 100 });
    world.loop.receive({ type: 'start', run: 1, spec: smallRun(core, { resolution: 24 }) });
    const slices = { drawing: 0, training: 0 };
    let longest = 0;
    for (let before = world.time; world.turn(); before = world.time) {
      slices[world.states().includes('training') ? 'training' : 'drawing']++;
      longest = Math.max(longest, world.time - before);
    }
    expect(longest).toBeLessThan(60);
    expect(slices.drawing).toBeGreaterThanOrEqual(3);
    expect(slices.training).toBeGreaterThan(10);
    expect(world.of('finished').length).toBe(1);
  });

  it('are long enough: little is lost between them', () => {
    const world = new FakeWorld(module, 0.01, { picture: 0.1, megawork: 1 });
    world.loop.receive({ type: 'start', run: 1, spec: longRun() });
    let slices = 0;
    while (world.turn()) slices++;
    expect(world.time / slices).toBeGreaterThan(20);
  });

  it('wait one at a time, however often a run is paused and resumed', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: longRun() });
    for (let i = 0; i < 5; i++) {
      world.loop.receive({ type: 'pause', run: 1 });
      world.loop.receive({ type: 'resume', run: 1 });
      world.loop.receive({ type: 'step', run: 1 });
    }
    expect(world.waiting).toBe(1);
  });

  it('send at most 20 progress messages in any second, and lose no epoch', () => {
    const world = new FakeWorld(module, 1);
    world.loop.receive({ type: 'start', run: 1, spec: smallRun(core, { epochs: 2000 }) });
    world.turns();
    const times = world.messages
      .filter(({ message }) => message.type === 'progress')
      .map(({ at }) => at);
    expect(times.length).toBeGreaterThan(25);
    times.forEach((time, i) => {
      expect((times[i + 20] ?? Number.POSITIVE_INFINITY) - time).toBeGreaterThan(1000);
    });
    expect(world.epochs().map(({ epoch }) => epoch)).toEqual(
      Array.from({ length: 2000 }, (_, i) => i + 1),
    );
  });
});

describe('a failure', () => {
  it('of the numbers names the epoch, the learning rate and a tenth of it, and keeps epochs', () => {
    const world = new FakeWorld(module);
    const spec = smallRun(core, { learning_rate: 1e25, epochs: 50 });
    world.loop.receive({ type: 'start', run: 1, spec });
    world.turns();
    const [failure] = world.of('failed');
    expect(failure).toMatchObject({ code: 'CNN_ERROR_NOT_FINITE', field: 'learning_rate' });
    expect(failure?.epoch).toBe(world.epochs().length + 1);
    expect(failure?.message).toContain(`in epoch ${failure?.epoch}.`);
    expect(failure?.message).toMatch(/learning rate 1e\+25\..*try 1e\+24\./);
    expect(world.states().at(-1)).toBe('stopped');
    expect(world.of('finished')).toEqual([]);
  });

  it.each([
    [
      'momentum',
      { optimiser: 'sgd', momentum: 0.9999, learning_rate: 0.9, l2: 2.2, batch: 5 },
      /momentum 0\.9999\..*try 0\.9\./,
    ],
    ['weight_decay', { weight_decay: 10, learning_rate: 0.9 }, /weight decay 10\..*try 1\./],
    ['beta2', { beta2: 0, learning_rate: 0.9, epsilon: 1e-12 }, /beta2 0\..*try 0\.999\./],
  ] as const)('of the numbers may be due to %s', (field, network, message) => {
    const world = new FakeWorld(module);
    const spec = smallRun(core, { ...network, epochs: 100 });
    world.loop.receive({ type: 'start', run: 1, spec });
    world.turns();
    expect(world.of('failed')[0]).toMatchObject({ code: 'CNN_ERROR_NOT_FINITE', field });
    expect(world.of('failed')[0]?.message).toMatch(message);
  });

  it('of memory comes before the first picture, with the megabytes of the whole run', () => {
    const world = new FakeWorld(module);
    const spec = smallRun(core, { resolution: 192, classes: 255, filters: 64, batch: 256 });
    const data = { ...spec.data, trainCount: 60000 } as RunSpec['data'];
    if (data.kind === 'scene') data.scene = { ...data.scene, classes: 255 };
    world.loop.receive({ type: 'start', run: 1, spec: { ...spec, data } });
    world.turns();
    const [failure] = world.of('failed');
    expect(failure).toMatchObject({ code: 'memory', epoch: 0 });
    expect(failure?.message).toMatch(/needs \d{4} MB of memory/);
    expect(world.states()).toEqual(['drawing', 'failed']);
  });

  it.each([
    ['a setting', (s: RunSpec) => ({ ...s, network: { ...s.network, filters: 65 } }), 'filters'],
    [
      'a size the scene lacks',
      (s: RunSpec) => ({ ...s, network: { ...s.network, resolution: 13 } }),
      'resolution',
    ],
    [
      'unequal classes',
      (s: RunSpec) => ({ ...s, network: { ...s.network, classes: 4 } }),
      'classes',
    ],
  ])('of %s names the field', (_what, change, field) => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: change(smallRun(core)) as RunSpec });
    world.turns();
    expect(world.of('failed')[0]).toMatchObject({ field, epoch: 0 });
    expect(world.states().at(-1)).toBe('failed');
  });

  it('of given pictures says which arrays do not fit', () => {
    const set = { pixels: new Uint8Array(99), labels: new Uint8Array(1), count: 1 };
    const spec: RunSpec = { ...smallRun(core), data: { kind: 'images', train: set, test: set } };
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec });
    world.turns();
    expect(world.of('failed')[0]?.message).toMatch(/1 pictures need 144 pixel values .* not 99/);
  });

  it('of a label names the remedy', () => {
    const set = { pixels: new Uint8Array(144), labels: new Uint8Array([5]), count: 1 };
    const spec: RunSpec = { ...smallRun(core), data: { kind: 'images', train: set, test: set } };
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec });
    world.turns();
    expect(world.of('failed')[0]).toMatchObject({ code: 'CNN_ERROR_LABEL' });
  });

  it('does not hinder the next run', () => {
    const world = new FakeWorld(module);
    world.loop.receive({ type: 'start', run: 1, spec: smallRun(core, { filters: 65 }) });
    world.turns();
    world.loop.receive({ type: 'start', run: 2, spec: smallRun(core) });
    world.turns();
    expect(world.states(2)).toEqual(['drawing', 'training', 'finished']);
  });
});

describe('calibration', () => {
  it('measures drawing and training, in slices', () => {
    const world = new FakeWorld(module, 2);
    world.loop.receive({ type: 'calibrate', run: 3 });
    let slices = 0;
    while (world.turn()) slices++;
    expect(slices).toBeGreaterThan(2);
    const [speed] = world.of('calibrated');
    expect(speed?.run).toBe(3);
    expect(speed?.secondsPerWork).toBeGreaterThan(0);
    expect(speed?.secondsPerSceneValue).toBeGreaterThan(0);
    expect(world.messages.length).toBe(1);
  });

  it('gives way to a run', () => {
    const world = new FakeWorld(module, 2);
    world.loop.receive({ type: 'calibrate', run: 1 });
    world.turn();
    world.loop.receive({ type: 'start', run: 2, spec: smallRun(core) });
    world.turns();
    expect(world.of('calibrated')).toEqual([]);
    expect(world.states(2).at(-1)).toBe('finished');
  });

  it('ends even where the clock stands still', () => {
    const world = new FakeWorld(module, 0);
    world.loop.receive({ type: 'calibrate', run: 1 });
    world.turns();
    expect(world.of('calibrated').length).toBe(1);
  });
});
