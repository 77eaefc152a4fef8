// What two volumes at two pressures say of a modulus. Pure.
import type { BulkModulusResult } from '../../../contracts/results/bulk-modulus.ts';

export type Hydrostatic = NonNullable<BulkModulusResult['hydrostatic']>;

/** Of the two moduli: more than what a pressure that is not small makes of them. */
const LARGEST_DIFFERENCE = 0.05;

/** -V dP/dV by a central difference; null when it does not give way to pressure as it should. */
export function secantModulus(pressure_GPa: number, volumes: { pressed: number; pulled: number }): number | null {
  const { pressed, pulled } = volumes;
  return pulled > pressed ? (pressure_GPa * (pulled + pressed)) / (pulled - pressed) : null;
}

/** @param kept_GPa the modulus at the shape that was kept */
export function hydrostaticWarnings(found: Hydrostatic | null, kept_GPa: number): string[] {
  if (found === null) return [];
  const { bulk_modulus_GPa: modulus, converged, pressure_GPa } = found;
  if (!converged || modulus === null) {
    return [
      `Under ${pressure_GPa} GPa, both ways, the cell ${converged ? 'does not become smaller with pressure' : 'did not relax to fmax'}: the ` +
        'hydrostatic modulus is not to be used. Raise max_steps, or take a smaller hydrostatic_pressure_GPa.',
    ];
  }
  if (Math.abs(kept_GPa / modulus - 1) <= LARGEST_DIFFERENCE) return [];
  return [
    `The shape of the cell matters: ${kept_GPa.toPrecision(3)} GPa where it is kept, ${modulus.toPrecision(3)} GPa where it gives way to ` +
      `${pressure_GPa} GPa. An experiment under hydrostatic pressure measures the second.`,
  ];
}
