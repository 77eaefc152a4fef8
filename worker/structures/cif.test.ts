import { describe, expect, it } from 'vitest';
import { parseCif } from './cif.ts';
import { DEFAULT_PARSE_LIMITS } from './parsed-structure.ts';
import type { ParsedStructure } from './parsed-structure.ts';
import type { StructureErrorReason } from './structure-error.ts';

const CUBE = `
_cell_length_a 10
_cell_length_b 10
_cell_length_c 10
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
`;

function atoms(columns: string, rows: string): string {
  const names = columns.split(' ').map((column) => `_atom_site_${column}`);
  return `loop_\n${names.join('\n')}\n${rows}\n`;
}

function parse(text: string): ParsedStructure[] {
  return parseCif(text, DEFAULT_PARSE_LIMITS);
}

function parseOne(body: string): ParsedStructure {
  const [first] = parse(`data_test${CUBE}${body}`);
  return first!;
}

function refusal(reason: StructureErrorReason, message: RegExp): unknown {
  return expect.objectContaining({ reason, message: expect.stringMatching(message) as string });
}

const SITE = 'label type_symbol fract_x fract_y fract_z';
const PARTIAL = `${SITE} occupancy disorder_assembly disorder_group`;

describe('atoms of a CIF', () => {
  it('keep their order, labels and coordinates beyond the cell in P1', () => {
    const { structure } = parseOne(
      `_space_group_name_H-M_alt 'P 1'\n${atoms(SITE, 'Zn1 Zn2+ 1.25(3) -0.5 0\nO1 O 0.5 0.5 0.5')}`,
    );
    expect(structure).toEqual({
      cell: [
        [10, 0, 0],
        [0, 10, 0],
        [0, 0, 10],
      ],
      pbc: [true, true, true],
      symbols: ['Zn', 'O'],
      positions: [
        [12.5, -5, 0],
        [5, 5, 5],
      ],
      labels: ['Zn1', 'O1'],
    });
  });

  it('take their element from the label when there is no type symbol', () => {
    const { structure } = parseOne(
      atoms('label fract_x fract_y fract_z', 'Zn1 0 0 0\nC12A .2 0 0\nHO3 .4 0 0\nO .6 0 0') +
        "_chemical_formula_sum 'C H O Zn'\n",
    );
    expect(structure.symbols).toEqual(['Zn', 'C', 'H', 'O']);
  });

  it('are refused when the label may mean two elements', () => {
    expect(() => parseOne(atoms('label fract_x fract_y fract_z', 'CO1 0 0 0'))).toThrow(
      refusal('unknown_element', /CO1 may be Co or C/),
    );
  });

  it.each(['T1 0 0 0', 'Wat1 0 0 0'])('are refused when the label names a site: %s', (row) => {
    expect(() => parseOne(atoms('label fract_x fract_y fract_z', row))).toThrow(
      refusal('unknown_element', /names a site, not an element/),
    );
  });

  it('of contradicting group statements the Hall symbol counts, with a warning', () => {
    const { structure, warnings } = parseOne(
      `_space_group_name_Hall '-P 1'\n_space_group_name_H-M_alt 'P 2'\n_space_group_IT_number 2\n` +
        atoms(SITE, 'Zn1 Zn 0.1 0.2 0.3'),
    );
    expect(structure.symbols).toHaveLength(2);
    expect(warnings.join('\n')).toContain('also states space group "P 2", another group');
  });

  it('are refused when only magnetic operations would complete them', () => {
    const operations = 'loop_\n_space_group_symop_magn_operation.xyz\nx,y,z,+1\n-x,-y,-z,-1\n';
    expect(() => parseOne(operations + atoms(SITE, 'Mn1 Mn 0.1 0.2 0.3'))).toThrow(
      refusal('invalid_symmetry', /magnetic symmetry operations only/),
    );
  });

  it('may be deuterium, treated as hydrogen with a warning', () => {
    const { structure, warnings } = parseOne(atoms(SITE, 'D1 D 0 0 0'));
    expect(structure.symbols).toEqual(['H']);
    expect(warnings.join()).toMatch(/isotopes are treated as H: D1/);
  });

  it.each([
    ['?', 'not known'],
    ['NaN', '"NaN"'],
    ['1e999', '"1e999"'],
    ['0.1.2', '"0.1.2"'],
  ])('are refused with the coordinate %s', (value, told) => {
    expect(() => parseOne(atoms(SITE, `C1 C ${value} 0 0`))).toThrow(
      refusal('invalid_value', new RegExp(`C1.*${told}`)),
    );
  });

  it('leave out dummy and empty sites by name', () => {
    const { structure, warnings } = parseOne(
      atoms(`${SITE} occupancy calc_flag`, 'C1 C 0 0 0 1 d\nX1 X .1 0 0 1 dum\nO9 O .5 0 0 0 d'),
    );
    expect(structure.symbols).toEqual(['C']);
    expect(warnings.join('\n')).toMatch(/Dummy sites were left out: X1[^]*occupancy 0 were left out: O9/);
  });

  it('warn when the formula has hydrogen and the list has none', () => {
    expect(parseOne(`_chemical_formula_sum 'C1 H4'\n${atoms(SITE, 'C1 C 0 0 0')}`).warnings.join()).toMatch(
      /formula has H.*Hydrogen/,
    );
  });

  it('are refused when they overlap', () => {
    expect(() => parseOne(atoms(SITE, 'C1 C 0 0 0\nC2 C 0.999 0 0'))).toThrow(
      expect.objectContaining({
        code: 42204,
        message: expect.stringMatching(/C1 \(atom 1\) and C2 \(atom 2\): 0\.010 A/) as string,
      }),
    );
  });

  it('may have the shortest X-H bonds of published structures', () => {
    expect(parseOne(atoms(SITE, 'C1 C 0 0 0\nH1 H 0.072 0 0')).structure.symbols.length).toBe(2);
  });
});

describe('disorder', () => {
  it('keeps the alternative with the higher occupancy and names what it drops', () => {
    const { structure, warnings } = parseOne(
      atoms(
        PARTIAL,
        'C1 C 0 0 0 1 . .\nO1A O .2 0 0 .6 A 1\nO1B O .23 0 0 .4 A 2\nN2A N .5 0 0 .3 B 1\nN2B N .53 0 0 .7 B 2',
      ),
    );
    expect(structure.labels).toEqual(['C1', 'O1A', 'N2B']);
    expect(warnings.join('\n')).toMatch(
      /assembly A\): group 1 with occupancy 0.60 was kept as full; left out: O1B \(0.4\)/,
    );
    expect(warnings.join('\n')).toMatch(
      /assembly B\): group 2 with occupancy 0.70 was kept as full; left out: N2A \(0.3\)/,
    );
  });

  it('takes the lowest label on a tie', () => {
    expect(parseOne(atoms(PARTIAL, 'O1B O .23 0 0 .5 . 2\nO1A O .2 0 0 .5 . 1')).structure.labels).toEqual(['O1A']);
  });

  it.each([
    ['an occupancy below 1 without a group', 'O1 O 0 0 0 .5 . .\nO2 O .5 0 0 1 . .', /Partially occupied.*O1 \(0\.5\)/],
    ['a single partial group', 'O1 O 0 0 0 .5 A 1', /assembly A cannot be resolved.*below 1/],
    ['groups that are no alternatives', 'O1 O 0 0 0 .7 . 1\nO2 O .3 0 0 .7 . 2', /exceed 1/],
    ['disorder about a symmetry element', 'O1 O 0 0 0 .5 . -1\nO2 O .3 0 0 .5 . -2', /symmetry element/],
    ['two elements on one site', 'Zn1 Zn 0 0 0 .5 . .\nCo1 Co 0 0 0 .5 . .', /Zn1 \(0\.5\), Co1 \(0\.5\)/],
  ])('refuses %s', (_what, rows, message) => {
    expect(() => parseOne(atoms(PARTIAL, rows))).toThrow(refusal('unresolved_disorder', message));
  });

  it('refuses an atom that lies too near its own symmetry image', () => {
    const body = `_space_group_name_H-M_alt 'P -1'\n${atoms(SITE, 'O1 O 0.015 0 0')}`;
    expect(() => parseOne(body)).toThrow(refusal('unresolved_disorder', /O1 lies 0\.30 A from its own symmetry image/));
  });

  it('refuses an occupancy that is none', () => {
    expect(() => parseOne(atoms(PARTIAL, 'O1 O 0 0 0 1.8 . .'))).toThrow(
      refusal('invalid_value', /O1: the occupancy "1.8"/),
    );
  });
});

describe('symmetry of a CIF', () => {
  const general = atoms(SITE, 'H1 H 0.11 0.23 0.31');

  // Orders of the groups in their conventional cells: International Tables for Crystallography A.
  it.each([
    ["_symmetry_space_group_name_H-M 'F m -3 m'", 192],
    ["_symmetry_space_group_name_H-M 'Fm3m'", 192],
    ['_symmetry_Int_Tables_number 225', 192],
    ["_space_group_name_Hall '-F 4 2 3'", 192],
    ["_space_group_name_H-M_alt 'P 21/n'", 4],
    ["_space_group_name_H-M_alt 'P 1 21/n 1'", 4],
    ["_space_group_name_H-M_alt 'C m c a'", 16],
    ["_space_group_name_H-M_alt 'P b n m'", 8],
    ["_space_group_name_H-M_alt 'F d -3 m Z'", 192],
    ["_space_group_name_H-M_alt 'I 41/a m d :1'", 32],
  ])('%s gives %i images of a general position', (item, expected) => {
    expect(parseOne(`${item}\n${general}`).structure.symbols.length).toBe(expected);
  });

  it('prefers the listed operations and says when the name disagrees', () => {
    const { structure, warnings } = parseOne(
      `_symmetry_space_group_name_H-M 'F m -3 m'\n_symmetry_equiv_pos_as_xyz 'x,y,z'\n${general}`,
    );
    expect(structure.symbols.length).toBe(1);
    expect(warnings.join()).toMatch(/192 operations, and lists 1; the list counts/);
  });

  it('reads P1 with a warning when nothing is stated', () => {
    expect(parseOne(general).warnings.join()).toMatch(/states no symmetry/);
  });

  it('merges special positions and puts rounded ones in their place', () => {
    const hexagonal = CUBE.replace('gamma 90', 'gamma 120');
    const [parsed] = parse(
      `data_x${hexagonal}_space_group_name_H-M_alt 'P 3'\n${atoms(SITE, 'C1 C 0.3333 0.6667 0.1')}`,
    );
    expect(parsed?.structure.symbols.length).toBe(1);
    expect(parsed?.structure.positions[0]?.[1]).toBeCloseTo(((10 * Math.sqrt(3)) / 2) * (2 / 3), 12);
  });

  it('refuses to guess an origin, and takes the one that does not overlap', () => {
    const named = "_space_group_name_H-M_alt 'F d -3 m'\n";
    expect(() => parseOne(named + atoms(SITE, 'Si1 Si 0 0 0'))).toThrow(
      refusal('invalid_symmetry', /which origin.*choice 1 .8 atoms.*choice 2 .16 atoms/),
    );
    // About origin 1 this is 0.17 A from a site with symmetry -43m, so that its images would overlap.
    expect(parseOne(named + atoms(SITE, 'Si1 Si 0.26 0.26 0.26')).structure.symbols.length).toBe(32);
  });

  it.each([
    ['unknown names', "_symmetry_space_group_name_H-M 'P 7/q'", 'unknown_space_group', /"P 7\/q" is not known/],
    [
      'cells without the symmetry',
      "_symmetry_space_group_name_H-M 'P 6/m m m'",
      'invalid_symmetry',
      /cell does not have the symmetry/,
    ],
    [
      'operations that are no group',
      'loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n-x,-y,-z\n-x,-y,z',
      'invalid_symmetry',
      /are no group/,
    ],
    ['operations that cannot be read', "_symmetry_equiv_pos_as_xyz 'x,y'", 'invalid_symmetry', /"x,y" cannot be read/],
  ] as const)('refuses %s', (_what, item, reason, message) => {
    expect(() => parseOne(`${item}\n${general}`)).toThrow(refusal(reason, message));
  });
});

describe('data blocks', () => {
  const good = `${CUBE}${atoms(SITE, 'C1 C 0 0 0')}`;

  it('give one structure each; those without atoms are skipped', () => {
    const parsed = parse(`data_global\n_journal_year 2020\ndata_one${good}data_two${good}`);
    expect(parsed.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  it('that fail beside good ones become a warning', () => {
    const [first] = parse(`data_bad\n${atoms(SITE, 'C1 C 0 0 0')}data_fine${good}`);
    expect(first?.name).toBe('fine');
    expect(first?.warnings.join()).toMatch(/"bad" was skipped: .*_cell_length_a/);
  });

  it('without any atoms are refused', () => {
    expect(() => parse('data_a\n_cell_length_a 5\n')).toThrow(refusal('no_atoms', /blocks: "a"/));
  });

  it('with dotted names and capitals are the same', () => {
    const text = `DATA_test${good}`
      .replaceAll('_atom_site_fract', '_ATOM_SITE.Fract')
      .replaceAll('_cell_length_', '_Cell.Length_');
    expect(parse(text)[0]?.structure.symbols).toEqual(['C']);
  });
});
