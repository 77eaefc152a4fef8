// Finite molecules inside a crystal: what is not bonded to any framework, such as solvent in the pores.
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { elementOf } from './elements.ts';
import { hillFormula } from './formula.ts';
import { visitNeighborPairs } from './neighbor-pairs.ts';

/** Two atoms are bonded up to this multiple of the sum of their covalent radii. */
const BOND_SHARE = 1.2;

export interface ConnectedPart {
  readonly atoms: readonly number[];
  /** True when the part is bonded to its own periodic images: a chain, layer or framework. */
  readonly isPeriodic: boolean;
}

/** Parts that are connected by bonds, in order of their first atom. Linear in the number of atoms. */
export function findConnectedParts(structure: Structure): ConnectedPart[] {
  const { symbols } = structure;
  const radii = symbols.map((symbol) => elementOf(symbol).covalent_radius_A);
  const bonds: { readonly j: number; readonly shift: Vector3 }[][] = symbols.map(() => []);
  const cutoff = BOND_SHARE * 2 * radii.reduce((largest, radius) => Math.max(largest, radius), 0);
  visitNeighborPairs(structure, cutoff, ({ i, j, shift, distance }) => {
    if (distance <= BOND_SHARE * ((radii[i] ?? 0) + (radii[j] ?? 0))) {
      bonds[i]?.push({ j, shift });
      bonds[j]?.push({ j: i, shift: [-shift[0], -shift[1], -shift[2]] });
    }
    return true;
  });
  /** Image of the cell in which each atom was reached; a second one closes a loop through the boundary. */
  const images: (Vector3 | undefined)[] = symbols.map(() => undefined);
  const parts: ConnectedPart[] = [];
  for (let seed = 0; seed < symbols.length; seed += 1) {
    if (images[seed] !== undefined) continue;
    images[seed] = [0, 0, 0];
    const atoms = [seed];
    let isPeriodic = false;
    for (const atom of atoms) {
      const image = images[atom] ?? [0, 0, 0];
      for (const { j, shift } of bonds[atom] ?? []) {
        const reached: Vector3 = [image[0] + shift[0], image[1] + shift[1], image[2] + shift[2]];
        const known = images[j];
        if (known === undefined) {
          images[j] = reached;
          atoms.push(j);
        } else if (known.some((value, k) => value !== reached[k])) {
          isPeriodic = true;
        }
      }
    }
    parts.push({ atoms, isPeriodic });
  }
  return parts;
}

/** Molecules beside a framework as "2 H2O, 1 C3H7NO"; null when there are none, or no framework. */
export function describeFreeMolecules(structure: Structure): string | null {
  const parts = findConnectedParts(structure);
  if (!parts.some(({ isPeriodic }) => isPeriodic)) return null;
  const counts = new Map<string, number>();
  for (const { atoms, isPeriodic } of parts) {
    if (isPeriodic) continue;
    const formula = hillFormula(atoms.map((atom) => structure.symbols[atom] ?? 'X'));
    counts.set(formula, (counts.get(formula) ?? 0) + 1);
  }
  return counts.size === 0 ? null : [...counts].map(([formula, count]) => `${count} ${formula}`).join(', ');
}
