// The points of an energy-volume curve, and the curves through them, as files. Pure.
import { equationOfStateSchema } from '../../../contracts/results/bulk-modulus.ts';
import type { EquationOfStateFit, VolumePoint } from '../../../contracts/results/bulk-modulus.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { writeExtendedXyz } from '../../structures/extended-xyz.ts';
import { formatCsv } from '../output/csv.ts';
import { energyAt, pressureAt } from './equations-of-state.ts';
import type { EquationParameters } from './equations-of-state.ts';

/** @param fits the columns of their energies stay empty for an equation that is not among them */
export function formatEos(points: readonly VolumePoint[], fits: readonly EquationOfStateFit[]): string {
  const methods = equationOfStateSchema.options;
  const columns = [
    'volume_ratio',
    'volume_A3',
    'energy_eV',
    'pressure_GPa',
    'shear_stress_GPa',
    'converged',
    'steps',
    'max_force_eV_A',
    ...methods.map((method) => `${method}_energy_eV`),
  ];
  const rows = points.map((point) => [
    point.volume_ratio,
    point.volume_A3,
    point.energy_eV,
    point.pressure_GPa,
    point.shear_stress_GPa,
    Number(point.converged),
    point.steps,
    point.max_force_eV_A,
    ...methods.map((method) => {
      const fit = fits.find((each) => each.method === method);
      return fit === undefined ? null : fittedEnergy(fit, point.volume_A3);
    }),
  ]);
  return formatCsv(columns, rows);
}

/** One frame per volume. */
export function formatStrained(structures: readonly Structure[]): string {
  return structures.map(writeExtendedXyz).join('');
}

/** @returns eV */
export function fittedEnergy(fit: EquationOfStateFit, volume_A3: number): number {
  return energyAt(fit.method, parametersOf(fit), volume_A3);
}

/** @returns GPa */
export function fittedPressure(fit: EquationOfStateFit, volume_A3: number): number {
  return GPA_PER_EV_A3 * pressureAt(fit.method, parametersOf(fit), volume_A3);
}

function parametersOf(fit: EquationOfStateFit): EquationParameters {
  return {
    energy: fit.equilibrium_energy_eV,
    bulkModulus: fit.bulk_modulus_GPa / GPA_PER_EV_A3,
    volume: fit.equilibrium_volume_A3,
    derivative: fit.pressure_derivative,
  };
}
