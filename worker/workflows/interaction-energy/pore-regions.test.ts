import { describe, expect, it } from 'vitest';
import type { Vector3 } from '../../../contracts/structure.ts';
import { withVector } from './lattice-union-find.ts';
import { blockedPlaces, blockedShare, isBlockedAt } from './pockets.ts';
import { findPoreRegions, isChannel } from './pore-regions.ts';

const SHAPE = [6, 4, 4] as const;
const KT_EV = 0.025;
const LIMIT_KT = 16;

const at = (a: number, b: number, c: number): number => (a * 4 + b) * 4 + c;

/** Walls with these points open. */
function gridOf(open: readonly (readonly [number, number, number])[], energy_eV = 0) {
  const energies = new Float32Array(96).fill(Number.POSITIVE_INFINITY);
  for (const [a, b, c] of open) energies[at(a, b, c)] = energy_eV;
  return { shape: SHAPE, minimum_eV: energies, free_energy_eV: energies };
}

function regionsOf(open: readonly (readonly [number, number, number])[]) {
  return findPoreRegions(gridOf(open), LIMIT_KT, KT_EV).regions;
}

const LINE = [0, 1, 2, 3, 4, 5].map((a) => [a, 0, 0] as const);
const ROW = [0, 1, 2, 3].map((b) => [0, b, 0] as const);

describe('findPoreRegions', () => {
  it('a_line_through_the_cell_is_a_channel_and_a_hole_is_a_pocket', () => {
    const [channel, pocket, ...more] = regionsOf([...LINE, [2, 2, 2], [3, 2, 2]]);
    expect(channel).toMatchObject({ n_points: 6, directions: [[1, 0, 0]], opens_at_kT: null });
    expect(pocket).toMatchObject({ n_points: 2, directions: [], opens_at_kT: null });
    expect(pocket!.weight_share).toBeCloseTo(2 / 8, 6);
    expect(more).toEqual([]);
  });

  it('lines_that_meet_are_a_channel_in_two_directions', () => {
    expect(regionsOf([...LINE, ...ROW])).toMatchObject([
      {
        directions: [
          [1, 0, 0],
          [0, 1, 0],
        ],
      },
    ]);
  });

  it('a_staircase_runs_along_a_diagonal', () => {
    const stairs = [0, 1, 2, 3].flatMap((b) => [[b + 1, b, 0] as const, [b, b, 0] as const]);
    expect(regionsOf([...stairs, [4, 0, 0], [5, 0, 0]])).toMatchObject([{ directions: [[1, 1, 0]] }]);
  });

  it('a_pocket_across_the_faces_of_the_cell_is_one_and_no_channel', () => {
    expect(
      regionsOf([
        [5, 3, 3],
        [0, 3, 3],
        [1, 3, 3],
        [0, 0, 3],
      ]),
    ).toMatchObject([{ n_points: 4, directions: [] }]);
  });

  it('a_loop_inside_the_cell_is_no_channel', () => {
    const loop = [
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 2],
      [2, 2],
      [2, 1],
      [2, 0],
      [1, 0],
    ] as const;
    expect(regionsOf(loop.map(([b, c]) => [1, b, c]))).toMatchObject([{ n_points: 8, directions: [] }]);
  });

  it('a_cell_of_one_point_reaches_its_images', () => {
    const energies = new Float32Array(1);
    const grid = { shape: [1, 1, 1] as const, minimum_eV: energies, free_energy_eV: energies };
    expect(findPoreRegions(grid, LIMIT_KT, KT_EV).regions[0]!.directions).toHaveLength(3);
  });

  it('a_pocket_opens_at_the_energy_of_the_lowest_way_out', () => {
    const grid = gridOf([...LINE, [2, 2, 0]]);
    grid.minimum_eV[at(2, 1, 0)] = 24.5 * KT_EV;
    grid.minimum_eV[at(2, 3, 0)] = 30.5 * KT_EV;
    const pocket = findPoreRegions(grid, LIMIT_KT, KT_EV).regions.find((region) => !isChannel(region));
    expect(pocket).toMatchObject({ n_points: 1, opens_at_kT: 25 });
  });
});

describe('withVector', () => {
  it('spans_what_its_vectors_span', () => {
    const basisOf = (...vectors: Vector3[]) => vectors.reduce<Vector3[]>(withVector, []);
    expect(basisOf([0, 0, 0])).toEqual([]);
    expect(basisOf([-2, 0, 0], [3, 0, 0])).toEqual([[1, 0, 0]]);
    expect(basisOf([2, 2, 0], [2, 0, 0], [0, 0, 3])).toEqual([
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 3],
    ]);
    expect(basisOf([1, 1, 0], [2, 2, 0], [-1, -1, 0])).toEqual([[1, 1, 0]]);
  });
});

describe('blockedPlaces', () => {
  const grid = gridOf([...LINE, [2, 2, 2]]);
  const blocked = blockedPlaces(findPoreRegions(grid, LIMIT_KT, KT_EV))!;

  it('every_place_belongs_to_the_nearest_region', () => {
    expect(isBlockedAt(blocked, [2 / 6, 2 / 4, 2 / 4])).toBe(true);
    expect(isBlockedAt(blocked, [2.4 / 6, 1.8 / 4, 1.6 / 4])).toBe(true);
    expect(isBlockedAt(blocked, [2 / 6, 0, 0])).toBe(false);
    expect(isBlockedAt(blocked, [5.9 / 6, 3.9 / 4, -0.1 / 4])).toBe(false);
  });

  it('their_share_is_that_of_their_weights_on_any_grid', () => {
    expect(blockedShare(grid, blocked, KT_EV)).toBeCloseTo(1 / 7, 12);
    const energies = new Float32Array(8);
    const other = { shape: [2, 2, 2] as const, minimum_eV: energies, free_energy_eV: energies };
    // Of the eight corners and middles only (0, 1/2, 1/2) and (1/2, 1/2, 1/2) may be nearer to the pocket.
    expect(blockedShare(other, blocked, KT_EV)).toBeGreaterThan(0);
    expect(blockedShare(other, blocked, KT_EV)).toBeLessThan(0.5);
  });

  it('without_a_pocket_there_are_none', () => {
    expect(blockedPlaces(findPoreRegions(gridOf(LINE), LIMIT_KT, KT_EV))).toBeNull();
    expect(blockedPlaces(findPoreRegions(gridOf([]), LIMIT_KT, KT_EV))).toBeNull();
  });
});
