// How far two evaluations of one structure are apart.
import type { StructureEvaluation } from '../../worker/kernel-client/evaluate.ts';
import type { ReferenceEvaluation } from './reference.ts';

export const QUANTITIES = ['energy_eV_per_atom', 'energies_eV', 'forces_eV_per_A', 'stress_eV_per_A3'] as const;
export type Deviations = Record<(typeof QUANTITIES)[number], number>;

/** Largest absolute difference; infinite where one has a number that the other has not, or none at all. */
function largestDifference(ours: readonly number[], theirs: readonly number[]): number {
  if (ours.length !== theirs.length) return Infinity;
  return Math.max(0, ...ours.map((value, i) => finiteOr(Math.abs(value - (theirs[i] ?? NaN)))));
}

function finiteOr(difference: number): number {
  return Number.isFinite(difference) ? difference : Infinity;
}

export function deviationsOf(ours: StructureEvaluation, theirs: ReferenceEvaluation): Deviations {
  const nAtoms = theirs.atomic_numbers.length;
  return {
    energy_eV_per_atom: finiteOr(Math.abs(ours.energy_eV - theirs.energy_eV) / nAtoms),
    energies_eV: largestDifference(ours.energies_per_atom_eV ?? [], theirs.energies_eV),
    forces_eV_per_A: largestDifference((ours.forces_eV_A ?? []).flat(), theirs.forces_eV_per_A.flat()),
    stress_eV_per_A3: largestDifference((ours.stress_eV_A3 ?? []).flat(), (theirs.stress_eV_per_A3 ?? []).flat()),
  };
}

export function largestOf(all: readonly Deviations[]): Deviations {
  const largest = (key: (typeof QUANTITIES)[number]): number => Math.max(0, ...all.map((one) => one[key]));
  return {
    energy_eV_per_atom: largest('energy_eV_per_atom'),
    energies_eV: largest('energies_eV'),
    forces_eV_per_A: largest('forces_eV_per_A'),
    stress_eV_per_A3: largest('stress_eV_per_A3'),
  };
}
