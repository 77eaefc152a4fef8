// The rotation that turns one direction towards the viewer.
import type { Vector3 } from '../../../contracts/structure.ts';

/** Unit quaternion, x y z w. */
export type Quaternion = [number, number, number, number];

/**
 * @param direction ends up pointing at the viewer (+z)
 * @param up ends up pointing upwards (+y) as far as it is perpendicular to `direction`
 */
export function rotationTowards(direction: Vector3, up: Vector3): Quaternion {
  const z = normalized(direction);
  const x = normalized(cross(up, z));
  const y = cross(z, x);
  // Rows of the rotation matrix are the axes of the view.
  return quaternionOf([x, y, z]);
}

/** Shepperd's method: divide by the largest component, so that no direction loses digits. J. Guid. Control 1, 223 (1978). */
function quaternionOf([x, y, z]: [Vector3, Vector3, Vector3]): Quaternion {
  const trace = x[0] + y[1] + z[2];
  if (trace > 0) {
    const s = 2 * Math.sqrt(1 + trace);
    return [(z[1] - y[2]) / s, (x[2] - z[0]) / s, (y[0] - x[1]) / s, s / 4];
  }
  if (x[0] >= y[1] && x[0] >= z[2]) {
    const s = 2 * Math.sqrt(1 + x[0] - y[1] - z[2]);
    return [s / 4, (x[1] + y[0]) / s, (x[2] + z[0]) / s, (z[1] - y[2]) / s];
  }
  if (y[1] >= z[2]) {
    const s = 2 * Math.sqrt(1 + y[1] - x[0] - z[2]);
    return [(x[1] + y[0]) / s, s / 4, (y[2] + z[1]) / s, (x[2] - z[0]) / s];
  }
  const s = 2 * Math.sqrt(1 + z[2] - x[0] - y[1]);
  return [(x[2] + z[0]) / s, (y[2] + z[1]) / s, s / 4, (y[0] - x[1]) / s];
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normalized(v: Vector3): Vector3 {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
}
