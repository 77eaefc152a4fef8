// Exactness across CIF. Standard items cannot hold a cell's orientation nor give cartesian coordinates back bit for bit, so
// our writer adds its own: _mofsimbench_cell_vector_<row><column> and _mofsimbench_atom_site_cartn_<xyz>, which other
// programs skip. They count only while they agree with the standard items, so that editing a file by hand works.
import type { Cell, CellParameters, Structure, Vector3 } from '../../contracts/structure.ts';
import { cellParameters, inverseOf, multiply, signedVolume } from './cell.ts';
import type { CifBlock, CifLoop } from './cif-syntax.ts';
import { parseDecimal } from './numbers.ts';

/** Rounding of the conversions in float64 for cells up to some hundred A, with room. */
const PARAMETER_TOLERANCE = 1e-8;
const FRACTIONAL_TOLERANCE = 1e-8;

export const CELL_VECTOR_TAGS = [1, 2, 3].flatMap((row) =>
  [1, 2, 3].map((column) => `_mofsimbench_cell_vector_${row}${column}`),
);
export const CARTESIAN_TAGS = ['x', 'y', 'z'].map((axis) => `_mofsimbench_atom_site_cartn_${axis}`);

interface ExactGeometry {
  readonly structure: Structure;
  readonly warnings: readonly string[];
}

function numbersOf(values: readonly (string | null | undefined)[]): number[] | undefined {
  const numbers = values.map((value) => (typeof value === 'string' ? parseDecimal(value) : undefined));
  return numbers.every((value) => value !== undefined) ? numbers : undefined;
}

function readExactCell(block: CifBlock): Cell | undefined {
  const numbers = numbersOf(CELL_VECTOR_TAGS.map((tag) => block.items.get(tag)));
  if (numbers === undefined) return undefined;
  const [a, b, c, d, e, f, g, h, i] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return [
    [a, b, c],
    [d, e, f],
    [g, h, i],
  ];
}

function agrees(exact: CellParameters, standard: CellParameters): boolean {
  const keys = ['a', 'b', 'c', 'alpha', 'beta', 'gamma'] as const;
  return keys.every((key) => Math.abs(exact[key] - standard[key]) <= PARAMETER_TOLERANCE * standard[key]);
}

/**
 * @param standard the structure as the standard items give it, one atom per row of `table`
 * @returns the structure as it was before writing, or `standard` where the file has no exact items or contradicts them
 */
export function exactGeometry(block: CifBlock, table: CifLoop, standard: Structure): ExactGeometry {
  const cell = readExactCell(block);
  const columns = CARTESIAN_TAGS.map((tag) => table.columns.get(tag));
  if (cell === undefined || standard.cell === null || columns.includes(undefined))
    return { structure: standard, warnings: [] };
  const ignored: ExactGeometry = {
    structure: standard,
    warnings: ['The _mofsimbench_ items contradict the cell or the fractional coordinates and were ignored.'],
  };
  if (signedVolume(cell) === 0 || !agrees(cellParameters(cell), cellParameters(standard.cell))) return ignored;
  const inverse = inverseOf(cell);
  const standardInverse = inverseOf(standard.cell);
  const positions: Vector3[] = [];
  for (const [row, position] of standard.positions.entries()) {
    const numbers = numbersOf(columns.map((column) => (column === undefined ? null : table.value(row, column))));
    if (numbers === undefined) return ignored;
    const [x, y, z] = numbers as [number, number, number];
    const exact = multiply([x, y, z], inverse);
    const given = multiply(position, standardInverse);
    if (
      exact.some(
        (value, k) => Math.abs(value - (given[k] ?? NaN)) > FRACTIONAL_TOLERANCE * Math.max(1, Math.abs(value)),
      )
    ) {
      return ignored;
    }
    positions.push([x, y, z]);
  }
  return { structure: { ...standard, cell, positions }, warnings: [] };
}
