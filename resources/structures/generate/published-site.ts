// One site of a published table: reading the lines, and when two positions are the same atom.
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import { multiply } from '../../../worker/structures/cell.ts';
import { requireDecimal } from '../../../worker/structures/numbers.ts';

export interface PublishedSite {
  readonly label: string;
  readonly element: string;
  readonly fractional: Vector3;
}

/** Images of a site closer than this are the same atom; published special positions are rounded to 0.002 A or better. */
export const SAME_ATOM_A = 0.01;

/** Cartesian, A, to the nearest image; exact for distances far below the cell's widths. */
export function vectorBetween(from: Vector3, to: Vector3, cell: Cell): Vector3 {
  const wrap = (t: number): number => t - Math.round(t);
  return multiply([wrap(to[0] - from[0]), wrap(to[1] - from[1]), wrap(to[2] - from[2])], cell);
}

/** A value as published: "0.206474(11)" -> 0.206474. */
export function readPublishedValue(text: string | undefined, what: string): number {
  return requireDecimal(text?.replace(/\(\d+\)$/, ''), what);
}

/** @throws Error when a coordinate is no number */
export function readSites(text: string): PublishedSite[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [label = '', element = '', x, y, z] = line.trim().split(/\s+/);
      const coordinate = (value: string | undefined): number => readPublishedValue(value, `a coordinate of ${label}`);
      return { label, element, fractional: [coordinate(x), coordinate(y), coordinate(z)] };
    });
}
