// Positions of hydrogens that a publication does not list, from the atoms around the one that carries them.
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import { cross, dot, inverseOf, multiply, norm } from '../../../worker/structures/cell.ts';
import type { PublishedSite } from './published-site.ts';
import { SAME_ATOM_A, vectorBetween } from './published-site.ts';
import type { PlacedHydrogen, PlacedOnTerminalOxygen } from './published-structure.ts';

/** Unit vectors from an atom to the atoms within the distance. */
function bondsOf(atom: PublishedSite, atoms: readonly PublishedSite[], within: number, cell: Cell): Vector3[] {
  const vectors = atoms.map((other) => vectorBetween(atom.fractional, other.fractional, cell));
  return vectors.filter((v) => norm(v) > SAME_ATOM_A && norm(v) <= within).map((v) => scaled(v, 1 / norm(v)));
}

/** Opposite to the sum of the unit vectors towards the carrier's neighbors. */
export function placeHydrogen(
  hydrogen: PlacedHydrogen,
  carrier: PublishedSite,
  atoms: readonly PublishedSite[],
  cell: Cell,
): Vector3 {
  const towards = bondsOf(carrier, atoms, hydrogen.neighbors_within_A, cell).reduce(sum, [0, 0, 0]);
  return displaced(carrier.fractional, scaled(towards, -hydrogen.bond_length_A / norm(towards)), cell);
}

/** One position for a hydroxide, two for a water; the partner is the nearest other atom of the carrier's label. */
export function placeOnTerminalOxygen(
  { ligand, bond_length_A, neighbors_within_A }: PlacedOnTerminalOxygen,
  carrier: PublishedSite,
  atoms: readonly PublishedSite[],
  cell: Cell,
): Vector3[] {
  const [towardsMetal, ...others] = bondsOf(carrier, atoms, neighbors_within_A, cell);
  if (towardsMetal === undefined || others.length > 0)
    throw new Error(`${carrier.label} is not bonded to exactly one atom.`);
  const axis = scaled(towardsMetal, -1);
  const [towardsPartner] = atoms
    .filter(({ label }) => label === carrier.label)
    .map((atom) => vectorBetween(carrier.fractional, atom.fractional, cell))
    .filter((v) => norm(v) > SAME_ATOM_A)
    .sort((u, v) => norm(u) - norm(v));
  if (towardsPartner === undefined) throw new Error(`${carrier.label} has no partner.`);
  const inPlane = sum(towardsPartner, scaled(axis, -dot(towardsPartner, axis)));
  const side = scaled(inPlane, 1 / norm(inPlane));
  const normal = cross(axis, side);
  /** The bond at tetrahedral angle to the metal's, turned about it from the partner's side. */
  const bondAt = (turn: number): Vector3 => {
    const around = sum(scaled(side, Math.cos(turn)), scaled(normal, Math.sin(turn)));
    return sum(scaled(axis, bond_length_A / 3), scaled(around, (bond_length_A * Math.sqrt(8)) / 3));
  };
  const turns = ligand === 'water' ? [0, (2 * Math.PI) / 3] : [Math.PI];
  return turns.map((turn) => displaced(carrier.fractional, bondAt(turn), cell));
}

function sum(u: Vector3, v: Vector3): Vector3 {
  return [u[0] + v[0], u[1] + v[1], u[2] + v[2]];
}

function scaled(v: Vector3, factor: number): Vector3 {
  return [v[0] * factor, v[1] * factor, v[2] * factor];
}

function displaced(fractional: Vector3, displacement: Vector3, cell: Cell): Vector3 {
  return multiply(sum(multiply(fractional, cell), displacement), inverseOf(cell));
}
