// Equations of state through energies or pressures over volume, with the standard errors of their parameters. Pure.
import type {
  BulkModulusResult,
  EquationOfState,
  EquationOfStateFit,
} from '../../../contracts/results/bulk-modulus.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { energyAt, energyGradient, pressureAt, pressureGradient } from './equations-of-state.ts';
import type { EquationParameters } from './equations-of-state.ts';
import { fitLeastSquares, sumOfSquares } from './least-squares.ts';
import type { Evaluated, LeastSquares } from './least-squares.ts';

export interface EnergyPoint {
  volume_A3: number;
  energy_eV: number;
}

export interface PressurePoint {
  volume_A3: number;
  pressure_GPa: number;
}

export type PressureFit = Omit<NonNullable<BulkModulusResult['pressure_check']>, 'difference_percent'>;

/** Typical size of a pressure derivative. */
const DERIVATIVE_START = 4;

/**
 * Unweighted least squares of the energies.
 *
 * @param points at least as many as the four parameters
 * @returns null when the curve has no minimum that the equation could describe
 */
export function fitEnergies(method: EquationOfState, points: readonly EnergyPoint[]): EquationOfStateFit | null {
  const energies = points.map(({ energy_eV }) => energy_eV);
  const mean = meanOf(energies);
  const start = parabola(points, mean);
  if (start === null) return null;
  const fit = fitLeastSquares(
    [start.energy, start.bulkModulus, start.volume, DERIVATIVE_START],
    [Math.max(...energies) - Math.min(...energies), start.bulkModulus, start.volume, DERIVATIVE_START],
    // Around the mean: a total energy has too many digits before those that matter.
    (values) =>
      evaluate(toParameters(values), points, (p, { volume_A3, energy_eV }) => ({
        residual: energyAt(method, p, volume_A3) - (energy_eV - mean),
        gradient: energyGradient(method, p, volume_A3),
      })),
  );
  return fit === null ? null : energyFit(method, fit, energies, mean);
}

function energyFit(
  method: EquationOfState,
  { parameters, errors, sumOfSquares: squares }: LeastSquares,
  energies: readonly number[],
  mean: number,
): EquationOfStateFit {
  const { energy, bulkModulus, volume, derivative } = toParameters(parameters);
  const [energyError, bulkError, volumeError, derivativeError] = errors ?? [null, null, null, null];
  return {
    method,
    bulk_modulus_GPa: bulkModulus * GPA_PER_EV_A3,
    bulk_modulus_error_GPa: bulkError === null ? null : (bulkError ?? 0) * GPA_PER_EV_A3,
    equilibrium_volume_A3: volume,
    equilibrium_volume_error_A3: volumeError ?? null,
    equilibrium_energy_eV: energy + mean,
    equilibrium_energy_error_eV: energyError ?? null,
    pressure_derivative: derivative,
    pressure_derivative_error: derivativeError ?? null,
    fit_rmse_eV: Math.sqrt(squares / energies.length),
    r_squared: 1 - squares / sumOfSquares(energies.map((value) => value - mean)),
  };
}

/**
 * The same equation as P(V) through the pressures.
 *
 * @param start of the search: what the energies gave
 */
export function fitPressures(start: EquationOfStateFit, points: readonly PressurePoint[]): PressureFit | null {
  const bulkModulus = start.bulk_modulus_GPa / GPA_PER_EV_A3;
  const fit = fitLeastSquares(
    [bulkModulus, start.equilibrium_volume_A3, start.pressure_derivative],
    [bulkModulus, start.equilibrium_volume_A3, DERIVATIVE_START],
    (values) =>
      evaluate(toParameters([0, ...values]), points, (p, { volume_A3, pressure_GPa }) => ({
        residual: pressureAt(start.method, p, volume_A3) - pressure_GPa / GPA_PER_EV_A3,
        gradient: pressureGradient(start.method, p, volume_A3),
      })),
  );
  if (fit === null) return null;
  const [B = 0, V = 0, derivative = 0] = fit.parameters;
  return {
    bulk_modulus_GPa: B * GPA_PER_EV_A3,
    bulk_modulus_error_GPa: fit.errors === null ? null : (fit.errors[0] ?? 0) * GPA_PER_EV_A3,
    equilibrium_volume_A3: V,
    pressure_derivative: derivative,
    fit_rmse_GPa: Math.sqrt(fit.sumOfSquares / points.length) * GPA_PER_EV_A3,
  };
}

/** @returns null where the equation has no meaning */
function evaluate<Point>(
  p: EquationParameters,
  points: readonly Point[],
  at: (p: EquationParameters, point: Point) => { residual: number; gradient: number[] },
): Evaluated | null {
  if (!(p.bulkModulus > 0 && p.volume > 0)) return null;
  const rows = points.map((point) => at(p, point));
  const isFinite = rows.every(({ residual, gradient }) => [residual, ...gradient].every(Number.isFinite));
  return isFinite ? { residuals: rows.map((row) => row.residual), jacobian: rows.map((row) => row.gradient) } : null;
}

function toParameters([
  energy = 0,
  bulkModulus = 0,
  volume = 0,
  derivative = 0,
]: readonly number[]): EquationParameters {
  return { energy, bulkModulus, volume, derivative };
}

/** Where a fit begins. null when the points do not curve upwards. */
function parabola(points: readonly EnergyPoint[], mean: number): Omit<EquationParameters, 'derivative'> | null {
  const volumes = points.map(({ volume_A3 }) => volume_A3);
  const middle = meanOf(volumes);
  const half = (Math.max(...volumes) - Math.min(...volumes)) / 2;
  const fit = fitLeastSquares([0, 0, 0], [1, 1, 1], ([c0 = 0, c1 = 0, c2 = 0]) => {
    const rows = points.map(({ volume_A3, energy_eV }) => ({ t: (volume_A3 - middle) / half, y: energy_eV - mean }));
    return {
      residuals: rows.map(({ t, y }) => c0 + c1 * t + c2 * t * t - y),
      jacobian: rows.map(({ t }) => [1, t, t * t]),
    };
  });
  const [c0 = 0, c1 = 0, c2 = 0] = fit?.parameters ?? [];
  if (!(c2 > 0)) return null;
  // A minimum far outside is a bad start, whatever the parabola says.
  const t = Math.max(-1.5, Math.min(1.5, -c1 / (2 * c2)));
  const volume = middle + t * half;
  return { energy: c0 + c1 * t + c2 * t * t, volume, bulkModulus: (2 * c2 * volume) / half ** 2 };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
