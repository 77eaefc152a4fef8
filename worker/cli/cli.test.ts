import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatEnergyChart } from './energy-chart.ts';
import { defaultHome } from './paths.ts';
import { formatTable } from './print.ts';

describe('formatEnergyChart', () => {
  it('a_long_series_keeps_its_ends_and_fits_a_terminal', () => {
    const energies = Array.from({ length: 5000 }, (_, step) => -100 + 50 * Math.exp(-step / 500));
    const lines = formatEnergyChart(energies).split('\n');
    expect(lines[0]).toBe('energy (eV) over 4999 steps');
    expect(lines[1]).toContain('-50.000');
    expect(lines.at(-1)).toContain('-99.998');
    expect(Math.max(...lines.map((line) => line.trimEnd().length))).toBeLessThanOrEqual(80);
  });

  it('one_energy_is_a_chart_too', () => {
    expect(formatEnergyChart([-1])).toContain('-1.000');
  });
});

it('tables_are_as_wide_as_their_widest_cells', () => {
  expect(
    formatTable([
      ['a', 'long', '1'],
      ['wide', 'b'],
    ]),
  ).toBe('a     long  1\nwide  b');
});

describe('defaultHome', () => {
  it('MOFSIM_HOME_wins', () => {
    expect(defaultHome({ MOFSIM_HOME: '/data/mofs' }, 'linux')).toBe('/data/mofs');
  });

  it('every_platform_has_its_place', () => {
    expect(defaultHome({ XDG_DATA_HOME: '/x' }, 'linux')).toBe(join('/x', 'MOFSimBench'));
    expect(defaultHome({}, 'linux')).toMatch(/\.local.share.MOFSimBench$/);
    expect(defaultHome({}, 'darwin')).toMatch(/Library.Application Support.MOFSimBench$/);
    expect(defaultHome({ LOCALAPPDATA: '/l' }, 'win32')).toBe(join('/l', 'MOFSimBench'));
  });
});
