// The end of a relaxation that was to keep its symmetry, moved the last bit onto it.
import type { OptimizationParameters } from '../../../contracts/results/optimization.ts';
import { evaluateStructure } from '../../kernel-client/evaluate.ts';
import type { Relaxation } from '../../kernel-client/relax.ts';
import { StructureError } from '../../structures/structure-error.ts';
import { symmetrize } from '../../structures/symmetrize.ts';
import type { Symmetrized } from '../../structures/symmetrize.ts';
import { computeSettings, strictTimeout } from '../compute-settings.ts';
import { largestForce } from '../forces.ts';
import type { WorkflowContext } from '../workflow.ts';

/**
 * Rounding leaves 1e-7 to 1e-3 A after some ten steps. The exact structure is evaluated anew, so that energy, forces and stress are its own; to first
 * order its forces are means of those of the end, so that none is larger.
 *
 * @param spaceGroup of the start; null when there was no symmetry to keep
 * @returns the relaxation itself where the end has not that group any more
 * @throws KernelFailure
 */
export async function projectEnd(
  context: WorkflowContext<OptimizationParameters>,
  spaceGroup: string | null,
  relaxation: Relaxation,
): Promise<Relaxation> {
  if (spaceGroup === null) return relaxation;
  const exact = symmetrizedOrNull(relaxation);
  if (exact?.spaceGroup !== spaceGroup) return relaxation;
  const { structure, largest_shift_A } = exact;
  const evaluation = await evaluateStructure(
    context.kernel,
    structure,
    computeSettings(context),
    { forces: true, stress: true },
    { signal: context.signal, ...strictTimeout(context.deadline) },
  );
  const what = `The end is exactly ${spaceGroup}; no atom was further from its place than ${largest_shift_A.toPrecision(2)} A`;
  context.reporter.log('INFO', what, { largest_shift_A });
  const { energy_eV, energy_components_eV, stress_eV_A3 } = evaluation;
  const forces_eV_A = evaluation.forces_eV_A ?? [];
  const max_force_eV_A = largestForce(forces_eV_A);
  return { ...relaxation, structure, energy_eV, energy_components_eV, stress_eV_A3, forces_eV_A, max_force_eV_A };
}

function symmetrizedOrNull({ structure }: Relaxation): Symmetrized | null {
  try {
    return symmetrize(structure);
  } catch (error) {
    if (error instanceof StructureError) return null;
    throw error;
  }
}
