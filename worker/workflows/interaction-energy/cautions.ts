// What makes the numbers of an interaction energy worth less than they look, in sentences that say what to do. Pure.
import type { InteractionEnergyResult } from '../../../contracts/results/interaction-energy.ts';

/** Standard error over the Henry coefficient from which it is told. */
const LARGE_ERROR = 0.1;
/** Grid and insertions may differ by this and four standard errors. */
const GRID_AGREEMENT = 0.1;
const POCKET_SHARE = 0.01;
/** A window's energy changes by some kT over a fraction of an A, which is where the grid may miss its middle. */
const NEARLY_OPEN_KT = 25;
const RESOLVING_SPACING_A = 0.3;
/** Less is left over where an atom pair crosses the cutoff, and is worth some 1e-5 eV. */
const RESTLESS_EV_A = 0.01;

type Judged = Pick<
  InteractionEnergyResult,
  | 'accessible_fraction'
  | 'n_pockets'
  | 'percolating_fraction'
  | 'pocket_henry_share'
  | 'connectivity'
  | 'averages'
  | 'pockets_are_blocked'
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

function aboutPockets(result: Judged, guestName: string): string[] {
  return [...aboutShare(result, guestName), ...aboutWindows(result, guestName)];
}

function aboutShare(result: Judged, guestName: string): string[] {
  const { n_pockets, percolating_fraction, pocket_henry_share, pockets_are_blocked, averages } = result;
  if (n_pockets === 0 || pocket_henry_share < POCKET_SHARE) return [];
  const share = (100 * pocket_henry_share).toPrecision(3);
  const stems = `${share} % of the Henry coefficient of the whole cell stems from places that it cannot reach in a rigid framework`;
  if (percolating_fraction === 0) {
    const handling = pockets_are_blocked
      ? 'They are left out, and nothing remains.'
      : 'They are counted, since nothing would remain: a framework whose windows open and close takes up more than its rigid windows let ' +
        'in. Ask for block_pockets=always if the windows stay closed.';
    return [`${guestName} finds no way through the crystal: ${stems}. ${handling}`];
  }
  const handling = pockets_are_blocked
    ? `They are left out; with them it is ${averages.whole_cell.henry_coefficient_mol_kg_Pa.toExponential(3)} mol/(kg Pa).`
    : `They are counted (block_pockets=never); without them it is ${averages.reachable.henry_coefficient_mol_kg_Pa.toExponential(3)} mol/(kg Pa).`;
  return [`${n_pockets} pocket(s) have no way in for ${guestName}: ${stems}. ${handling}`];
}

/** A pocket that is nearly open, or that one spacing closes and half of it opens. */
function aboutWindows({ connectivity, n_pockets, pocket_henry_share }: Judged, guestName: string): string[] {
  const { pockets, spacing_A, closed_by_the_grid } = connectivity;
  const warnings: string[] = [];
  if (closed_by_the_grid > 0) {
    warnings.push(
      `${closed_by_the_grid} pocket(s) of the grid are open for ${guestName} on a finer one, which decided (${spacing_A.toFixed(2)} A): the ` +
        'windows are narrow.',
    );
  }
  if (n_pockets === 0 || pocket_henry_share < POCKET_SHARE) return warnings;
  if (spacing_A > RESOLVING_SPACING_A) {
    warnings.push(
      `What is a pocket was decided with ${spacing_A.toFixed(2)} A between the points of the grid, which may close narrow windows: a finer one was ` +
        'too large. Check with a smaller grid_spacing in a primitive cell.',
    );
  }
  const nearlyOpen = pockets.filter(
    ({ henry_share, opens_at_kT }) =>
      henry_share >= POCKET_SHARE && opens_at_kT !== null && opens_at_kT <= NEARLY_OPEN_KT,
  );
  const lowest = Math.min(...nearlyOpen.map(({ opens_at_kT }) => opens_at_kT ?? Number.POSITIVE_INFINITY));
  if (nearlyOpen.length > 0) {
    warnings.push(
      `The lowest way into a pocket is at ${lowest} kT on the grid, not far above the limit: a finer grid, a framework that gives way or time ` +
        'may open it.',
    );
  }
  return warnings;
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
