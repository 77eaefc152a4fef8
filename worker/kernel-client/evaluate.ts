// Energies, forces and stresses at fixed positions: contracts' structures in, checked numbers out.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import {
  calculationParts,
  elementAt,
  isFullyPeriodic,
  readMatrices,
  readNumbers,
  readVectors,
  splitByStructure,
} from './arrays.ts';
import type { KernelArray } from './frame.ts';
import type { KernelRequests } from './kernel-requests.ts';
import type { CalculationOptions, ComputeSettings } from './settings.ts';

/** One structure of a batch. */
export interface StructureEvaluation {
  energy_eV: number;
  energy_components_eV: Record<string, number>;
  /** [n_atoms], eV/A; null when not asked for. */
  forces_eV_A: Vector3[] | null;
  /** Rows, eV/A^3, positive = tensile; null when not asked for, and without three periodic directions. */
  stress_eV_A3: Cell | null;
  /** [n_atoms], share of every atom, eV; null when not asked for. */
  energies_per_atom_eV: number[] | null;
}

export interface EvaluatedBatch {
  /** In the order of the request. */
  structures: StructureEvaluation[];
  warnings: string[];
  kernel_seconds: number;
}

export interface Evaluation extends StructureEvaluation {
  warnings: string[];
  kernel_seconds: number;
}

export interface EvaluationWants {
  forces: boolean;
  stress: boolean;
  /** Default false: on a CPU it takes a slower path. */
  per_atom?: boolean;
}

/**
 * Energies, and when asked for forces and stresses, of a batch of structures of any sizes.
 *
 * @throws KernelFailure; `non_finite` when any number of the answer is NaN or infinite
 */
export async function evaluateStructures(
  kernel: KernelRequests,
  structures: readonly Structure[],
  settings: ComputeSettings,
  wants: EvaluationWants,
  options: CalculationOptions = {},
): Promise<EvaluatedBatch> {
  const wantsStress = wants.stress && structures.some(isFullyPeriodic);
  const parts = calculationParts(settings, structures);
  const { header, arrays } = await kernel.request(
    {
      type: 'evaluate',
      ...parts.header,
      compute_forces: wants.forces,
      compute_stress: wantsStress,
      compute_per_atom: wants.per_atom ?? false,
    },
    { ...options, arrays: parts.arrays },
  );
  const { component_names, warnings, kernel_seconds } = header;
  return {
    structures: readEvaluations(arrays, structures, component_names, { ...wants, stress: wantsStress }),
    warnings,
    kernel_seconds,
  };
}

/** As evaluateStructures, for one structure. @throws KernelFailure */
export async function evaluateStructure(
  kernel: KernelRequests,
  structure: Structure,
  settings: ComputeSettings,
  wants: EvaluationWants,
  options: CalculationOptions = {},
): Promise<Evaluation> {
  const { structures, warnings, kernel_seconds } = await evaluateStructures(
    kernel,
    [structure],
    settings,
    wants,
    options,
  );
  return { ...elementAt(structures, 0, 'structure'), warnings, kernel_seconds };
}

/** What evaluate_result and relax_result have in common. @throws KernelFailure protocol, non_finite */
export function readEvaluations(
  arrays: readonly KernelArray[],
  structures: readonly Structure[],
  componentNames: readonly string[],
  wants: EvaluationWants,
): StructureEvaluation[] {
  const nStructures = structures.length;
  const nComponents = componentNames.length;
  const nAtoms = structures.reduce((sum, { symbols }) => sum + symbols.length, 0);
  const energies = readNumbers(arrays, 'energies', nStructures);
  const components = readNumbers(arrays, 'energy_components', nStructures * nComponents);
  const forces = wants.forces ? splitByStructure(structures, readVectors(arrays, 'forces', nAtoms)) : null;
  const perAtom =
    wants.per_atom === true
      ? splitByStructure(structures, [...readNumbers(arrays, 'energies_per_atom', nAtoms)])
      : null;
  const stresses = wants.stress ? readMatrices(arrays, 'stress', nStructures) : null;
  return structures.map((structure, s) => ({
    energy_eV: energies[s] ?? Number.NaN,
    energy_components_eV: Object.fromEntries(
      componentNames.map((name, c) => [name, components[s * nComponents + c] ?? Number.NaN]),
    ),
    forces_eV_A: forces?.[s] ?? null,
    stress_eV_A3: isFullyPeriodic(structure) ? (stresses?.[s] ?? null) : null,
    energies_per_atom_eV: perAtom?.[s] ?? null,
  }));
}
