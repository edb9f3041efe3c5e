// Runs the page's own presets over several seeds, through the same core and the same settings as
// the page, without drawing anything. What `npm run measure` prints and the page's sentences quote.

import type { Core } from '../../wasm_glue/core';
import { presetOf } from '../../web/presets';
import { PRESET_IDS, type PresetId } from '../../web/presets-ids';
import { networkConfig, sceneConfig, trainCount } from '../../web/settings/spec';
import type { Settings } from '../../web/settings/table';
import { kappa } from '../../web/stats/score';
import { mean, pairedInterval, standardDeviation } from '../../web/stats/student';

export { PRESET_IDS };

export interface ArmResult {
  label: string;
  weights: number;
  /** Shares of right answers, one per seed. */
  train: number[];
  test: number[];
  fingerprints: string[];
}

const EVERYTHING = 2 ** 50;

/** One arm with both lucks at `seed`; every run gets its own core, as in the page's workers. */
function runOnce(core: Core, settings: Settings, seed: number) {
  const own = { ...settings, dataLuck: seed, networkLuck: seed };
  const network = networkConfig(own);
  const scene = sceneConfig(own);
  const train = core.createImages(trainCount(own), network.resolution, network.channels);
  const test = core.createImages(own.testPictures, network.resolution, network.channels);
  train.drawNext(scene, 'train', train.count);
  test.drawNext(scene, 'test', test.count);
  const trainer = core.createTrainer(network, train, test);
  while (trainer.progress().phase !== 'finished') trainer.run(EVERYTHING);
  return { progress: trainer.progress(), fingerprint: trainer.fingerprint() };
}

function describe(s: Settings): string {
  return `${s.size} px, ${s.kinds} kinds, ${trainCount(s)} pictures, ${s.ending}`;
}

export function measureArm(newCore: () => Core, settings: Settings, seeds: number[]): ArmResult {
  const own = networkConfig(settings);
  const weights = newCore().plan(own, trainCount(settings), settings.testPictures).parameters;
  const runs = seeds.map((seed) => runOnce(newCore(), settings, seed));
  return {
    label: describe(settings),
    weights,
    train: runs.map(({ progress }) => progress.train.correct / progress.train.count),
    test: runs.map(({ progress }) => progress.test.correct / progress.test.count),
    fingerprints: runs.map(({ fingerprint }) => fingerprint),
  };
}

const percent = (share: number) => (100 * share).toFixed(1);

function armLine(arm: ArmResult, kinds: number): string {
  const each = arm.test.map(percent).join(' ');
  const spread = arm.test.length > 1 ? ` +- ${percent(standardDeviation(arm.test))}` : '';
  return (
    `  ${arm.label}: ${arm.weights} weights, seen ${percent(mean(arm.train))} %, ` +
    `new ${percent(mean(arm.test))}${spread} % (${each}), kappa ${kappa(mean(arm.test), kinds).toFixed(2)}`
  );
}

/** Lines of text for one preset. `remedy` replaces both endings by global max. */
export function measurePreset(newCore: () => Core, id: PresetId, seeds: number[], remedy: boolean) {
  const preset = presetOf(id);
  const ending = remedy ? { ending: 'global_max' as const } : {};
  const [a, b] = [
    { ...preset.a, ...ending },
    { ...preset.a, ...preset.b, ...ending },
  ];
  const [first, second] = [measureArm(newCore, a, seeds), measureArm(newCore, b, seeds)];
  const lines = [`${id}${remedy ? ' (global max)' : ''}`, armLine(first, a.kinds)];
  lines.push(armLine(second, b.kinds));
  if (seeds.length > 1) {
    const { estimate, low, high } = pairedInterval(second.test, first.test);
    lines.push(
      `  second minus first: ${percent(estimate)} points [${percent(low)}, ${percent(high)}]`,
    );
  }
  return lines;
}
