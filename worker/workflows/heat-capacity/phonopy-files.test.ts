// The files for phonopy against its own: force constants in its order of atoms, and cells that make the same supercell.
import { describe, expect, it } from 'vitest';
import { displacementsOf, findOrbits } from '../../phonons/displacements.ts';
import { buildForceConstants } from '../../phonons/force-constants.ts';
import { buildPhononCells } from '../../phonons/phonon-cells.ts';
import { referenceCrystal, respond } from '../../phonons/test-data/phonopy-reference.ts';
import { forceConstantLines, phonopyYaml } from './phonopy-files.ts';

describe.each(['argon', 'quartz'])('phonopy files of %s', (name) => {
  const { crystal, structure } = referenceCrystal(name);
  const cells = buildPhononCells(structure, crystal.repeats);
  const orbits = findOrbits(cells);
  const matrix = buildForceConstants(cells, orbits, respond(crystal, cells, displacementsOf(cells, orbits)));

  it('hold_the_force_constants_in_the_order_of_phonopy', () => {
    const [first = '', ...lines] = [...forceConstantLines(structure, crystal.repeats, cells, matrix)]
      .join('')
      .trimEnd()
      .split('\n');
    const [rows = [], constants = []] = [crystal.force_constant_rows, crystal.force_constants_eV_A2];
    expect(first).toBe(`${rows.length} ${cells.primitiveAtoms.length}`);
    let at = 0;
    constants.forEach((blocks, p) => {
      blocks.forEach((block, j) => {
        expect(lines[at]).toBe(`${(rows[p] ?? NaN) + 1} ${j + 1}`);
        block.forEach((row, a) => {
          const found = (lines[at + 1 + a] ?? '').split(' ').map(Number);
          row.forEach((value, b) => {
            expect(Math.abs((found[b] ?? NaN) - value)).toBeLessThan(1e-6);
          });
        });
        at += 4;
      });
    });
    expect(lines).toHaveLength(at);
  });

  it('tell_cell_and_multiples', () => {
    const yaml = phonopyYaml(structure, crystal.repeats, cells, { displacement_A: 0.01, program: 'test' });
    expect(yaml).toContain(`supercell_matrix:\n- [ ${crystal.repeats[0]}, 0, 0 ]`);
    expect(yaml.match(/ {2}- symbol: /g)).toHaveLength(structure.symbols.length);
    const matrixRows = /primitive_matrix:\n((?:- .*\n){3})/.exec(yaml)?.[1] ?? '';
    const entries = matrixRows.match(/-?\d+\.\d+/g)?.map(Number) ?? [];
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = entries;
    const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    expect(determinant).toBeCloseTo(crystal.n_atoms_primitive / structure.symbols.length, 12);
  });
});
