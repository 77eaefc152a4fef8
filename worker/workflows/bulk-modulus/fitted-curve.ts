// The curve of a fit: single values, and enough of them to draw it. Pure.
import type { BulkModulusResult, EquationOfStateFit } from '../../../contracts/results/bulk-modulus.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { energyAt, pressureAt } from './equations-of-state.ts';
import type { EquationParameters } from './equations-of-state.ts';

const N_INTERVALS = 120;

/** @param volumes_A3 of the points; the curve reaches from the smallest to the largest */
export function fittedCurve(fit: EquationOfStateFit, volumes_A3: readonly number[]): BulkModulusResult['curve'] {
  const [low, high] = [Math.min(...volumes_A3), Math.max(...volumes_A3)];
  const volumes = Array.from({ length: N_INTERVALS + 1 }, (_, i) => low + ((high - low) * i) / N_INTERVALS);
  return {
    volumes_A3: volumes,
    energies_eV: volumes.map((volume) => fittedEnergy(fit, volume)),
    pressures_GPa: volumes.map((volume) => fittedPressure(fit, volume)),
  };
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
