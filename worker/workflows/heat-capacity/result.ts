// What both methods put into their result. Pure.
import type { HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import { GAS_CONSTANT_J_MOL_K } from '../../../contracts/units.ts';
import { elementOf } from '../../structures/elements.ts';
import type { Start } from './start.ts';

type Common =
  | 'temperatures'
  | 'heat_capacities'
  | 'specific_heat_capacities'
  | 'n_atoms'
  | 'molar_mass_g_mol'
  | 'classical_limit_J_mol_K'
  | 'supercell'
  | 'relaxation'
  | 'followed_modes'
  | 'final_structure';

/** @param heat_capacities J/(mol K), per mole of the unit cell */
export function commonResult(
  { structure, repeats, relaxation, followedModes, finalStructure }: Start,
  temperatures: readonly number[],
  heat_capacities: readonly number[],
): Pick<HeatCapacityResult, Common> {
  const mass = structure.symbols.reduce((sum, symbol) => sum + elementOf(symbol).mass_amu, 0);
  return {
    temperatures: [...temperatures],
    heat_capacities: [...heat_capacities],
    specific_heat_capacities: heat_capacities.map((value) => value / mass),
    n_atoms: structure.symbols.length,
    molar_mass_g_mol: mass,
    classical_limit_J_mol_K: 3 * structure.symbols.length * GAS_CONSTANT_J_MOL_K,
    supercell: [repeats[0], repeats[1], repeats[2]],
    relaxation,
    followed_modes: followedModes,
    final_structure: finalStructure,
  };
}

/** The fields of phonons in the result of another method. */
export const NO_PHONONS = {
  space_group: null,
  space_group_number: null,
  symmetry_tolerance_A: null,
  n_displacements: null,
  acoustic_sum_error_eV_A2: null,
  n_atoms_primitive: null,
  mesh: null,
  n_q_points: null,
  n_irreducible_q_points: null,
  n_modes: null,
  n_imaginary_modes: null,
  imaginary_modes: null,
  lowest_frequency_THz: null,
  frequencies_at_gamma_THz: null,
  zero_point_energy_eV: null,
  entropies_J_mol_K: null,
  free_energies_kJ_mol: null,
  internal_energies_kJ_mol: null,
  dos: null,
} as const satisfies Partial<HeatCapacityResult>;

/** The fields of dynamics in the result of another method. */
export const NO_DYNAMICS = {
  heat_capacity_errors_J_mol_K: null,
  mean_energies_eV: null,
  mean_temperatures_k: null,
  heat_capacities_by_slope_J_mol_K: null,
} as const satisfies Partial<HeatCapacityResult>;
