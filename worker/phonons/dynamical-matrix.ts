// The dynamical matrix of a crystal at a wave vector. Pure.
import type { Cell, Vector3 } from '../../contracts/structure.ts';
import { inverseOf, multiply, norm, perpendicularWidths, subtract } from '../structures/cell.ts';
import { elementOf } from '../structures/elements.ts';
import type { ForceConstantMatrix } from './force-constants.ts';
import type { HermitianMatrix } from './hermitian-eigenvalues.ts';
import { PHONON_SYMMETRY_TOLERANCE_A } from './phonon-cells.ts';
import type { PhononCells } from './phonon-cells.ts';

/** Two images are equally near within this, A: both atoms may miss their symmetric places. */
const DISTANCE_TOLERANCE_A = 2 * PHONON_SYMMETRY_TOLERANCE_A;

/** All that frequencies follow from; plain arrays, so that threads can share it. */
export interface LatticeDynamics {
  readonly nPrimitive: number;
  readonly nSupercell: number;
  /** [n_primitive], amu. */
  readonly masses: Float64Array;
  /** [n_supercell] */
  readonly primitiveAtoms: Int32Array;
  /** [n_primitive][n_supercell][3][3], eV/A^2. */
  readonly forceConstants: Float64Array;
  /** [n_primitive * n_supercell + 1]: where the vectors of a pair begin. */
  readonly firstVectors: Int32Array;
  /** [n_vectors][3]: from the representative to the nearest images of the other atom, in vectors of the primitive lattice. */
  readonly vectors: Float64Array;
}

/**
 * A force constant of a supercell is that to an atom with all its images. It is given to the nearest image, in equal parts when
 * several are equally near: this keeps the symmetry of the crystal.
 */
export function buildLatticeDynamics(cells: PhononCells, { values }: ForceConstantMatrix): LatticeDynamics {
  const { primitive, representatives, primitiveAtoms, supercell, supercellLattice, lattice } = cells;
  const inverse = inverseOf(lattice);
  const nearest = new NearestImages(supercellLattice);
  const firstVectors = new Int32Array(representatives.length * primitiveAtoms.length + 1);
  const vectors: number[] = [];
  let pair = 0;
  for (const representative of representatives) {
    const origin = supercell.positions[representative];
    for (const position of supercell.positions) {
      for (const vector of origin === undefined ? [] : nearest.of(subtract(position, origin))) {
        vectors.push(...multiply(vector, inverse));
      }
      pair += 1;
      firstVectors[pair] = vectors.length / 3;
    }
  }
  return {
    nPrimitive: representatives.length,
    nSupercell: primitiveAtoms.length,
    masses: Float64Array.from(primitive.symbols, (symbol) => elementOf(symbol).mass_amu),
    primitiveAtoms,
    forceConstants: values,
    firstVectors,
    vectors: Float64Array.from(vectors),
  };
}

/** The shortest of vector + n @ lattice over all whole n, with those that are as short. */
class NearestImages {
  readonly #lattice: Cell;
  readonly #inverse: Cell;
  readonly #widths: Vector3;

  constructor(lattice: Cell) {
    this.#lattice = lattice;
    this.#inverse = inverseOf(lattice);
    this.#widths = perpendicularWidths(lattice);
  }

  of(vector: Vector3): Vector3[] {
    const shift = multiply(vector, this.#inverse).map((x) => -Math.round(x)) as Vector3;
    const start = add(vector, multiply(shift, this.#lattice));
    const limit = norm(start) + DISTANCE_TOLERANCE_A;
    // The fractional components of `start` are at most one half, and so many lattice planes lie within `limit`.
    const reach = this.#widths.map((width) => Math.floor(limit / width + 0.5)) as Vector3;
    const images: { vector: Vector3; length: number }[] = [];
    let shortest = Number.POSITIVE_INFINITY;
    for (let i = -reach[0]; i <= reach[0]; i += 1) {
      for (let j = -reach[1]; j <= reach[1]; j += 1) {
        for (let k = -reach[2]; k <= reach[2]; k += 1) {
          const image = add(start, multiply([i, j, k], this.#lattice));
          const length = norm(image);
          if (length > limit) continue;
          shortest = Math.min(shortest, length);
          images.push({ vector: image, length });
        }
      }
    }
    return images.filter(({ length }) => length < shortest + DISTANCE_TOLERANCE_A).map(({ vector: image }) => image);
  }
}

/** @returns the lower triangle, [3 n_primitive][3 n_primitive], eV/(A^2 amu) */
export function dynamicalMatrix(dynamics: LatticeDynamics, q: Vector3): HermitianMatrix {
  const { nPrimitive, nSupercell, masses, primitiveAtoms, forceConstants } = dynamics;
  const size = 3 * nPrimitive;
  const [real, imaginary] = [new Float64Array(size * size), new Float64Array(size * size)];
  const phase = { cosine: 0, sine: 0 };
  for (let p = 0; p < nPrimitive; p += 1) {
    for (let j = 0; j < nSupercell; j += 1) {
      const other = primitiveAtoms[j] ?? 0;
      const pair = p * nSupercell + j;
      meanPhase(dynamics, pair, q, phase);
      const weight = 1 / Math.sqrt((masses[p] ?? NaN) * (masses[other] ?? NaN));
      for (let a = 0; a < 3; a += 1) {
        for (let b = 0; b < 3; b += 1) {
          const value = (forceConstants[9 * pair + 3 * a + b] ?? 0) * weight;
          const at = (3 * p + a) * size + 3 * other + b;
          real[at] = (real[at] ?? 0) + value * phase.cosine;
          imaginary[at] = (imaginary[at] ?? 0) + value * phase.sine;
        }
      }
    }
  }
  return averageWithAdjoint({ size, real, imaginary });
}

/** Rounding leaves the matrix Hermitian to some digits only. */
function averageWithAdjoint({ size, real, imaginary }: HermitianMatrix): HermitianMatrix {
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k <= i; k += 1) {
      const [lower, upper] = [i * size + k, k * size + i];
      real[lower] = ((real[lower] ?? 0) + (real[upper] ?? 0)) / 2;
      imaginary[lower] = ((imaginary[lower] ?? 0) - (imaginary[upper] ?? 0)) / 2;
    }
  }
  return { size, real, imaginary };
}

/** Of exp(2 pi i q x) over the vectors x of a pair. */
function meanPhase(
  { firstVectors, vectors }: LatticeDynamics,
  pair: number,
  q: Vector3,
  into: { cosine: number; sine: number },
): void {
  const [first, end] = [firstVectors[pair] ?? 0, firstVectors[pair + 1] ?? 0];
  into.cosine = 0;
  into.sine = 0;
  for (let v = first; v < end; v += 1) {
    const angle =
      2 *
      Math.PI *
      (q[0] * (vectors[3 * v] ?? 0) + q[1] * (vectors[3 * v + 1] ?? 0) + q[2] * (vectors[3 * v + 2] ?? 0));
    into.cosine += Math.cos(angle) / (end - first);
    into.sine += Math.sin(angle) / (end - first);
  }
}

function add(u: Vector3, v: Vector3): Vector3 {
  return [u[0] + v[0], u[1] + v[1], u[2] + v[2]];
}
