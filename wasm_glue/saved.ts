// Saved bytes of a trainer (cnn_trainer_save): what kind they are and which network they need.
import type { CoreModule } from './module';
import type { NetworkConfig } from './protocol';
import { networkFields, toSetting } from './settings';

/** A word's place is the core's number (CNN_SAVE_*). 'model': settings and weights; 'state': all of
 *  the training too, so that it goes on as if it had never stopped. */
export const SAVE_KINDS = ['model', 'state'] as const;
export type SaveKind = (typeof SAVE_KINDS)[number];

export interface SavedConfig {
  kind: SaveKind;
  network: NetworkConfig;
}

/** Throws CNN_ERROR_SAVED for bytes that this core cannot read. */
export function savedConfig(core: CoreModule, bytes: Uint8Array): SavedConfig {
  const fields = networkFields(core);
  const values = core.borrow(bytes.length, (block) => {
    core.writeBytes(block, bytes);
    const { pvl_saved_config } = core.exports;
    return core.doubles(1 + fields.length, (out) => pvl_saved_config(out, block, bytes.length));
  });
  const [kind = 0, ...settings] = values;
  const named = fields.map(({ name }, i) => [name, toSetting(name, settings[i] ?? Number.NaN)]);
  return {
    kind: SAVE_KINDS[kind] ?? 'model',
    network: Object.fromEntries(named) as NetworkConfig,
  };
}
