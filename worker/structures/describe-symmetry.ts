// The space group of a structure for a result: found, or honestly not. Pure.
import type { Structure } from '../../contracts/structure.ts';
import { StructureError } from './structure-error.ts';
import { findSpaceGroup } from './symmetry.ts';
import type { SpaceGroup } from './symmetry.ts';

/** Above this the search takes seconds, and the caller stands still meanwhile. */
export const MAX_SYMMETRY_ATOMS = 5000;

/** null without three periodic directions, for more atoms than that, and when moyo finds no group. */
export function spaceGroupOrNull(structure: Structure): SpaceGroup | null {
  if (structure.symbols.length > MAX_SYMMETRY_ATOMS) return null;
  try {
    return findSpaceGroup(structure);
  } catch (error) {
    if (error instanceof StructureError) return null;
    throw error;
  }
}
