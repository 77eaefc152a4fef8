// The little linear algebra that drawing a crystal needs. Cell vectors are rows; cartesian = fractional @ cell.
import type { Cell, Vector3 } from '../../../contracts/structure.ts';

export const ORIGIN: Vector3 = [0, 0, 0];

export function toCartesian(fractional: Vector3, cell: Cell): Vector3 {
  const [a, b, c] = cell;
  const [u, v, w] = fractional;
  return [u * a[0] + v * b[0] + w * c[0], u * a[1] + v * b[1] + w * c[1], u * a[2] + v * b[2] + w * c[2]];
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Rows n_k with n_k . a_l = delta_kl (the reciprocal basis without 2 pi). */
export function reciprocalRows(cell: Cell): Cell {
  const [a, b, c] = cell;
  const volume = dot(a, cross(b, c));
  const scale = (v: Vector3): Vector3 => [v[0] / volume, v[1] / volume, v[2] / volume];
  return [scale(cross(b, c)), scale(cross(c, a)), scale(cross(a, b))];
}

export function toFractional(cartesian: Vector3, reciprocal: Cell): Vector3 {
  return [dot(cartesian, reciprocal[0]), dot(cartesian, reciprocal[1]), dot(cartesian, reciprocal[2])];
}

/** Distances between opposite faces, A. */
export function perpendicularWidths(reciprocal: Cell): Vector3 {
  const width = (row: Vector3): number => 1 / Math.hypot(...row);
  return [width(reciprocal[0]), width(reciprocal[1]), width(reciprocal[2])];
}

export function add(a: Vector3, b: Vector3): Vector3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

export function subtract(a: Vector3, b: Vector3): Vector3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
