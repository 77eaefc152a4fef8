// The points of an energy-volume curve, and the curves through them, as files. Pure.
import { equationOfStateSchema } from '../../../contracts/results/bulk-modulus.ts';
import type { EquationOfStateFit, VolumePoint } from '../../../contracts/results/bulk-modulus.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { writeExtendedXyz } from '../../structures/extended-xyz.ts';
import { formatCsv } from '../output/csv.ts';
import { fittedEnergy } from './fitted-curve.ts';

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
