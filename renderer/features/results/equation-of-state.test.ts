import { describe, expect, test } from 'vitest';
import type { EquationOfStateFit } from '../../../contracts/results/bulk-modulus.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { energyAt, energyCurve } from './equation-of-state.ts';

function fit(method: EquationOfStateFit['method']): EquationOfStateFit {
  return {
    method,
    bulk_modulus_GPa: 17,
    bulk_modulus_error_GPa: null,
    equilibrium_volume_A3: 4000,
    equilibrium_volume_error_A3: null,
    equilibrium_energy_eV: -12.5,
    equilibrium_energy_error_eV: null,
    pressure_derivative: 4.7,
    pressure_derivative_error: null,
    fit_rmse_eV: 0,
    r_squared: 1,
  };
}

describe.each(['birch_murnaghan', 'murnaghan', 'vinet'] as const)('the curve of %s', (method) => {
  const curve = fit(method);
  const { equilibrium_volume_A3: v0, pressure_derivative: b1 } = curve;
  const b0 = curve.bulk_modulus_GPa / GPA_PER_EV_A3;
  const h = 4;
  const energy = (steps: number) => energyAt(curve, v0 + steps * h);

  test('has_its_minimum_at_the_equilibrium', () => {
    expect(energyAt(curve, v0)).toBeCloseTo(-12.5, 12);
    expect((energy(1) - energy(-1)) / (2 * h)).toBeCloseTo(0, 5);
  });

  test('has_the_bulk_modulus_as_its_curvature', () => {
    expect((v0 * (energy(1) - 2 * energy(0) + energy(-1))) / h ** 2).toBeCloseTo(b0, 5);
  });

  test('has_the_pressure_derivative_as_its_third_derivative', () => {
    // B' = -1 - V0^2 E''' / B0 at V0, from P = -E' and B = -V dP/dV.
    const third = (energy(2) - 2 * energy(1) + 2 * energy(-1) - energy(-2)) / (2 * h ** 3);
    expect(-1 - (v0 ** 2 * third) / b0).toBeCloseTo(b1, 2);
  });

  test('reaches_a_little_beyond_the_points', () => {
    const { x, y } = energyCurve(curve, [4100, 3900]);
    expect(x[0]).toBeCloseTo(3894, 9);
    expect(x.at(-1)).toBeCloseTo(4106, 9);
    expect(y.every(Number.isFinite)).toBe(true);
  });
});
