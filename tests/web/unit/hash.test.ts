// Settings through the URL hash and back; nonsense is left out and counted, never thrown on.
import { describe, expect, it } from 'vitest';
import { defaultPair, type PairSettings, readHash, writeHash } from '../../../web/settings/hash';
import {
  defaultSettings,
  SETTING_NAMES,
  SETTINGS,
  type Settings,
} from '../../../web/settings/table';
import type { SettingRow } from '../../../web/settings/types';

/** Another allowed value than the default. */
function other(row: SettingRow): number | string | boolean {
  switch (row.kind) {
    case 'number':
      return row.default === row.max ? row.min : row.max;
    case 'ladder':
      return row.steps.find((step) => step !== row.default) ?? row.default;
    case 'seed':
      return 2147483647;
    case 'switch':
      return !row.default;
    case 'choice':
      return row.values.find((value) => value !== row.default) ?? row.default;
    default:
      return row satisfies never;
  }
}

describe('the hash', () => {
  it('is empty for the default pair', () => {
    expect(writeHash(defaultPair())).toBe('');
    expect(readHash('')).toMatchObject({ ...defaultPair(), ignored: [], demo: false });
  });

  it.each(SETTING_NAMES)('carries %s for A and for B', (name) => {
    const value = other(SETTINGS[name]);
    const a = { ...defaultSettings(), [name]: value } as Settings;
    const pair: PairSettings = { a, b: { size: 12 } };
    if (a.compare !== 'size' && a.compare !== 'none') pair.b = { [a.compare]: 160 };
    if (a.compare === 'kinds') pair.b = { kinds: 20 };
    expect(readHash(`#${writeHash(pair)}`)).toMatchObject({ a, b: pair.b, ignored: [] });
    if (SETTINGS[name].group === 'page' || name === 'size') return;
    const forB: PairSettings = { a: defaultSettings(), b: { size: 48, [name]: value } };
    expect(readHash(writeHash(forB))).toMatchObject({ b: forB.b, ignored: [] });
  });

  it('keeps every other value of every row', () => {
    for (const name of SETTING_NAMES) {
      const row: SettingRow = SETTINGS[name];
      const values = row.kind === 'ladder' ? row.steps : row.kind === 'choice' ? row.values : [];
      for (const value of values) {
        const a = { ...defaultSettings(), [name]: value } as Settings;
        expect(readHash(writeHash({ a, b: {} })).a[name], `${name}=${value}`).toBe(value);
      }
    }
  });

  it.each([
    ['unknown=1', 1],
    ['r=25', 1],
    ['r=', 1],
    ['r', 1],
    ['r=24%20', 1],
    ['r=1e9&k=NaN&n=Infinity', 3],
    ['e=constructor', 1],
    ['__proto__=1&constructor=2', 2],
    ['b.th=dark', 1],
    ['ds=-1&ds=1.5&ds=99999999999', 3],
    ['%%%&&&===', 2],
    [`z=${'9'.repeat(5000)}`, 1],
  ])('survives %s', (hash, ignored) => {
    const reading = readHash(hash);
    expect(reading.a).toEqual(defaultSettings());
    expect(reading.b).toEqual({ size: 48 });
    expect(reading.ignored).toHaveLength(ignored);
  });

  it('keeps the good parts beside nonsense', () => {
    const reading = readHash('#k=10&r=banana&b.r=96');
    expect(reading.a.kinds).toBe(10);
    expect(reading.b.size).toBe(96);
    expect(reading.ignored).toEqual(['r=banana']);
  });

  // Links and saved copies are in the world: what they meant stays what they mean.
  it('reads the links of the first pages', () => {
    const all =
      'r=32&k=10&n=80&e=global_max&s=textures&f=12&o=60&c=keeps&z=20&u=16&snr=8&ch=colour&q=40' +
      '&w=8&ep=60&lr=0.01&ds=3&ns=4&t=1000&ref=256&am=80&bw=16&g=32&xl=2&xh=12&d=2&wl=32&kk=5' +
      '&st=2&pad=same&nm=batch&pool=average2&gg=3&hu=64&sc=unit&bs=16&op=sgd&mo=0.5&ne=1' +
      '&sch=cosine&wu=2&cl=1&pa=5&sh=2&se=repeat&fl=1&pn=10&dr=50&lt=0.01&wd=0.1&ls=10&by=perKind' +
      '&p=labels&lab=1&th=dark&b.n=160&b.ep=10';
    const reading = readHash(all);
    expect(reading.ignored).toEqual([]);
    expect(writeHash(reading).split('&').sort()).toEqual(all.split('&').sort());
    expect(reading.a).toMatchObject({ size: 32, source: 'textures', detail: 16, snr: 8 });
    for (const source of ['striped_ball', 'templates', 'noise', 'fashion', 'own'])
      expect(readHash(`s=${source}`).a.source).toBe(source);
  });

  it('asks for the demo', () => {
    expect(readHash('#demo').demo).toBe(true);
    expect(readHash('#k=10').demo).toBe(false);
  });
});
