// Is a repeated calculation the same calculation? Every number of the first result against the second, with a tolerance by
// its unit. Pure.
import type { TaskType } from '../../contracts/task-types.ts';

export interface Tolerance {
  absolute: number;
  relative: number;
}

export interface Deviation {
  /** Such as `cell_parameters.a` or `energies_eV.3`. */
  path: string;
  first: unknown;
  second: unknown;
  /** null where the two are not both numbers. */
  difference: number | null;
  tolerance: number | null;
}

export interface Comparison {
  n_compared: number;
  /** Bit by bit, as far as compared. */
  is_identical: boolean;
  /** What differs by more than its tolerance. */
  deviations: Deviation[];
}

/**
 * By the end of a name, the longest that fits. On one kind of device with one number of threads the kernel gives the same
 * bits; these hold for another device, where sums are taken in another order, and a relaxation stops at another step inside
 * `fmax`. Relaxed energies then differ by about fmax^2 over a curvature of some eV/A^2, far below 1e-4 eV for the default fmax.
 */
const TOLERANCES: readonly (readonly [ending: string, tolerance: Tolerance])[] = [
  ['_eV_A', { absolute: 2e-3, relative: 1e-6 }],
  ['_eV', { absolute: 1e-4, relative: 1e-6 }],
  ['_A3', { absolute: 1e-2, relative: 1e-4 }],
  ['_GPa', { absolute: 1e-2, relative: 1e-3 }],
  ['_A', { absolute: 1e-2, relative: 1e-4 }],
  // The square root of what is left of an eigenvalue: acoustic modes are zero only to that.
  ['_THz', { absolute: 1e-2, relative: 1e-3 }],
  ['_percent', { absolute: 1e-2, relative: 1e-3 }],
  // A third derivative of the energy.
  ['pressure_derivative', { absolute: 0.05, relative: 1e-2 }],
  ['', { absolute: 1e-6, relative: 1e-3 }],
];
/** Single and mixed precision keep about seven digits of every term: an allowance, not a measured bound. */
const COARSE_FACTOR = 100;

/**
 * What follows the path of a calculation rather than its result: it is not compared. Texts are structures and addresses;
 * their numbers stand in other fields.
 */
const NOT_COMPARED: Readonly<Record<TaskType, readonly string[]>> = {
  optimization: [
    'steps',
    'energy_history',
    'max_force_history',
    'max_force_eV_A',
    'rmsd_from_initial',
    'rmsd_benchmark_A',
  ],
  // A trajectory is chaotic: after some picoseconds two devices are at different places, and only long averages agree. The verdict, the
  // relaxation before it and the bonds stand.
  stability: [
    'criteria',
    'steps',
    'max_force_eV_A',
    'energy_drift_eV',
    'energy_drift_eV_atom_ps',
    'max_displacement_A',
    'max_displacement_atom',
    'rmsd_framework',
    'rmsd_nodes',
    'rmsd_benchmark',
    'mean_temperature_k',
    'temperature_std_k',
    'mean_temperature_error_k',
    'mean_pressure_error_GPa',
    'mean_volume_error_A3',
    'mean_potential_energy_eV',
    'mean_pressure_GPa',
    'pressure_std_GPa',
    'mean_volume_A3',
    'last_volume_A3',
    'volume_drift_percent',
    'lattice_last',
    'rdf',
    'series',
    'bond_events',
  ],
  // Errors of a fit, and what is left of it, are made of the noise itself, and so is much of the small difference of two volumes under
  // pressure; criteria repeat fields.
  'bulk-modulus': [
    'steps',
    'max_force_eV_A',
    'fit_rmse_eV',
    'fit_rmse_GPa',
    'r_squared',
    'criteria',
    'difference_percent',
    'bulk_modulus_error_GPa',
    'equilibrium_volume_error_A3',
    'equilibrium_energy_error_eV',
    'pressure_derivative_error',
    'hydrostatic',
  ],
  // Of equally soft vibrations another device may follow another one; where it leads to is compared.
  // Heat capacities by dynamics, which is chaotic, agree on two devices within their standard errors, not within these tolerances.
  'heat-capacity': [
    'steps',
    'max_force_eV_A',
    'acoustic_sum_error_eV_A2',
    'imaginary_modes',
    'followed_modes',
    'dos',
    'heat_capacity_errors_J_mol_K',
    'heat_capacities_by_slope_J_mol_K',
    'mean_energies_eV',
    'mean_temperatures_k',
  ],
  // Copies of a site by symmetry have energies that differ by rounding: another device may name another copy.
  'interaction-energy': ['center_A', 'center_fractional', 'positions_A', 'max_force_eV_A'],
  'single-point-energy': [],
};
const NEVER_COMPARED: readonly string[] = ['content', 'file_url', 'trajectory_url', 'warnings'];

export function compareResults(
  task_type: TaskType,
  first: unknown,
  second: unknown,
  precision: 'float64' | 'float32' | 'mixed' = 'float64',
): Comparison {
  const skipped = new Set([...NEVER_COMPARED, ...NOT_COMPARED[task_type]]);
  const factor = precision === 'float64' ? 1 : COARSE_FACTOR;
  const comparison: Comparison = { n_compared: 0, is_identical: true, deviations: [] };
  compare({ path: [], unit: '', first, second, skipped, factor }, comparison);
  return comparison;
}

interface Pair {
  path: readonly string[];
  /** The last name on the path: entries of a list have the unit of the list. */
  unit: string;
  first: unknown;
  second: unknown;
  skipped: ReadonlySet<string>;
  factor: number;
}

function compare(pair: Pair, into: Comparison): void {
  const { first, second, path, skipped } = pair;
  if (isContainer(first) && isContainer(second)) {
    for (const name of new Set([...Object.keys(first), ...Object.keys(second)])) {
      if (skipped.has(name)) continue;
      const unit = Array.isArray(first) ? pair.unit : name;
      compare(
        { ...pair, path: [...path, name], unit, first: entryOf(first, name), second: entryOf(second, name) },
        into,
      );
    }
    return;
  }
  into.n_compared += 1;
  if (Object.is(first, second)) return;
  into.is_identical = false;
  const deviation = deviationOf(pair);
  if (deviation !== null) into.deviations.push(deviation);
}

/** null when the difference is within the tolerance. */
function deviationOf({ path, unit, first, second, factor }: Pair): Deviation | null {
  const named = { path: path.join('.'), first, second };
  if (typeof first !== 'number' || typeof second !== 'number') return { ...named, difference: null, tolerance: null };
  const { absolute, relative } = toleranceOf(unit);
  const tolerance = factor * (absolute + relative * Math.max(Math.abs(first), Math.abs(second)));
  const difference = Math.abs(first - second);
  return difference <= tolerance ? null : { ...named, difference, tolerance };
}

export function toleranceOf(name: string): Tolerance {
  const found = TOLERANCES.find(([ending]) => name.endsWith(ending));
  if (found === undefined) throw new Error('The last ending fits every name.');
  return found[1];
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function entryOf(container: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(container, name)?.value as unknown;
}
