// Calculations on one structure: contracts' structures in, checked numbers out. The arrays of the protocol end here.
import type {
  KernelDevice,
  PotentialSpec,
  Precision,
  RelaxEndState,
  RelaxRequest,
  RelaxStep,
} from '../../contracts/kernel-message.ts';
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { elementOf } from '../structures/elements.ts';
import type { KernelArray } from './frame.ts';
import { KernelFailure } from './kernel-failure.ts';
import type { Kernel, KernelRequestOptions } from './kernel.ts';

const DEVICES_TIMEOUT_MS = 20_000;

/** How a calculation is done, whatever it computes. */
export interface ComputeSettings {
  potential: PotentialSpec;
  device: string;
  precision: Precision;
}

export type CalculationOptions = Pick<KernelRequestOptions, 'signal' | 'timeoutMs'>;

export interface Evaluation {
  energy_eV: number;
  energy_components_eV: Record<string, number>;
  /** [n_atoms], eV/A; null when not asked for. */
  forces_eV_A: Vector3[] | null;
  /** Rows, eV/A^3, positive = tensile; null when not asked for, and without three periodic directions. */
  stress_eV_A3: Cell | null;
  warnings: string[];
  kernel_seconds: number;
}

export interface RelaxFrame {
  /** [n_atoms], cartesian, A. */
  positions: Vector3[];
  /** Rows, A. */
  cell: Cell;
  /** [n_atoms], eV/A, at these positions. */
  forces_eV_A: Vector3[];
}

export type RelaxSettings = Pick<
  RelaxRequest,
  'optimizer' | 'fmax_eV_A' | 'max_steps' | 'cell_mode' | 'pressure_eV_A3' | 'frame_interval'
>;

export interface Relaxation extends Evaluation {
  end_state: RelaxEndState;
  steps: number;
  max_force_eV_A: number;
  max_cell_force_eV_A: number | null;
  /** The last accepted geometry; the last good one when diverged. */
  structure: Structure;
  forces_eV_A: Vector3[];
}

/** @throws KernelFailure */
export async function listDevices(
  kernel: Kernel,
): Promise<{ devices: KernelDevice[]; cuda_unavailable_reason: string | null }> {
  const { header } = await kernel.request({ type: 'devices' }, { timeoutMs: DEVICES_TIMEOUT_MS });
  return { devices: header.devices, cuda_unavailable_reason: header.cuda_unavailable_reason };
}

/**
 * Energy, and when asked for forces and stress, of one structure.
 *
 * @throws KernelFailure; `non_finite` when any number of the answer is NaN or infinite
 */
export async function evaluateStructure(
  kernel: Kernel,
  structure: Structure,
  settings: ComputeSettings,
  wants: { forces: boolean; stress: boolean },
  options: CalculationOptions = {},
): Promise<Evaluation> {
  const wantsStress = wants.stress && isFullyPeriodic(structure);
  const { header, arrays } = await kernel.request(
    {
      type: 'evaluate',
      ...settings,
      compute_forces: wants.forces,
      compute_stress: wantsStress,
      compute_per_atom: false,
    },
    { ...options, arrays: structureArrays(structure) },
  );
  return {
    ...readEnergies(arrays, header.component_names),
    forces_eV_A: wants.forces ? readVectors(arrays, 'forces', structure.symbols.length) : null,
    stress_eV_A3: wantsStress ? readMatrix(arrays, 'stress') : null,
    warnings: header.warnings,
    kernel_seconds: header.kernel_seconds,
  };
}

/**
 * Relaxes one structure.
 *
 * @param onStep called for every step in order, with a frame on the steps that carry one
 * @throws KernelFailure
 */
export async function relaxStructure(
  kernel: Kernel,
  structure: Structure,
  settings: ComputeSettings & RelaxSettings,
  onStep: (step: RelaxStep, frame: RelaxFrame | null) => void | Promise<void>,
  options: CalculationOptions = {},
): Promise<Relaxation> {
  const nAtoms = structure.symbols.length;
  const { header, arrays } = await kernel.request(
    { type: 'relax', ...settings },
    {
      ...options,
      arrays: structureArrays(structure),
      onStep: (step, stepArrays) => onStep(step, stepArrays.length === 0 ? null : readFrame(stepArrays, nAtoms)),
    },
  );
  const [outcome] = header.structures;
  if (outcome === undefined) throw new KernelFailure('protocol', 'The relaxation came back without a structure.');
  return {
    ...outcome,
    ...readEnergies(arrays, header.component_names),
    forces_eV_A: readVectors(arrays, 'forces', nAtoms),
    stress_eV_A3: isFullyPeriodic(structure) ? readMatrix(arrays, 'stress') : null,
    structure: {
      ...structure,
      cell: structure.cell === null ? null : readMatrix(arrays, 'cells'),
      positions: readVectors(arrays, 'positions', nAtoms),
    },
    warnings: header.warnings,
    kernel_seconds: header.kernel_seconds,
  };
}

/** Stress and a moving cell are defined only then. */
export function isFullyPeriodic(structure: Structure): boolean {
  return structure.cell !== null && structure.pbc.every(Boolean);
}

/** The arrays of a request for one structure. Without a cell the rows are zero and no direction is periodic. */
export function structureArrays(structure: Structure): KernelArray[] {
  const nAtoms = structure.symbols.length;
  return [
    {
      name: 'cells',
      shape: [1, 3, 3],
      values: structure.cell === null ? new Float64Array(9) : new Float64Array(structure.cell.flat()),
    },
    { name: 'positions', shape: [nAtoms, 3], values: new Float64Array(structure.positions.flat()) },
    {
      name: 'atomic_numbers',
      shape: [nAtoms],
      values: new Int32Array(structure.symbols.map((symbol) => elementOf(symbol).atomic_number)),
    },
    { name: 'n_atoms', shape: [1], values: new Int32Array([nAtoms]) },
    {
      name: 'pbc',
      shape: [1, 3],
      values: new Uint8Array(structure.pbc.map((isPeriodic) => (isPeriodic && structure.cell !== null ? 1 : 0))),
    },
  ];
}

function readFrame(arrays: readonly KernelArray[], nAtoms: number): RelaxFrame {
  return {
    positions: readVectors(arrays, 'positions', nAtoms),
    cell: readMatrix(arrays, 'cell'),
    forces_eV_A: readVectors(arrays, 'forces', nAtoms),
  };
}

function readEnergies(arrays: readonly KernelArray[], componentNames: readonly string[]) {
  const [energy = Number.NaN] = readNumbers(arrays, 'energies', 1);
  const components = readNumbers(arrays, 'energy_components', componentNames.length);
  const energyComponents = Object.fromEntries(componentNames.map((name, i) => [name, components[i] ?? Number.NaN]));
  return { energy_eV: energy, energy_components_eV: energyComponents };
}

function readMatrix(arrays: readonly KernelArray[], name: string): Cell {
  const [x, y, z] = readVectors(arrays, name, 3);
  if (x === undefined || y === undefined || z === undefined)
    throw new KernelFailure('protocol', `${name} has no rows.`);
  return [x, y, z];
}

function readVectors(arrays: readonly KernelArray[], name: string, count: number): Vector3[] {
  const numbers = readNumbers(arrays, name, 3 * count);
  return Array.from({ length: count }, (_, i) => [
    numbers[3 * i] ?? Number.NaN,
    numbers[3 * i + 1] ?? Number.NaN,
    numbers[3 * i + 2] ?? Number.NaN,
  ]);
}

function readNumbers(arrays: readonly KernelArray[], name: string, length: number): Float64Array {
  const found = arrays.find((array) => array.name === name)?.values;
  if (!(found instanceof Float64Array) || found.length !== length) {
    throw new KernelFailure('protocol', `The kernel's answer lacks ${name} as ${length} numbers of type f64.`);
  }
  const bad = found.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    const message = `The kernel returned ${name} that are not finite: the geometry or the potential is out of range.`;
    throw new KernelFailure('non_finite', message, { array: name, index: bad });
  }
  return found;
}
