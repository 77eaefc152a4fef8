// How far atoms are from where they were, when the cell may have changed. Pure.
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { inverseOf, multiply, norm, subtract } from '../../structures/cell.ts';

export interface FrameDisplacement {
  /** sqrt(sum |dr|^2 / N) over the chosen atoms, A. */
  rmsd_A: number;
  /** Over all atoms, A. */
  largest_A: number;
  largest_atom: number;
}

/** Fractional displacements mapped to the cell of the frame, less the mean of the chosen atoms: strain and drift do not count. */
export class Displacements {
  readonly #start: Structure;
  readonly #startFractional: readonly Vector3[];
  readonly #chosen: readonly number[];

  /** @param chosen indices of atoms, at least one */
  constructor(start: Structure, chosen: readonly number[]) {
    this.#start = start;
    this.#startFractional = fractionalOf(start);
    this.#chosen = chosen;
  }

  /** @param frame the same atoms, positions continuous (not wrapped) since the start */
  of(frame: Structure): FrameDisplacement {
    const { cell } = this.#start.cell === null ? { cell: null } : frame;
    const fractional = fractionalOf(frame);
    const moved = fractional.map((position, i): Vector3 => {
      const difference = subtract(position, this.#startFractional[i] ?? position);
      return cell === null ? difference : multiply(difference, cell);
    });
    const drift = meanOf(this.#chosen.map((i) => moved[i] ?? [0, 0, 0]));
    const lengths = moved.map((vector) => norm(subtract(vector, drift)));
    const squares = this.#chosen.reduce((sum, i) => sum + (lengths[i] ?? 0) ** 2, 0);
    const largest_atom = lengths.reduce((best, length, i) => (length > (lengths[best] ?? 0) ? i : best), 0);
    return {
      rmsd_A: Math.sqrt(squares / this.#chosen.length),
      largest_A: lengths[largest_atom] ?? 0,
      largest_atom,
    };
  }
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
