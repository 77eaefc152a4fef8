// From frequencies on a mesh to the numbers of the result. Pure.
import type { HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import { GAS_CONSTANT_J_MOL_K, KJ_MOL_PER_EV } from '../../../contracts/units.ts';
import { densityOfStates } from '../../phonons/density-of-states.ts';
import { countModes } from '../../phonons/modes.ts';
import type { CountedModes } from '../../phonons/modes.ts';
import { PHONON_SYMMETRY_TOLERANCE_A } from '../../phonons/phonon-cells.ts';
import { thermodynamicsAt, zeroPointEnergy } from '../../phonons/thermodynamics.ts';
import type { ComputedForceConstants, MeshVibrations } from './phonon-stages.ts';

/** In the result; all of them count in `n_imaginary_modes`. */
const MOST_LISTED_MODES = 100;

export type PhononNumbers = Pick<
  HeatCapacityResult,
  | 'space_group'
  | 'space_group_number'
  | 'symmetry_tolerance_A'
  | 'n_displacements'
  | 'acoustic_sum_error_eV_A2'
  | 'n_atoms_primitive'
  | 'mesh'
  | 'n_q_points'
  | 'n_irreducible_q_points'
  | 'n_modes'
  | 'n_imaginary_modes'
  | 'imaginary_modes'
  | 'lowest_frequency_THz'
  | 'frequencies_at_gamma_THz'
  | 'zero_point_energy_eV'
  | 'heat_capacities'
  | 'entropies_J_mol_K'
  | 'free_energies_kJ_mol'
  | 'internal_energies_kJ_mol'
  | 'dos'
>;

/** @param copies how often the unit cell repeats its primitive cell */
export function analyzePhonons(
  computed: ComputedForceConstants,
  { mesh, points, frequencies }: MeshVibrations,
  temperatures: readonly number[],
  copies: number,
): PhononNumbers {
  const { cells, matrix } = computed;
  const modes = countModes(points, frequencies);
  const n_q_points = mesh[0] * mesh[1] * mesh[2];
  const dos = densityOfStates(points, frequencies);
  const thermal = temperatures.map((temperature) => thermodynamicsAt(modes.counted, temperature));
  return {
    space_group: cells.spaceGroup,
    space_group_number: cells.spaceGroupNumber,
    symmetry_tolerance_A: PHONON_SYMMETRY_TOLERANCE_A,
    n_displacements: computed.n_displacements,
    acoustic_sum_error_eV_A2: computed.acoustic_sum_error_eV_A2,
    n_atoms_primitive: matrix.nPrimitive,
    mesh,
    n_q_points,
    n_irreducible_q_points: points.length,
    n_modes: 3 * matrix.nPrimitive * n_q_points,
    ...imaginaryModes(modes),
    lowest_frequency_THz: Number.isFinite(modes.lowest_THz) ? modes.lowest_THz : null,
    frequencies_at_gamma_THz: [...(frequencies[0] ?? [])],
    zero_point_energy_eV: copies * zeroPointEnergy(modes.counted),
    heat_capacities: thermal.map(({ heat_capacity }) => copies * heat_capacity * GAS_CONSTANT_J_MOL_K),
    entropies_J_mol_K: thermal.map(({ entropy }) => copies * entropy * GAS_CONSTANT_J_MOL_K),
    free_energies_kJ_mol: thermal.map(({ free_energy_eV }) => copies * free_energy_eV * KJ_MOL_PER_EV),
    internal_energies_kJ_mol: thermal.map(({ internal_energy_eV }) => copies * internal_energy_eV * KJ_MOL_PER_EV),
    dos: { ...dos, density: dos.density.map((states) => copies * states) },
  };
}

function imaginaryModes({ imaginary }: CountedModes): Pick<PhononNumbers, 'n_imaginary_modes' | 'imaginary_modes'> {
  return {
    n_imaginary_modes: imaginary.reduce((sum, { point }) => sum + point.weight, 0),
    imaginary_modes: imaginary
      .slice(0, MOST_LISTED_MODES)
      .map(({ point, frequency_THz }) => ({ q: point.q, weight: point.weight, frequency_THz })),
  };
}
