// Extended XYZ and POSCAR, and how the format of a file is told.
import { describe, expect, it } from 'vitest';
import { parseStructure } from './parse-structure.ts';
import type { StructureErrorReason } from './structure-error.ts';

function parse(text: string, filename: string): ReturnType<typeof parseStructure> {
  return parseStructure(Buffer.from(text), filename);
}

function refusal(reason: StructureErrorReason, message: RegExp): unknown {
  return expect.objectContaining({ reason, message: expect.stringMatching(message) as string });
}

describe('extended XYZ', () => {
  it('may hold several frames, with and without a lattice', () => {
    const frames = parse(
      '2\nany text, even "unbalanced\nO 0 0 0\nH 0 0 0.96\n\n1\nLattice="4 0 0 0 4 0 0 0 4" pbc="T T F" energy=-1.5\nzn 1 2 3\n',
      'a.xyz',
    );
    expect(frames.map(({ name }) => name)).toEqual(['frame 1', 'frame 2']);
    expect(frames[0].structure).toEqual({
      cell: null,
      pbc: [false, false, false],
      symbols: ['O', 'H'],
      positions: [
        [0, 0, 0],
        [0, 0, 0.96],
      ],
    });
    expect(frames[1]?.structure).toEqual({
      cell: [
        [4, 0, 0],
        [0, 4, 0],
        [0, 0, 4],
      ],
      pbc: [true, true, false],
      symbols: ['Zn'],
      positions: [[1, 2, 3]],
    });
  });

  it('finds its columns by name', () => {
    const [{ structure }] = parse(
      '1\nProperties=forces:R:3:Z:I:1:pos:R:3 Lattice = "9 0 0 0 9 0 0 0 9"\n9 9 9 30 1 2 3\n',
      'a.extxyz',
    );
    expect(structure).toMatchObject({ symbols: ['Zn'], positions: [[1, 2, 3]], pbc: [true, true, true] });
  });

  it.each([
    ['a frame that was cut off', '3\n\nO 0 0 0\n', 'invalid_syntax', /line 1 announces 3 atoms/],
    ['a line without z', '1\n\nO 0 0\n', 'invalid_syntax', /line 3 has 3 columns, 4 are needed/],
    ['an unknown element', '1\n\nQq 0 0 0\n', 'unknown_element', /line 3: "Qq"/],
    ['a coordinate that is no number', '1\n\nO 0 nan 0\n', 'invalid_value', /line 3: y .* found "nan"/],
    ['half a lattice', '1\nLattice="1 2 3"\nO 0 0 0\n', 'bad_cell', /nine numbers/],
    ['a flat lattice', '1\nLattice="4 0 0 8 0 0 0 0 4"\nO 0 0 0\n', 'bad_cell', /volume of 0/],
    ['periodicity without a lattice', '1\npbc="T T T"\nO 0 0 0\n', 'not_periodic', /no cell/],
    ['zero atoms', '0\n\n', 'invalid_syntax', /number of atoms/],
    ['columns that do not parse', '1\nProperties=pos:R:3:x\nO 0 0 0\n', 'invalid_syntax', /name:type:columns/],
  ] as const)('refuses %s', (_what, text, reason, message) => {
    expect(() => parse(text, 'a.xyz')).toThrow(refusal(reason, message));
  });
});

describe('POSCAR', () => {
  const poscar = (scale: string, rest: string): string => `NaCl\n${scale}\n 4 0 0\n 0 4 0\n 0 0 4\n${rest}`;

  it.each([
    ['Direct', poscar('1.0', 'Na Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5 Cl\n')],
    ['Cartesian with a scale', 'NaCl\n2\n 2 0 0\n 0 2 0\n 0 0 2\nNa Cl\n1 1\nCartesian\n0 0 0\n1 1 1\n'],
    ['minus the volume', 'NaCl\n-64\n 1 0 0\n 0 1 0\n 0 0 1\nNa Cl\n1 1\nD\n0 0 0\n.5 .5 .5\n'],
    ['three scales', 'NaCl\n2 4 1\n 2 0 0\n 0 1 0\n 0 0 4\nNa Cl\n1 1\nK\n0 0 0\n1 .5 2\n'],
    ['potentials in the names', poscar('1.0', 'Na_pv Cl/1a2b\n1 1\nDirect\n0 0 0\n.5 .5 .5\n')],
    ['velocities behind', poscar('1.0', 'Na Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n\n0 0 0\n1d-3 0 0\n')],
  ])('%s', (_what, text) => {
    const [{ structure }] = parse(text, 'POSCAR');
    expect(structure).toEqual({
      cell: [
        [4, 0, 0],
        [0, 4, 0],
        [0, 0, 4],
      ],
      pbc: [true, true, true],
      symbols: ['Na', 'Cl'],
      positions: [
        [0, 0, 0],
        [2, 2, 2],
      ],
    });
  });

  it('says that fixed atoms are free here', () => {
    const [{ warnings }] = parse(
      poscar('1.0', 'Na Cl\n1 1\nSelective dynamics\nDirect\n0 0 0 F F F\n.5 .5 .5 T T T\n'),
      'CONTCAR',
    );
    expect(warnings).toEqual(['Selective dynamics holds 1 of 2 atoms fixed; all atoms are free here.']);
  });

  it.each([
    ['VASP 4', poscar('1.0', '1 1\nDirect\n0 0 0\n.5 .5 .5\n'), 'unsupported_format', /VASP 4.*Insert a line/],
    ['an unknown element', poscar('1.0', 'Na Qq\n1 1\nDirect\n0 0 0\n.5 .5 .5\n'), 'unknown_element', /"Qq"/],
    ['missing counts', poscar('1.0', 'Na Cl\n1\nDirect\n0 0 0\n'), 'invalid_syntax', /line 7/],
    ['missing atoms', poscar('1.0', 'Na Cl\n1 1\nDirect\n0 0 0\n'), 'invalid_value', /line 10 \(Cl, atom 2\).*nothing/],
    ['no coordinate mode', poscar('1.0', 'Na Cl\n1 1\n0 0 0\n.5 .5 .5\n'), 'invalid_syntax', /"Direct" or "Cartesian"/],
    ['scale 0', poscar('0', 'Na Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n'), 'bad_cell', /scaling factor is 0/],
    [
      'overlapping atoms',
      poscar('1.0', 'Na Cl\n1 1\nDirect\n0 0 0\n1 0 0\n'),
      'atoms_overlap',
      /Na \(atom 1\) and Cl \(atom 2\)/,
    ],
  ] as const)('refuses %s', (_what, text, reason, message) => {
    expect(() => parse(text, 'POSCAR')).toThrow(refusal(reason, message));
  });
});

describe('the format of a file', () => {
  const xyz = '1\n\nO 0 0 0\n';
  const poscar = 'x\n1\n4 0 0\n0 4 0\n0 0 4\nO\n1\nDirect\n0 0 0\n';

  it.each([
    ['relaxed.XYZ', xyz, 'xyz'],
    ['noname', xyz, 'xyz'],
    ['noname', poscar, 'poscar'],
    ['POSCAR_final', poscar, 'poscar'],
    ['some/folder/CONTCAR', poscar, 'poscar'],
    ['C:\\files\\a.vasp', poscar, 'poscar'],
  ])('of %s is told by name, else by content', (filename, text, format) => {
    expect(parse(text, filename)[0].format).toBe(format);
  });

  it('is refused when name and content disagree', () => {
    expect(() => parse(poscar, 'a.cif')).toThrow(
      refusal('unsupported_format', /named as CIF but its content is POSCAR/),
    );
  });

  it('is refused when neither tells', () => {
    expect(() => parse('hello', 'a.docx')).toThrow(expect.objectContaining({ code: 40009 }));
  });
});

describe('bytes', () => {
  const cif =
    'data_x\n_cell_length_a 5\n_cell_length_b 5\n_cell_length_c 5\n_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n' +
    "_publ_author 'M\u00fcller'\nloop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nC1 0 0 0\n";

  it.each([
    ['UTF-8', Buffer.from(cif)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${cif}`)],
    ['UTF-16, little end first', Buffer.from(`\ufeff${cif}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${cif}`, 'utf16le').swap16()],
    ['Latin-1', Buffer.from(cif, 'latin1')],
    ['old Macintosh line ends', Buffer.from(cif.replaceAll('\n', '\r'))],
  ])('in %s are read', (_what, bytes) => {
    expect(parseStructure(bytes, 'a.cif')[0].structure.symbols).toEqual(['C']);
  });

  it.each([
    ['nothing', Buffer.alloc(0), 42201, /empty/],
    ['white space', Buffer.from(' \n\t\n'), 42201, /white space/],
    ['binary content', Buffer.from([1, 2, 0, 3]), 40009, /binary/],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 40009, /compressed \(gzip\)/],
    ['too many of them', Buffer.alloc(64 * 1024 * 1024 + 1), 40010, /at most 64.0 MiB/],
  ])('that are %s are refused', (_what, bytes, code, message) => {
    expect(() => parseStructure(bytes, 'a.cif')).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });

  it('cut off anywhere give a StructureError or a structure, never anything else', () => {
    const bytes = Buffer.from(cif);
    for (let length = 0; length < bytes.length; length += 1) {
      try {
        parseStructure(bytes.subarray(0, length), 'a.cif');
      } catch (error) {
        expect((error as Error).name).toBe('StructureError');
      }
    }
  });
});
