// The computing core on the page: for pictures, plans and the one measurement of this machine's
// speed. Training itself happens in workers (state/runs.ts). Starts nothing by itself.
import { signal } from '@preact/signals';
import type { Core } from '../../wasm_glue/core';

export interface Speed {
  secondsPerWork: number;
  secondsPerSceneValue: number;
}

export const core = signal<Core | null>(null);
/** True once the core could not be loaded; nothing can be drawn or trained then. */
export const engineFailed = signal(false);
/** Null until this machine has been measured. */
export const speed = signal<Speed | null>(null);
