// Cells and force constants in the files of phonopy, which reads them with `phonopy-load phonopy.yaml`. Pure.
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { PHONON_SYMMETRY_TOLERANCE_A } from '../../phonons/phonon-cells.ts';
import type { PhononCells } from '../../phonons/phonon-cells.ts';
import type { ForceConstantMatrix } from '../../phonons/force-constants.ts';
import { product } from '../../phonons/rotations.ts';
import { inverseOf, multiply } from '../../structures/cell.ts';
import { elementOf } from '../../structures/elements.ts';

/** Larger files help nobody: the matrix can be made again from the supercell. */
export const MOST_BLOCKS = 2_000_000;

/** phonopy.yaml. @param unitCell the cell that the supercell repeats */
export function phonopyYaml(
  unitCell: Structure,
  repeats: Vector3,
  cells: PhononCells,
  options: { displacement_A: number; program: string },
): string {
  const unitLattice = requireCell(unitCell);
  // phonopy: columns of the primitive matrix are the primitive vectors in vectors of the unit cell.
  const primitiveInUnit = product(cells.lattice, inverseOf(unitLattice));
  const columns = [0, 1, 2].map((i) => primitiveInUnit.map((row) => snap(row[i] ?? 0)));
  return [
    '# Written in the format of phonopy (https://phonopy.github.io/phonopy); frequencies in THz, energies in eV, lengths in A.',
    'phonopy:',
    // A version from which on phonopy reads the file as it is meant.
    '  version: "2.20.0"',
    `  calculator_of_forces: "${options.program}"`,
    '  frequency_unit_conversion_factor: 15.633304',
    `  symmetry_tolerance: ${PHONON_SYMMETRY_TOLERANCE_A}`,
    '  configuration:',
    `    displacement_distance: ${options.displacement_A}`,
    '',
    'physical_unit:',
    '  atomic_mass: "AMU"',
    '  length: "angstrom"',
    '  force_constants: "eV/angstrom^2"',
    '',
    'supercell_matrix:',
    `- [ ${repeats[0]}, 0, 0 ]`,
    `- [ 0, ${repeats[1]}, 0 ]`,
    `- [ 0, 0, ${repeats[2]} ]`,
    '',
    'primitive_matrix:',
    ...columns.map((row) => `- [ ${row.map((x) => x.toFixed(15)).join(', ')} ]`),
    '',
    'unit_cell:',
    ...cellLines(unitCell, unitLattice),
    '',
  ].join('\n');
}

/**
 * FORCE_CONSTANTS: the rows of the primitive atoms, in the order in which phonopy repeats a unit cell: atom after atom, the
 * repeats along a fastest.
 */
export function* forceConstantLines(
  unitCell: Structure,
  repeats: Vector3,
  cells: PhononCells,
  { values, nSupercell }: ForceConstantMatrix,
): Generator<string> {
  const order = phonopyOrder(unitCell.symbols.length, repeats);
  const place = new Int32Array(nSupercell);
  order.forEach((atom, k) => (place[atom] = k));
  yield `${cells.representatives.length} ${nSupercell}\n`;
  const rows = [...cells.representatives.entries()].sort(([, a], [, b]) => (place[a] ?? 0) - (place[b] ?? 0));
  for (const [p, representative] of rows) {
    const lines: string[] = [];
    for (const [k, j] of order.entries()) {
      lines.push(`${(place[representative] ?? 0) + 1} ${k + 1}`);
      const first = 9 * (p * nSupercell + j);
      for (const row of [0, 3, 6]) {
        lines.push([0, 1, 2].map((b) => (values[first + row + b] ?? 0).toFixed(15)).join(' '));
      }
    }
    yield `${lines.join('\n')}\n`;
  }
}

/** [n_supercell]: our atom at each place of phonopy's supercell; ours is image after image, the repeats along c fastest. */
function phonopyOrder(nUnit: number, [nA, nB, nC]: Vector3): Int32Array {
  const order = new Int32Array(nUnit * nA * nB * nC);
  let place = 0;
  for (let atom = 0; atom < nUnit; atom += 1) {
    for (let c = 0; c < nC; c += 1) {
      for (let b = 0; b < nB; b += 1) {
        for (let a = 0; a < nA; a += 1) {
          order[place] = ((a * nB + b) * nC + c) * nUnit + atom;
          place += 1;
        }
      }
    }
  }
  return order;
}

function cellLines({ symbols, positions }: Structure, lattice: Cell): string[] {
  const inverse = inverseOf(lattice);
  const vector = (v: Vector3): string => `[ ${v.map((x) => x.toFixed(15)).join(', ')} ]`;
  return [
    '  lattice:',
    ...lattice.map((row, i) => `  - ${vector(row)} # ${'abc'.charAt(i)}`),
    '  points:',
    ...symbols.flatMap((symbol, i) => [
      `  - symbol: ${symbol} # ${i + 1}`,
      `    coordinates: ${vector(multiply(positions[i] ?? [NaN, NaN, NaN], inverse))}`,
      `    mass: ${elementOf(symbol).mass_amu.toFixed(6)}`,
    ]),
  ];
}

/** Entries are small fractions; rounding noise would make phonopy search for another lattice. */
function snap(x: number): number {
  const twelfths = Math.round(12 * x);
  return Math.abs(12 * x - twelfths) < 1e-6 ? twelfths / 12 : x;
}

function requireCell({ cell }: Structure): Cell {
  if (cell === null) throw new TypeError('phonopy needs a cell');
  return cell;
}
