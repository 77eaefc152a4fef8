import { expect, test } from 'vitest';
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { findBondChanges } from './bond-changes.ts';

const EDGE = 10;

/** Carbon dioxide across the wall of a cube, its second oxygen at `x` from the carbon. */
function carbonDioxide(x: number): Structure {
  const positions: Vector3[] = [
    [9.5, 0, 0],
    [8.3, 0, 0],
    [9.5 + x - EDGE, 0, 0],
  ];
  return {
    cell: [
      [EDGE, 0, 0],
      [0, EDGE, 0],
      [0, 0, EDGE],
    ],
    pbc: [true, true, true],
    symbols: ['C', 'O', 'O'],
    positions,
  };
}

test('a_bond_that_opens_across_the_wall_is_broken', () => {
  const changes = findBondChanges(carbonDioxide(1.2), carbonDioxide(2.6));
  expect(changes).toMatchObject({ n_broken: 1, n_formed: 0, formed: [] });
  expect(changes.broken[0]).toMatchObject({ atoms: [0, 2], elements: ['C', 'O'] });
  expect(changes.broken[0]?.distance_before_A).toBeCloseTo(1.2, 12);
  expect(changes.broken[0]?.distance_after_A).toBeCloseTo(2.6, 12);
});

test('the_way_back_forms_it', () => {
  expect(findBondChanges(carbonDioxide(2.6), carbonDioxide(1.2))).toMatchObject({ n_broken: 0, n_formed: 1 });
});

test('a_vibration_changes_nothing', () => {
  expect(findBondChanges(carbonDioxide(1.1), carbonDioxide(1.3))).toMatchObject({ n_broken: 0, n_formed: 0 });
});
