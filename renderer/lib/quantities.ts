// Units and decimals of everything that is shown as a number: axes, tables and form fields ask here and nowhere else.
// Keys are the field names of contracts/; the words stand in locales/ under `quantity`.

export interface Quantity {
  /** As printed behind the number; empty for a pure number. */
  readonly unit: string;
  readonly decimals: number;
  /** Spans orders of magnitude: written as 7.57×10⁻⁶. */
  readonly isScientific?: boolean;
}

export const QUANTITIES = {
  energy_eV: { unit: 'eV', decimals: 4 },
  initial_energy_eV: { unit: 'eV', decimals: 4 },
  final_energy_eV: { unit: 'eV', decimals: 4 },
  energy_per_atom_eV: { unit: 'eV', decimals: 5 },
  max_force_eV_A: { unit: 'eV/Å', decimals: 5 },
  volume_A3: { unit: 'Å³', decimals: 2 },
  initial_volume_A3: { unit: 'Å³', decimals: 2 },
  final_volume_A3: { unit: 'Å³', decimals: 2 },
  volume_change_percent: { unit: '%', decimals: 3 },
  rmsd_from_initial: { unit: 'Å', decimals: 4 },
  stress_GPa: { unit: 'GPa', decimals: 4 },
  density_g_cm3: { unit: 'g/cm³', decimals: 3 },
  length_A: { unit: 'Å', decimals: 3 },
  angle_degree: { unit: '°', decimals: 2 },
  execution_time_seconds: { unit: 's', decimals: 2 },
  step: { unit: '', decimals: 0 },
  steps: { unit: '', decimals: 0 },
  n_atoms: { unit: '', decimals: 0 },
  fmax: { unit: 'eV/Å', decimals: 5 },
  pressure_GPa: { unit: 'GPa', decimals: 4 },
  max_steps: { unit: '', decimals: 0 },
  trajectory_interval: { unit: '', decimals: 0 },
  cutoff_A: { unit: 'Å', decimals: 2 },
  d3_cutoff_A: { unit: 'Å', decimals: 2 },
  temperature_k: { unit: 'K', decimals: 2 },
  temperature_range: { unit: 'K', decimals: 1 },
  temperature_step: { unit: 'K', decimals: 1 },
  timestep_fs: { unit: 'fs', decimals: 3 },
  grid_spacing: { unit: 'Å', decimals: 2 },
  max_displacement_A: { unit: 'Å', decimals: 3 },
  energy_drift_eV: { unit: 'eV', decimals: 5 },
  bulk_modulus_GPa: { unit: 'GPa', decimals: 3 },
  equilibrium_volume_A3: { unit: 'Å³', decimals: 2 },
  interaction_energy_eV: { unit: 'eV', decimals: 4 },
  isosteric_heat_kJ_mol: { unit: 'kJ/mol', decimals: 2 },
  pressure_derivative: { unit: '', decimals: 2 },
  equilibrium_energy_eV: { unit: 'eV', decimals: 4 },
  r_squared: { unit: '', decimals: 6 },
  zero_point_energy_eV: { unit: 'eV', decimals: 4 },
  lowest_frequency_THz: { unit: 'THz', decimals: 3 },
  n_displacements: { unit: '', decimals: 0 },
  classical_limit_J_mol_K: { unit: 'J/(mol K)', decimals: 1 },
  rmsd_A: { unit: 'Å', decimals: 3 },
  volume_drift_percent: { unit: '%', decimals: 2 },
  mean_interaction_energy_eV: { unit: 'eV', decimals: 4 },
  henry_coefficient_mol_kg_Pa: { unit: 'mol/(kg Pa)', decimals: 2, isScientific: true },
  accessible_fraction: { unit: '', decimals: 3 },
  helium_void_fraction: { unit: '', decimals: 4 },
  mae_vs_reference: { unit: 'eV', decimals: 4 },
  force_mae: { unit: 'eV/Å', decimals: 4 },
  friction_per_fs: { unit: '1/fs', decimals: 4 },
  thermostat_time_fs: { unit: 'fs', decimals: 0 },
  barostat_time_fs: { unit: 'fs', decimals: 0 },
  max_volume_drift_percent: { unit: '%', decimals: 1 },
  max_rmsd_A: { unit: 'Å', decimals: 2 },
  displacement_A: { unit: 'Å', decimals: 3 },
  mesh_length_A: { unit: 'Å', decimals: 0 },
  hydrostatic_pressure_GPa: { unit: 'GPa', decimals: 3 },
} as const satisfies Record<string, Quantity>;

export type QuantityName = keyof typeof QUANTITIES;

export function isQuantity(name: string): name is QuantityName {
  return Object.hasOwn(QUANTITIES, name);
}
