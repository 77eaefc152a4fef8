// The cells of a phonon calculation and how symmetry joins their atoms: the primitive cell, whose vibrations are counted, and the
// supercell, in which forces are computed. Pure.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { AtomLocator } from '../structures/atom-locator.ts';
import { inverseOf, multiply, subtract } from '../structures/cell.ts';
import { findOperations } from '../structures/space-group-operations.ts';
import type { CartesianOperation } from '../structures/space-group-operations.ts';
import { StructureError } from '../structures/structure-error.ts';
import { buildSupercell } from '../structures/supercell.ts';
import { evenBasis } from './even-basis.ts';
import { rotate, rotationInLattice } from './rotations.ts';

/**
 * How far an atom may be from where symmetry puts it, A. Far below the displacements of 0.01 A, so that what symmetry adds to the
 * error of a force constant stays below what the displacements themselves do.
 */
export const PHONON_SYMMETRY_TOLERANCE_A = 1e-3;

/** An operation may move an atom twice: to its place and to that of its image. */
const MAPPING_TOLERANCE_A = 3 * PHONON_SYMMETRY_TOLERANCE_A;
/** Of the entries of a rotation in a lattice, which are whole numbers. */
const LATTICE_TOLERANCE = 1e-3;
/** Entries of the table of translations: 400 MB. */
const MOST_TRANSLATED_ATOMS = 1e8;

export interface PermutingOperation {
  /** Cartesian, on column vectors. */
  readonly rotation: Cell;
  /** [n_supercell]: the atom that an atom is taken to. */
  readonly permutation: Int32Array;
}

export interface PhononCells {
  readonly spaceGroup: string;
  readonly spaceGroupNumber: number;
  readonly primitive: Structure;
  /** Of the primitive cell: rows, A; the cell as given when that is primitive. */
  readonly lattice: Cell;
  readonly supercell: Structure;
  readonly supercellLattice: Cell;
  /** [n_supercell]: the atom of the primitive cell that it repeats. */
  readonly primitiveAtoms: Int32Array;
  /** [n_primitive]: where an atom of the primitive cell stands in the supercell. */
  readonly representatives: Int32Array;
  /** Permutations of the supercell by the translations of the primitive lattice, one per copy of the primitive cell. */
  readonly translations: readonly Int32Array[];
  /** [n_supercell]: the translation that takes an atom to the representative of its kind. */
  readonly toRepresentative: Int32Array;
  /** Modulo those translations; the identity is among them. Those that the shape of the supercell breaks are left out. */
  readonly operations: readonly PermutingOperation[];
}

/**
 * @param structure unit cell, periodic along all three vectors; it may be a multiple of its primitive cell
 * @param repeats of the unit cell
 * @throws StructureError not_periodic | invalid_symmetry | bad_repeats | too_many_atoms
 */
export function buildPhononCells(structure: Structure, repeats: Vector3): PhononCells {
  const found = findOperations(structure, PHONON_SYMMETRY_TOLERANCE_A);
  const { primitive, operations, spaceGroup, spaceGroupNumber } = found;
  const isPrimitive = primitive.symbols.length === structure.symbols.length;
  const lattice = isPrimitive ? found.lattice : evenBasis(found.lattice);
  const supercell = buildSupercell(structure, repeats);
  if (supercell.cell === null) throw new StructureError('not_periodic', 'Phonons need a cell.');
  const places = new Places(supercell, supercell.cell);
  const representatives = Int32Array.from(primitive.positions, (position, i) =>
    places.atomAt(primitive.symbols[i] ?? '', position),
  );
  const translations = findTranslations(places, representatives, lattice);
  const { primitiveAtoms, toRepresentative } = kindsOf(translations, representatives, supercell.symbols.length);
  return {
    spaceGroup,
    spaceGroupNumber,
    primitive,
    lattice,
    supercell,
    supercellLattice: supercell.cell,
    primitiveAtoms,
    representatives,
    translations,
    toRepresentative,
    operations: operations
      .filter(({ rotation }) => isWhole(rotationInLattice(rotation, places.cell)))
      .map((operation) => ({ rotation: operation.rotation, permutation: places.permutationOf(operation) })),
  };
}

/** The supercell's atoms by their places. */
class Places {
  readonly cell: Cell;
  readonly structure: Structure;
  readonly #locator: AtomLocator;
  readonly #inverse: Cell;

  constructor(structure: Structure, cell: Cell) {
    this.structure = structure;
    this.cell = cell;
    this.#locator = new AtomLocator(structure, cell, MAPPING_TOLERANCE_A);
    this.#inverse = inverseOf(cell);
  }

  /** @throws StructureError invalid_symmetry */
  atomAt(symbol: string, position: Vector3): number {
    const atom = this.#locator.find(symbol, multiply(position, this.#inverse));
    if (atom !== undefined) return atom;
    throw new StructureError(
      'invalid_symmetry',
      `The structure has its symmetry only roughly: no ${symbol} lies within ${MAPPING_TOLERANCE_A} A of where an operation ` +
        'puts one. Relax the structure first, or symmetrise it.',
    );
  }

  permutationOf({ rotation, translation }: CartesianOperation): Int32Array {
    const { symbols, positions } = this.structure;
    return Int32Array.from(positions, (position, i) => {
      const rotated = rotate(rotation, position);
      return this.atomAt(symbols[i] ?? '', sum(rotated, translation));
    });
  }
}

function findTranslations(places: Places, representatives: Int32Array, lattice: Cell): Int32Array[] {
  const { symbols, positions } = places.structure;
  const first = representatives[0] ?? 0;
  const origin = positions[first];
  const nCopies = symbols.length / representatives.length;
  if (origin === undefined || nCopies * symbols.length > MOST_TRANSLATED_ATOMS) {
    throw new StructureError(
      'too_many_atoms',
      `The supercell repeats its primitive cell ${nCopies} times; take a smaller one.`,
    );
  }
  const inverse = inverseOf(lattice);
  const steps = positions
    .filter((_, i) => symbols[i] === symbols[first])
    .map((position) => multiply(subtract(position, origin), inverse))
    .filter((step) => {
      const off = step.map((x) => x - Math.round(x)) as Vector3;
      return Math.hypot(...multiply(off, lattice)) < MAPPING_TOLERANCE_A;
    })
    .map((step) => multiply(step.map(Math.round) as Vector3, lattice));
  if (steps.length !== nCopies) {
    throw new StructureError('invalid_symmetry', 'The primitive cell does not fill the supercell.');
  }
  return steps.map((step) =>
    Int32Array.from(positions, (position, i) => places.atomAt(symbols[i] ?? '', sum(position, step))),
  );
}

function kindsOf(
  translations: readonly Int32Array[],
  representatives: Int32Array,
  nAtoms: number,
): Pick<PhononCells, 'primitiveAtoms' | 'toRepresentative'> {
  const primitiveAtoms = new Int32Array(nAtoms);
  for (const translation of translations) {
    representatives.forEach((atom, p) => (primitiveAtoms[translation[atom] ?? 0] = p));
  }
  const toRepresentative = new Int32Array(nAtoms);
  translations.forEach((translation, t) => {
    translation.forEach((image, atom) => {
      if (representatives[primitiveAtoms[atom] ?? 0] === image) toRepresentative[atom] = t;
    });
  });
  return { primitiveAtoms, toRepresentative };
}

export function isWhole(matrix: Cell): boolean {
  return matrix.flat().every((entry) => Math.abs(entry - Math.round(entry)) < LATTICE_TOLERANCE);
}

function sum(u: Vector3, v: Vector3): Vector3 {
  return [u[0] + v[0], u[1] + v[1], u[2] + v[2]];
}
