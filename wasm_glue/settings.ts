// Carries settings of protocol.ts into the core's structs, field by field by name, so that no list
// of positions exists twice. The core checks ranges; the words here only name what it refused.
import { CoreError } from './errors';
import type { CoreModule, Pointer } from './module';
import { type NetworkConfig, type SceneConfig, WORDS } from './protocol';

/** One setting of the core: cnn_config's or cnn_scene's. */
export interface FieldInfo {
  name: string;
  initial: number;
  min: number;
  max: number;
  integer: boolean;
}

type Setting = string | number;

function isWordField(name: string): name is keyof typeof WORDS {
  return name in WORDS;
}

/** The core's number for a word, or the number itself; NaN for an unknown word. */
function toNumber(name: string, value: Setting): number {
  if (typeof value === 'number') return value;
  const words: readonly string[] = isWordField(name) ? WORDS[name] : [];
  const place = words.indexOf(value);
  return place < 0 ? Number.NaN : place;
}

/** The word for the core's number, or the number itself. */
export function toSetting(name: string, value: number): Setting {
  const words: readonly string[] = isWordField(name) ? WORDS[name] : [];
  return words[value] ?? value;
}

/** What one of the two structs offers. */
interface Kind {
  create(): Pointer;
  set(struct: Pointer, name: Pointer, value: number): number;
  count(): number;
  name(index: number): Pointer;
  values(out: Pointer, index: number): void;
}

function networkKind(core: CoreModule): Kind {
  const e = core.exports;
  return {
    create: e.pvl_config_new,
    set: e.pvl_config_set,
    count: e.pvl_config_field_count,
    name: e.pvl_config_field_name,
    values: e.pvl_config_field_values,
  };
}

function sceneKind(core: CoreModule): Kind {
  const e = core.exports;
  return {
    create: e.pvl_scene_new,
    set: e.pvl_scene_set,
    count: e.pvl_scene_field_count,
    name: e.pvl_scene_field_name,
    values: e.pvl_scene_field_values,
  };
}

function fieldsOf(core: CoreModule, kind: Kind): FieldInfo[] {
  return Array.from({ length: kind.count() }, (_, index) => {
    const values = core.doubles(4, (out) => {
      kind.values(out, index);
      return 0;
    });
    const [initial = 0, min = 0, max = 0, integer = 0] = values;
    return { name: core.text(kind.name(index)), initial, min, max, integer: integer === 1 };
  });
}

export function networkFields(core: CoreModule): FieldInfo[] {
  return fieldsOf(core, networkKind(core));
}

export function sceneFields(core: CoreModule): FieldInfo[] {
  return fieldsOf(core, sceneKind(core));
}

function rangeError(core: CoreModule, kind: Kind, status: number, name: string, value: Setting) {
  const field = fieldsOf(core, kind).find((info) => info.name === name);
  const code = core.statusName(status);
  if (!field) return new CoreError(code, `There is no setting named ${name}: remove it.`, name);
  const words: readonly string[] = isWordField(name) ? WORDS[name] : [];
  const choices =
    words.length > 0
      ? `one of ${words.join(', ')}`
      : `a ${field.integer ? 'whole ' : ''}number from ${field.min} to ${field.max}`;
  return new CoreError(code, `${name} is ${value}: choose ${choices}.`, name);
}

function withStruct<T>(
  core: CoreModule,
  kind: Kind,
  settings: object,
  use: (struct: Pointer) => T,
): T {
  const struct = core.allocated(256, kind.create);
  try {
    for (const [name, value] of Object.entries(settings) as [string, Setting | undefined][]) {
      if (value === undefined) continue;
      const number = toNumber(name, value);
      const status = core.withName(name, (text) => kind.set(struct, text, number));
      if (status !== 0) throw rangeError(core, kind, status, name, value);
    }
    return use(struct);
  } finally {
    core.free(struct);
  }
}

/** Throws for a setting that is in its range but does not go with the others. */
function checkCombination(
  core: CoreModule,
  settings: object,
  check: (field: Pointer) => number,
): void {
  const { status, pointer } = core.pointerResult(check);
  if (status === 0) return;
  const field = pointer === 0 ? undefined : core.text(pointer);
  const code = core.statusName(status);
  if (field === undefined || code === 'CNN_ERROR_OUTPUT') core.check(status, field);
  const given = Object.entries(settings).find(([name]) => name === field)?.[1] as Setting;
  // Left out, it has its default, and the other settings do not go with that.
  const value = given ?? networkFields(core).find(({ name }) => name === field)?.initial;
  throw new CoreError(
    code,
    `${field} is ${value}, which does not go with the other settings: change it or set it back.`,
    field,
  );
}

/** Builds a checked cnn_config for the duration of `use`. */
export function withNetwork<T>(
  core: CoreModule,
  network: NetworkConfig,
  use: (config: Pointer) => T,
): T {
  return withStruct(core, networkKind(core), network, (config) => {
    checkCombination(core, network, (field) => core.exports.pvl_config_check(field, config));
    return use(config);
  });
}

/** Builds a cnn_scene, checked against a resolution, for the duration of `use`. */
export function withScene<T>(
  core: CoreModule,
  scene: SceneConfig,
  resolution: number,
  use: (scene: Pointer) => T,
): T {
  return withStruct(core, sceneKind(core), scene, (pointer) => {
    checkCombination(core, { ...scene, resolution }, (field) =>
      core.exports.pvl_scene_check(field, pointer, resolution),
    );
    return use(pointer);
  });
}
