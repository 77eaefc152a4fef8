// Which bonds two geometries of the same atoms do not share. Pure.
import type { BondChange, BondChanges } from '../../contracts/results/optimization.ts';
import type { Structure, Vector3 } from '../../contracts/structure.ts';
import { findBonds } from './bonds.ts';
import type { Bond } from './bonds.ts';
import { multiply, norm, subtract } from './cell.ts';

/** A list for people; the counts are complete. */
const MAX_LISTED = 1000;

/**
 * @param before, after the same atoms in the same order; positions continuous (not wrapped between the two), A
 */
export function findBondChanges(before: Structure, after: Structure): BondChanges {
  const [bondsBefore, bondsAfter] = [before, after].map((structure) => findBonds(structure));
  const missingIn = (bonds: readonly Bond[] = [], others: readonly Bond[] = []): Bond[] => {
    const keys = new Set(others.map(keyOf));
    return bonds.filter((bond) => !keys.has(keyOf(bond)));
  };
  const list = (bonds: readonly Bond[]): BondChange[] =>
    bonds.slice(0, MAX_LISTED).map((bond) => changeOf(bond, before, after));
  const broken = missingIn(bondsBefore, bondsAfter);
  const formed = missingIn(bondsAfter, bondsBefore);
  return { n_broken: broken.length, n_formed: formed.length, broken: list(broken), formed: list(formed) };
}

/** An atom's bond to its own image may be found in either direction. */
function keyOf({ i, j, shift }: Bond): string {
  const isReversed = i === j && (shift.find((n) => n !== 0) ?? 0) < 0;
  return [i, j, ...shift.map((n) => (isReversed ? -n : n) + 0)].join(' ');
}

function changeOf({ i, j, shift }: Bond, before: Structure, after: Structure): BondChange {
  const { symbols } = before;
  return {
    atoms: [i, j],
    elements: [symbols[i] ?? '', symbols[j] ?? ''],
    distance_before_A: distance(before, i, j, shift),
    distance_after_A: distance(after, i, j, shift),
  };
}

function distance({ cell, positions }: Structure, i: number, j: number, shift: Vector3): number {
  const vector = subtract(positions[j] ?? [NaN, NaN, NaN], positions[i] ?? [NaN, NaN, NaN]);
  const offset: Vector3 = cell === null ? [0, 0, 0] : multiply(shift, cell);
  return norm([vector[0] + offset[0], vector[1] + offset[1], vector[2] + offset[2]]);
}
