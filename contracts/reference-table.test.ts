import { describe, expect, test } from 'vitest';
import { readReferences } from './reference-table.ts';

describe('reference values from a CSV file', () => {
  test('every_known_column_is_a_quantity_and_empty_fields_are_left_out', () => {
    const text =
      '\uFEFFstructure_name,bulk_modulus_GPa,comment,volume_per_atom_A3\r\n"MOF-5, primitive",17.2,x,\r\nUiO-66,,y,11.5\r\n';
    expect(readReferences(text)).toEqual({
      rows: [
        { structure_name: 'MOF-5, primitive', quantity: 'bulk_modulus_GPa', value: 17.2 },
        { structure_name: 'UiO-66', quantity: 'volume_per_atom_A3', value: 11.5 },
      ],
      problems: [],
    });
  });

  test('what_is_no_number_or_comes_twice_is_told_with_its_row_and_the_rest_is_taken', () => {
    const { rows, problems } = readReferences('name,bulk_modulus_GPa\nA,soft\nB,3\nB,4\n');
    expect(rows).toEqual([{ structure_name: 'B', quantity: 'bulk_modulus_GPa', value: 3 }]);
    expect(problems).toEqual([
      'Row 2: bulk_modulus_GPa of A is "soft", which is no number.',
      'Row 4: bulk_modulus_GPa of B is given twice.',
    ]);
  });

  test('a_file_without_the_columns_says_which_ones_it_has_or_could_have', () => {
    expect(readReferences('a,b\n1,2\n').problems[0]).toContain('a, b');
    expect(readReferences('structure_name,b\nx,2\n').problems[0]).toContain('bulk_modulus_GPa');
    expect(readReferences('').rows).toEqual([]);
  });
});
