// Runs the entries of tests/golden/fingerprints.json through the core.
import type { Core } from '../../wasm_glue/core';
import type { NetworkConfig, RunSpec, SceneConfig } from '../../wasm_glue/protocol';

export interface Golden {
  /** What differs from the core's defaults. */
  network: Partial<NetworkConfig>;
  scene: Partial<SceneConfig>;
  trainCount: number;
  testCount: number;
  dataHash?: string;
  fingerprint?: string;
}

export function goldenSpec(core: Core, { network, scene, trainCount, testCount }: Golden): RunSpec {
  return {
    network: { ...core.networkDefaults(), ...network },
    data: {
      kind: 'scene',
      scene: { ...core.sceneDefaults(), ...scene },
      trainCount,
      testCount,
    },
  };
}

/** The pictures and the trainer of a run, at its start. */
export function openGolden(core: Core, golden: Golden) {
  const { network, data } = goldenSpec(core, golden);
  if (data.kind !== 'scene') throw new Error('golden runs are scenes');
  const fill = (split: 'train' | 'test', count: number) => {
    const images = core.createImages(count, network.resolution, network.channels);
    images.drawNext(data.scene, split, count);
    return images;
  };
  const [train, test] = [fill('train', data.trainCount), fill('test', data.testCount)];
  return { train, test, trainer: core.createTrainer(network, train, test) };
}

/** `budget`: work units in a slice. */
export function runGolden(
  core: Core,
  golden: Golden,
  budget = 1e15,
): { dataHash: string; fingerprint: string } {
  const { train, test, trainer } = openGolden(core, golden);
  while (trainer.progress().phase !== 'finished') trainer.run(budget);
  return { dataHash: core.dataHash(train, test), fingerprint: trainer.fingerprint() };
}
