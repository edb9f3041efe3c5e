// The build's own Vite plug-ins, in order: the core deflated, data packs, the page drawn ahead of
// time. Every build
// and test configuration takes this one list.
import type { Plugin } from 'vite';
import { deflateWasm } from './deflate.ts';
import { packData } from './pack.ts';
import { prerender } from './prerender.ts';

export function buildPlugins(): Plugin[] {
  return [deflateWasm(), packData(), prerender()];
}
