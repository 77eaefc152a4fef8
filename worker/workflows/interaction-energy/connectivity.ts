// Which parts of the framework the molecule can reach from outside: by the grid of the task, and by a finer one where that sees pockets.
import { setImmediate } from 'node:timers/promises';
import { BOLTZMANN_EV_K } from '../../../contracts/units.ts';
import type { InteractionEnergyParameters } from '../../../contracts/results/interaction-energy.ts';
import type { Insertions, InsertionSettings } from '../../kernel-client/insertions.ts';
import { ACCESSIBLE_KT } from './analyze.ts';
import { blockedPlaces, blockedShare, fractionalAt, isBlockedAt } from './pockets.ts';
import type { Pockets } from './pockets.ts';
import { runPlacements, pointsOf } from './placements.ts';
import type { Context } from './placements.ts';
import { gridShape, MAX_GRID_POINTS } from './plan.ts';
import type { InteractionPlan } from './plan.ts';
import { findPoreRegions, isChannel } from './pore-regions.ts';
import type { EnergyGrid, PoreRegion, PoreRegions } from './pore-regions.ts';

/** Windows of zeolites and frameworks are some tenths of an A wide for what just fits. */
const FINE_SPACING_A = 0.25;
/** Under a minute on two cores, with charges. */
const MOST_REFINED_PLACEMENTS = 10_000_000;
/** Specks of the grid that hold less of the weights than this are no reason for a finer one. */
const MATTERING_SHARE = 1e-3;

/** @returns with the placements of the finer grid, 0 without one */
export async function findPockets(
  context: Context,
  plan: InteractionPlan,
  grid: Insertions,
  progress: { from: number; to: number },
): Promise<{ pockets: Pockets; n_placements: number }> {
  const { temperature_k, block_pockets } = context.parameters;
  const points = pointsOf(grid);
  const coarse = await regionsOf(points, temperature_k);
  const settings = hasDoubts(coarse)
    ? finerGrid(plan, context.parameters, grid.n_placements / points.minimum_eV.length)
    : null;
  const finer =
    settings === null ? null : await runPlacements(context, plan, { name: 'connectivity', settings, progress });
  const regions = finer === null ? coarse : await regionsOf(pointsOf(finer), temperature_k);
  const places = blockedPlaces(regions);
  await setImmediate();
  const hasChannels = regions.regions.some(isChannel);
  const pockets: Pockets = {
    regions,
    places,
    share: places === null ? 0 : blockedShare(points, places, BOLTZMANN_EV_K * temperature_k),
    isBlocking: block_pockets === 'always' || (block_pockets === 'auto' && hasChannels),
    isRefined: finer !== null,
    n_closed_by_grid: finer === null ? 0 : countOpened(coarse, places),
  };
  return { pockets, n_placements: finer?.n_placements ?? 0 };
}

/** Some seconds for millions of points; what waits in the event loop has its turn before the next step. */
async function regionsOf(grid: EnergyGrid, temperature_k: number): Promise<PoreRegions> {
  const regions = findPoreRegions(grid, ACCESSIBLE_KT, BOLTZMANN_EV_K * temperature_k);
  await setImmediate();
  return regions;
}

function matters(region: PoreRegion): boolean {
  return !isChannel(region) && region.weight_share >= MATTERING_SHARE;
}

function hasDoubts({ regions }: PoreRegions): boolean {
  return regions.some(matters) || (regions.length > 0 && !regions.some(isChannel));
}

/** The spacing halved until it is fine, or as often as memory and time allow; null when not even once. */
function finerGrid(
  { framework, grid }: InteractionPlan,
  { grid_spacing, num_orientations }: InteractionEnergyParameters,
  n_orientations: number,
): InsertionSettings | null {
  const fits = (spacing_A: number): boolean => {
    const n_points = gridShape(framework.cell, spacing_A).reduce((product, n) => product * n, 1);
    return n_points <= MAX_GRID_POINTS && n_points * n_orientations <= MOST_REFINED_PLACEMENTS;
  };
  let finest: number | null = null;
  for (let spacing_A = grid_spacing / 2; fits(spacing_A) && 2 * spacing_A > FINE_SPACING_A; spacing_A /= 2)
    finest = spacing_A;
  if (finest === null) return null;
  return {
    ...grid,
    placements: { mode: 'grid', spacing_A: finest, n_orientations: num_orientations },
    n_lowest: 0,
    relax_lowest: false,
  };
}

/** Pockets of one grid that are part of a channel on the finer one. */
function countOpened(coarse: PoreRegions, places: Pockets['places']): number {
  const isOpen = ({ lowest_point }: PoreRegion): boolean =>
    places === null || !isBlockedAt(places, fractionalAt(coarse.shape, lowest_point));
  return coarse.regions.filter(matters).filter(isOpen).length;
}
