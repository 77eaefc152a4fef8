// How many atoms are bonded to the atoms of each metal element. Pure.
import type { Structure } from '../../../contracts/structure.ts';
import type { Bond } from '../../structures/bonds.ts';
import { isMetal } from '../../structures/elements.ts';

export interface MetalCoordination {
  element: string;
  n_atoms: number;
  /** Mean over the atoms of the element. */
  coordination: number;
}

/**
 * @param bonds of the structure, each once; a bond of an atom to its own image counts at both its ends
 * @returns in alphabetical order
 */
export function metalCoordination(
  { symbols }: Pick<Structure, 'symbols'>,
  bonds: readonly Pick<Bond, 'i' | 'j'>[],
): MetalCoordination[] {
  const counts = new Map<string, { n_atoms: number; n_ends: number }>();
  for (const symbol of symbols) {
    if (!isMetal(symbol)) continue;
    const count = counts.get(symbol) ?? { n_atoms: 0, n_ends: 0 };
    counts.set(symbol, { ...count, n_atoms: count.n_atoms + 1 });
  }
  for (const { i, j } of bonds) {
    for (const atom of [i, j]) {
      const count = counts.get(symbols[atom] ?? '');
      if (count !== undefined) count.n_ends += 1;
    }
  }
  return [...counts]
    .map(([element, { n_atoms, n_ends }]) => ({ element, n_atoms, coordination: n_ends / n_atoms }))
    .sort((a, b) => (a.element < b.element ? -1 : 1));
}
