// The memory of one instance of kernels.wasm (kernel_exports.c): arrays go in and come out as
// copies, and what a call allocates is freed when it ends.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Another build of the kernels may be named, to see the tests fail on a broken one. */
const PLACE =
  process.env['PVL_KERNELS'] ??
  fileURLToPath(new URL('../../build/wasm/kernels.wasm', import.meta.url));

export type Pointer = number;
type Exported = (...numbers: number[]) => number;

export class KernelMemory {
  private readonly exported: Record<string, Exported>;
  private readonly memory: WebAssembly.Memory;
  private blocks: Pointer[] = [];

  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, {});
    this.exported = exports as unknown as Record<string, Exported>;
    this.memory = exports['memory'] as WebAssembly.Memory;
    this.call('_initialize');
  }

  /** Calls an exported function by its name in C. */
  call(name: string, ...numbers: number[]): number {
    const found = this.exported[name];
    if (!found) throw new Error(`kernels.wasm has no ${name}: list it in kernel_exports.json`);
    return found(...numbers);
  }

  /** Frees what was allocated meanwhile, whatever happens. */
  frame<T>(use: () => T): T {
    try {
      return use();
    } finally {
      for (const block of this.blocks) this.call('kernel_free', block);
      this.blocks = [];
    }
  }

  /** Frees a block of the core's own with the rest of the frame. */
  own(block: Pointer): Pointer {
    this.blocks.push(block);
    return block;
  }

  reserve(bytes: number): Pointer {
    const block = this.call('kernel_alloc', bytes);
    if (block === 0) throw new RangeError(`kernels.wasm has no ${bytes} bytes left`);
    return this.own(block);
  }

  floats(values: ArrayLike<number>): Pointer {
    const block = this.reserve(4 * values.length);
    new Float32Array(this.memory.buffer, block, values.length).set(values);
    return block;
  }

  /** Room for a result: NaN, which must not show in it. */
  room(count: number): Pointer {
    return this.floats(new Float32Array(count).fill(Number.NaN));
  }

  doubles(values: ArrayLike<number>): Pointer {
    const block = this.reserve(8 * values.length);
    new Float64Array(this.memory.buffer, block, values.length).set(values);
    return block;
  }

  ints(values: ArrayLike<number>): Pointer {
    const block = this.reserve(4 * values.length);
    new Int32Array(this.memory.buffer, block, values.length).set(values);
    return block;
  }

  bytes(values: ArrayLike<number>): Pointer {
    const block = this.reserve(values.length);
    new Uint8Array(this.memory.buffer, block, values.length).set(values);
    return block;
  }

  readFloats(block: Pointer, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, block, count).slice();
  }

  readDoubles(block: Pointer, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, block, count).slice();
  }

  readInts(block: Pointer, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, block, count).slice();
  }

  readBytes(block: Pointer, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, block, count).slice();
  }
}

/** kernels.wasm, compiled. */
export function kernelModule(): WebAssembly.Module {
  if (!existsSync(PLACE)) {
    throw new Error(
      `${PLACE} is missing: build it with "node scripts/test.mjs wasm", or name it in PVL_KERNELS.`,
    );
  }
  return new WebAssembly.Module(readFileSync(PLACE));
}
