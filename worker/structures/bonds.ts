// Bonds by distance, for what is counted and compared; a potential has rules of its own.
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { elementOf, isMetal } from './elements.ts';
import { visitNeighborPairs } from './neighbor-pairs.ts';

/** Atoms are bonded within this multiple of the sum of their covalent radii (elements.ts): MOFSimBench's alternative criterion. */
export const BOND_TOLERANCE = 1.25;

export interface Bond {
  readonly i: number;
  readonly j: number;
  /** Lattice vectors to add to atom j. */
  readonly shift: Vector3;
  readonly distance_A: number;
}

/** @returns longest distance of a bond between these elements, A */
export function bondLimit(first: string, second: string): number {
  return BOND_TOLERANCE * (elementOf(first).covalent_radius_A + elementOf(second).covalent_radius_A);
}

/** Every bond once, i <= j. Two metals are not bonded to each other: in a framework the atoms between them hold them. */
export function findBonds(structure: Structure): Bond[] {
  const { symbols } = structure;
  const largest = Math.max(0, ...new Set(symbols.map((symbol) => elementOf(symbol).covalent_radius_A)));
  const bonds: Bond[] = [];
  visitNeighborPairs(structure, 2 * BOND_TOLERANCE * largest, ({ i, j, shift, distance }) => {
    const [first, second] = [symbols[i] ?? '', symbols[j] ?? ''];
    if (distance < bondLimit(first, second) && !(isMetal(first) && isMetal(second)))
      bonds.push({ i, j, shift, distance_A: distance });
    return true;
  });
  return bonds;
}
