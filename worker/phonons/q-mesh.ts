// Wave vectors of a mesh around gamma, and those of them that symmetry does not relate. Pure.
import type { Cell, Vector3 } from '../../contracts/structure.ts';
import { inverseOf, norm } from '../structures/cell.ts';
import type { PhononCells } from './phonon-cells.ts';
import { isWhole } from './phonon-cells.ts';
import { rotationInLattice, transpose } from './rotations.ts';

export interface QPoint {
  /** In reciprocal vectors of the primitive cell, each component in (-1/2, 1/2]. */
  readonly q: Vector3;
  /** Points of the mesh that it stands for. */
  readonly weight: number;
}

/**
 * @param lattice of the primitive cell: rows, A
 * @param length A; the i-th direction gets max(1, round(length |a*_i|)) points, |a*_i| without 2 pi
 */
export function meshOf(lattice: Cell, length: number): Vector3 {
  const points = transpose(inverseOf(lattice)).map((reciprocal) => Math.max(1, Math.round(length * norm(reciprocal))));
  return [points[0] ?? 1, points[1] ?? 1, points[2] ?? 1];
}

/** Gamma first. Frequencies are equal at q and -q, and at what the rotations of the crystal make of q. */
export function irreduciblePoints(cells: Pick<PhononCells, 'lattice' | 'operations'>, mesh: Vector3): QPoint[] {
  const rotations = rotationsOfMesh(cells, mesh);
  const [nA, nB, nC] = mesh;
  const isSeen = new Uint8Array(nA * nB * nC);
  const points: QPoint[] = [];
  for (let index = 0; index < isSeen.length; index += 1) {
    if (isSeen[index] === 1) continue;
    const point: Vector3 = [Math.floor(index / (nB * nC)), Math.floor(index / nC) % nB, index % nC];
    let weight = 0;
    for (const rotation of rotations) {
      for (const sign of [1, -1]) {
        const image = indexOf(rotation, point, sign, mesh);
        if (isSeen[image] === 0) weight += 1;
        isSeen[image] = 1;
      }
    }
    points.push({ q: [centered(point[0], nA), centered(point[1], nB), centered(point[2], nC)], weight });
  }
  return points;
}

/** On the numbers of a point of the mesh: whole matrices, for those rotations that take the mesh onto itself. */
function rotationsOfMesh({ lattice, operations }: Pick<PhononCells, 'lattice' | 'operations'>, mesh: Vector3): Cell[] {
  const found = new Map<string, Cell>();
  for (const { rotation } of operations) {
    const inLattice = rotationInLattice(rotation, lattice).map((row) => row.map(Math.round)) as Cell;
    const onNumbers = inLattice.map((row, i) =>
      row.map((entry, j) => (entry * (mesh[i] ?? 1)) / (mesh[j] ?? 1)),
    ) as Cell;
    if (isWhole(onNumbers)) found.set(onNumbers.join(), onNumbers.map((row) => row.map(Math.round)) as Cell);
  }
  return [...found.values()];
}

function indexOf(rotation: Cell, point: Vector3, sign: number, [nA, nB, nC]: Vector3): number {
  const component = ([x, y, z]: Vector3, n: number): number => {
    const number = sign * (x * point[0] + y * point[1] + z * point[2]);
    return ((number % n) + n) % n;
  };
  return (component(rotation[0], nA) * nB + component(rotation[1], nB)) * nC + component(rotation[2], nC);
}

function centered(number: number, n: number): number {
  return (2 * number > n ? number - n : number) / n;
}
