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

export function runGolden(core: Core, golden: Golden): { dataHash: string; fingerprint: string } {
  const { network, data } = goldenSpec(core, golden);
  if (data.kind !== 'scene') throw new Error('golden runs are scenes');
  const fill = (split: 'train' | 'test', count: number) => {
    const images = core.createImages(count, network.resolution, network.channels);
    images.drawNext(data.scene, split, count);
    return images;
  };
  const [train, test] = [fill('train', data.trainCount), fill('test', data.testCount)];
  const trainer = core.createTrainer(network, train, test);
  while (trainer.progress().phase !== 'finished') trainer.run(1e15);
  return { dataHash: core.dataHash(train, test), fingerprint: trainer.fingerprint() };
}
