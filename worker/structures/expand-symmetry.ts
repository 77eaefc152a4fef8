// Asymmetric unit + symmetry operations -> every atom of the cell, special positions merged.
import type { Cell, Vector3 } from '../../contracts/structure.ts';
import type { AtomSite } from './cif-sites.ts';
import { multiply, norm } from './cell.ts';
import { assertAtomCount } from './checks.ts';
import { StructureError } from './structure-error.ts';
import type { SymmetryOperation } from './symmetry-operations.ts';
import { applyOperation } from './symmetry-operations.ts';

export interface ExpandedAtom {
  readonly site: AtomSite;
  readonly fractional: Vector3;
}

/** Images of one site this close are one atom: rounding of published coordinates is far smaller, disorder larger. */
const MERGE_DISTANCE_A = 0.1;
/** Below any bond: images this close, but not merged, are alternatives about a symmetry element. */
const DISORDER_DISTANCE_A = 0.5;

/** Fractional difference to the nearest image; exact for distances far below the cell's widths. */
function nearestDifference(to: Vector3, from: Vector3): Vector3 {
  const wrap = (t: number): number => t - Math.round(t);
  return [wrap(to[0] - from[0]), wrap(to[1] - from[1]), wrap(to[2] - from[2])];
}

function wrapFraction(t: number): number {
  const wrapped = t - Math.floor(t);
  return wrapped < 1 ? wrapped : 0;
}

/** Images of one site in order of the operations; an image on a special position lies at the mean of those it merges. */
function orbitOf(site: AtomSite, operations: readonly SymmetryOperation[], cell: Cell): Vector3[] {
  const orbit: { readonly first: Vector3; readonly drift: Vector3; count: number }[] = [];
  for (const [i, operation] of operations.entries()) {
    const image = i === 0 ? site.fractional : applyOperation(operation, site.fractional);
    const member = orbit.find(({ first }) => {
      const distance = norm(multiply(nearestDifference(image, first), cell));
      if (distance >= MERGE_DISTANCE_A && distance < DISORDER_DISTANCE_A) {
        throw new StructureError(
          'unresolved_disorder',
          `Atom ${site.label} lies ${distance.toFixed(2)} A from its own symmetry image: it is disordered about a symmetry ` +
            'element, or its coordinates are rounded too far. Move it onto the special position or write the structure out in P1.',
          { labels: [site.label] },
        );
      }
      return distance < MERGE_DISTANCE_A;
    });
    if (member === undefined) {
      const first: Vector3 = i === 0 ? image : [wrapFraction(image[0]), wrapFraction(image[1]), wrapFraction(image[2])];
      orbit.push({ first, drift: [0, 0, 0], count: 1 });
    } else {
      const difference = nearestDifference(image, member.first);
      for (const k of [0, 1, 2] as const) member.drift[k] += difference[k];
      member.count += 1;
    }
  }
  return orbit.map(({ first, drift, count }) => [
    first[0] + drift[0] / count,
    first[1] + drift[1] / count,
    first[2] + drift[2] / count,
  ]);
}

/**
 * @param operations the whole group, identity first; with the identity alone coordinates stay as the file gives them
 * @returns the images of the first site, then those of the second, ...
 * @throws StructureError too_many_atoms | unresolved_disorder
 */
export function expandSymmetry(
  sites: readonly AtomSite[],
  operations: readonly SymmetryOperation[],
  cell: Cell,
  maxAtoms: number,
): ExpandedAtom[] {
  assertAtomCount(sites.length, maxAtoms);
  if (operations.length === 1) return sites.map((site) => ({ site, fractional: site.fractional }));
  const atoms: ExpandedAtom[] = [];
  for (const site of sites) {
    for (const fractional of orbitOf(site, operations, cell)) atoms.push({ site, fractional });
    assertAtomCount(atoms.length, maxAtoms);
  }
  return atoms;
}
