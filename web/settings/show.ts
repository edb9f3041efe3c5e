// How the value of a setting is written on the page.
import { formatSetting, formatSize } from '../text/format';
import { SETTINGS, type SettingName, type Settings } from './table';
import type { SettingRow } from './types';

const SHORT = 28;

export function settingText(name: SettingName, value: Settings[SettingName]): string {
  const row: SettingRow = SETTINGS[name];
  if (name === 'size') return formatSize(Number(value));
  switch (row.kind) {
    case 'number':
    case 'ladder':
      return `${formatSetting(Number(value))}${row.unit}`;
    case 'seed':
      return String(value);
    case 'switch':
      return value ? 'on' : 'off';
    case 'choice':
      return row.options[String(value)] ?? String(value);
    default:
      return row satisfies never;
  }
}

/** As settingText, without what stands in brackets, where a line is short. */
export function shortText(name: SettingName, value: Settings[SettingName]): string {
  const text = settingText(name, value);
  return text.length > SHORT ? text.replace(/ \(.*\)$/, '') : text;
}

export function shortLabel(name: SettingName): string {
  return SETTINGS[name].label.replace(/ \(.*\)$/, '');
}
