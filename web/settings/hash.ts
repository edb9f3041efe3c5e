// Settings to and from the URL hash: "r=24&k=5&b.r=48" holds A's settings that differ from the
// defaults and, with the prefix "b.", what B overrides. Nonsense never throws: an unknown key or a
// value out of range is left out and counted, so that the page can say so.

import type { Factor, Overrides, SettingName, Settings } from './table';
import { defaultSettings, FACTOR_START, SETTING_NAMES, SETTINGS } from './table';
import { SEED_MAX, type SettingRow } from './types';

export interface PairSettings {
  a: Settings;
  /** What B sets otherwise; without meaning when nothing is compared. */
  b: Overrides;
}

export interface HashReading extends PairSettings {
  /** Parts that were not understood. */
  ignored: string[];
  /** #demo starts the demo loop. */
  demo: boolean;
}

const B_PREFIX = 'b.';
const NAME_BY_HASH = new Map(SETTING_NAMES.map((name) => [SETTINGS[name].hash, name]));

export function defaultPair(): PairSettings {
  return { a: defaultSettings(), b: { size: FACTOR_START.size } };
}

export function writeValue(row: SettingRow, value: Settings[SettingName]): string {
  switch (row.kind) {
    case 'number':
      return Number(value).toFixed(row.digits);
    case 'ladder':
    case 'seed':
      return String(value);
    case 'switch':
      return value ? '1' : '0';
    case 'choice':
      return String(value);
    default:
      return row satisfies never;
  }
}

/** Null for anything that the row does not allow. */
export function readValue(row: SettingRow, text: string): number | string | boolean | null {
  const number = /^-?\d{1,10}(\.\d{1,6})?(e-?\d)?$/.test(text) ? Number(text) : NaN;
  switch (row.kind) {
    case 'number':
      if (!(number >= row.min && number <= row.max)) return null;
      return Number(number.toFixed(row.digits));
    case 'ladder':
      return row.steps.includes(number) ? number : null;
    case 'seed':
      return Number.isInteger(number) && number >= 0 && number <= SEED_MAX ? number : null;
    case 'switch':
      return text === '1' ? true : text === '0' ? false : null;
    case 'choice':
      return row.values.includes(text) ? text : null;
    default:
      return row satisfies never;
  }
}

/** Equal pairs give equal text, so it also serves as a key. */
export function writeHash(pair: PairSettings): string {
  const start = defaultPair();
  const parts: string[] = [];
  for (const name of SETTING_NAMES) {
    const row = SETTINGS[name];
    if (pair.a[name] !== start.a[name]) parts.push(`${row.hash}=${writeValue(row, pair.a[name])}`);
  }
  if (pair.a.compare !== 'none') {
    for (const name of SETTING_NAMES) {
      const value = pair.b[name];
      if (value === undefined) continue;
      if (pair.a.compare === 'size' && name === 'size' && value === start.b.size) continue;
      parts.push(`${B_PREFIX}${SETTINGS[name].hash}=${writeValue(SETTINGS[name], value)}`);
    }
  }
  return parts.join('&');
}

function isFactor(compare: Settings['compare']): compare is Factor {
  return compare !== 'none';
}

export function readHash(hash: string): HashReading {
  const a: Record<string, number | string | boolean> = { ...defaultSettings() };
  const b: Record<string, number | string | boolean> = {};
  const ignored: string[] = [];
  let demo = false;
  for (const part of hash.replace(/^#/, '').split('&')) {
    if (part === '') continue;
    if (part === 'demo') {
      demo = true;
      continue;
    }
    const at = part.indexOf('=');
    const key = at < 0 ? part : part.slice(0, at);
    const forB = key.startsWith(B_PREFIX);
    const name = NAME_BY_HASH.get(forB ? key.slice(B_PREFIX.length) : key);
    const value =
      name === undefined || at < 0 ? null : readValue(SETTINGS[name], part.slice(at + 1));
    if (name === undefined || value === null || (forB && SETTINGS[name].group === 'page')) {
      ignored.push(part.slice(0, 40));
    } else if (forB) {
      b[name] = value;
    } else {
      a[name] = value;
    }
  }
  const settings = a as unknown as Settings;
  const overrides = b as Overrides;
  if (isFactor(settings.compare) && overrides[settings.compare] === undefined) {
    b[settings.compare] = FACTOR_START[settings.compare];
  }
  return { a: settings, b: overrides, ignored, demo };
}
