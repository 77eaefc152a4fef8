// Runs an interaction energy on the kernel: a grid with its relaxed sites, random insertions, single points of the model.
import { join } from 'node:path';
import type {
  AdsorptionSite,
  InteractionEnergyParameters,
  InteractionEnergyResult,
  ReferenceComparison,
} from '../../../contracts/results/interaction-energy.ts';
import type { Cell, Structure } from '../../../contracts/structure.ts';
import { runInsertions } from '../../kernel-client/insertions.ts';
import type { InsertionGrid, Insertions, InsertionSettings } from '../../kernel-client/insertions.ts';
import { KernelFailure } from '../../kernel-client/kernel-failure.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { renderReport } from '../output/report.ts';
import { structureFile } from '../output/structure-file.ts';
import type { StructureFile } from '../output/structure-file.ts';
import { assertNotStopped, runWithCheckpoint } from '../stages/kernel-run.ts';
import type { WorkflowContext } from '../workflow.ts';
import { analyzeSites, boundPlacements } from './analyze.ts';
import { compareWithReference, parseConfigurations } from './comparison.ts';
import type { ParsedConfiguration } from './comparison.ts';
import { distinctSites, siteSymmetry } from './distinct-sites.ts';
import type { DistinctSite } from './distinct-sites.ts';
import { cubeCap, FILES, referenceCsv, sitesCsv, writeCubes } from './files.ts';
import { complexOf, guestAtoms, guestOf } from './guest.ts';
import type { Guest } from './guest.ts';
import { planInteractionEnergy } from './plan.ts';
import type { InteractionPlan } from './plan.ts';
import { interactionEnergyReport } from './report.ts';
import { fileUrl, interactionEnergyResult } from './result.ts';
import { configurationEnergies, modelInteractionEnergies } from './single-points.ts';

type Context = WorkflowContext<InteractionEnergyParameters>;
type Framework = Structure & { cell: Cell };

/** Per cent of the task when the stages end; the analysis takes the rest. */
const PROGRESS = { grid: 55, sites: 65, widom: 97 } as const;
const RUNS = { grid: 'grid', widom: 'widom' } as const;

export async function runInteractionEnergy(context: Context): Promise<InteractionEnergyResult> {
  const { parameters, structure, reporter } = context;
  const guest = guestOf(parameters);
  const plan = planInteractionEnergy(context, guest);
  const configurations = parseConfigurations(parameters.reference ?? []);
  const framework: Framework = { ...structure, cell: cellOf(structure) };
  for (const warning of plan.warnings) reporter.log('WARNING', warning);

  reporter.stage('grid');
  const { grid, points } = await scan(context, plan);
  const title = `${guest.model.name} in ${context.structure_name}`;
  await writeCubes(context.folder, framework, title, points, cubeCap(parameters.temperature_k));

  reporter.stage('sites');
  const located = await locate(context, { plan, guest, framework, grid });
  const compared = await compare(context, configurations);
  reporter.progress(PROGRESS.sites);

  reporter.stage('widom');
  const widom = plan.widom === null ? null : await insert(context, plan, plan.widom);

  reporter.stage('analyze');
  const result = interactionEnergyResult({
    task_id: context.task_id,
    parameters,
    cell: framework.cell,
    guest,
    plan,
    grid,
    points,
    widom,
    sites: located.sites,
    distinctDefinition: located.definition,
    best: located.best,
    comparison: compared.comparison,
    n_single_points: located.n_evaluations + compared.n_evaluations,
    modelWarnings: [...located.warnings, ...compared.warnings],
  });
  for (const warning of result.warnings) if (!plan.warnings.includes(warning)) reporter.log('WARNING', warning);
  const report = interactionEnergyReport(context, result, located.complex ?? structure);
  await writeFileAtomic(join(context.folder, FILES.report), renderReport(report));
  return result;
}

async function scan(context: Context, plan: InteractionPlan): Promise<{ grid: Insertions; points: InsertionGrid }> {
  const grid = await placements(context, plan, plan.grid, RUNS.grid, { from: 0, to: PROGRESS.grid });
  assertNotStopped(context, grid.stop);
  if (grid.grid === null) throw new KernelFailure('protocol', 'The kernel answered a grid without its points.');
  context.reporter.log('INFO', `${grid.n_placements} placements on the grid took ${grid.kernel_seconds.toFixed(2)} s`, {
    shape: [...grid.grid.shape],
    lowest_energy_eV: grid.lowest[0]?.energy_eV ?? null,
  });
  return { grid, points: grid.grid };
}

async function insert(context: Context, plan: InteractionPlan, settings: InsertionSettings): Promise<Insertions> {
  const widom = await placements(context, plan, settings, RUNS.widom, { from: PROGRESS.sites, to: PROGRESS.widom });
  context.reporter.log('INFO', `${widom.n_placements} insertions took ${widom.kernel_seconds.toFixed(2)} s`, {
    henry_coefficient_mol_kg_Pa: widom.henry_mol_kg_Pa,
    mean_energy_eV: widom.mean_energy_eV,
  });
  assertNotStopped(context, widom.stop);
  return widom;
}

function placements(
  context: Context,
  plan: InteractionPlan,
  settings: InsertionSettings,
  name: string,
  progress: { from: number; to: number },
): Promise<Insertions> {
  return runWithCheckpoint(context, name, (run) =>
    runInsertions(
      context.kernel,
      context.structure,
      { ...run.settings, ...settings, potential: plan.classical },
      ({ n_done, n_total }) => {
        context.reporter.progress(progress.from + ((progress.to - progress.from) * n_done) / n_total);
      },
      run.options,
    ),
  );
}

interface LocatedSites extends SinglePointCount {
  /** Lowest first. */
  sites: AdsorptionSite[];
  definition: string;
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
  { plan, guest, framework, grid }: { plan: InteractionPlan; guest: Guest; framework: Framework; grid: Insertions },
): Promise<LocatedSites> {
  const { parameters, folder, structure_name } = context;
  const symmetry = siteSymmetry(framework);
  const found = distinctSites(boundPlacements(grid.lowest, parameters.temperature_k), symmetry, parameters.n_sites);
  const { model_eV, ...count } = await modelEnergies(context, plan, guest, found);
  const sites = analyzeSites(found, model_eV, guest, framework.cell);
  await writeFileAtomic(join(folder, FILES.sites), sitesCsv(sites));
  const [lowest] = sites;
  const complex = lowest === undefined ? null : complexOf(framework, lowest.symbols, lowest.positions_A);
  const name = `${structure_name} with ${guest.model.name}`;
  const best = complex === null ? null : structureFile(complex, name, 'best');
  if (best !== null) await writeFileAtomic(join(folder, best.filename), best.content);
  return { sites, definition: symmetry.definition, complex, best, ...count };
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

function cellOf({ cell }: Structure): Cell {
  if (cell === null) throw new KernelFailure('protocol', 'The plan has seen to a cell.');
  return cell;
}
