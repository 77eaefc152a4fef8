import { describe, expect, test } from 'vitest';
import type { Vector3 } from '../../../contracts/structure.ts';
import { rotationTowards } from './view-rotation.ts';
import type { Quaternion } from './view-rotation.ts';

/** v' = q v q* */
function rotate([x, y, z, w]: Quaternion, v: Vector3): Vector3 {
  const t: Vector3 = [2 * (y * v[2] - z * v[1]), 2 * (z * v[0] - x * v[2]), 2 * (x * v[1] - y * v[0])];
  return [
    v[0] + w * t[0] + (y * t[2] - z * t[1]),
    v[1] + w * t[1] + (z * t[0] - x * t[2]),
    v[2] + w * t[2] + (x * t[1] - y * t[0]),
  ];
}

describe('view along an axis', () => {
  const cases: [Vector3, Vector3][] = [
    [[1, 0, 0], [0, 1, 0]],
    [[0, 1, 0], [0, 0, 1]],
    [[0, 0, 1], [0, 1, 0]],
    [[0, 0, -1], [0, 1, 0]],
    [[0, -1, 0], [1, 0, 0]],
    [[3, 1, -2], [0.5, 4, 1]],
    [[-1, -1, -1], [1, 0, 0]],
  ]; // prettier-ignore

  test.each(cases)('%j_points_at_the_viewer_with_%j_upwards', (direction, up) => {
    const quaternion = rotationTowards(direction, up);
    expect(Math.hypot(...quaternion)).toBeCloseTo(1, 12);
    const turned = rotate(quaternion, direction);
    expect(turned[0]).toBeCloseTo(0, 12);
    expect(turned[1]).toBeCloseTo(0, 12);
    expect(turned[2]).toBeCloseTo(Math.hypot(...direction), 12);
    const upwards = rotate(quaternion, up);
    expect(upwards[0]).toBeCloseTo(0, 12);
    expect(upwards[1]).toBeGreaterThan(0);
  });
});
