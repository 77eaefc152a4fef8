// Relaxations: contracts' structures in, relaxed ones out, every step on the way.
import type { RelaxEndState, RelaxRequest, RelaxStep } from '../../contracts/kernel-message.ts';
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import type { CellOperation } from '../structures/cell-operations.ts';
import {
  calculationParts,
  elementAt,
  movedStructures,
  optionalFlags,
  optionalNumbers,
  readMatrices,
  readMatrix,
  readVectors,
} from './arrays.ts';
import { readEvaluations } from './evaluate.ts';
import type { StructureEvaluation } from './evaluate.ts';
import type { KernelArray } from './frame.ts';
import type { KernelRequests } from './kernel-requests.ts';
import type { CalculationOptions, ComputeSettings, RunSettings } from './settings.ts';

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

/** What may differ from structure to structure, or from atom to atom. */
export interface RelaxDetails {
  /** [n_structures], eV/A^3, instead of the one pressure. */
  pressures_eV_A3?: readonly number[];
  /** [atoms of all structures]: true keeps its place, its fractional one when the cell moves. */
  fixed_atoms?: readonly boolean[];
  /** [n_structures] operations that generate the group in which each is to stay, none: nothing to keep. */
  symmetry?: readonly (readonly CellOperation[])[];
}

export interface RelaxedStructure extends StructureEvaluation {
  end_state: RelaxEndState;
  steps: number;
  max_force_eV_A: number;
  max_cell_force_eV_A: number | null;
  /** The last accepted geometry; the last good one when diverged. */
  structure: Structure;
  forces_eV_A: Vector3[];
}

export interface RelaxedBatch {
  /** In the order of the request. */
  structures: RelaxedStructure[];
  warnings: string[];
  kernel_seconds: number;
}

export interface Relaxation extends RelaxedStructure {
  warnings: string[];
  kernel_seconds: number;
}

/** A step of the structure `step.structure`, with a frame on the steps that carry one. */
export type RelaxListener = (step: RelaxStep, frame: RelaxFrame | null) => void | Promise<void>;

/**
 * Relaxes every structure of a batch, each at its own pace.
 *
 * @param onStep called for every step in the order of the kernel
 * @throws KernelFailure
 */
export async function relaxStructures(
  kernel: KernelRequests,
  structures: readonly Structure[],
  settings: ComputeSettings & RelaxSettings & RunSettings,
  onStep: RelaxListener,
  options: CalculationOptions & { details?: RelaxDetails } = {},
): Promise<RelaxedBatch> {
  const { details = {}, ...requestOptions } = options;
  const parts = calculationParts(settings, structures);
  const { header, arrays } = await kernel.request(
    { type: 'relax', ...parts.header },
    {
      ...requestOptions,
      arrays: [
        ...parts.arrays,
        ...optionalNumbers('pressures_eV_A3', details.pressures_eV_A3),
        ...optionalFlags('fixed_atoms', details.fixed_atoms),
        ...symmetryArrays(details.symmetry),
      ],
      onMessage: (step, stepArrays) => onStep(step, readFrame(stepArrays, structures, step.structure)),
    },
  );
  const nAtoms = structures.reduce((sum, { symbols }) => sum + symbols.length, 0);
  const wants = { forces: true, stress: true };
  const evaluations = readEvaluations(arrays, structures, header.component_names, wants);
  const ended = movedStructures(
    structures,
    readVectors(arrays, 'positions', nAtoms),
    readMatrices(arrays, 'cells', structures.length),
  );
  return {
    structures: evaluations.map((evaluation, s) => ({
      ...evaluation,
      ...elementAt(header.structures, s, 'outcome of structure'),
      structure: elementAt(ended, s, 'structure'),
      forces_eV_A: evaluation.forces_eV_A ?? [],
    })),
    warnings: header.warnings,
    kernel_seconds: header.kernel_seconds,
  };
}

/** As relaxStructures, for one structure. @throws KernelFailure */
export async function relaxStructure(
  kernel: KernelRequests,
  structure: Structure,
  settings: ComputeSettings & RelaxSettings & RunSettings,
  onStep: RelaxListener,
  options: CalculationOptions & { details?: RelaxDetails } = {},
): Promise<Relaxation> {
  const { structures, warnings, kernel_seconds } = await relaxStructures(
    kernel,
    [structure],
    settings,
    onStep,
    options,
  );
  return { ...elementAt(structures, 0, 'structure'), warnings, kernel_seconds };
}

function symmetryArrays(symmetry: RelaxDetails['symmetry']): KernelArray[] {
  if (symmetry === undefined) return [];
  const operations = symmetry.flat();
  const permutations = operations.flatMap(({ permutation }) => [...permutation]);
  return [
    i32(
      'symmetry_counts',
      [symmetry.length],
      symmetry.map((ofOne) => ofOne.length),
    ),
    i32(
      'symmetry_rotations',
      [operations.length, 3, 3],
      operations.flatMap(({ rotation }) => rotation.flat()),
    ),
    i32('symmetry_permutations', [permutations.length], permutations),
  ];
}

function i32(name: string, shape: readonly number[], values: readonly number[]): KernelArray {
  return { name, shape, values: Int32Array.from(values) };
}

function readFrame(arrays: readonly KernelArray[], structures: readonly Structure[], index: number): RelaxFrame | null {
  if (arrays.length === 0) return null;
  const nAtoms = elementAt(structures, index, 'structure').symbols.length;
  return {
    positions: readVectors(arrays, 'positions', nAtoms),
    cell: readMatrix(arrays, 'cell'),
    forces_eV_A: readVectors(arrays, 'forces', nAtoms),
  };
}
