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

/** A carbon atom behind one of these is no ligand, however near it comes. */
const DONORS: ReadonlySet<string> = new Set(['N', 'O', 'P', 'S']);

/**
 * What only leans towards a metal does not count: hydrogen that is bonded to something else (that of a hydroxide on Zr, 2.5 A away when it is hot), and carbon
 * behind a donor of the same metal (of a carboxylate that chelates Ca, 2.9 A away).
 *
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
  const partners = partnersOf(bonds);
  for (const { i, j } of bonds) {
    for (const [atom, other] of [
      [i, j],
      [j, i],
    ] as const) {
      const count = counts.get(symbols[atom] ?? '');
      if (count !== undefined && isLigand(symbols, partners, atom, other)) count.n_ends += 1;
    }
  }
  return [...counts]
    .map(([element, { n_atoms, n_ends }]) => ({ element, n_atoms, coordination: n_ends / n_atoms }))
    .sort((a, b) => (a.element < b.element ? -1 : 1));
}

function partnersOf(bonds: readonly Pick<Bond, 'i' | 'j'>[]): ReadonlyMap<number, ReadonlySet<number>> {
  const partners = new Map<number, Set<number>>();
  const add = (atom: number, other: number): void => {
    const found = partners.get(atom) ?? new Set();
    partners.set(atom, found.add(other));
  };
  for (const { i, j } of bonds) {
    add(i, j);
    add(j, i);
  }
  return partners;
}

function isLigand(
  symbols: readonly string[],
  partners: ReadonlyMap<number, ReadonlySet<number>>,
  metal: number,
  other: number,
): boolean {
  const symbol = symbols[other] ?? '';
  if (symbol !== 'H' && symbol !== 'C') return true;
  const behind = [...(partners.get(other) ?? [])].filter((atom) => !isMetal(symbols[atom] ?? ''));
  if (symbol === 'H') return behind.length === 0;
  return !behind.some((atom) => DONORS.has(symbols[atom] ?? '') && partners.get(metal)?.has(atom) === true);
}
