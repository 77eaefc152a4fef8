// Runs an interaction energy on the kernel: a grid with its relaxed sites, random insertions, single points of the model.
import { join } from 'node:path';
import type {
  AdsorptionSite,
  InteractionEnergyResult,
  ReferenceComparison,
} from '../../../contracts/results/interaction-energy.ts';
import type { Structure } from '../../../contracts/structure.ts';
import type { InsertionAverages, Insertions } from '../../kernel-client/insertions.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { renderReport } from '../output/report.ts';
import { structureFile } from '../output/structure-file.ts';
import type { StructureFile } from '../output/structure-file.ts';
import { analyzeSites, boundPlacements } from './analyze.ts';
import { compareWithReference } from './comparison.ts';
import type { ParsedConfiguration } from './comparison.ts';
import { findPockets } from './connectivity.ts';
import { distinctSites, siteSymmetry } from './distinct-sites.ts';
import type { DistinctSite } from './distinct-sites.ts';
import { cubeCap, FILES, referenceCsv, sitesCsv, writeCubes } from './files.ts';
import { complexOf, guestAtoms, guestOf } from './guest.ts';
import type { Guest } from './guest.ts';
import { planInteractionEnergy } from './plan.ts';
import type { InteractionPlan } from './plan.ts';
import { pointsOf, runPlacements } from './placements.ts';
import type { Context } from './placements.ts';
import { blockedTest } from './pockets.ts';
import type { Pockets } from './pockets.ts';
import { interactionEnergyReport } from './report.ts';
import { readConfigurations } from './reference-frames.ts';
import { fileUrl, interactionEnergyResult } from './result.ts';
import { configurationEnergies, modelInteractionEnergies } from './single-points.ts';

/** Per cent of the task when the stages end; the analysis takes the rest. */
const PROGRESS = { grid: 45, connectivity: 55, sites: 65, widom: 94, helium: 97 } as const;

export async function runInteractionEnergy(context: Context): Promise<InteractionEnergyResult> {
  const { parameters, structure, reporter } = context;
  const guest = guestOf(parameters);
  const plan = planInteractionEnergy(context, guest);
  const configurations = await readConfigurations(parameters, context.folder);
  for (const warning of plan.warnings) reporter.log('WARNING', warning);

  reporter.stage('grid');
  const grid = await scan(context, plan);
  const points = pointsOf(grid);
  const title = `${guest.model.name} in ${context.structure_name}`;
  await writeCubes(context.folder, plan.framework, title, points, cubeCap(parameters.temperature_k));
  const window = { from: PROGRESS.grid, to: PROGRESS.connectivity };
  const { pockets, n_placements: n_refined } = await findPockets(context, plan, grid, window);

  reporter.stage('sites');
  const located = await locate(context, { plan, guest, grid, pockets });
  const compared = await compare(context, configurations);
  reporter.progress(PROGRESS.sites);

  reporter.stage('widom');
  const sampled = await sample(context, plan, pockets);

  reporter.stage('analyze');
  const result = interactionEnergyResult({
    task_id: context.task_id,
    parameters,
    cell: plan.framework.cell,
    guest,
    plan,
    grid,
    points,
    pockets,
    ...sampled,
    sites: located.sites,
    lowest_pocket_energy_eV: located.lowest_pocket_energy_eV,
    distinctDefinition: located.definition,
    best: located.best,
    comparison: compared.comparison,
    n_scanned: grid.n_placements + n_refined + sampled.n_scanned_again,
    n_single_points: located.n_evaluations + compared.n_evaluations,
    modelWarnings: [...located.warnings, ...compared.warnings],
  });
  for (const warning of result.warnings) if (!plan.warnings.includes(warning)) reporter.log('WARNING', warning);
  const report = interactionEnergyReport(context, result, located.complex ?? structure);
  await writeFileAtomic(join(context.folder, FILES.report), renderReport(report));
  return result;
}

async function scan(context: Context, plan: InteractionPlan): Promise<Insertions> {
  const grid = await runPlacements(context, plan, {
    name: 'grid',
    settings: plan.grid,
    progress: { from: 0, to: PROGRESS.grid },
  });
  context.reporter.log('INFO', `${grid.n_placements} placements on the grid took ${grid.kernel_seconds.toFixed(2)} s`, {
    shape: [...pointsOf(grid).shape],
    lowest_energy_eV: grid.lowest[0]?.energy_eV ?? null,
  });
  return grid;
}

interface Samples {
  widom: Insertions | null;
  reachable: InsertionAverages | null;
  helium: Insertions | null;
  /** Placements of the grid that were done again for the averages of what can be reached. */
  n_scanned_again: number;
}

async function sample(context: Context, plan: InteractionPlan, { places }: Pockets): Promise<Samples> {
  const blocked = places === null ? {} : { blocked: places };
  const progress = { from: PROGRESS.sites, to: PROGRESS.widom };
  const averages: Omit<Samples, 'helium'> = { widom: null, reachable: null, n_scanned_again: 0 };
  if (plan.widom !== null) {
    averages.widom = await runPlacements(context, plan, {
      name: 'widom',
      settings: { ...plan.widom, ...blocked },
      progress,
    });
    averages.reachable = averages.widom.reachable;
    logInsertions(context, averages.widom);
  } else if (places !== null) {
    const settings = { ...plan.grid, ...blocked, n_lowest: 0, relax_lowest: false };
    const again = await runPlacements(context, plan, { name: 'reachable', settings, progress });
    averages.reachable = again.reachable;
    averages.n_scanned_again = again.n_placements;
  }
  if (plan.helium === null) return { ...averages, helium: null };
  const helium = await runPlacements(context, plan, {
    name: 'helium',
    settings: plan.helium,
    progress: { from: PROGRESS.widom, to: PROGRESS.helium },
  });
  return { ...averages, helium };
}

function logInsertions(context: Context, widom: Insertions): void {
  context.reporter.log('INFO', `${widom.n_placements} insertions took ${widom.kernel_seconds.toFixed(2)} s`, {
    henry_coefficient_mol_kg_Pa: widom.henry_mol_kg_Pa,
    mean_energy_eV: widom.mean_energy_eV,
  });
}

interface LocatedSites extends SinglePointCount {
  /** Lowest first. */
  sites: AdsorptionSite[];
  definition: string;
  /** Of what is left out, or would be; null without pockets. */
  lowest_pocket_energy_eV: number | null;
  /** Framework and molecule at the lowest site, as structure and as file; null when it fits nowhere. */
  complex: Structure | null;
  best: StructureFile | null;
}

interface SinglePointCount {
  n_evaluations: number;
  warnings: string[];
}

/** Their files are written at once: a task that runs out of time later on keeps them. */
async function locate(
  context: Context,
  { plan, guest, grid, pockets }: { plan: InteractionPlan; guest: Guest; grid: Insertions; pockets: Pockets },
): Promise<LocatedSites> {
  const { parameters, folder, structure_name } = context;
  const { framework } = plan;
  const isInPocket = blockedTest(pockets.places, framework.cell);
  const places = pockets.isBlocking ? grid.lowest.filter(({ center }) => !isInPocket(center)) : grid.lowest;
  const symmetry = siteSymmetry(framework);
  const found = distinctSites(boundPlacements(places, parameters.temperature_k), symmetry, parameters.n_sites);
  const { model_eV, ...count } = await modelEnergies(context, plan, guest, found);
  const sites = analyzeSites(found, model_eV, guest, framework.cell, isInPocket);
  await writeFileAtomic(join(folder, FILES.sites), sitesCsv(sites));
  const [lowest] = sites;
  const complex = lowest === undefined ? null : complexOf(framework, lowest.symbols, lowest.positions_A);
  const name = `${structure_name} with ${guest.model.name}`;
  const best = complex === null ? null : structureFile(complex, name, 'best');
  if (best !== null) await writeFileAtomic(join(folder, best.filename), best.content);
  const lowest_pocket_energy_eV = grid.lowest.find(({ center }) => isInPocket(center))?.energy_eV ?? null;
  return { sites, definition: symmetry.definition, complex, best, lowest_pocket_energy_eV, ...count };
}

async function modelEnergies(
  context: Context,
  plan: InteractionPlan,
  guest: Guest,
  sites: readonly DistinctSite[],
): Promise<SinglePointCount & { model_eV: number[] | null }> {
  if (plan.energySource === 'classical') return { model_eV: null, n_evaluations: 0, warnings: [] };
  const molecules = sites.map(({ sites: positions }) => guestAtoms(guest, positions));
  const { interaction_eV, ...count } = await modelInteractionEnergies(context, context.structure, molecules);
  return { model_eV: interaction_eV, ...count };
}

interface Compared extends SinglePointCount {
  comparison: ReferenceComparison | null;
}

async function compare(context: Context, configurations: readonly ParsedConfiguration[]): Promise<Compared> {
  if (configurations.length === 0) return { comparison: null, n_evaluations: 0, warnings: [] };
  const { energies, ...rest } = await configurationEnergies(context, configurations);
  const comparison = compareWithReference(configurations, energies, fileUrl(context.task_id, FILES.reference));
  await writeFileAtomic(join(context.folder, FILES.reference), referenceCsv(comparison));
  return { comparison, ...rest };
}
