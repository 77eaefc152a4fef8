import { describe, expect, test } from 'vitest';
import type { Cell, Structure } from '../../../contracts/structure.ts';
import { cellEdges } from './cell-edges.ts';
import { findBonds } from './find-bonds.ts';
import { MAX_BONDED_ATOMS, MAX_DRAWN_ATOMS, placeDrawing, planDrawing } from './plan-drawing.ts';

const cubic = (a: number): Cell => [
  [a, 0, 0],
  [0, a, 0],
  [0, 0, a],
];

/** Rock-salt-like pair with the oxygen across the boundary: Zn on a corner, O at x = -1.9 A, given outside the cell. */
const pair: Structure = {
  cell: cubic(8),
  pbc: [true, true, true],
  symbols: ['Zn', 'O'],
  positions: [
    [0, 0, 0],
    [-1.9, 0, 0],
  ],
};

function plan(structure: Structure, repeats: [number, number, number], show_boundary_atoms: boolean) {
  return planDrawing(structure, findBonds(structure), { repeats, show_boundary_atoms });
}

describe('drawing plan', () => {
  test('a_bond_through_the_boundary_is_drawn_as_two_halves', () => {
    const drawing = plan(pair, [1, 1, 1], false);
    expect(drawing.atoms).toEqual([
      { i_atom: 0, shift: [0, 0, 0] },
      { i_atom: 1, shift: [1, 0, 0] },
    ]);
    expect(drawing.bonds).toEqual([]);
    const placed = placeDrawing(drawing, pair.positions, pair.cell);
    expect(placed.atoms[1]).toEqual([6.1, 0, 0]);
    // One half leaves the cell from Zn to the left, the other from O to the right.
    expect(placed.stubEnds.map(([x]) => x).sort((a, b) => a - b)).toEqual([-0.95, 7.05]);
  });

  test('boundary_atoms_appear_on_every_face_edge_and_corner', () => {
    const drawing = plan(pair, [1, 1, 1], true);
    // Zn on 8 corners; O on the edge y = z = 0 at 4 places.
    expect(drawing.atoms.filter(({ i_atom }) => i_atom === 0)).toHaveLength(8);
    expect(drawing.atoms.filter(({ i_atom }) => i_atom === 1)).toHaveLength(4);
    // Each O meets the Zn on the far corner in full; what leaves the near corners is drawn there, at the far ones.
    expect(drawing.bonds).toHaveLength(4);
    expect(drawing.stubs).toEqual([]);
  });

  test('an_atom_inside_keeps_its_half_bond_beside_boundary_atoms', () => {
    const inside: Structure = { ...pair, positions: pair.positions.map(([x, y, z]) => [x + 0.9, y + 1, z + 1]) };
    const drawing = plan(inside, [1, 1, 1], true);
    expect(drawing.atoms).toHaveLength(2);
    expect(drawing.stubs).toHaveLength(2);
  });

  test('an_atom_just_below_a_face_counts_as_on_it', () => {
    const nearly: Structure = { ...pair, symbols: ['Zn'], positions: [[7.99, 4, 4]] };
    const drawing = plan(nearly, [1, 1, 1], true);
    expect(drawing.atoms.map(({ shift }) => shift)).toEqual([
      [-1, 0, 0],
      [0, 0, 0],
    ]);
  });

  test('repeats_multiply_atoms_and_close_the_inner_bonds', () => {
    const drawing = plan(pair, [3, 1, 2], false);
    expect(drawing.atoms).toHaveLength(2 * 3 * 2);
    expect(drawing.bonds).toHaveLength(2 * 2);
    expect(drawing.stubs).toHaveLength(2 * 2);
  });

  test('a_frame_moves_atoms_without_making_them_jump_across_the_cell', () => {
    const drawing = plan(pair, [1, 1, 1], false);
    const moved = placeDrawing(drawing, [[-0.3, 0, 0], [-1.9, 0, 0]], cubic(9)); // prettier-ignore
    expect(moved.atoms).toEqual([
      [-0.3, 0, 0],
      [7.1, 0, 0],
    ]);
  });

  test('a_large_structure_is_drawn_without_bonds_and_says_so', () => {
    const n = MAX_BONDED_ATOMS + 1;
    const large: Structure = {
      cell: cubic(400),
      pbc: [true, true, true],
      symbols: Array.from({ length: n }, () => 'C'),
      positions: Array.from({ length: n }, (_, i) => [(i % 100) + 1.4, (Math.floor(i / 100) % 100) + 1.4, 1.4]),
    };
    const drawing = planDrawing(large, [{ i: 0, j: 1, shift: [0, 0, 0] }], {
      repeats: [3, 3, 3],
      show_boundary_atoms: true,
    });
    expect(drawing.notes).toEqual(['repeats_reduced', 'bonds_left_out']);
    expect(drawing.bonds).toEqual([]);
    expect(drawing.atoms.length).toBeLessThanOrEqual(MAX_DRAWN_ATOMS);
  });

  test('a_molecule_is_never_repeated', () => {
    const molecule: Structure = { ...pair, cell: null, pbc: [false, false, false] };
    expect(plan(molecule, [2, 2, 2], true).atoms).toHaveLength(2);
  });
});

describe('cell edges', () => {
  test('one_cell_has_twelve_edges_three_of_them_axes', () => {
    const edges = cellEdges(cubic(5), [1, 1, 1]);
    expect(edges).toHaveLength(12);
    expect(edges.filter(({ kind }) => kind !== 'cell').map(({ kind, end }) => [kind, end])).toEqual([
      ['a', [5, 0, 0]],
      ['b', [0, 5, 0]],
      ['c', [0, 0, 5]],
    ]);
  });

  test('a_block_of_cells_adds_its_outline', () => {
    const edges = cellEdges(cubic(5), [2, 1, 1]);
    expect(edges.filter(({ kind }) => kind === 'block')).toHaveLength(12);
  });
});
