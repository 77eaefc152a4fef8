// Molecular dynamics: contracts' structures in, samples on the way, where they got to out.
import type { MdEndState, MdRequest, MdSample } from '../../contracts/kernel-message.ts';
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import {
  calculationParts,
  elementAt,
  movedStructures,
  optionalFlags,
  optionalNumbers,
  optionalVectors,
  readMatrices,
  readMatrix,
  readNumbers,
  readVectors,
  splitByStructure,
} from './arrays.ts';
import type { KernelArray } from './frame.ts';
import type { KernelRequests } from './kernel-requests.ts';
import type { CalculationOptions, ComputeSettings, RunSettings } from './settings.ts';

export type MdSettings = Omit<
  MdRequest,
  'type' | 'id' | 'arrays' | 'payload_bytes' | 'trajectories' | keyof ComputeSettings | keyof RunSettings
> & { trajectories?: MdRequest['trajectories'] };

/** What may differ from structure to structure, or from atom to atom. */
export interface MdDetails {
  /** [n_structures], instead of the one value. */
  temperatures_k?: readonly number[];
  pressures_eV_A3?: readonly number[];
  /** [atoms of all structures], A/fs; absent: Maxwell-Boltzmann. */
  velocities?: readonly Vector3[];
  /** [atoms of all structures], amu; absent: standard atomic weights. */
  masses?: readonly number[];
  /** [atoms of all structures]: true does not move. */
  fixed_atoms?: readonly boolean[];
}

export interface MdFrame {
  /** [n_atoms], cartesian, A. */
  positions: Vector3[];
  /** [n_atoms], A/fs. */
  velocities: Vector3[];
  /** [n_atoms], eV/A. */
  forces_eV_A: Vector3[];
  /** Rows, A. */
  cell: Cell;
}

export interface MdOutcome {
  end_state: MdEndState;
  /** Done in all, those before a resume included. */
  steps: number;
  n_degrees_of_freedom: number;
  /** At the end; when diverged, at the last good sample. */
  structure: Structure;
  /** [n_atoms], A/fs. */
  velocities: Vector3[];
  potential_energy_eV: number;
}

export interface MdRun {
  /** In the order of the request. */
  structures: MdOutcome[];
  /** 0 for a fresh start. */
  resumed_from_step: number;
  warnings: string[];
  kernel_seconds: number;
}

/** A sample of the structure `sample.structure`, with a frame on those that carry one. */
export type MdListener = (sample: MdSample, frame: MdFrame | null) => void | Promise<void>;

/**
 * Moves every structure of a batch.
 *
 * @param onSample called for every sample in the order of the kernel, which waits for a returned promise
 * @throws KernelFailure
 */
export async function runDynamics(
  kernel: KernelRequests,
  structures: readonly Structure[],
  settings: ComputeSettings & MdSettings & RunSettings,
  onSample: MdListener,
  options: CalculationOptions & { details?: MdDetails } = {},
): Promise<MdRun> {
  const { details = {}, ...requestOptions } = options;
  const parts = calculationParts(settings, structures);
  const { header, arrays } = await kernel.request(
    { type: 'md', ...parts.header, trajectories: settings.trajectories ?? [] },
    {
      ...requestOptions,
      arrays: [...parts.arrays, ...detailArrays(details)],
      onMessage: (sample, sampleArrays) => onSample(sample, readFrame(sampleArrays, structures, sample.structure)),
    },
  );
  const nAtoms = structures.reduce((sum, { symbols }) => sum + symbols.length, 0);
  const energies = readNumbers(arrays, 'energies', structures.length);
  const velocities = splitByStructure(structures, readVectors(arrays, 'velocities', nAtoms));
  const ended = movedStructures(
    structures,
    readVectors(arrays, 'positions', nAtoms),
    readMatrices(arrays, 'cells', structures.length),
  );
  return {
    structures: ended.map((structure, s) => ({
      ...elementAt(header.structures, s, 'outcome of structure'),
      structure,
      velocities: elementAt(velocities, s, 'velocities of structure'),
      potential_energy_eV: energies[s] ?? Number.NaN,
    })),
    resumed_from_step: header.resumed_from_step,
    warnings: header.warnings,
    kernel_seconds: header.kernel_seconds,
  };
}

function detailArrays(details: MdDetails): KernelArray[] {
  return [
    ...optionalNumbers('temperatures_k', details.temperatures_k),
    ...optionalNumbers('pressures_eV_A3', details.pressures_eV_A3),
    ...optionalVectors('velocities', details.velocities),
    ...optionalNumbers('masses', details.masses),
    ...optionalFlags('fixed_atoms', details.fixed_atoms),
  ];
}

function readFrame(arrays: readonly KernelArray[], structures: readonly Structure[], index: number): MdFrame | null {
  if (arrays.length === 0) return null;
  const nAtoms = elementAt(structures, index, 'structure').symbols.length;
  return {
    positions: readVectors(arrays, 'positions', nAtoms),
    velocities: readVectors(arrays, 'velocities', nAtoms),
    forces_eV_A: readVectors(arrays, 'forces', nAtoms),
    cell: readMatrix(arrays, 'cell'),
  };
}
