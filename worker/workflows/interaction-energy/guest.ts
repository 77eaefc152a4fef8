// The molecule of a task: a known adsorbate or the user's own, as the kernel and as a viewer want it. Pure.
import type { InteractionEnergyParameters, Molecule } from '../../../contracts/results/interaction-energy.ts';
import type { AdsorbateModel } from '../../../contracts/adsorbate.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { BOLTZMANN_EV_K } from '../../../contracts/units.ts';
import { knownAdsorbate } from '../../adsorbates/known-adsorbates.ts';
import { toKernelAdsorbate } from '../../adsorbates/read-adsorbate.ts';
import { subtract } from '../../structures/cell.ts';
import { elementOf, isElement } from '../../structures/elements.ts';
import { TaskFailure } from '../task-failure.ts';
import { UFF_CITATION, uffLennardJones } from './uff-lennard-jones.ts';

/** C-H 1.087 A: Hirota, J. Mol. Spectrosc. 77, 213 (1979). */
const HALF_EDGE_A = 1.087 / Math.sqrt(3);
const METHANE_HYDROGENS: readonly Vector3[] = [
  [HALF_EDGE_A, HALF_EDGE_A, HALF_EDGE_A],
  [HALF_EDGE_A, -HALF_EDGE_A, -HALF_EDGE_A],
  [-HALF_EDGE_A, HALF_EDGE_A, -HALF_EDGE_A],
  [-HALF_EDGE_A, -HALF_EDGE_A, HALF_EDGE_A],
];

export interface Guest {
  model: AdsorbateModel;
  /** [n_sites]; null for a place that is no atom. */
  elements: (string | null)[];
  /** Atoms that the classical model counts into its only site: places from there, A. A sphere is not turned, so neither are they. */
  hydrogens: readonly Vector3[];
  citation: string;
  hasCharges: boolean;
}

export function heliumGuest(): Guest {
  return knownGuest('He');
}

/** @throws TaskFailure ModelError for a molecule with an element that there is not, or without parameters for it */
export function guestOf({ adsorbate, molecule }: InteractionEnergyParameters): Guest {
  return molecule === undefined ? knownGuest(adsorbate) : ownGuest(molecule);
}

function knownGuest(name: InteractionEnergyParameters['adsorbate']): Guest {
  const file = knownAdsorbate(name);
  return withCharges({
    model: toKernelAdsorbate(file),
    elements: file.sites.map(({ element }) => element),
    hydrogens: file.formula === 'CH4' && file.sites.length === 1 ? METHANE_HYDROGENS : [],
    citation: file.citation,
  });
}

function ownGuest({ name, sites }: Molecule): Guest {
  const unknown = sites.find(({ element }) => element !== null && !isElement(element))?.element;
  if (unknown !== undefined && unknown !== null) {
    throw new TaskFailure('ModelError', `The molecule has an element "${unknown}" that there is not.`, {
      parameter: 'molecule',
      element: unknown,
    });
  }
  const masses = sites.map(({ element }) => (element === null ? 0 : elementOf(element).mass_amu));
  const center = centerOfMass(
    sites.map(({ position_A }) => position_A),
    masses,
  );
  const usesUff = sites.some(({ epsilon_K }) => epsilon_K === undefined);
  return withCharges({
    model: {
      name,
      sites: sites.map(({ element, position_A, charge_e, ...given }, i) => {
        const { epsilon_K, sigma_A } = lennardJones(element, given);
        return {
          name: `${element ?? 'X'}${i + 1}`,
          position_A: subtract(position_A, center),
          epsilon_eV: epsilon_K * BOLTZMANN_EV_K,
          sigma_A,
          charge_e,
          mass_amu: masses[i] ?? 0,
        };
      }),
    },
    elements: sites.map(({ element }) => element),
    hydrogens: [],
    citation: usesUff ? `Given with the task. ${UFF_CITATION}` : 'Given with the task',
  });
}

function lennardJones(
  element: string | null,
  given: { epsilon_K?: number | undefined; sigma_A?: number | undefined },
): { epsilon_K: number; sigma_A: number } {
  const { epsilon_K, sigma_A } = given;
  if (epsilon_K !== undefined && sigma_A !== undefined) return { epsilon_K, sigma_A };
  // The parameters' schema has seen to it that a site without an element brings its own.
  return uffLennardJones(element ?? '');
}

function withCharges(guest: Omit<Guest, 'hasCharges'>): Guest {
  return { ...guest, hasCharges: guest.model.sites.some(({ charge_e }) => charge_e !== 0) };
}

function centerOfMass(positions: readonly Vector3[], masses: readonly number[]): Vector3 {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const along = (k: 0 | 1 | 2): number =>
    positions.reduce((sum, position, i) => sum + (masses[i] ?? 0) * position[k], 0) / total;
  return [along(0), along(1), along(2)];
}

/** The atoms of a placement: those among its sites, and hydrogens that a united atom stands for. */
export function guestAtoms(guest: Guest, sites: readonly Vector3[]): { symbols: string[]; positions: Vector3[] } {
  const [center = [Number.NaN, Number.NaN, Number.NaN]] = sites;
  const atoms = guest.elements.flatMap((element, i) => {
    const position = sites[i];
    return element === null || position === undefined ? [] : [{ element, position }];
  });
  const hydrogens = guest.hydrogens.map(([x, y, z]): Vector3 => [center[0] + x, center[1] + y, center[2] + z]);
  return {
    symbols: [...atoms.map(({ element }) => element), ...hydrogens.map(() => 'H')],
    positions: [...atoms.map(({ position }) => position), ...hydrogens],
  };
}

/** The molecule alone, without a cell. */
export function isolatedMolecule(symbols: readonly string[], positions: readonly Vector3[]): Structure {
  return { cell: null, pbc: [false, false, false], symbols: [...symbols], positions: [...positions] };
}

/** The framework and behind it the molecule; charges and labels, which the molecule lacks, are dropped. */
export function complexOf(framework: Structure, symbols: readonly string[], positions: readonly Vector3[]): Structure {
  return {
    cell: framework.cell,
    pbc: framework.pbc,
    symbols: [...framework.symbols, ...symbols],
    positions: [...framework.positions, ...positions],
  };
}
