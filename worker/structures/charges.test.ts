// Partial charges on their way from a file through symmetry, supercells and other formats.
import { describe, expect, it } from 'vitest';
import type { Structure } from '../../contracts/structure.ts';
import { parseStructure } from './parse-structure.ts';
import { StructureError } from './structure-error.ts';
import { buildSupercell, wrapIntoCell } from './supercell.ts';
import { writeStructure } from './write-structure.ts';

function cifOf(rows: string, columns = '_atom_site_charge', spaceGroup = 'P 1'): string {
  return `data_test
_cell_length_a 10
_cell_length_b 10
_cell_length_c 10
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_space_group_name_H-M_alt '${spaceGroup}'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
${columns}
${rows}
`;
}

function read(text: string, filename = 'file.cif') {
  const [first] = parseStructure(Buffer.from(text), filename);
  return first;
}

function aboutCharges(warning: string): boolean {
  return warning.includes('charge');
}

const DIMER: Structure = {
  cell: [
    [6, 0, 0],
    [0, 7, 0],
    [1, 0, 8],
  ],
  pbc: [true, true, true],
  symbols: ['Zn', 'O'],
  positions: [
    [0.5, 0.5, 0.5],
    [9, 2.5, 0.5],
  ],
  labels: ['Zn1', 'O1'],
  charges: [1.25, -1.25],
};

describe('charges of a CIF', () => {
  it('follow_their_site_through_the_symmetry_operations', () => {
    const { structure, warnings } = read(cifOf('Zn1 Zn 0 0 0 1.2(1)\nO1 O 0.1 0.2 0.3 -0.6', undefined, 'P -1'));
    expect(structure.symbols).toEqual(['Zn', 'O', 'O']);
    expect(structure.charges).toEqual([1.2, -0.6, -0.6]);
    expect(warnings.filter(aboutCharges)).toEqual([]);
  });

  it('are_absent_without_the_column_and_where_no_site_has_one', () => {
    expect(read(cifOf('Zn1 Zn 0 0 0 1', '_atom_site_occupancy')).structure).not.toHaveProperty('charges');
    const { structure, warnings } = read(cifOf('Zn1 Zn 0 0 0 ?\nO1 O 0.1 0.2 0.3 .'));
    expect(structure).not.toHaveProperty('charges');
    expect(warnings.filter(aboutCharges)).toEqual([]);
  });

  it('are_left_out_with_a_warning_when_a_site_has_none', () => {
    const { structure, warnings } = read(cifOf('Zn1 Zn 0 0 0 1.2\nO1 O 0.1 0.2 0.3 much'));
    expect(structure).not.toHaveProperty('charges');
    expect(warnings.filter(aboutCharges)).toEqual([expect.stringContaining('_atom_site_charge is no number for O1')]);
  });

  it('are_not_oxidation_numbers', () => {
    const text = `${cifOf('Zn1 Zn 0 0 0 1', '_atom_site_occupancy')}
loop_
_atom_type_symbol
_atom_type_oxidation_number
Zn 2
`;
    expect(read(text).structure).not.toHaveProperty('charges');
  });
});

describe('charges of a structure', () => {
  it('are_repeated_in_a_supercell_and_kept_by_wrapping', () => {
    expect(buildSupercell(DIMER, [1, 2, 1]).charges).toEqual([1.25, -1.25, 1.25, -1.25]);
    expect(wrapIntoCell(DIMER).charges).toEqual(DIMER.charges);
  });

  it.each(['cif', 'xyz'] as const)('are_written_to_%s_and_read_back', (format) => {
    expect(read(writeStructure(DIMER, format, 'dimer'), `file.${format}`).structure).toEqual(DIMER);
  });

  it('are_the_column_that_ase_writes_in_extended_xyz', () => {
    const text = '1\nProperties=species:S:1:pos:R:3:initial_charges:R:1\nNa 0 0 0 0.9\n';
    expect(read(text, 'ion.xyz').structure.charges).toEqual([0.9]);
  });

  it('are_refused_in_extended_xyz_when_one_is_no_number', () => {
    const text = '1\nProperties=species:S:1:pos:R:3:initial_charges:R:1\nNa 0 0 0 high\n';
    expect(() => read(text, 'ion.xyz')).toThrow(StructureError);
  });
});
