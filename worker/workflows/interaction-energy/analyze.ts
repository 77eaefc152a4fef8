// From placements to what is published: sites, averages, accessible volume, and what is wrong with them. Pure.
import type {
  AdsorptionSite,
  InteractionEnergyParameters,
  InteractionEnergyResult,
} from '../../../contracts/results/interaction-energy.ts';
import type { Cell, Vector3 } from '../../../contracts/structure.ts';
import { BOLTZMANN_EV_K, KJ_MOL_PER_EV } from '../../../contracts/units.ts';
import type { InsertionGrid, Insertions, LowestPlacement } from '../../kernel-client/insertions.ts';
import { inverseOf, multiply, norm } from '../../structures/cell.ts';
import type { DistinctSite } from './distinct-sites.ts';
import { guestAtoms } from './guest.ts';
import type { Guest } from './guest.ts';
import { findPoreRegions } from './pore-regions.ts';
import type { PoreRegions } from './pore-regions.ts';

/** A molecule takes up places of up to this energy; the walls are steep, so that 10 or 20 would give nearly the same. */
const ACCESSIBLE_KT = 15;
/** The kernel's relaxation of a rigid molecule aims at a tenth of this, and may fail by the steps of the energy at the cutoff. */
const AT_REST_EV_A = 1e-3;
const HISTOGRAM_BINS = 120;
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
  | 'mean_interaction_energy_eV'
  | 'mean_interaction_energy_standard_error_eV'
  | 'henry_coefficient_mol_kg_Pa'
  | 'henry_coefficient_standard_error_mol_kg_Pa'
  | 'henry_coefficient_grid_mol_kg_Pa'
  | 'isosteric_heat_kJ_mol'
  | 'isosteric_heat_standard_error_kJ_mol'
  | 'averages_source'
  | 'n_insertions'
>;

/** Isosteric heat at zero loading: RT - <E>. The Henry coefficient has the relative error of the mean Boltzmann factor. */
export function analyzeAverages(grid: Insertions, widom: Insertions | null, temperature_k: number): Averages {
  const from = widom ?? grid;
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
    henry_coefficient_grid_mol_kg_Pa: grid.henry_mol_kg_Pa,
    isosteric_heat_kJ_mol: mean === null ? null : KJ_MOL_PER_EV * (BOLTZMANN_EV_K * temperature_k - mean),
    isosteric_heat_standard_error_kJ_mol: mean === null || meanError === null ? null : KJ_MOL_PER_EV * meanError,
    averages_source: widom === null ? 'grid' : 'widom',
    n_insertions: widom?.n_placements ?? 0,
  };
}

export type PoreVolume = Pick<
  InteractionEnergyResult,
  'accessible_fraction' | 'accessible_definition' | 'percolating_fraction' | 'n_pockets' | 'pocket_henry_share'
>;

export function analyzePores(grid: InsertionGrid, temperature_k: number): PoreVolume {
  const regions: PoreRegions = findPoreRegions(
    grid.shape,
    grid.minimum_eV,
    grid.free_energy_eV,
    accessibleThreshold(temperature_k),
    BOLTZMANN_EV_K * temperature_k,
  );
  const nPoints = grid.minimum_eV.length;
  return {
    accessible_fraction: regions.n_accessible / nPoints,
    accessible_definition: accessibleDefinition(temperature_k),
    percolating_fraction: regions.n_percolating / nPoints,
    n_pockets: regions.n_pockets,
    pocket_henry_share: regions.pocket_weight_share,
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
