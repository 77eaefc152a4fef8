// Frequencies of the vibrations with one wave vector. Pure.
import type { Vector3 } from '../../contracts/structure.ts';
import { THZ_PER_SQRT_EV_A2_AMU } from '../../contracts/units.ts';
import { dynamicalMatrix } from './dynamical-matrix.ts';
import type { LatticeDynamics } from './dynamical-matrix.ts';
import { hermitianEigenvalues } from './hermitian-eigenvalues.ts';

/** @returns [3 n_primitive], THz, ascending; an imaginary frequency is written as a negative one */
export function frequenciesAt(dynamics: LatticeDynamics, q: Vector3): Float64Array {
  return hermitianEigenvalues(dynamicalMatrix(dynamics, q)).map(
    (square) => Math.sign(square) * Math.sqrt(Math.abs(square)) * THZ_PER_SQRT_EV_A2_AMU,
  );
}
