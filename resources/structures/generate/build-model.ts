// Published asymmetric unit -> ordered model: every atom of the conventional cell, and the asymmetric unit of the model's own group.
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import { cellFromParameters, norm } from '../../../worker/structures/cell.ts';
import type { SpaceGroupSetting } from '../../../worker/structures/space-groups.ts';
import { operationsOfSetting, settingsFromName } from '../../../worker/structures/space-groups.ts';
import type { SymmetryOperation } from '../../../worker/structures/symmetry-operations.ts';
import { applyOperation, parseSymmetryOperation } from '../../../worker/structures/symmetry-operations.ts';
import { placeHydrogen, placeOnTerminalOxygen } from './place-hydrogens.ts';
import type { PublishedSite } from './published-site.ts';
import { SAME_ATOM_A, readPublishedValue, readSites, vectorBetween } from './published-site.ts';
import type { PublishedStructure } from './published-structure.ts';

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

/** No two atoms of an ordered model are closer; O-H and C-H bonds are longer. */
const CLOSEST_PAIR_A = 0.85;

export function wrapIntoCell(t: number): number {
  const wrapped = t - Math.floor(t);
  return wrapped > 1 - 1e-7 ? 0 : wrapped;
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

function wrap([x, y, z]: Vector3): Vector3 {
  return [wrapIntoCell(x), wrapIntoCell(y), wrapIntoCell(z)];
}

function orbitOf<T extends { readonly fractional: Vector3 }>(
  site: T,
  operations: readonly SymmetryOperation[],
  cell: Cell,
): T[] {
  const orbit: T[] = [];
  for (const operation of operations) {
    const image = wrap(applyOperation(operation, site.fractional));
    const isNew = orbit.every((atom) => norm(vectorBetween(atom.fractional, image, cell)) > SAME_ATOM_A);
    if (isNew) orbit.push({ ...site, fractional: image });
  }
  return orbit;
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

function cellOf({ cell: { a, b, c, gamma = '90' } }: PublishedStructure): Cell {
  const value = (text: string): number => readPublishedValue(text, 'a cell parameter');
  return cellFromParameters({ a: value(a), b: value(b), c: value(c), alpha: 90, beta: 90, gamma: value(gamma) });
}

/** One site per orbit of the model's group that the model keeps. */
function keptSites(
  published: PublishedStructure,
  operations: readonly SymmetryOperation[],
  cell: Cell,
): PublishedSite[] {
  const publishedOperations = operationsOfSetting(onlySetting(published.space_group));
  return readSites(published.sites).flatMap((site) => {
    const kept = published.ordering?.kept_images[site.label]?.map((text) => parseSymmetryOperation(text));
    const representatives: PublishedSite[] = [];
    const covered: PublishedSite[] = [];
    for (const operation of kept ?? publishedOperations) {
      const image = { ...site, fractional: applyOperation(operation, site.fractional) };
      const distanceTo = (atom: PublishedSite): number => norm(vectorBetween(atom.fractional, image.fractional, cell));
      if (covered.some((atom) => distanceTo(atom) <= SAME_ATOM_A)) continue;
      representatives.push(image);
      covered.push(...orbitOf(image, operations, cell));
    }
    return representatives;
  });
}

/** One position per orbit of the model's group. */
function placedPositions(
  published: PublishedStructure,
  kept: readonly PublishedSite[],
  operations: readonly SymmetryOperation[],
  cell: Cell,
): Vector3[] {
  const atoms = kept.flatMap((site) => orbitOf(site, operations, cell));
  const carriersOf = ({ on, image }: { readonly on: string; readonly image?: string }): PublishedSite[] => {
    if (image === undefined) return kept.filter(({ label }) => label === on);
    const operation = parseSymmetryOperation(image);
    return readSites(published.sites)
      .filter(({ label }) => label === on)
      .map((site) => ({ ...site, fractional: applyOperation(operation, site.fractional) }));
  };
  return [
    ...(published.placed_hydrogens ?? []).flatMap((hydrogen) =>
      carriersOf(hydrogen).map((carrier) => placeHydrogen(hydrogen, carrier, atoms, cell)),
    ),
    ...(published.placed_on_terminal_oxygens ?? []).flatMap((ligand) =>
      carriersOf(ligand).flatMap((carrier) => placeOnTerminalOxygen(ligand, carrier, atoms, cell)),
    ),
  ];
}

/** @throws Error when a symbol is ambiguous, a coordinate is no number, or atoms of the model overlap */
export function buildModel(published: PublishedStructure): Model {
  const cell = cellOf(published);
  const setting = onlySetting(published.ordering?.space_group ?? published.space_group);
  const operations = operationsOfSetting(setting);
  const kept = keptSites(published, operations, cell);
  const asymmetricUnit: ModelAtom[] = [
    ...kept.map(({ element, fractional }) => ({ element, fractional: wrap(fractional), isPlaced: false })),
    ...placedPositions(published, kept, operations, cell).map((fractional) => ({
      element: 'H',
      fractional: wrap(fractional),
      isPlaced: true,
    })),
  ];
  const atoms = asymmetricUnit.flatMap((site) => orbitOf(site, operations, cell));
  assertNoClosePairs(atoms, cell);
  return { cell, setting, operations, asymmetricUnit, atoms };
}
