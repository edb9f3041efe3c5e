// How numbers are written.

import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDecimal,
  formatPercent,
  formatPoints,
  formatSeconds,
  formatSetting,
  formatSize,
  pointsBetween,
} from '../../../web/text/format';

describe('numbers in words', () => {
  it.each<[(value: number) => string, number, string]>([
    [formatPercent, 0, '0%'],
    [formatPercent, 0.004, 'under 1%'],
    [formatPercent, 0.0099, 'under 1%'],
    [formatPercent, 0.01, '1%'],
    [formatPercent, 0.285, '29%'],
    [formatPercent, 0.696, '70%'],
    [formatPercent, 1, '100%'],
    [formatPercent, Number.NaN, '–'],
    [formatPoints, 1, '1 point'],
    [formatPoints, -1, '−1 point'],
    [formatPoints, 30, '30 points'],
    [formatPoints, 0, '0 points'],
    [formatCount, 0, '0'],
    [formatCount, 245, '245'],
    [formatCount, 42485, '42,485'],
    [formatCount, 999999, '999,999'],
    [formatCount, 1291033, '1.3 million'],
    [formatCount, 1033154, '1.0 million'],
    [formatCount, 13716864, '14 million'],
    [formatCount, 999_600_000, '1.0 billion'],
    [formatCount, 3.34e11, '330 billion'],
    [formatSeconds, 0.2, 'under 1 s'],
    [formatSeconds, 4.4, 'about 4 s'],
    [formatSeconds, 99.4, 'about 99 s'],
    [formatSeconds, 130, 'about 2 min'],
    [formatSeconds, 10_000, 'about 3 h'],
    [formatSeconds, Number.POSITIVE_INFINITY, '–'],
    [formatBytes, 12, 'under 1 kB'],
    [formatBytes, 84_600, '85 kB'],
    [formatBytes, 412e6, '412 MB'],
    [formatBytes, 999_600, '1 MB'],
    [formatBytes, 1.24e9, '1.2 GB'],
    [formatDecimal, 0.611, '0.61'],
    [formatDecimal, -0.02, '−0.02'],
    [formatDecimal, -0.001, '0.00'],
    [formatSetting, 0.001, '0.001'],
    [formatSetting, 1e-7, '0.0000001'],
    [formatSetting, 1000, '1000'],
    [formatSize, 24, '24 × 24'],
  ])('%o of %d', (format, value, words) => {
    expect(format(value)).toBe(words);
  });

  it('subtracts the percents that are shown', () => {
    expect(pointsBetween(1, 0.696)).toBe(30);
    expect(pointsBetween(0.974, 0.696)).toBe(27);
    expect(pointsBetween(0.696, 0.974)).toBe(-27);
  });
});
