// The tables of a heat capacity as comma-separated files. Pure.
import type { HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import { formatCsv } from '../output/csv.ts';

const OPTIONAL_COLUMNS = [
  'entropies_J_mol_K',
  'free_energies_kJ_mol',
  'internal_energies_kJ_mol',
  'heat_capacity_errors_J_mol_K',
  'heat_capacities_by_slope_J_mol_K',
  'mean_energies_eV',
  'mean_temperatures_k',
] as const;

/** thermal.csv: one row per temperature, the columns that the method has. */
export function thermalCsv(result: HeatCapacityResult): string {
  const columns = OPTIONAL_COLUMNS.filter((name) => result[name] !== null);
  const rows = result.temperatures.map((temperature, i) => [
    temperature,
    result.heat_capacities[i] ?? null,
    result.specific_heat_capacities[i] ?? null,
    ...columns.map((name) => result[name]?.[i] ?? null),
  ]);
  return formatCsv(['temperature_k', 'heat_capacity_J_mol_K', 'specific_heat_capacity_J_g_K', ...columns], rows);
}

/** dos.csv */
export function dosCsv({ frequencies_THz, density }: NonNullable<HeatCapacityResult['dos']>): string {
  const rows = frequencies_THz.map((frequency, i) => [frequency, density[i] ?? null]);
  return formatCsv(['frequency_THz', 'states_per_THz'], rows);
}
