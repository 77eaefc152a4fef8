// Relaxed placements that are one site, by distance and by the symmetry of the framework. Pure.
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import type { LowestPlacement } from '../../kernel-client/insertions.ts';
import { inverseOf, multiply, norm, volumeOf } from '../../structures/cell.ts';
import { findOperations } from '../../structures/space-group-operations.ts';
import type { CartesianOperation } from '../../structures/space-group-operations.ts';
import { StructureError } from '../../structures/structure-error.ts';
import { SYMMETRY_TOLERANCE_A } from '../../structures/symmetry.ts';

/** Centers nearer than this are one site, whatever the orientations. */
const SAME_SITE_A = 1;
/** Beyond, the search for the symmetry takes longer than the grid. */
const MAX_ATOMS_FOR_SYMMETRY = 2000;

export interface SiteSymmetry {
  lattice: Cell;
  operations: readonly CartesianOperation[];
  /** Primitive cells in the cell. */
  nCopies: number;
  definition: string;
}

export interface DistinctSite extends LowestPlacement {
  multiplicity: number;
}

export function siteSymmetry(framework: Structure & { cell: Cell }): SiteSymmetry {
  const byDistance = `Centers at least ${SAME_SITE_A} A apart`;
  if (framework.symbols.length <= MAX_ATOMS_FOR_SYMMETRY) {
    try {
      const { lattice, operations, spaceGroup } = findOperations(framework, SYMMETRY_TOLERANCE_A);
      return {
        lattice,
        operations,
        nCopies: Math.round(volumeOf(framework.cell) / volumeOf(lattice)),
        definition: `${byDistance}, also from each other's images under the space group ${spaceGroup}; of equal sites the lowest stands.`,
      };
    } catch (error) {
      if (!(error instanceof StructureError)) throw error;
    }
  }
  return {
    lattice: framework.cell,
    operations: [IDENTITY],
    nCopies: 1,
    definition: `${byDistance}; the symmetry of the framework was not determined.`,
  };
}

/** @param placements ascending in energy */
export function distinctSites(
  placements: readonly LowestPlacement[],
  symmetry: SiteSymmetry,
  count: number,
): DistinctSite[] {
  const metric = new LatticeMetric(symmetry.lattice);
  const sites: DistinctSite[] = [];
  const taken: Vector3[] = [];
  for (const placement of placements) {
    if (sites.length >= count) break;
    if (taken.some((image) => metric.isNear(image, placement.center))) continue;
    const orbit = orbitOf(placement.center, symmetry, metric);
    taken.push(...orbit);
    sites.push({ ...placement, multiplicity: orbit.length * symmetry.nCopies });
  }
  return sites;
}

/** All images of a place, those that fall together counted once. */
function orbitOf(center: Vector3, { operations }: SiteSymmetry, metric: LatticeMetric): Vector3[] {
  const orbit: Vector3[] = [center];
  for (const { rotation, translation } of operations) {
    const along = (k: 0 | 1 | 2): number =>
      rotation[k][0] * center[0] + rotation[k][1] * center[1] + rotation[k][2] * center[2] + translation[k];
    const image: Vector3 = [along(0), along(1), along(2)];
    if (!orbit.some((other) => metric.isNear(other, image))) orbit.push(image);
  }
  return orbit;
}

/** Distances below half of the lattice's width, where the image with the smallest fractional steps is the nearest. */
class LatticeMetric {
  readonly #lattice: Cell;
  readonly #inverse: Cell;

  constructor(lattice: Cell) {
    this.#lattice = lattice;
    this.#inverse = inverseOf(lattice);
  }

  isNear(u: Vector3, v: Vector3): boolean {
    const steps = multiply([u[0] - v[0], u[1] - v[1], u[2] - v[2]], this.#inverse);
    const nearest: Vector3 = [
      steps[0] - Math.round(steps[0]),
      steps[1] - Math.round(steps[1]),
      steps[2] - Math.round(steps[2]),
    ];
    return norm(multiply(nearest, this.#lattice)) < SAME_SITE_A;
  }
}

const IDENTITY: CartesianOperation = {
  rotation: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  translation: [0, 0, 0],
};
