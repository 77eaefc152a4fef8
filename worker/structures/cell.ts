// Cell geometry: lengths and angles, rows, fractional coordinates, widths. Rows are lattice vectors, A:
// cartesian = fractional @ cell.
import type { Cell, CellParameters, Vector3 } from '../../contracts/structure.ts';
import { StructureError } from './structure-error.ts';

/** Thinner cells hold no atom without overlapping its own image. */
const MIN_WIDTH_A = 0.5;
/** Far beyond any crystal; keeps every product finite. */
const MAX_LENGTH_A = 1e5;

export function dot(u: Vector3, v: Vector3): number {
  return u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
}

export function cross(u: Vector3, v: Vector3): Vector3 {
  return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
}

export function norm(v: Vector3): number {
  return Math.hypot(v[0], v[1], v[2]);
}

export function subtract(u: Vector3, v: Vector3): Vector3 {
  return [u[0] - v[0], u[1] - v[1], u[2] - v[2]];
}

/** Row vector times matrix: fractional -> cartesian with a cell, cartesian -> fractional with its inverse. */
export function multiply(v: Vector3, m: Cell): Vector3 {
  return [
    v[0] * m[0][0] + v[1] * m[1][0] + v[2] * m[2][0],
    v[0] * m[0][1] + v[1] * m[1][1] + v[2] * m[2][1],
    v[0] * m[0][2] + v[1] * m[1][2] + v[2] * m[2][2],
  ];
}

/** a . (b x c), A^3; negative for a left-handed cell. */
export function signedVolume(cell: Cell): number {
  return dot(cell[0], cross(cell[1], cell[2]));
}

export function volumeOf(cell: Cell): number {
  return Math.abs(signedVolume(cell));
}

/** Inverse of the row matrix; its columns are the reciprocal vectors without 2 pi. The cell must not be flat. */
export function inverseOf(cell: Cell): Cell {
  const [a, b, c] = cell;
  const volume = signedVolume(cell);
  const [u, v, w] = [cross(b, c), cross(c, a), cross(a, b)];
  return [
    [u[0] / volume, v[0] / volume, w[0] / volume],
    [u[1] / volume, v[1] / volume, w[1] / volume],
    [u[2] / volume, v[2] / volume, w[2] / volume],
  ];
}

/** Distances between opposite cell faces, A. */
export function perpendicularWidths(cell: Cell): Vector3 {
  const [a, b, c] = cell;
  const volume = volumeOf(cell);
  return [volume / norm(cross(b, c)), volume / norm(cross(c, a)), volume / norm(cross(a, b))];
}

function angleBetween(u: Vector3, v: Vector3): number {
  // atan2 keeps full precision near 0 and 180 degrees, where acos of a rounded cosine does not.
  return (Math.atan2(norm(cross(u, v)), dot(u, v)) * 180) / Math.PI;
}

/** Lengths in A, angles in degrees. */
export function cellParameters(cell: Cell): CellParameters {
  const [a, b, c] = cell;
  return {
    a: norm(a),
    b: norm(b),
    c: norm(c),
    alpha: angleBetween(b, c),
    beta: angleBetween(a, c),
    gamma: angleBetween(a, b),
  };
}

/** Cosine and sine of an angle in degrees, exact where crystal systems fix it. */
function cosineAndSine(degrees: number): [number, number] {
  if (degrees === 90) return [0, 1];
  if (degrees === 60) return [0.5, Math.sqrt(3) / 2];
  if (degrees === 120) return [-0.5, Math.sqrt(3) / 2];
  const radians = (degrees * Math.PI) / 180;
  return [Math.cos(radians), Math.sin(radians)];
}

/**
 * Rows with a along x and b in the xy plane, right-handed.
 *
 * @param parameters lengths A, angles degrees
 * @throws StructureError bad_cell when no such cell exists or it is unusable
 */
export function cellFromParameters(parameters: CellParameters): Cell {
  const { a, b, c, alpha, beta, gamma } = parameters;
  for (const [name, length] of Object.entries({ a, b, c })) {
    if (!(length > 0 && length <= MAX_LENGTH_A)) {
      throw new StructureError(
        'bad_cell',
        `Cell length ${name} is ${length} A; it must lie between 0 and ${MAX_LENGTH_A} A.`,
      );
    }
  }
  for (const [name, angle] of Object.entries({ alpha, beta, gamma })) {
    if (!(angle > 0 && angle < 180)) {
      throw new StructureError('bad_cell', `Cell angle ${name} is ${angle} degrees; it must lie between 0 and 180.`);
    }
  }
  const [cosAlpha] = cosineAndSine(alpha);
  const [cosBeta] = cosineAndSine(beta);
  const [cosGamma, sinGamma] = cosineAndSine(gamma);
  const cy = (cosAlpha - cosBeta * cosGamma) / sinGamma;
  const czSquared = 1 - cosBeta * cosBeta - cy * cy;
  if (!(czSquared > 0)) {
    throw new StructureError(
      'bad_cell',
      `The cell angles ${alpha}, ${beta}, ${gamma} span no volume; check the _cell_angle_ values.`,
    );
  }
  const cell: Cell = [
    [a, 0, 0],
    [b * cosGamma, b * sinGamma, 0],
    [c * cosBeta, c * cy, c * Math.sqrt(czSquared)],
  ];
  assertUsableCell(cell);
  return cell;
}

/** @throws StructureError bad_cell when the cell is not finite, too long, or flat */
export function assertUsableCell(cell: Cell): void {
  for (const [i, row] of cell.entries()) {
    const length = norm(row);
    if (!Number.isFinite(length) || length > MAX_LENGTH_A) {
      throw new StructureError(
        'bad_cell',
        `Lattice vector ${'abc'.charAt(i)} is (${row.join(', ')}) A; it must be finite and at most ${MAX_LENGTH_A} A long.`,
      );
    }
  }
  const volume = volumeOf(cell);
  const width = volume > 0 ? Math.min(...perpendicularWidths(cell)) : 0;
  if (!(width >= MIN_WIDTH_A)) {
    throw new StructureError(
      'bad_cell',
      `The cell has a volume of ${volume} A^3 and is ${width} A wide at its thinnest; a usable cell is at least ${MIN_WIDTH_A} A wide.`,
      { volume_A3: volume },
    );
  }
}
