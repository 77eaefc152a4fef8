// How often a cell is repeated when the user leaves that to the program. Pure.
import type { Structure, SupercellChoice, Vector3 } from '../../contracts/structure.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import { perpendicularWidths } from '../structures/cell.ts';

/** Dynamics in a thinner cell moves an atom and its own images as one, over the length of a ligand. */
const DYNAMICS_WIDTH_A = 12;

/**
 * Smallest distance of opposite faces that an automatic supercell has, A. Phonons need twice the reach of the forces: a displaced atom
 * must not meet an atom from two sides. Everything else takes the cell as it is, for the kernel counts every image.
 *
 * @param reach_A see `reachOf` in models.ts
 */
export function automaticWidth(task_type: TaskType, reach_A: number): number {
  switch (task_type) {
    case 'stability':
      return DYNAMICS_WIDTH_A;
    case 'heat-capacity':
      return 2 * reach_A;
    case 'optimization':
    case 'bulk-modulus':
    case 'interaction-energy':
    case 'single-point-energy':
      return 0;
  }
}

/** @returns repeats along the lattice vectors; 1 along directions that are not periodic */
export function repeatsOf(
  choice: SupercellChoice,
  { cell, pbc }: Pick<Structure, 'cell' | 'pbc'>,
  width_A: number,
): Vector3 {
  if (choice !== 'auto') return choice;
  if (cell === null) return [1, 1, 1];
  const widths = perpendicularWidths(cell);
  const repeats = (k: 0 | 1 | 2): number => (pbc[k] ? Math.max(1, Math.ceil(width_A / widths[k])) : 1);
  return [repeats(0), repeats(1), repeats(2)];
}
