// What the build drew ahead of time, so that the first screen stands before the core is there: the
// default pair's sample pictures as addresses, their contrast, and the two plans.
import type { Plan } from '../../wasm_glue/protocol';

export interface Baked {
  /** data: addresses of PNG files, in the order of shownKinds. */
  thumbs: { a: string[]; b: string[] };
  stretch: number;
  plans: { a: Plan; b: Plan };
}

let baked: Baked | null = null;

export function setBaked(next: Baked | null): void {
  baked = next;
}

export function getBaked(): Baked | null {
  return baked;
}

/** Ids of the script elements that carry data inside the page. */
export const BAKED_ID = 'baked';
export const STATE_ID = 'state';

/** Text of a JSON script element; "<" is escaped so that it cannot end the element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
