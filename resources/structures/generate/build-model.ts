// Published asymmetric unit -> ordered model: every atom of the conventional cell, and the asymmetric unit of the model's own group.
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import { cellFromParameters, cross, dot, inverseOf, multiply, norm } from '../../../worker/structures/cell.ts';
import { requireDecimal } from '../../../worker/structures/numbers.ts';
import type { SpaceGroupSetting } from '../../../worker/structures/space-groups.ts';
import { operationsOfSetting, settingsFromName } from '../../../worker/structures/space-groups.ts';
import type { SymmetryOperation } from '../../../worker/structures/symmetry-operations.ts';
import { applyOperation, parseSymmetryOperation } from '../../../worker/structures/symmetry-operations.ts';
import type { PlacedHydrogen, PlacedOnTerminalOxygen, PublishedStructure } from './published-structure.ts';

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

function orbitOf<T extends ModelAtom>(site: T, operations: readonly SymmetryOperation[], cell: Cell): T[] {
  const orbit: T[] = [];
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

/** Unit vectors from an atom to the atoms within the distance. */
function bondsOf(atom: ModelAtom, atoms: readonly ModelAtom[], within: number, cell: Cell): Vector3[] {
  const vectors = atoms.map((other) => vectorBetween(atom.fractional, other.fractional, cell));
  return vectors.filter((v) => norm(v) > SAME_ATOM_A && norm(v) <= within).map((v) => scaled(v, 1 / norm(v)));
}

/** Opposite to the sum of the unit vectors towards the carrier's neighbors. */
function placeHydrogen(hydrogen: PlacedHydrogen, carrier: ModelAtom, atoms: readonly ModelAtom[], cell: Cell): Vector3 {
  const towards = bondsOf(carrier, atoms, hydrogen.neighbors_within_A, cell).reduce(sum, [0, 0, 0]);
  return displaced(carrier.fractional, scaled(towards, -hydrogen.bond_length_A / norm(towards)), cell);
}

function placeOnTerminalOxygen(
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
  const isSameAtom = (p: Vector3, q: Vector3): boolean => norm(vectorBetween(p, q, cell)) <= SAME_ATOM_A;
  const representatives: PublishedSite[] = [];
  for (const site of sites) {
    const kept = published.ordering?.kept_images[site.label]?.map((text) => parseSymmetryOperation(text));
    const covered: ModelAtom[] = [];
    for (const operation of kept ?? publishedOperations) {
      const image = { ...site, fractional: applyOperation(operation, site.fractional) };
      if (covered.some((atom) => isSameAtom(atom.fractional, image.fractional))) continue;
      representatives.push(image);
      covered.push(...orbitOf(image, operations, cell));
    }
  }
  const heavy = representatives.flatMap((site) => orbitOf(site, operations, cell));

  /** One carrier per orbit of the model's group: those on the named image, or all of the label. */
  const carriersOf = ({ on, image }: { readonly on: string; readonly image?: string }): PublishedSite[] => {
    if (image === undefined) return representatives.filter(({ label }) => label === on);
    const site = sites.find(({ label }) => label === on);
    if (site === undefined) throw new Error(`No site is labelled ${on}.`);
    return [{ ...site, fractional: applyOperation(parseSymmetryOperation(image), site.fractional) }];
  };
  const placedPositions = [
    ...(published.placed_hydrogens ?? []).flatMap((hydrogen) =>
      carriersOf(hydrogen).map((carrier) => placeHydrogen(hydrogen, carrier, heavy, cell)),
    ),
    ...(published.placed_on_terminal_oxygens ?? []).flatMap((ligand) =>
      carriersOf(ligand).flatMap((carrier) => placeOnTerminalOxygen(ligand, carrier, heavy, cell)),
    ),
  ];
  const placed = placedPositions.map((fractional): ModelAtom => ({ element: 'H', fractional, isPlaced: true }));
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
