// Where a relaxation starts that is to keep its symmetry, and what is said when it did not. Pure.
//
// Forces and stress have the symmetry of the structure, and every optimizer turns them into a step by operations that know no direction: from an exactly
// symmetric start each step is symmetric, up to rounding. Nothing holds the structure there: where the symmetric structure is no minimum, rounding
// grows until it has left. So the start is made exact, the end is moved the last bit (project-end.ts), and it is checked whether it still could be.
import type { OptimizationParameters, OptimizationResult } from '../../../contracts/results/optimization.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { isFullyPeriodic } from '../../kernel-client/arrays.ts';
import { MAX_SYMMETRY_ATOMS } from '../../structures/describe-symmetry.ts';
import { StructureError } from '../../structures/structure-error.ts';
import { symmetrize } from '../../structures/symmetrize.ts';
import { TaskFailure } from '../task-failure.ts';

export interface RelaxationStart {
  structure: Structure;
  /** Short Hermann-Mauguin symbol of the symmetry to keep; null when there is none. */
  spaceGroup: string | null;
  /** How far an atom was from its place, A. */
  largest_shift_A: number;
  warnings: string[];
}

/** @throws TaskFailure ModelError together with a mask: fixed atoms would have to move */
export function startOf({ keep_symmetry, mask }: OptimizationParameters, structure: Structure): RelaxationStart {
  const nothing = { spaceGroup: null, largest_shift_A: 0 };
  if (!keep_symmetry) return { ...nothing, structure, warnings: [] };
  if (mask !== undefined) {
    const message = 'keep_symmetry and mask exclude each other: the start is moved onto its symmetry. Leave one out.';
    throw new TaskFailure('ModelError', message, { parameters: ['keep_symmetry', 'mask'] });
  }
  const unable = (why: string): RelaxationStart => ({
    ...nothing,
    structure,
    warnings: [`keep_symmetry has no effect: ${why}`],
  });
  if (!isFullyPeriodic(structure)) return unable('the structure is not periodic in all three directions.');
  const nAtoms = structure.symbols.length;
  if (nAtoms > MAX_SYMMETRY_ATOMS)
    return unable(`the symmetry of more than ${MAX_SYMMETRY_ATOMS} atoms is not searched.`);
  try {
    return { ...symmetrize(structure), warnings: [] };
  } catch (error) {
    if (!(error instanceof StructureError)) throw error;
    return unable(error.message);
  }
}

/** The sentence for a symmetry that was asked for and is gone; null otherwise. */
export function lostSymmetryWarning(
  { keep_symmetry }: OptimizationParameters,
  result: Pick<OptimizationResult, 'symmetry_kept' | 'space_group_before' | 'space_group_after'>,
): string | null {
  if (!keep_symmetry || result.symmetry_kept !== false) return null;
  const [before, after] = [result.space_group_before?.symbol ?? '', result.space_group_after?.symbol ?? ''];
  return (
    `The symmetry was lost: ${before} became ${after}. The symmetric structure is no minimum of this model, and the relaxation went ` +
    `where rounding pointed; the result is that of the lower symmetry. To stay symmetric, relax a smaller cell or stop earlier (fmax).`
  );
}
