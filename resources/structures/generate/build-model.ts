// Published asymmetric unit -> ordered model: every atom of the conventional cell, and the asymmetric unit of the model's own group.
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import { cellFromParameters, multiply, norm } from '../../../worker/structures/cell.ts';
import { requireDecimal } from '../../../worker/structures/numbers.ts';
import type { SpaceGroupSetting } from '../../../worker/structures/space-groups.ts';
import { operationsOfSetting, settingsFromName } from '../../../worker/structures/space-groups.ts';
import type { SymmetryOperation } from '../../../worker/structures/symmetry-operations.ts';
import { applyOperation, parseSymmetryOperation } from '../../../worker/structures/symmetry-operations.ts';
import type { PlacedHydrogen, PublishedStructure } from './published-structure.ts';

export interface ModelAtom {
  readonly element: string;
  readonly fractional: Vector3;
  /** Placed by geometry, not published. */
  readonly isPlaced: boolean;
}

export interface Model {
  readonly cell: Cell;
  readonly setting: SpaceGroupSetting;
  readonly operations: readonly SymmetryOperation[];
  /** One atom per orbit of the model's group, at published coordinates where the image is kept as published. */
  readonly asymmetricUnit: readonly ModelAtom[];
  /** All atoms of the conventional cell. */
  readonly atoms: readonly ModelAtom[];
}

interface PublishedSite extends ModelAtom {
  readonly label: string;
}

/** Images of a site closer than this are the same atom; published special positions are rounded to 0.002 A or better. */
const SAME_ATOM_A = 0.01;
/** No two atoms of an ordered model are closer; O-H and C-H bonds are longer. */
const CLOSEST_PAIR_A = 0.85;

export function wrapIntoCell(t: number): number {
  const wrapped = t - Math.floor(t);
  return wrapped > 1 - 1e-7 ? 0 : wrapped;
}

function vectorBetween(from: Vector3, to: Vector3, cell: Cell): Vector3 {
  const wrap = (t: number): number => t - Math.round(t);
  return multiply([wrap(to[0] - from[0]), wrap(to[1] - from[1]), wrap(to[2] - from[2])], cell);
}

function onlySetting(symbol: string): SpaceGroupSetting {
  const [setting, ...others] = settingsFromName(symbol);
  if (setting === undefined || others.length > 0) {
    throw new Error(
      `The symbol "${symbol}" names ${others.length === 0 ? 'no setting' : 'several settings'}; name exactly one.`,
    );
  }
  return setting;
}

function orbitOf(site: ModelAtom, operations: readonly SymmetryOperation[], cell: Cell): ModelAtom[] {
  const orbit: ModelAtom[] = [];
  for (const operation of operations) {
    const [x, y, z] = applyOperation(operation, site.fractional);
    const image: Vector3 = [wrapIntoCell(x), wrapIntoCell(y), wrapIntoCell(z)];
    const isNew = orbit.every((atom) => norm(vectorBetween(atom.fractional, image, cell)) > SAME_ATOM_A);
    if (isNew) orbit.push({ ...site, fractional: image });
  }
  return orbit;
}

function readSites(text: string): PublishedSite[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [label = '', element = '', x, y, z] = line.trim().split(/\s+/);
      const coordinate = (value: string | undefined): number =>
        requireDecimal(value?.replace(/\(\d+\)$/, ''), `a coordinate of ${label}`);
      return { label, element, fractional: [coordinate(x), coordinate(y), coordinate(z)], isPlaced: false };
    });
}

/** The carrier's position plus the bond, opposite to the sum of the unit vectors towards its neighbors. */
function placeHydrogen(hydrogen: PlacedHydrogen, carrier: ModelAtom, atoms: readonly ModelAtom[], cell: Cell): Vector3 {
  const away: Vector3 = [0, 0, 0];
  for (const atom of atoms) {
    const bond = vectorBetween(carrier.fractional, atom.fractional, cell);
    const length = norm(bond);
    if (length < SAME_ATOM_A || length > hydrogen.neighbors_within_A) continue;
    for (const k of [0, 1, 2] as const) away[k] -= bond[k] / length;
  }
  const scale = hydrogen.bond_length_A / norm(away);
  const cartesian = multiply(carrier.fractional, cell);
  return toFractional(
    [cartesian[0] + away[0] * scale, cartesian[1] + away[1] * scale, cartesian[2] + away[2] * scale],
    cell,
  );
}

/** Cells here have a along x and b in the xy plane, so the rows are lower triangular. */
function toFractional([x, y, z]: Vector3, [a, b, c]: Cell): Vector3 {
  const w = z / c[2];
  const v = (y - w * c[1]) / b[1];
  return [(x - w * c[0] - v * b[0]) / a[0], v, w];
}

function assertNoClosePairs(atoms: readonly ModelAtom[], cell: Cell): void {
  for (const [i, atom] of atoms.entries()) {
    for (const other of atoms.slice(i + 1)) {
      const distance = norm(vectorBetween(atom.fractional, other.fractional, cell));
      if (distance < CLOSEST_PAIR_A) {
        throw new Error(
          `${atom.element} and ${other.element} are ${distance.toFixed(3)} A apart: the disorder is not resolved.`,
        );
      }
    }
  }
}

/** @throws Error when a symbol is ambiguous, a coordinate is no number, or atoms of the model overlap */
export function buildModel(published: PublishedStructure): Model {
  const length = (text: string): number => requireDecimal(text.replace(/\(\d+\)$/, ''), 'a cell length');
  const { a, b, c, gamma = '90' } = published.cell;
  const cell = cellFromParameters({
    a: length(a),
    b: length(b),
    c: length(c),
    alpha: 90,
    beta: 90,
    gamma: length(gamma),
  });
  const publishedOperations = operationsOfSetting(onlySetting(published.space_group));
  const setting = onlySetting(published.ordering?.space_group ?? published.space_group);
  const operations = operationsOfSetting(setting);

  const sites = readSites(published.sites);
  const representatives: PublishedSite[] = [];
  for (const site of sites) {
    const kept = published.ordering?.kept_images[site.label]?.map((text) => parseSymmetryOperation(text));
    const covered: ModelAtom[] = [];
    for (const operation of kept ?? publishedOperations) {
      const image = { ...site, fractional: applyOperation(operation, site.fractional) };
      const isCovered = covered.some(
        (atom) => norm(vectorBetween(atom.fractional, image.fractional, cell)) <= SAME_ATOM_A,
      );
      if (isCovered) continue;
      representatives.push(image);
      covered.push(...orbitOf(image, operations, cell));
    }
  }
  const heavy = representatives.flatMap((site) => orbitOf(site, operations, cell));
  const placed = (published.placed_hydrogens ?? []).flatMap((hydrogen) =>
    representatives
      .filter((site) => site.label === hydrogen.on)
      .map((carrier) => ({ element: 'H', fractional: placeHydrogen(hydrogen, carrier, heavy, cell), isPlaced: true })),
  );
  const asymmetricUnit: ModelAtom[] = [...representatives, ...placed].map(
    ({ element, fractional: [x, y, z], isPlaced }) => ({
      element,
      fractional: [wrapIntoCell(x), wrapIntoCell(y), wrapIntoCell(z)],
      isPlaced,
    }),
  );
  const atoms = asymmetricUnit.flatMap((site) => orbitOf(site, operations, cell));
  assertNoClosePairs(atoms, cell);
  return { cell, setting, operations, asymmetricUnit, atoms };
}
