import { describe, expect, it } from 'vitest';
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { multiply } from './cell.ts';
import { benchmarkRmsd, bestRotation } from './superposition.ts';

const POINTS: Vector3[] = [
  [1.0, 0.2, -0.4],
  [-0.7, 1.1, 0.3],
  [0.1, -0.9, 1.2],
  [-0.4, -0.4, -1.1],
];

function molecule(positions: Vector3[]): Structure {
  return { cell: null, pbc: [false, false, false], symbols: positions.map(() => 'C'), positions };
}

function turned(angle: number): Cell {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [
    [c, s, 0],
    [-s, c, 0],
    [0, 0, 1],
  ];
}

describe('benchmarkRmsd', () => {
  it.each([0.3, 2.5, Math.PI])('a_rigid_motion_leaves_nothing: turned by %f', (angle) => {
    const moved = POINTS.map((point): Vector3 => {
      const [x, y, z] = multiply(multiply(point, turned(angle)), [
        [0, 0, 1],
        [1, 0, 0],
        [0, 1, 0],
      ]);
      return [x + 3, y - 7, z + 0.5];
    });
    // The square root of rounding errors of squares.
    expect(benchmarkRmsd(molecule(POINTS), molecule(moved))).toBeLessThan(1e-7);
  });

  it('agrees_with_the_singular_value_decomposition_of_scipy', () => {
    // scipy 1.17.1, Rotation.align_vectors of the centered points.
    const moved: Vector3[] = [
      [1.2, 0.1, -0.5],
      [-0.6, 1.4, 0.2],
      [0.0, -0.7, 1.0],
      [-0.3, -0.6, -1.3],
    ];
    expect(benchmarkRmsd(molecule(POINTS), molecule(moved))).toBeCloseTo(0.10621127675142683, 12);
  });

  it('two_atoms_that_separate_by_2d_have_d_over_sqrt_3', () => {
    const [before, after] = [1.2, 1.4].map((x) =>
      molecule([
        [0, 0, 0],
        [x, 0, 0],
      ]),
    );
    expect(benchmarkRmsd(before!, after!)).toBeCloseTo(0.1 / Math.sqrt(3), 12);
  });

  it('the_minimum_image_of_what_is_left_counts', () => {
    const cell: Cell = [
      [9, 0, 0],
      [0, 9, 0],
      [0, 0, 9],
    ];
    const chain = (last: number): Structure => {
      const positions = [0, 1, last].map((x): Vector3 => [x, 0, 0]);
      return { ...molecule(positions), cell, pbc: [true, true, true] };
    };
    // Three vectors further, the last atom takes the mean along by one: every atom is a whole number of vectors off.
    expect(benchmarkRmsd(chain(3), chain(30))).toBeCloseTo(0, 12);
  });
});

describe('bestRotation', () => {
  it('is_a_proper_rotation_for_mirrored_points_too', () => {
    const mirrored = POINTS.map(([x, y, z]): Vector3 => [x, y, -z]);
    const [a, b, c] = bestRotation(POINTS, mirrored);
    const determinant =
      a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
    expect(determinant).toBeCloseTo(1, 12);
  });
});
