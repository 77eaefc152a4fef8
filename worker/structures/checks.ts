// What every structure must satisfy before anything computes on it: known elements, finite positions, a usable cell, no
// overlapping atoms.
import type { Structure } from '../../contracts/structure.ts';
import { assertUsableCell } from './cell.ts';
import { elementOf, isElement } from './elements.ts';
import { visitNeighborPairs } from './neighbor-pairs.ts';
import type { NeighborPair } from './neighbor-pairs.ts';
import { StructureError, quoteText } from './structure-error.ts';

/** No two nuclei of a stable solid come closer: H-H in H2 is 0.74 A apart, X-H in X-ray structures down to 0.72 A. */
const MIN_DISTANCE_A = 0.5;
/** Share of the covalent radii's sum below which two atoms overlap; the shortest real bonds stay above 0.7. */
const MIN_RADII_SHARE = 0.4;
const MAX_OVERLAPS_TOLD = 5;

function overlapDistance(symbolA: string, symbolB: string): number {
  const sum = elementOf(symbolA).covalent_radius_A + elementOf(symbolB).covalent_radius_A;
  return Math.max(MIN_DISTANCE_A, MIN_RADII_SHARE * sum);
}

/** Label of the file and place in the list: "Zn1 (atom 12)", counted from 1 as people count. */
export function nameAtom(structure: Structure, i: number): string {
  return `${structure.labels?.[i] ?? structure.symbols[i] ?? '?'} (atom ${i + 1})`;
}

/** The first few pairs that are too close, in no particular order. */
export function findOverlaps(structure: Structure): NeighborPair[] {
  const { symbols } = structure;
  const radii = [...new Set(symbols)].map((symbol) => elementOf(symbol).covalent_radius_A);
  const cutoff = Math.max(MIN_DISTANCE_A, MIN_RADII_SHARE * 2 * Math.max(...radii));
  const overlaps: NeighborPair[] = [];
  visitNeighborPairs(structure, cutoff, (pair) => {
    const [a, b] = [symbols[pair.i], symbols[pair.j]];
    if (a !== undefined && b !== undefined && pair.distance < overlapDistance(a, b)) overlaps.push(pair);
    return overlaps.length < MAX_OVERLAPS_TOLD;
  });
  return overlaps;
}

/** @throws StructureError atoms_overlap naming the atoms and their distance */
export function assertNoOverlaps(structure: Structure): void {
  const overlaps = findOverlaps(structure);
  const [first] = overlaps;
  if (first === undefined) return;
  const pairs = overlaps.map(({ i, j, distance }) => {
    const partner = i === j ? 'its own periodic image' : nameAtom(structure, j);
    return `${nameAtom(structure, i)} and ${partner}: ${distance.toFixed(3)} A`;
  });
  throw new StructureError(
    'atoms_overlap',
    `Atoms overlap: ${pairs.join('; ')}. Remove duplicated or disordered atoms, or check the cell and the symmetry operations.`,
    { overlaps: overlaps.map(({ i, j, distance }) => ({ i_atom: i, j_atom: j, distance_A: distance })) },
  );
}

/**
 * @param maxAtoms largest accepted number of atoms
 * @throws StructureError no_atoms | too_many_atoms | unknown_element | invalid_value | bad_cell | not_periodic | atoms_overlap
 */
export function assertValidStructure(structure: Structure, maxAtoms: number): void {
  const { cell, pbc, symbols, positions } = structure;
  if (symbols.length === 0) throw new StructureError('no_atoms', 'The file lists no atoms.');
  assertAtomCount(symbols.length, maxAtoms);
  for (const [i, symbol] of symbols.entries()) {
    if (!isElement(symbol)) {
      throw new StructureError('unknown_element', `Atom ${i + 1}: ${quoteText(symbol)} is not a chemical element.`);
    }
  }
  for (const [i, position] of positions.entries()) {
    if (!position.every(Number.isFinite)) {
      throw new StructureError(
        'invalid_value',
        `${nameAtom(structure, i)} has no finite position: (${position.join(', ')}).`,
      );
    }
  }
  if (cell !== null) assertUsableCell(cell);
  else if (pbc.some(Boolean)) {
    throw new StructureError('not_periodic', 'The file asks for periodic directions but gives no cell.');
  }
  assertNoOverlaps(structure);
}

/** @throws StructureError too_many_atoms */
export function assertAtomCount(nAtoms: number, maxAtoms: number): void {
  if (nAtoms <= maxAtoms) return;
  throw new StructureError(
    'too_many_atoms',
    `The structure has ${nAtoms} atoms; at most ${maxAtoms} are accepted. Use a smaller cell, for instance the primitive one.`,
    { n_atoms: nAtoms, max_atoms: maxAtoms },
  );
}
