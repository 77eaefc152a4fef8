import { describe, expect, test } from 'vitest';
import { formatBytes, formatDuration, formatNumber, formulaParts } from './format.ts';

describe('numbers for people', () => {
  test.each([
    [-12.34567, 4, '−12.3457'],
    [0, 3, '0.000'],
    [0.0001, 5, '0.00010'],
    [0.0000012, 4, '1.2×10⁻⁶'],
    [-123456789, 2, '−1.2×10⁸'],
    [Number.NaN, 2, '–'],
  ])('%d_with_%d_decimals_is_%s', (value, decimals, text) => {
    expect(formatNumber(value, decimals)).toBe(text);
  });

  test.each([
    [0.4213, '0.42 s'],
    [12.34, '12.3 s'],
    [245.2, '4 min 05 s'],
    [7619, '2 h 06 min'],
  ])('%d_seconds_are_%s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test.each([
    [0, '0 B'],
    [3500, '3.4 KiB'],
    [12_582_912, '12 MiB'],
  ])('%d_bytes_are_%s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('a_formula_splits_into_elements_and_counts', () => {
    expect(formulaParts('C24 H12 O13 Zn4')).toEqual([
      { symbol: 'C', count: '24' },
      { symbol: 'H', count: '12' },
      { symbol: 'O', count: '13' },
      { symbol: 'Zn', count: '4' },
    ]);
    expect(formulaParts('SiO2')).toEqual([
      { symbol: 'Si', count: '' },
      { symbol: 'O', count: '2' },
    ]);
    expect(formulaParts('not a formula')).toEqual([{ symbol: 'not a formula', count: '' }]);
  });
});
