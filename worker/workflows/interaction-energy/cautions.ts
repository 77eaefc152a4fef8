// What makes the numbers of an interaction energy worth less than they look, in sentences that say what to do. Pure.
import type { InteractionEnergyResult } from '../../../contracts/results/interaction-energy.ts';

/** Standard error over the Henry coefficient from which it is told. */
const LARGE_ERROR = 0.1;
/** Grid and insertions may differ by this and four standard errors. */
const GRID_AGREEMENT = 0.1;
const POCKET_SHARE = 0.01;
/** Less is left over where an atom pair crosses the cutoff, and is worth some 1e-5 eV. */
const RESTLESS_EV_A = 0.01;

type Judged = Pick<
  InteractionEnergyResult,
  | 'accessible_fraction'
  | 'n_pockets'
  | 'percolating_fraction'
  | 'pocket_henry_share'
  | 'henry_coefficient_mol_kg_Pa'
  | 'henry_coefficient_standard_error_mol_kg_Pa'
  | 'henry_coefficient_grid_mol_kg_Pa'
  | 'averages_source'
  | 'sites'
>;

export function cautionsAbout(result: Judged, guestName: string): string[] {
  return [
    ...aboutFit(result, guestName),
    ...aboutPockets(result, guestName),
    ...aboutErrors(result),
    ...aboutGrid(result),
    ...aboutSites(result),
  ];
}

function aboutFit({ accessible_fraction, sites }: Judged, guestName: string): string[] {
  if (accessible_fraction > 0) return [];
  const best = sites[0];
  const what =
    best === undefined
      ? 'overlaps the framework everywhere'
      : `is repelled everywhere (${best.energy_eV.toFixed(2)} eV at best)`;
  return [
    `${guestName} does not fit into this framework: it ${what} on this grid. Henry coefficient and accessible fraction are those of a ` +
      'non-porous solid; if that is not expected, check the structure for solvent and the spacing of the grid.',
  ];
}

function aboutPockets({ n_pockets, percolating_fraction, pocket_henry_share }: Judged, guestName: string): string[] {
  if (n_pockets === 0 || pocket_henry_share < POCKET_SHARE) return [];
  const share = (100 * pocket_henry_share).toPrecision(3);
  const reach =
    percolating_fraction === 0
      ? `${guestName} finds no way through the crystal on this grid`
      : `${n_pockets} pocket(s) have no way in for ${guestName} on this grid`;
  return [
    `${reach}: ${share} % of the Henry coefficient stems from places that it cannot reach in a rigid framework. They are not blocked here; ` +
      'check with a finer grid_spacing whether the windows are really closed, and subtract the share if so.',
  ];
}

function aboutErrors(result: Judged): string[] {
  const { henry_coefficient_mol_kg_Pa: henry, henry_coefficient_standard_error_mol_kg_Pa: error } = result;
  if (error === null || henry === 0 || error / henry < LARGE_ERROR) return [];
  return [
    `The Henry coefficient has a standard error of ${((100 * error) / henry).toPrecision(2)} %: few of the insertions found the sites that ` +
      'count. Raise n_insertions tenfold; the error itself is not to be trusted when it is this large.',
  ];
}

function aboutGrid(result: Judged): string[] {
  const { henry_coefficient_mol_kg_Pa: henry, henry_coefficient_grid_mol_kg_Pa: onGrid } = result;
  const error = result.henry_coefficient_standard_error_mol_kg_Pa ?? 0;
  if (result.averages_source === 'grid' || Math.abs(henry - onGrid) <= 4 * error + GRID_AGREEMENT * henry) return [];
  return [
    `Grid and insertions disagree about the Henry coefficient (${onGrid.toExponential(2)} and ${henry.toExponential(2)} mol/(kg Pa)): the grid is ` +
      'too coarse, the orientations too few, or the insertions missed narrow sites. Halve grid_spacing, raise num_orientations and n_insertions.',
  ];
}

function aboutSites({ sites }: Judged): string[] {
  const moving = sites.filter(({ max_force_eV_A }) => max_force_eV_A > RESTLESS_EV_A);
  if (moving.length === 0) return [];
  const worst = Math.max(...moving.map(({ max_force_eV_A }) => max_force_eV_A));
  return [
    `${moving.length} of ${sites.length} sites did not come to rest (largest force left ${worst.toPrecision(2)} eV/A): their energies are upper ` +
      'bounds. A finer grid_spacing or a larger cutoff_A may help.',
  ];
}
