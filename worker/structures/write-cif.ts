// Structure -> CIF in P1 that any program reads, and that reads back here bit for bit (cif-exact.ts).
import type { Structure } from '../../contracts/structure.ts';
import { cellParameters, inverseOf, multiply, volumeOf } from './cell.ts';
import { CHARGE_TAG } from './cif-sites.ts';
import { CARTESIAN_TAGS, CELL_VECTOR_TAGS } from './cif-exact.ts';
import { hillFormula } from './formula.ts';
import { formatExact } from './numbers.ts';
import { StructureError } from './structure-error.ts';

/**
 * @param name data block name; characters that CIF does not allow there become `_`
 * @returns CIF 1.1 text; atoms without labels get the symbol and their number
 * @throws StructureError not_periodic unless the structure has a cell and is periodic along all three vectors
 */
export function writeCif(structure: Structure, name: string): string {
  const { cell, pbc, symbols, positions, labels, charges } = structure;
  if (cell === null || !pbc.every(Boolean)) {
    throw new StructureError(
      'not_periodic',
      'CIF describes crystals that are periodic along all three vectors; write XYZ instead.',
    );
  }
  const parameters = cellParameters(cell);
  const inverse = inverseOf(cell);
  const lines = [
    `data_${name.replace(/[^\x21-\x7e]/g, '_') || 'structure'}`,
    `_chemical_formula_sum '${hillFormula(symbols, ' ')}'`,
    `_cell_length_a ${formatExact(parameters.a)}`,
    `_cell_length_b ${formatExact(parameters.b)}`,
    `_cell_length_c ${formatExact(parameters.c)}`,
    `_cell_angle_alpha ${formatExact(parameters.alpha)}`,
    `_cell_angle_beta ${formatExact(parameters.beta)}`,
    `_cell_angle_gamma ${formatExact(parameters.gamma)}`,
    `_cell_volume ${formatExact(volumeOf(cell))}`,
    ...cell.flat().map((component, i) => `${CELL_VECTOR_TAGS[i] ?? ''} ${formatExact(component)}`),
    "_space_group_name_H-M_alt 'P 1'",
    '_space_group_IT_number 1',
    'loop_',
    '_space_group_symop_operation_xyz',
    "'x, y, z'",
    'loop_',
    '_atom_site_label',
    '_atom_site_type_symbol',
    '_atom_site_fract_x',
    '_atom_site_fract_y',
    '_atom_site_fract_z',
    '_atom_site_occupancy',
    ...(charges === undefined ? [] : [CHARGE_TAG]),
    ...CARTESIAN_TAGS,
  ];
  for (const [i, position] of positions.entries()) {
    const symbol = symbols[i] ?? 'X';
    const label = quoteWhereNeeded(labels?.[i] ?? `${symbol}${i + 1}`);
    const charge = charges === undefined ? [] : [formatExact(charges[i] ?? 0)];
    const numbers = [...multiply(position, inverse).map(formatExact), '1', ...charge, ...position.map(formatExact)];
    lines.push(`${label} ${symbol} ${numbers.join(' ')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Labels hold no white space, so a closing quote is never ambiguous. */
function quoteWhereNeeded(label: string): string {
  return /^[A-Za-z0-9]/.test(label) && !/^(?:data|save|loop|stop|global)_/i.test(label) ? label : `'${label}'`;
}
