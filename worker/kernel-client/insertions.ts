// Host-guest energies of a rigid adsorbate in one rigid framework, at random or on a grid.
import type { InsertionsRequest, KernelProgress } from '../../contracts/kernel-message.ts';
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { elementAt, optionalNumbers, readNumbers, readVectors, structureArrays } from './arrays.ts';
import type { KernelArray } from './frame.ts';
import type { KernelRequests } from './kernel-requests.ts';
import { KernelFailure } from './kernel-failure.ts';
import type { CalculationOptions, ComputeSettings, RunSettings } from './settings.ts';

export type InsertionSettings = Pick<
  InsertionsRequest,
  | 'adsorbate'
  | 'cutoff_A'
  | 'is_shifted'
  | 'tail_correction'
  | 'temperature_k'
  | 'seed'
  | 'placements'
  | 'n_lowest'
  | 'relax_lowest'
>;

/** Lennard-Jones parameters of the framework in place of UFF4MOF's, [n_atoms] each. */
export interface HostLennardJones {
  epsilon_eV: readonly number[];
  sigma_A: readonly number[];
}

/** Places that the adsorbate cannot reach from outside: what is nearest to a point of the grid that is 1, along each axis. */
export interface BlockedPlaces {
  shape: readonly [number, number, number];
  /** [a][b][c] */
  is_blocked: Uint8Array;
}

/** What goes along as arrays. */
export interface InsertionArrays {
  host?: HostLennardJones;
  blocked?: BlockedPlaces;
}

export interface LowestPlacement {
  energy_eV: number;
  /** Of mass, A, inside the cell. */
  center: Vector3;
  /** [n_sites], A. */
  sites: Vector3[];
  /** Left over by a relaxation: the larger of force and of torque over size, eV/A; null when there was none. */
  max_force_eV_A: number | null;
}

/** [a][b][c] over the points, row-major. */
export interface InsertionGrid {
  shape: readonly [number, number, number];
  /** Lowest energy over the orientations, eV; infinite where nothing fits. */
  minimum_eV: Float32Array;
  /** -kT ln of the mean Boltzmann factor over the orientations, eV. */
  free_energy_eV: Float32Array;
}

export interface InsertionAverages {
  boltzmann_mean: number;
  /** null on a grid. */
  boltzmann_standard_error: number | null;
  /** Boltzmann-weighted; null when no placement has a weight. */
  mean_energy_eV: number | null;
  mean_energy_standard_error_eV: number | null;
  henry_mol_kg_Pa: number;
}

/** The averages are those of the whole cell. */
export interface Insertions extends InsertionAverages {
  n_placements: number;
  /** With blocked placements as such without weight; null when nothing was to be blocked. */
  reachable: InsertionAverages | null;
  /** Ascending in energy. */
  lowest: LowestPlacement[];
  /** null for random insertions. */
  grid: InsertionGrid | null;
  stop: 'none' | 'cancelled' | 'deadline';
  warnings: string[];
  kernel_seconds: number;
}

/** @throws KernelFailure */
export async function runInsertions(
  kernel: KernelRequests,
  framework: Structure,
  { host, blocked, ...settings }: Omit<ComputeSettings, 'topology'> & RunSettings & InsertionSettings & InsertionArrays,
  onProgress: (progress: KernelProgress) => void | Promise<void>,
  options: CalculationOptions = {},
): Promise<Insertions> {
  const { header, arrays } = await kernel.request(
    { type: 'insertions', ...settings },
    {
      ...options,
      arrays: [...structureArrays([framework], settings.potential), ...hostArrays(host), ...blockedArrays(blocked)],
      onMessage: onProgress,
    },
  );
  return {
    ...averagesOf(header),
    n_placements: header.n_placements,
    reachable: header.reachable ?? null,
    lowest: readLowest(arrays, settings.adsorbate.sites.length),
    grid: readGrid(arrays),
    stop: header.stop,
    warnings: header.warnings,
    kernel_seconds: header.kernel_seconds,
  };
}

function averagesOf(header: InsertionAverages): InsertionAverages {
  return {
    boltzmann_mean: header.boltzmann_mean,
    boltzmann_standard_error: header.boltzmann_standard_error,
    mean_energy_eV: header.mean_energy_eV,
    mean_energy_standard_error_eV: header.mean_energy_standard_error_eV,
    henry_mol_kg_Pa: header.henry_mol_kg_Pa,
  };
}

function hostArrays(host: HostLennardJones | undefined): KernelArray[] {
  return [...optionalNumbers('host_epsilon_eV', host?.epsilon_eV), ...optionalNumbers('host_sigma_A', host?.sigma_A)];
}

function blockedArrays(blocked: BlockedPlaces | undefined): KernelArray[] {
  if (blocked === undefined) return [];
  return [
    { name: 'blocked_shape', shape: [3], values: new Int32Array(blocked.shape) },
    { name: 'blocked', shape: [blocked.is_blocked.length], values: blocked.is_blocked },
  ];
}

function readLowest(arrays: readonly KernelArray[], nSites: number): LowestPlacement[] {
  const count = arrays.find(({ name }) => name === 'lowest_energies')?.values.length ?? 0;
  const energies = readNumbers(arrays, 'lowest_energies', count);
  const centers = readVectors(arrays, 'lowest_centers', count);
  const sites = readVectors(arrays, 'lowest_sites', count * nSites);
  const isRelaxed = arrays.some(({ name }) => name === 'lowest_forces');
  const forces = isRelaxed ? readNumbers(arrays, 'lowest_forces', count) : null;
  return Array.from(energies, (energy_eV, i) => ({
    energy_eV,
    center: elementAt(centers, i, 'center of placement'),
    sites: sites.slice(i * nSites, (i + 1) * nSites),
    max_force_eV_A: forces === null ? null : (forces[i] ?? Number.NaN),
  }));
}

function readGrid(arrays: readonly KernelArray[]): InsertionGrid | null {
  const shape = arrays.find(({ name }) => name === 'grid_minimum_eV')?.shape;
  if (shape === undefined) return null;
  const [a, b, c] = shape;
  if (a === undefined || b === undefined || c === undefined)
    throw new KernelFailure('protocol', 'The grid of the insertions does not have three dimensions.');
  return {
    shape: [a, b, c],
    minimum_eV: readGridValues(arrays, 'grid_minimum_eV', a * b * c),
    free_energy_eV: readGridValues(arrays, 'grid_free_energy_eV', a * b * c),
  };
}

function readGridValues(arrays: readonly KernelArray[], name: string, length: number): Float32Array {
  const values = arrays.find((array) => array.name === name)?.values;
  if (values instanceof Float32Array && values.length === length) return values;
  throw new KernelFailure('protocol', `The kernel's answer lacks ${name} as ${length} numbers of type f32.`);
}
