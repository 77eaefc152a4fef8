// Einstein's solid in closed form, limits, and relations that hold for every spectrum.
import { describe, expect, it } from 'vitest';
import { BOLTZMANN_EV_K, EV_PER_THZ } from '../../contracts/units.ts';
import { densityOfStates } from './density-of-states.ts';
import { countModes } from './modes.ts';
import { thermodynamicsAt, zeroPointEnergy } from './thermodynamics.ts';

const MODES = [0.2, 1, 5, 20, 90].map((frequency_THz) => ({ frequency_THz, weight: 0.5 }));

describe('harmonic thermodynamics', () => {
  it('of_one_frequency_is_that_of_einstein', () => {
    const x = 2.5;
    const temperature = EV_PER_THZ / (BOLTZMANN_EV_K * x);
    const found = thermodynamicsAt([{ frequency_THz: 1, weight: 1 }], temperature);
    // C / k = x^2 e^x / (e^x - 1)^2 = (x / 2)^2 / sinh^2(x / 2)
    expect(found.heat_capacity).toBeCloseTo((x / 2 / Math.sinh(x / 2)) ** 2, 13);
    expect(found.entropy).toBeCloseTo(x / 2 / Math.tanh(x / 2) - Math.log(2 * Math.sinh(x / 2)), 13);
    expect(found.free_energy_eV / (BOLTZMANN_EV_K * temperature)).toBeCloseTo(Math.log(2 * Math.sinh(x / 2)), 12);
  });

  it('ends_at_the_rule_of_dulong_and_petit_and_begins_at_nothing', () => {
    const branches = MODES.reduce((sum, { weight }) => sum + weight, 0);
    expect(thermodynamicsAt(MODES, 1e7).heat_capacity).toBeCloseTo(branches, 6);
    const cold = thermodynamicsAt(MODES, 0);
    expect(cold).toEqual({
      heat_capacity: 0,
      entropy: 0,
      free_energy_eV: zeroPointEnergy(MODES),
      internal_energy_eV: zeroPointEnergy(MODES),
    });
    expect(thermodynamicsAt(MODES, 0.01).heat_capacity).toBe(0);
  });

  it.each([3, 50, 300, 2000])('is_consistent_at_%i_K', (temperature) => {
    const step = temperature * 1e-4;
    const [below, at, above] = [-step, 0, step].map((off) => thermodynamicsAt(MODES, temperature + off));
    if (below === undefined || at === undefined || above === undefined) throw new RangeError();
    const slope = (name: 'internal_energy_eV' | 'free_energy_eV'): number =>
      (above[name] - below[name]) / (2 * step) / BOLTZMANN_EV_K;
    expect(slope('internal_energy_eV')).toBeCloseTo(at.heat_capacity, 6);
    expect(-slope('free_energy_eV')).toBeCloseTo(at.entropy, 6);
    const thermal = BOLTZMANN_EV_K * temperature;
    expect(at.internal_energy_eV - thermal * at.entropy).toBeCloseTo(at.free_energy_eV, 12);
  });
});

describe('modes of a mesh', () => {
  const points = [
    { q: [0, 0, 0] as [number, number, number], weight: 1 },
    { q: [0.5, 0, 0] as [number, number, number], weight: 3 },
  ];
  const frequencies = [Float64Array.of(-1e-6, 0, 1e-6, 4), Float64Array.of(-2, 1, 2, 5)];

  it('count_without_those_that_move_the_crystal_and_without_imaginary_ones', () => {
    const modes = countModes(points, frequencies);
    expect(modes.counted).toEqual([
      { frequency_THz: 4, weight: 0.25 },
      { frequency_THz: 1, weight: 0.75 },
      { frequency_THz: 2, weight: 0.75 },
      { frequency_THz: 5, weight: 0.75 },
    ]);
    expect(modes.imaginary).toEqual([{ point: points[1], frequency_THz: -2 }]);
    expect(modes.lowest_THz).toBe(-2);
  });

  it('make_a_density_of_states_that_counts_all_branches', () => {
    const { frequencies_THz, density } = densityOfStates(points, frequencies);
    const step = (frequencies_THz[1] ?? NaN) - (frequencies_THz[0] ?? NaN);
    // Five standard deviations hold all but 6e-7 of a Gaussian.
    expect(density.reduce((sum, value) => sum + value, 0) * step).toBeCloseTo(4, 5);
    expect(frequencies_THz[0]).toBeLessThan(-2);
  });
});
