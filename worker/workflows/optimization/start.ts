// Where a relaxation starts that is to keep its symmetry, and what is said when it did not. Pure.
//
// The start is moved onto its exact symmetry; from there the kernel keeps it in every step, by the operations that it is given.
import type { OptimizationParameters, OptimizationResult } from '../../../contracts/results/optimization.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { isFullyPeriodic } from '../../kernel-client/arrays.ts';
import { findCellOperations } from '../../structures/cell-operations.ts';
import type { CellOperation } from '../../structures/cell-operations.ts';
import { MAX_SYMMETRY_ATOMS } from '../../structures/describe-symmetry.ts';
import { StructureError } from '../../structures/structure-error.ts';
import { symmetrize } from '../../structures/symmetrize.ts';
import { TaskFailure } from '../task-failure.ts';

export interface RelaxationStart {
  structure: Structure;
  /** Short Hermann-Mauguin symbol of the symmetry to keep; null when there is none. */
  spaceGroup: string | null;
  /** What the kernel is to keep; none when there is no symmetry to keep. */
  operations: CellOperation[];
  /** How far an atom was from its place, A. */
  largest_shift_A: number;
  warnings: string[];
}

/** @throws TaskFailure ModelError together with a mask: fixed atoms would have to move */
export function startOf({ keep_symmetry, mask }: OptimizationParameters, structure: Structure): RelaxationStart {
  const nothing = { spaceGroup: null, operations: [], largest_shift_A: 0 };
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
    const exact = symmetrize(structure);
    return { ...exact, operations: findCellOperations(exact.structure), warnings: [] };
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
    `The symmetry was lost: ${before} became ${after}. This happens to a supercell that repeats unequally, which has not all rotations of ` +
    `its crystal; where the symmetric structure is no minimum, rounding then grows. To stay symmetric, relax the cell that it repeats.`
  );
}
