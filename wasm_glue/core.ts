// The typed face of the computing core: what pages, workers and tests call. Holds no run state; see
// run_loop.ts for running and pool.ts for many runs.
import { CoreImages, SPLITS, type Split } from './images';
import { type Layer, layersOf, type Tensor, tensorsOf } from './layers';
import { CoreModule, compileCore, type Pointer } from './module';
import type { ImageSet, NetworkConfig, Plan, SceneConfig, Score } from './protocol';
import { type SavedConfig, savedConfig } from './saved';
import {
  type FieldInfo,
  networkFields,
  sceneFields,
  toSetting,
  withNetwork,
  withScene,
} from './settings';
import { type CsvTable, type IdxArray, readCsv, readIdx } from './tables';
import { scoreOf, Trainer } from './trainer';

export { CoreError } from './errors';
export type {
  CoreImages,
  CsvTable,
  FieldInfo,
  IdxArray,
  Layer,
  SavedConfig,
  Split,
  Tensor,
  Trainer,
};
export { compileCore };

/** For workers and node, where instantiating at once is allowed for any size. */
export function instantiateCore(module: WebAssembly.Module): Core {
  return new Core(CoreModule.instantiate(module));
}

/** For pages. */
export async function openCore(module: WebAssembly.Module): Promise<Core> {
  return new Core(await CoreModule.open(module));
}

export class Core {
  constructor(private readonly core: CoreModule) {}

  /** Every setting of the network (and of a scene) with its default and range. */
  networkFields(): FieldInfo[] {
    return networkFields(this.core);
  }

  sceneFields(): FieldInfo[] {
    return sceneFields(this.core);
  }

  networkDefaults(): NetworkConfig {
    return defaultsOf(this.networkFields()) as unknown as NetworkConfig;
  }

  sceneDefaults(): SceneConfig {
    return defaultsOf(this.sceneFields()) as unknown as SceneConfig;
  }

  /** The core's enum numbers by name, for the test of protocol.ts' words. */
  constants(): Map<string, number> {
    const e = this.core.exports;
    const places = Array.from({ length: e.pvl_constant_count() }, (_, index) => index);
    return new Map(
      places.map((i) => [this.core.text(e.pvl_constant_name(i)), e.pvl_constant_value(i)]),
    );
  }

  /** Bytes of the core's memory at present. */
  memoryBytes(): number {
    return this.core.exports.memory.buffer.byteLength;
  }

  /** Throws a CoreError that names the setting at fault. */
  checkNetwork(network: NetworkConfig): void {
    withNetwork(this.core, network, () => undefined);
  }

  checkScene(scene: SceneConfig, resolution: number): void {
    withScene(this.core, scene, resolution, () => undefined);
  }

  plan(network: NetworkConfig, trainCount: number, testCount: number): Plan {
    return withNetwork(this.core, network, (config) => {
      const values = this.core.doubles(12, (out) =>
        this.core.exports.pvl_config_plan(out, config, trainCount, testCount),
      );
      const [bytes = 0, convSide = 0, poolSide = 0, features = 0, outputs = 0] = values;
      const [convParameters = 0, headParameters = 0, parameters = 0] = values.slice(5);
      const [statistics = 0, convMacs = 0, headMacs = 0, epochWork = 0] = values.slice(8);
      return {
        bytes,
        convSide,
        poolSide,
        features,
        outputs,
        convParameters,
        headParameters,
        parameters,
        statistics,
        convMacs,
        headMacs,
        epochWork,
      };
    });
  }

  /** The layers that an image passes, in order. */
  layers(network: NetworkConfig): Layer[] {
    return layersOf(this.core, network);
  }

  /** The arrays of numbers that a network owns, in memory order. */
  tensors(network: NetworkConfig): Tensor[] {
    return tensorsOf(this.core, network);
  }

  /** The settings inside bytes of Trainer.save, for a trainer that can load them. */
  savedConfig(bytes: Uint8Array): SavedConfig {
    return savedConfig(this.core, bytes);
  }

  /** One picture [side][side][channels] of a class (of a pattern, where `patterns` is set). */
  drawScene(
    scene: SceneConfig,
    resolution: number,
    split: Split,
    classIndex: number,
    index: number,
  ): Uint8Array<ArrayBuffer> {
    const bytes = resolution * resolution * scene.channels;
    return withScene(this.core, scene, resolution, (struct) =>
      this.core.borrow(this.core.exports.pvl_scene_work_bytes(struct) >>> 0, (work) =>
        this.core.borrow(bytes, (pixels) => {
          const status = this.core.guard(() =>
            this.core.exports.pvl_scene_draw(
              pixels,
              struct,
              resolution,
              SPLITS.indexOf(split),
              classIndex,
              index,
              work,
            ),
          );
          this.core.check(status);
          return this.core.readBytes(pixels, bytes);
        }),
      ),
    );
  }

  /** The class of a scene's pattern (they are the same unless `patterns` is set). */
  sceneClass(scene: SceneConfig, pattern: number): number {
    return withScene(this.core, scene, scene.reference, (struct) =>
      this.core.exports.pvl_scene_class(struct, pattern),
    );
  }

  /** Signal-to-noise ratio of the templates at a resolution, for the ideal observer's ceiling; NaN
   *  for other families, and with clutter, jitter or a cue. */
  sceneStrength(scene: SceneConfig, resolution: number): number {
    return this.sceneNumber(scene, resolution, (out, struct, work) =>
      this.core.exports.pvl_scene_strength(out, struct, resolution, work),
    );
  }

  /** The fewest unit strokes by which two of the signs differ; NaN for other families. */
  signDistance(scene: SceneConfig): number {
    if (scene.family !== 'signs') return Number.NaN;
    return this.sceneNumber(scene, scene.reference, (out, struct, work) =>
      this.core.exports.pvl_scene_sign_distance(out, struct, work),
    );
  }

  private sceneNumber(
    scene: SceneConfig,
    resolution: number,
    ask: (out: Pointer, struct: Pointer, work: Pointer) => number,
  ): number {
    return withScene(this.core, scene, resolution, (struct) =>
      this.core.borrow(this.core.exports.pvl_scene_work_bytes(struct) >>> 0, (work) => {
        const [value = Number.NaN] = this.core.doubles(1, (out) => ask(out, struct, work));
        return value;
      }),
    );
  }

  /** The first `count` pictures of a balanced set, labels included. */
  drawSet(scene: SceneConfig, resolution: number, split: Split, count: number): ImageSet {
    const images = this.createImages(count, resolution, scene.channels);
    try {
      images.drawNext(scene, split, count);
      return images.read();
    } finally {
      images.free();
    }
  }

  /** Exact area average of a square picture. */
  resize(
    pixels: Uint8Array,
    fromSide: number,
    toSide: number,
    channels: 1 | 3,
  ): Uint8Array<ArrayBuffer> {
    const bytes = toSide * toSide * channels;
    return this.core.borrow(pixels.length, (input) =>
      this.core.borrow(bytes, (output) => {
        this.core.writeBytes(input, pixels);
        const { pvl_image_resize } = this.core.exports;
        this.core.check(
          this.core.guard(() => pvl_image_resize(output, input, toSide, fromSide, channels)),
        );
        return this.core.readBytes(output, bytes);
      }),
    );
  }

  /** The header of an IDX file of u8 values; a CoreError says why a file is none. */
  readIdx(bytes: Uint8Array): IdxArray {
    return readIdx(this.core, bytes);
  }

  /** A table of square pictures with a label column; a CoreError names line and column. */
  readCsv(bytes: Uint8Array): CsvTable {
    return readCsv(this.core, bytes);
  }

  /** An empty set in the core's memory. */
  createImages(count: number, side: number, channels: number): CoreImages {
    return new CoreImages(this.core, count, side, channels);
  }

  /** Memory for createTrainer, so that a run can fail before its pictures are drawn. */
  reserve(bytes: number): Pointer {
    return this.core.alloc(bytes);
  }

  createTrainer(
    network: NetworkConfig,
    train: CoreImages,
    test: CoreImages,
    block?: Pointer,
  ): Trainer {
    const plan = this.plan(network, train.count, test.count);
    return new Trainer(this.core, plan, network, train, test, block ?? this.reserve(plan.bytes));
  }

  /** Nearest class mean over test pictures first..first+count-1; its loss is 0 by definition. */
  nearestMean(
    train: CoreImages,
    test: CoreImages,
    classes: number,
    first = 0,
    count = test.count,
  ): Score {
    const values = train.valuesPerImage;
    return this.core.borrow((classes * values + classes) * 8, (work) =>
      test.withPart(first, count, (part) =>
        scoreOf(
          this.core.doubles(3, (out) =>
            this.core.exports.pvl_nearest_mean(out, train.struct, part, work, classes, values),
          ),
        ),
      ),
    );
  }

  /** FNV-1a of pictures and labels of both sets, 16 hexadecimal digits; slices do not matter. */
  dataHash(train: CoreImages, test: CoreImages): string {
    const { pvl_hash_begin, pvl_hash_add } = this.core.exports;
    return this.core.borrow(8, (hash) => {
      pvl_hash_begin(hash);
      pvl_hash_add(hash, train.hashes, 16);
      pvl_hash_add(hash, test.hashes, 16);
      return this.core.readHex64(hash);
    });
  }
}

function defaultsOf(fields: FieldInfo[]): Record<string, string | number> {
  return Object.fromEntries(fields.map((f) => [f.name, toSetting(f.name, f.initial)]));
}
