import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { equationOfStateSchema } from '../../../contracts/results/bulk-modulus.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { energyAt, energyGradient, pressureAt, pressureGradient } from './equations-of-state.ts';
import { fitEnergies, fitPressures } from './fit-equation.ts';

const METHODS = equationOfStateSchema.options;
const EXACT = { energy: -50, bulkModulus: 0.4, volume: 119, derivative: 4.6 };

const parametersSchema = z.object({
  equilibrium_energy_eV: z.number(),
  bulk_modulus_eV_A3: z.number(),
  pressure_derivative: z.number(),
  equilibrium_volume_A3: z.number(),
});
const curveSchema = z.object({ volumes_A3: z.array(z.number()), energies_eV: z.array(z.number()) });
/** Written by bench/validation/eos-ase.py: ASE's functions, scipy's fits. */
const reference = z
  .object({
    exact: z.record(equationOfStateSchema, curveSchema.extend({ parameters: parametersSchema })),
    noisy: curveSchema.extend({
      fits: z.record(equationOfStateSchema, z.object({ parameters: parametersSchema, errors: parametersSchema })),
    }),
  })
  .parse(
    JSON.parse(
      readFileSync(join(import.meta.dirname, '..', '..', '..', 'bench', 'validation', 'eos-ase.json'), 'utf8'),
    ),
  );

function pointsOf({ volumes_A3, energies_eV }: z.infer<typeof curveSchema>) {
  return volumes_A3.map((volume_A3, i) => ({ volume_A3, energy_eV: energies_eV[i] ?? NaN }));
}

describe.each(METHODS)('%s', (method) => {
  it('has_the_energies_of_ase', () => {
    for (const { volume_A3, energy_eV } of pointsOf(reference.exact[method])) {
      expect(energyAt(method, EXACT, volume_A3)).toBeCloseTo(energy_eV, 11);
    }
  });

  it('an_exact_curve_gives_its_parameters_back', () => {
    const fit = fitEnergies(method, pointsOf(reference.exact[method]))!;
    expect(fit.bulk_modulus_GPa / GPA_PER_EV_A3 / EXACT.bulkModulus - 1).toBeCloseTo(0, 8);
    expect(fit.equilibrium_volume_A3 / EXACT.volume - 1).toBeCloseTo(0, 8);
    expect(fit.pressure_derivative / EXACT.derivative - 1).toBeCloseTo(0, 8);
    expect(fit.equilibrium_energy_eV).toBeCloseTo(EXACT.energy, 8);
    expect(fit.r_squared).toBeCloseTo(1, 12);
    expect(fit.fit_rmse_eV).toBeLessThan(1e-11);
  });

  it('a_noisy_curve_has_the_fit_and_the_errors_of_scipy', () => {
    const fit = fitEnergies(method, pointsOf(reference.noisy))!;
    const { parameters, errors } = reference.noisy.fits[method];
    // scipy differentiates numerically and stops about 1e-6 of a standard error away.
    const within = (value: number, expected: number, error: number) => Math.abs(value - expected) / error;
    const B = fit.bulk_modulus_GPa / GPA_PER_EV_A3;
    expect(within(B, parameters.bulk_modulus_eV_A3, errors.bulk_modulus_eV_A3)).toBeLessThan(1e-3);
    const V = fit.equilibrium_volume_A3;
    expect(within(V, parameters.equilibrium_volume_A3, errors.equilibrium_volume_A3)).toBeLessThan(1e-3);
    expect(within(fit.pressure_derivative, parameters.pressure_derivative, errors.pressure_derivative)).toBeLessThan(
      1e-3,
    );
    expect(fit.bulk_modulus_error_GPa! / GPA_PER_EV_A3 / errors.bulk_modulus_eV_A3).toBeCloseTo(1, 3);
    expect(fit.equilibrium_volume_error_A3! / errors.equilibrium_volume_A3).toBeCloseTo(1, 3);
    expect(fit.equilibrium_energy_error_eV! / errors.equilibrium_energy_eV).toBeCloseTo(1, 3);
    expect(fit.pressure_derivative_error! / errors.pressure_derivative).toBeCloseTo(1, 3);
  });

  it.each([4.6, 1, 0, -3, 1.0001])('gradients_are_those_of_finite_differences, b = %f', (derivative) => {
    const p = { ...EXACT, derivative };
    const names = ['energy', 'bulkModulus', 'volume', 'derivative'] as const;
    for (const volume of [110, 118.9, 128]) {
      const numeric = (f: (q: typeof p) => number) =>
        names.map((name) => {
          const step = 1e-4 * Math.max(1, Math.abs(p[name]));
          return (f({ ...p, [name]: p[name] + step }) - f({ ...p, [name]: p[name] - step })) / (2 * step);
        });
      const [energies, pressures] = [energyAt, pressureAt].map((at) => numeric((q) => at(method, q, volume)));
      energyGradient(method, p, volume).forEach((value, k) => {
        expect(value).toBeCloseTo(energies![k]!, 5);
      });
      pressureGradient(method, p, volume).forEach((value, k) => {
        expect(value).toBeCloseTo(pressures!.slice(1)[k]!, 5);
      });
      const slope = (energyAt(method, p, volume - 1e-3) - energyAt(method, p, volume + 1e-3)) / 2e-3;
      expect(pressureAt(method, p, volume)).toBeCloseTo(slope, 8);
    }
  });

  it('its_pressures_give_the_same_parameters', () => {
    const curve = pointsOf(reference.exact[method]);
    const start = fitEnergies(method, curve)!;
    const pressures = curve.map(({ volume_A3 }) => ({
      volume_A3,
      pressure_GPa: pressureAt(method, EXACT, volume_A3) * GPA_PER_EV_A3,
    }));
    const fit = fitPressures({ ...start, bulk_modulus_GPa: 30, pressure_derivative: 2 }, pressures)!;
    expect(fit.bulk_modulus_GPa / GPA_PER_EV_A3).toBeCloseTo(EXACT.bulkModulus, 9);
    expect(fit.equilibrium_volume_A3).toBeCloseTo(EXACT.volume, 7);
    expect(fit.pressure_derivative).toBeCloseTo(EXACT.derivative, 7);
  });

  it('five_points_leave_one_degree_of_freedom_for_the_errors', () => {
    const five = pointsOf(reference.noisy).filter((_, i) => i % 2 === 0);
    expect(fitEnergies(method, five)!.bulk_modulus_error_GPa).toBeGreaterThan(0);
    expect(fitEnergies(method, five.slice(1))!.bulk_modulus_error_GPa).toBeNull();
  });

  it('a_curve_without_a_minimum_has_no_fit', () => {
    const hill = pointsOf(reference.exact[method]).map((point) => ({ ...point, energy_eV: -point.energy_eV }));
    expect(fitEnergies(method, hill)).toBeNull();
  });
});
