// What can make a harmonic heat capacity wrong, in sentences that say what to do. Pure.
import type { HeatCapacityParameters } from '../../../contracts/results/heat-capacity.ts';
import type { PotentialSpec } from '../../../contracts/potential.ts';
import { GAS_CONSTANT_J_MOL_K } from '../../../contracts/units.ts';
import type { PhononNumbers } from './analyze-phonons.ts';
import type { ComputedForceConstants } from './phonon-stages.ts';

/** eV/A: at a curvature of 1 eV/A^2 the atom is 0.01 A, one displacement, off its place. */
const LARGEST_RESIDUAL_FORCE = 0.01;
/** Of the largest force constant: rounding and anharmonicity of a good calculation stay well below. */
const LARGEST_SUM_ERROR = 0.01;

export function phononWarnings(
  computed: ComputedForceConstants,
  numbers: PhononNumbers,
  { parameters, potential, copies }: { parameters: HeatCapacityParameters; potential: PotentialSpec; copies: number },
): string[] {
  return [
    ...computed.warnings,
    ...residualForce(computed),
    ...precision(parameters),
    ...sumRule(computed),
    ...imaginary(numbers, parameters, copies),
    ...polar(potential),
  ];
}

function residualForce({ residual_force_eV_A: force }: ComputedForceConstants): string[] {
  if (force <= LARGEST_RESIDUAL_FORCE) return [];
  return [
    `The structure is not at a minimum: the largest force is ${force.toPrecision(3)} eV/A. Its frequencies are those of a ` +
      'slope; set relax_first, or raise max_steps.',
  ];
}

function precision({ precision: used }: HeatCapacityParameters): string[] {
  if (used === 'float64') return [];
  return [
    `Forces of precision ${used} are too noisy for soft modes: differences over small displacements lose their digits. ` +
      'Use precision "float64".',
  ];
}

function sumRule({ acoustic_sum_error_eV_A2: error, matrix }: ComputedForceConstants): string[] {
  const largest = matrix.values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if (error <= LARGEST_SUM_ERROR * largest) return [];
  return [
    `The acoustic sum rule was violated by ${error.toPrecision(3)} eV/A^2 (largest force constant ${largest.toPrecision(3)} eV/A^2) ` +
      'before it was imposed. Try a smaller displacement_A or a tighter fmax.',
  ];
}

function imaginary(numbers: PhononNumbers, parameters: HeatCapacityParameters, copies: number): string[] {
  const { n_imaginary_modes: count, n_modes: all, n_q_points, lowest_frequency_THz: lowest } = numbers;
  if (count === null || count === 0 || all === null || n_q_points === null || lowest === null) return [];
  const missing = (copies * count * GAS_CONSTANT_J_MOL_K) / n_q_points;
  return [
    `${count} of ${all} modes are imaginary, down to ${lowest.toFixed(3)} THz. They are left out of all sums; as soft vibrations they ` +
      `would add up to ${missing.toFixed(2)} J/(mol K) to every heat capacity. ${causeOf(numbers, parameters)}`,
  ];
}

/** Modes at gamma are those of the unit cell alone; elsewhere a narrow supercell may be to blame. */
function causeOf({ imaginary_modes }: PhononNumbers, parameters: HeatCapacityParameters): string {
  const isAtGamma = imaginary_modes?.some(({ q }) => q.every((component) => component === 0)) ?? false;
  if (!isAtGamma) {
    return (
      'The lowest are not at gamma, so the unit cell itself is stable: take a larger supercell. If they stay, the crystal wants a ' +
      'larger unit cell than the one given: give it repeated, and set follow_imaginary_modes.'
    );
  }
  const remedies = [
    ...(parameters.relax_first ? ['tighten fmax'] : ['relax the structure (relax_first)']),
    ...(parameters.relax_cell ? [] : ['relax the cell as well (relax_cell)']),
    parameters.follow_imaginary_modes === 0
      ? 'let its atoms move along these vibrations to a lower one (follow_imaginary_modes)'
      : 'raise follow_imaginary_modes',
  ];
  return `The unit cell is no minimum: ${remedies.join(', or ')}.`;
}

function polar(potential: PotentialSpec): string[] {
  if (potential.kind !== 'uff4mof' || (potential.electrostatics?.charges ?? 'none') === 'none') return [];
  return [
    'Charges are on: the splitting of longitudinal and transverse optical modes near gamma (non-analytical term) is not included.',
  ];
}
