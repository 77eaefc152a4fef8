// Building structures from structures: supercells and wrapping into the cell.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { inverseOf, multiply } from './cell.ts';
import { assertAtomCount } from './checks.ts';
import { DEFAULT_PARSE_LIMITS } from './parsed-structure.ts';
import { StructureError } from './structure-error.ts';

function requireCell(structure: Structure, purpose: string): Cell {
  if (structure.cell === null) {
    throw new StructureError('not_periodic', `The structure is a molecule without a cell; ${purpose} needs one.`);
  }
  return structure.cell;
}

/**
 * Repeat a structure along its lattice vectors.
 *
 * @param structure positions [n_atoms][3] cartesian, A; cell [3][3], rows, A
 * @param repeats   [n_a, n_b, n_c], integers >= 1; 1 along directions that are not periodic
 * @param maxAtoms  largest accepted result
 * @returns n_a*n_b*n_c*n_atoms atoms; image (0,0,0) first, c fastest; order inside an image unchanged
 * @throws StructureError bad_repeats | too_many_atoms | not_periodic
 */
export function buildSupercell(
  structure: Structure,
  repeats: Vector3,
  maxAtoms: number = DEFAULT_PARSE_LIMITS.maxAtoms,
): Structure {
  const cell = requireCell(structure, 'a supercell');
  for (const [k, count] of repeats.entries()) {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new StructureError(
        'bad_repeats',
        `Supercell ${repeats.join(' x ')}: every repeat must be a whole number of at least 1.`,
      );
    }
    if (count > 1 && structure.pbc[k] !== true) {
      throw new StructureError(
        'not_periodic',
        `The structure is not periodic along ${'abc'.charAt(k)} and cannot be repeated there.`,
      );
    }
  }
  const nImages = repeats[0] * repeats[1] * repeats[2];
  assertAtomCount(nImages * structure.symbols.length, maxAtoms);
  const positions: Vector3[] = [];
  for (let i = 0; i < repeats[0]; i += 1) {
    for (let j = 0; j < repeats[1]; j += 1) {
      for (let k = 0; k < repeats[2]; k += 1) {
        const offset = multiply([i, j, k], cell);
        for (const [x, y, z] of structure.positions) positions.push([x + offset[0], y + offset[1], z + offset[2]]);
      }
    }
  }
  const repeat = <T>(list: readonly T[]): T[] => Array.from({ length: nImages }).flatMap(() => list);
  const scaled = cell.map((row, k) => row.map((x) => x * (repeats[k] ?? 1))) as unknown as Cell;
  return {
    cell: scaled,
    pbc: structure.pbc,
    symbols: repeat(structure.symbols),
    positions,
    ...(structure.labels === undefined ? {} : { labels: repeat(structure.labels) }),
    ...(structure.charges === undefined ? {} : { charges: repeat(structure.charges) }),
  };
}

/**
 * Move every atom into the cell along the periodic directions: fractional coordinates in [0, 1).
 *
 * @throws StructureError not_periodic without a cell
 */
export function wrapIntoCell(structure: Structure): Structure {
  const cell = requireCell(structure, 'wrapping');
  const inverse = inverseOf(cell);
  const positions = structure.positions.map((position): Vector3 => {
    const fractional = multiply(position, inverse);
    const images = fractional.map((x, k) => (structure.pbc[k] === true ? Math.floor(x) : 0)) as Vector3;
    if (images.every((image) => image === 0)) return position;
    const offset = multiply(images, cell);
    return [position[0] - offset[0], position[1] - offset[1], position[2] - offset[2]];
  });
  return { ...structure, positions };
}
