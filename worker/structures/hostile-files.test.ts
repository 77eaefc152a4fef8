// No file may end in anything but structures or a StructureError, nor take long.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStructure } from './parse-structure.ts';
import { StructureError } from './structure-error.ts';

const files = {
  'a.cif': readFileSync(new URL('./test-data/monoclinic-p21c.cif', import.meta.url)),
  'a.xyz': Buffer.from(
    '2\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3 pbc="T T T"\nO 0 0 0\nH 0 0 0.96\n',
  ),
  POSCAR: Buffer.from('x\n1.0\n4 0 0\n0 4 0\n0 0 4\nO H\n1 1\nDirect\n0 0 0\n0 0 0.24\n'),
};

function outcome(bytes: Uint8Array, filename: string): string {
  try {
    return parseStructure(bytes, filename)[0].format;
  } catch (error) {
    if (error instanceof StructureError) return error.reason;
    throw error;
  }
}

describe('a damaged file', () => {
  // Bytes that mean something in one of the formats hit harder than random ones.
  const byte = fc.oneof(
    fc.constantFrom(...Buffer.from('\'"#;_?.,-+=e()[]{}\n\r\t 019')),
    fc.integer({ min: 0, max: 255 }),
  );

  it.each(Object.entries(files))('%s gives a structure or a refusal', (filename, bytes) => {
    const damage = fc.array(fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), byte), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        expect(outcome(damaged, filename)).toBeTypeOf('string');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a file made to be slow', () => {
  const cell =
    '_cell_length_a 5\n_cell_length_b 5\n_cell_length_c 5\n_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n';
  const sites = 'loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n';

  // With a quadratic step each of these would run for minutes; the test's own time limit is the assertion.
  it.each([
    ['digits without end', 'a.cif', `data_x\n_cell_length_a ${'1'.repeat(4e6)}x\n${sites}C 0 0 0\n`, 'bad_cell'],
    ['quotes that are not closed', 'a.cif', `data_x\n${"_a '".repeat(1e6)}`, 'no_atoms'],
    ['carriage returns in a text field', 'a.cif', `data_x\n_a\n;${'a;\r'.repeat(1e6)}`, 'invalid_syntax'],
    ['values on one line', 'a.cif', `data_x\n_a ${'x '.repeat(1e6)}\n`, 'no_atoms'],
    ['a comment of pairs', 'a.xyz', `1\n${'a='.repeat(1e6)}\nC 0 0 0\n`, 'xyz'],
    ['a comment of quotes', 'a.xyz', `1\n${'a="'.repeat(1e6)}\nC 0 0 0\n`, 'xyz'],
    ['frames without end', 'a.xyz', '1\n\nC 0 0 0\n'.repeat(1e5), 'too_many_structures'],
    [
      'counts without end',
      'POSCAR',
      `x\n1\n4 0 0\n0 4 0\n0 0 4\n${'C '.repeat(1e5)}\n${'20000 '.repeat(1e5)}\nDirect\n`,
      'too_many_atoms',
    ],
    ['all atoms in one place', 'a.cif', `data_x\n${cell}${sites}${'C1 0 0 0\n'.repeat(20_000)}`, 'atoms_overlap'],
    [
      'a formula without end',
      'a.cif',
      `data_x\n_chemical_formula_sum '${'Cc'.repeat(1e6)}'\n${cell}${sites}C1 0 0 0\n`,
      'cif',
    ],
    [
      'operations without end',
      'a.cif',
      `data_x\nloop_\n_symmetry_equiv_pos_as_xyz\n${'x,y,z '.repeat(1e5)}\n${cell}${sites}C1 0 0 0\n`,
      'cif',
    ],
    ['a cell like a needle', 'a.cif', `data_x\n${cell.replace('_a 5', '_a 99999')}${sites}C1 0 0 0\n`, 'cif'],
  ])('%s: %s', (_what, filename, text, expected) => {
    expect(outcome(Buffer.from(text), filename)).toBe(expected);
  });
});
