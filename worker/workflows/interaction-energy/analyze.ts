// From placements to what is published: sites, averages, accessible volume, and what is wrong with them. Pure.
import type {
  AdsorptionAverages,
  AdsorptionSite,
  InteractionEnergyParameters,
  InteractionEnergyResult,
} from '../../../contracts/results/interaction-energy.ts';
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import { BOLTZMANN_EV_K, KJ_MOL_PER_EV } from '../../../contracts/units.ts';
import type { InsertionAverages, Insertions, LowestPlacement } from '../../kernel-client/insertions.ts';
import { inverseOf, multiply, norm } from '../../structures/cell.ts';
import type { DistinctSite } from './distinct-sites.ts';
import { guestAtoms } from './guest.ts';
import type { Guest } from './guest.ts';
import { fractionalAt } from './pockets.ts';
import type { Pockets } from './pockets.ts';
import { isChannel } from './pore-regions.ts';
import type { PoreRegion } from './pore-regions.ts';

/** A molecule takes up places of up to this energy; the walls are steep, so that 10 or 20 would give nearly the same. */
export const ACCESSIBLE_KT = 15;
/** The kernel's relaxation of a rigid molecule aims at a tenth of this, and may fail by the steps of the energy at the cutoff. */
const AT_REST_EV_A = 1e-3;
const HISTOGRAM_BINS = 120;
/** Told one by one. */
const MOST_POCKETS = 20;
/** Of the histogram, above zero. */
const HISTOGRAM_TOP_EV = 0.5;

export function accessibleThreshold(temperature_k: number): number {
  return ACCESSIBLE_KT * BOLTZMANN_EV_K * temperature_k;
}

export function accessibleDefinition(temperature_k: number): string {
  return (
    `Grid points where some orientation of the molecule has an energy below ${ACCESSIBLE_KT} kT ` +
    `(${accessibleThreshold(temperature_k).toFixed(3)} eV at ${temperature_k} K). Channels and pockets: such points connected through ` +
    'their six neighbors.'
  );
}

/** A hollow inside an atom's core can be a minimum, too: only what the molecule can take up is a site, or the lowest if nothing is. */
export function boundPlacements(placements: readonly LowestPlacement[], temperature_k: number): LowestPlacement[] {
  const threshold = accessibleThreshold(temperature_k);
  return placements.filter(({ energy_eV }, i) => i === 0 || energy_eV < threshold);
}

/** @param model_eV of each site, or null when the model was not asked; the sites come back lowest first by what counts */
export function analyzeSites(
  found: readonly DistinctSite[],
  model_eV: readonly number[] | null,
  guest: Guest,
  cell: Cell,
  isInPocket: (center: Vector3) => boolean,
): AdsorptionSite[] {
  const inverse = inverseOf(cell);
  const sites = found.map((site, i): AdsorptionSite => {
    const { symbols, positions } = guestAtoms(guest, site.sites);
    const model_energy_eV = model_eV?.[i] ?? null;
    const max_force_eV_A = site.max_force_eV_A ?? 0;
    return {
      energy_eV: model_energy_eV ?? site.energy_eV,
      classical_energy_eV: site.energy_eV,
      model_energy_eV,
      max_force_eV_A,
      converged: max_force_eV_A <= AT_REST_EV_A,
      in_pocket: isInPocket(site.center),
      multiplicity: site.multiplicity,
      center_fractional: multiply(site.center, inverse).map((x) => x - Math.floor(x)) as Vector3,
      center_A: site.center,
      symbols,
      positions_A: positions,
    };
  });
  return sites.sort((a, b) => a.energy_eV - b.energy_eV);
}

type Averages = Pick<
  InteractionEnergyResult,
  | keyof AdsorptionAverages
  | 'averages'
  | 'pockets_are_blocked'
  | 'henry_coefficient_grid_mol_kg_Pa'
  | 'averages_source'
  | 'n_insertions'
>;

export interface Sampled {
  grid: Insertions;
  widom: Insertions | null;
  /** Of channels alone, from the insertions or from the grid; null without pockets. */
  reachable: InsertionAverages | null;
}

export function analyzeAverages(
  { grid, widom, reachable }: Sampled,
  { places, share, isBlocking }: Pockets,
  temperature_k: number,
): Averages {
  const whole_cell = averagesOf(widom ?? grid, temperature_k);
  const averages = { whole_cell, reachable: reachable === null ? whole_cell : averagesOf(reachable, temperature_k) };
  const isPart = isBlocking && places !== null;
  return {
    ...(isPart ? averages.reachable : averages.whole_cell),
    averages,
    pockets_are_blocked: isPart,
    henry_coefficient_grid_mol_kg_Pa: grid.henry_mol_kg_Pa * (isPart ? 1 - share : 1),
    averages_source: widom === null ? 'grid' : 'widom',
    n_insertions: widom?.n_placements ?? 0,
  };
}

/** Isosteric heat at zero loading: RT - <E>. The Henry coefficient has the relative error of the mean Boltzmann factor. */
function averagesOf(from: InsertionAverages, temperature_k: number): AdsorptionAverages {
  const { mean_energy_eV: mean, mean_energy_standard_error_eV: meanError } = from;
  const relative =
    from.boltzmann_standard_error === null || from.boltzmann_mean === 0
      ? null
      : from.boltzmann_standard_error / from.boltzmann_mean;
  return {
    mean_interaction_energy_eV: mean,
    mean_interaction_energy_standard_error_eV: mean === null ? null : meanError,
    henry_coefficient_mol_kg_Pa: from.henry_mol_kg_Pa,
    henry_coefficient_standard_error_mol_kg_Pa: relative === null ? null : relative * from.henry_mol_kg_Pa,
    isosteric_heat_kJ_mol: mean === null ? null : KJ_MOL_PER_EV * (BOLTZMANN_EV_K * temperature_k - mean),
    isosteric_heat_standard_error_kJ_mol: mean === null || meanError === null ? null : KJ_MOL_PER_EV * meanError,
  };
}

export type PoreVolume = Pick<
  InteractionEnergyResult,
  | 'accessible_fraction'
  | 'accessible_definition'
  | 'percolating_fraction'
  | 'n_pockets'
  | 'pocket_henry_share'
  | 'connectivity'
>;

/** By the grid that decided what is a pocket. */
export function analyzePores(
  { regions, share, isRefined, n_closed_by_grid }: Pockets,
  cell: Cell,
  temperature_k: number,
): PoreVolume {
  const n_points = regions.region_of.length;
  const fractionOf = (some: readonly PoreRegion[]): number =>
    some.reduce((sum, { n_points: n }) => sum + n, 0) / n_points;
  const channels = regions.regions.filter(isChannel);
  const pockets = regions.regions.filter((region) => !isChannel(region));
  const part = (region: PoreRegion) => ({
    fraction: fractionOf([region]),
    henry_share: Math.min(1, region.weight_share),
  });
  return {
    accessible_fraction: fractionOf(regions.regions),
    accessible_definition: accessibleDefinition(temperature_k),
    percolating_fraction: fractionOf(channels),
    n_pockets: pockets.length,
    pocket_henry_share: share,
    connectivity: {
      grid_shape: [...regions.shape],
      spacing_A: Math.max(...gridSpacing(cell, regions.shape)),
      is_refined: isRefined,
      channels: channels.map((region) => ({
        ...part(region),
        dimensionality: region.directions.length,
        directions: region.directions,
      })),
      pockets: pockets.slice(0, MOST_POCKETS).map((region) => ({
        ...part(region),
        center_fractional: fractionalAt(regions.shape, region.lowest_point),
        opens_at_kT: region.opens_at_kT,
      })),
      n_pockets: pockets.length,
      closed_by_the_grid: n_closed_by_grid,
    },
  };
}

/** Fraction of the points at or below each of evenly spaced energies, from the lowest to half an eV above zero. */
export function minimumHistogram(minimum_eV: Float32Array): { energies_eV: number[]; fractions: number[] } {
  const lowest = minimum_eV.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (!(lowest < HISTOGRAM_TOP_EV)) return { energies_eV: [], fractions: [] };
  const width = (HISTOGRAM_TOP_EV - lowest) / HISTOGRAM_BINS;
  const counts = new Array<number>(HISTOGRAM_BINS + 1).fill(0);
  for (const energy of minimum_eV) {
    if (energy > HISTOGRAM_TOP_EV) continue;
    const bin = Math.min(HISTOGRAM_BINS, Math.ceil((energy - lowest) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  let below = 0;
  return {
    energies_eV: counts.map((_, bin) => lowest + bin * width),
    fractions: counts.map((count) => {
      below += count;
      return below / minimum_eV.length;
    }),
  };
}

/** Along the lattice vectors, A. */
export function gridSpacing(cell: Cell, shape: readonly [number, number, number]): Vector3 {
  return [norm(cell[0]) / shape[0], norm(cell[1]) / shape[1], norm(cell[2]) / shape[2]];
}

/** Orientations at every point: the kernel gives a sphere one. */
export function orientationsOf(grid: Insertions, parameters: InteractionEnergyParameters): number {
  const nPoints = grid.grid?.minimum_eV.length ?? 0;
  return nPoints === 0 ? parameters.num_orientations : Math.round(grid.n_placements / nPoints);
}
