// How far atoms are from where they were, when the cell may have changed. Pure.
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { inverseOf, multiply, norm, subtract } from '../../structures/cell.ts';

/** Fractional displacements mapped to the cell of the frame, less the mean of the framework: strain and drift do not count. */
export class Displacements {
  readonly #start: Structure;
  readonly #startFractional: readonly Vector3[];
  readonly #framework: readonly number[];

  /** @param framework indices of atoms, at least one */
  constructor(start: Structure, framework: readonly number[]) {
    this.#start = start;
    this.#startFractional = fractionalOf(start);
    this.#framework = framework;
  }

  /**
   * @param frame the same atoms, positions continuous (not wrapped) since the start
   * @returns [n_atoms], A
   */
  of(frame: Structure): number[] {
    const { cell } = this.#start.cell === null ? { cell: null } : frame;
    const fractional = fractionalOf(frame);
    const moved = fractional.map((position, i): Vector3 => {
      const difference = subtract(position, this.#startFractional[i] ?? position);
      return cell === null ? difference : multiply(difference, cell);
    });
    const drift = meanOf(this.#framework.map((i) => moved[i] ?? [0, 0, 0]));
    return moved.map((vector) => norm(subtract(vector, drift)));
  }
}

/** @param atoms indices of those that count, at least one */
export function rootMeanSquare(lengths: readonly number[], atoms: readonly number[]): number {
  return Math.sqrt(atoms.reduce((sum, i) => sum + (lengths[i] ?? 0) ** 2, 0) / atoms.length);
}

/** Cartesian where there is no cell. */
function fractionalOf({ cell, positions }: Structure): Vector3[] {
  if (cell === null) return [...positions];
  const inverse = inverseOf(cell);
  return positions.map((position) => multiply(position, inverse));
}

function meanOf(vectors: readonly Vector3[]): Vector3 {
  const sum = vectors.reduce<Vector3>((total, v) => [total[0] + v[0], total[1] + v[1], total[2] + v[2]], [0, 0, 0]);
  return [sum[0] / vectors.length, sum[1] / vectors.length, sum[2] / vectors.length];
}
