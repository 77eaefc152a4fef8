// What an optimization asks of the kernel. Pure.
import type { OptimizationParameters } from '../../../contracts/results/optimization.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { isFullyPeriodic } from '../../kernel-client/arrays.ts';
import type { RelaxDetails, RelaxSettings } from '../../kernel-client/relax.ts';
import type { CellOperation } from '../../structures/cell-operations.ts';
import { TaskFailure } from '../task-failure.ts';

/** The window shows a moving structure: at least every tenth step brings positions, also with a coarser trajectory. */
const MAX_STEPS_BETWEEN_FRAMES = 10;

export interface OptimizationPlan {
  settings: RelaxSettings;
  details: RelaxDetails;
  warnings: string[];
}

/**
 * @param operations generate the group in which the structure is to stay
 * @throws TaskFailure ModelError when the mask is not one of this structure
 */
export function planOptimization(
  parameters: OptimizationParameters,
  structure: Structure,
  operations: readonly CellOperation[] = [],
): OptimizationPlan {
  const movesCell = parameters.relax_cell && isFullyPeriodic(structure);
  return {
    settings: {
      optimizer: parameters.optimizer,
      fmax_eV_A: parameters.fmax,
      max_steps: parameters.max_steps,
      cell_mode: movesCell ? 'full' : 'fixed',
      pressure_eV_A3: movesCell ? parameters.pressure_GPa / GPA_PER_EV_A3 : 0,
      frame_interval: frameInterval(parameters.trajectory_interval),
    },
    details: {
      ...(parameters.mask === undefined ? {} : { fixed_atoms: fixedAtoms(parameters.mask, structure) }),
      ...(operations.length === 0 ? {} : { symmetry: [operations] }),
    },
    warnings: warningsOf(parameters, movesCell),
  };
}

function warningsOf({ relax_cell, pressure_GPa }: OptimizationParameters, movesCell: boolean): string[] {
  if (movesCell) return [];
  return [
    ...(relax_cell ? ['The cell stays as it is: the structure is not periodic in all three directions.'] : []),
    ...(pressure_GPa === 0 ? [] : ['The pressure has no effect: the cell stays as it is.']),
  ];
}

/** @param mask indices of the atoms that keep their places, or one boolean per atom, true = keeps its place */
function fixedAtoms(mask: readonly number[] | readonly boolean[], { symbols }: Structure): boolean[] {
  const nAtoms = symbols.length;
  if (mask.every((entry) => typeof entry === 'boolean') && mask.length > 0) {
    if (mask.length === nAtoms) return [...mask];
    throw badMask(`has ${mask.length} entries, and the structure has ${nAtoms} atoms`, nAtoms);
  }
  const fixed = new Set<number | boolean>(mask);
  const outside = mask.find((index) => typeof index === 'number' && index >= nAtoms);
  if (outside !== undefined) {
    throw badMask(`names atom ${outside}, and the structure has ${nAtoms} atoms, counted from 0`, nAtoms);
  }
  return symbols.map((_, i) => fixed.has(i));
}

function badMask(what: string, n_atoms: number): TaskFailure {
  const message = `The mask ${what}. Give the indices of the atoms that keep their places, or one boolean per atom.`;
  return new TaskFailure('ModelError', message, { parameter: 'mask', n_atoms });
}

/** The largest divisor of the trajectory's interval that keeps frames close enough for the eye. */
export function frameInterval(trajectoryInterval: number): number {
  let interval = Math.min(trajectoryInterval, MAX_STEPS_BETWEEN_FRAMES);
  while (trajectoryInterval % interval !== 0) interval--;
  return interval;
}
