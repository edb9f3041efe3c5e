// Loads core.wasm without Emscripten's JavaScript, and is the only place that looks into its
// memory. A view is made fresh for every use and never kept across a call: a call may grow the
// memory, and an old view then reads zeros without a word. Pointers get `>>> 0`, because wasm hands
// addresses above 2 GB over as negative numbers. Refuses a module that asks for more than the one
// import it needs.
import { asCoreError, CoreError, memoryError } from './errors';

/** An address in the core's memory. */
export type Pointer = number;

/** The functions of exports.c; every `…Status` number is a cnn_status. */
export interface CoreExports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  pvl_alloc(bytes: number): Pointer;
  pvl_free(block: Pointer): void;
  pvl_status_name(status: number): Pointer;
  pvl_status_text(status: number): Pointer;
  pvl_constant_count(): number;
  pvl_constant_name(index: number): Pointer;
  pvl_constant_value(index: number): number;
  pvl_config_field_count(): number;
  pvl_config_field_name(index: number): Pointer;
  pvl_config_field_values(values: Pointer, index: number): void;
  pvl_scene_field_count(): number;
  pvl_scene_field_name(index: number): Pointer;
  pvl_scene_field_values(values: Pointer, index: number): void;
  pvl_config_new(): Pointer;
  pvl_config_set(config: Pointer, name: Pointer, value: number): number;
  pvl_config_check(field: Pointer, config: Pointer): number;
  pvl_config_plan(plan: Pointer, config: Pointer, train: number, test: number): number;
  pvl_config_layers(values: Pointer, config: Pointer): number;
  pvl_config_tensors(values: Pointer, config: Pointer): number;
  pvl_images_new(pixels: Pointer, labels: Pointer, count: number): Pointer;
  pvl_image_resize(
    output: Pointer,
    input: Pointer,
    outSide: number,
    inSide: number,
    channels: number,
  ): number;
  pvl_hash_begin(hash: Pointer): void;
  pvl_hash_add(hash: Pointer, bytes: Pointer, count: number): void;
  pvl_trainer_create(
    trainer: Pointer,
    config: Pointer,
    train: Pointer,
    test: Pointer,
    block: Pointer,
    blockBytes: number,
  ): number;
  pvl_trainer_run(trainer: Pointer, budget: number): number;
  pvl_trainer_progress(progress: Pointer, trainer: Pointer): number;
  pvl_trainer_step(loss: Pointer, trainer: Pointer, indices: Pointer, count: number): number;
  pvl_trainer_evaluate(score: Pointer, trainer: Pointer, images: Pointer): number;
  pvl_trainer_logits(logits: Pointer, trainer: Pointer, pixels: Pointer, count: number): number;
  pvl_trainer_parameters(trainer: Pointer): Pointer;
  pvl_trainer_gradients(trainer: Pointer): Pointer;
  pvl_trainer_statistics(trainer: Pointer): Pointer;
  pvl_trainer_suspect(trainer: Pointer): Pointer;
  pvl_trainer_fingerprint(fingerprint: Pointer, trainer: Pointer): number;
  pvl_nearest_mean(
    score: Pointer,
    train: Pointer,
    test: Pointer,
    work: Pointer,
    classes: number,
    valuesPerImage: number,
  ): number;
  pvl_trainer_save_bytes(trainer: Pointer, kind: number): number;
  pvl_trainer_save(out: Pointer, trainer: Pointer, kind: number): number;
  pvl_trainer_load(trainer: Pointer, bytes: Pointer, count: number): number;
  pvl_saved_config(values: Pointer, bytes: Pointer, count: number): number;
  pvl_trainer_activations(
    values: Pointer,
    trainer: Pointer,
    pixels: Pointer,
    layer: number,
  ): number;
  pvl_trainer_class_map(
    map: Pointer,
    trainer: Pointer,
    pixels: Pointer,
    classIndex: number,
  ): number;
  pvl_trainer_occlusion(
    map: Pointer,
    trainer: Pointer,
    pixels: Pointer,
    classIndex: number,
    patch: number,
    stride: number,
    first: number,
    count: number,
  ): number;
  pvl_trainer_judge(values: Pointer, trainer: Pointer, images: Pointer): number;
  pvl_trainer_confusion(counts: Pointer, trainer: Pointer, images: Pointer): number;
  pvl_idx_parse(values: Pointer, bytes: Pointer, count: number): number;
  pvl_csv_new(): Pointer;
  pvl_csv_scan(csv: Pointer, bytes: Pointer, count: number): number;
  pvl_csv_values(values: Pointer, csv: Pointer): number;
  pvl_csv_read(
    pixels: Pointer,
    labels: Pointer,
    csv: Pointer,
    bytes: Pointer,
    count: number,
  ): number;
  pvl_scene_new(): Pointer;
  pvl_scene_set(scene: Pointer, name: Pointer, value: number): number;
  pvl_scene_check(field: Pointer, scene: Pointer, resolution: number): number;
  pvl_scene_work_bytes(scene: Pointer): number;
  pvl_scene_class(scene: Pointer, pattern: number): number;
  pvl_scene_strength(strength: Pointer, scene: Pointer, resolution: number, work: Pointer): number;
  pvl_scene_sign_distance(distance: Pointer, scene: Pointer, work: Pointer): number;
  pvl_scene_draw(
    pixels: Pointer,
    scene: Pointer,
    resolution: number,
    split: number,
    classIndex: number,
    index: number,
    work: Pointer,
  ): number;
  pvl_scene_draw_set(
    pixels: Pointer,
    labels: Pointer,
    scene: Pointer,
    resolution: number,
    split: number,
    first: number,
    count: number,
    work: Pointer,
  ): number;
}

/** Emscripten's only request of a module that grows its memory; nothing here keeps a view. */
const IMPORTS: WebAssembly.Imports = { env: { emscripten_notify_memory_growth: () => undefined } };

/** Compiles core.wasm from its bytes, or from an address that may be a data: address (fetch of one
 *  is not allowed in every browser when the page is a file). */
export async function compileCore(source: BufferSource | string): Promise<WebAssembly.Module> {
  try {
    const bytes = typeof source === 'string' ? await load(source) : source;
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw loadError(error);
  }
}

async function load(address: string): Promise<BufferSource> {
  if (address.startsWith('data:')) {
    const text = atob(address.slice(address.indexOf(',') + 1));
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  }
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: status ${response.status}`);
  return response.arrayBuffer();
}

function loadError(thrown: unknown): CoreError {
  if (thrown instanceof CoreError) return thrown;
  if (thrown instanceof RangeError) return memoryError(4194304);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new CoreError(
    'crash',
    `The computing core could not be loaded (${text}). Use a current Chrome, Edge, Firefox or ` +
      'Safari, and allow WebAssembly.',
  );
}

/** Bytes of scratch: a network's tensors, 8 doubles each, are the longest of the short results. */
const SCRATCH_BYTES = 2048;

/** One instance of the core: its functions, memory and status codes. The classes of core.ts and
 *  trainer.ts are the only users. */
export class CoreModule {
  readonly exports: CoreExports;
  /** For short results and names; valid until the next call that uses it. */
  private readonly scratch: Pointer;

  constructor(instance: WebAssembly.Instance) {
    // The shape is checked by a test against exports.json; there is no type for it to come from.
    this.exports = instance.exports as unknown as CoreExports;
    this.exports._initialize();
    this.scratch = this.alloc(SCRATCH_BYTES);
  }

  /** At once; for workers and node. A browser's page may refuse it for a large module. */
  static instantiate(module: WebAssembly.Module): CoreModule {
    try {
      return new CoreModule(new WebAssembly.Instance(module, IMPORTS));
    } catch (error) {
      throw loadError(error);
    }
  }

  static async open(module: WebAssembly.Module): Promise<CoreModule> {
    try {
      return new CoreModule(await WebAssembly.instantiate(module, IMPORTS));
    } catch (error) {
      throw loadError(error);
    }
  }

  /** Runs calls into the core; a trap comes out as a CoreError. */
  guard<T>(calls: () => T): T {
    try {
      return calls();
    } catch (error) {
      throw asCoreError(error);
    }
  }

  alloc(bytes: number): Pointer {
    // A request of 4 GB or more would wrap around in the 32-bit call.
    return this.allocated(bytes, () => (bytes < 0xffff0000 ? this.exports.pvl_alloc(bytes) : 0));
  }

  /** Runs a call that returns a new block of about `bytes`; without memory it throws. */
  allocated(bytes: number, call: () => Pointer): Pointer {
    const block = this.guard(call) >>> 0;
    if (block === 0) throw memoryError(bytes);
    return block;
  }

  free(block: Pointer): void {
    this.guard(() => this.exports.pvl_free(block));
  }

  /** Allocates, uses and frees, whatever happens. */
  borrow<T>(bytes: number, use: (block: Pointer) => T): T {
    const block = this.alloc(bytes);
    try {
      return use(block);
    } finally {
      this.free(block);
    }
  }

  /** Throws what a failed call says. */
  check(status: number, field?: string): void {
    if (status === 0) return;
    throw new CoreError(this.statusName(status), this.statusText(status), field);
  }

  statusName(status: number): string {
    return this.text(this.exports.pvl_status_name(status));
  }

  /** The core's sentence, made one: capital letter and full stop. */
  statusText(status: number): string {
    const text = this.text(this.exports.pvl_status_text(status));
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  }

  /** Runs a call that writes at most `count` doubles (256 of them), and returns a copy. */
  doubles(count: number, call: (out: Pointer) => number): number[] {
    const status = this.guard(() => call(this.scratch));
    this.check(status);
    return Array.from(new Float64Array(this.exports.memory.buffer, this.scratch, count));
  }

  /** Runs a call that writes one pointer; reports its status and the pointer. */
  pointerResult(call: (out: Pointer) => number): { status: number; pointer: Pointer } {
    new Uint32Array(this.exports.memory.buffer, this.scratch, 1)[0] = 0;
    const status = this.guard(() => call(this.scratch));
    const [pointer = 0] = new Uint32Array(this.exports.memory.buffer, this.scratch, 1);
    return { status, pointer };
  }

  /** Runs a call with a name as a C string (ASCII, at most 200 characters). */
  withName<T>(name: string, call: (text: Pointer) => T): T {
    const bytes = new Uint8Array(this.exports.memory.buffer, this.scratch, 256);
    const length = Math.min(name.length, 200);
    for (let i = 0; i < length; i++) bytes[i] = name.charCodeAt(i);
    bytes[length] = 0;
    return this.guard(() => call(this.scratch));
  }

  text(pointer: Pointer): string {
    const bytes = new Uint8Array(this.exports.memory.buffer, pointer >>> 0);
    let text = '';
    for (let i = 0; i < bytes.length && bytes[i] !== 0; i++) {
      text += String.fromCharCode(bytes[i] ?? 0);
    }
    return text;
  }

  readBytes(pointer: Pointer, count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.exports.memory.buffer, pointer >>> 0, count).slice();
  }

  writeBytes(pointer: Pointer, bytes: Uint8Array): void {
    new Uint8Array(this.exports.memory.buffer, pointer >>> 0, bytes.length).set(bytes);
  }

  readFloats(pointer: Pointer, count: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.exports.memory.buffer, pointer >>> 0, count).slice();
  }

  readInts(pointer: Pointer, count: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.exports.memory.buffer, pointer >>> 0, count).slice();
  }

  readDoubles(pointer: Pointer, count: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.exports.memory.buffer, pointer >>> 0, count).slice();
  }

  writeFloats(pointer: Pointer, values: Float32Array): void {
    new Float32Array(this.exports.memory.buffer, pointer >>> 0, values.length).set(values);
  }

  writeInts(pointer: Pointer, values: Int32Array): void {
    new Int32Array(this.exports.memory.buffer, pointer >>> 0, values.length).set(values);
  }

  /** A 64-bit number in memory as 16 hexadecimal digits. */
  readHex64(pointer: Pointer): string {
    const words = new Uint32Array(this.exports.memory.buffer, pointer >>> 0, 2);
    return [words[1] ?? 0, words[0] ?? 0].map((w) => w.toString(16).padStart(8, '0')).join('');
  }
}
