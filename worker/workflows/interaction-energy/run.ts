// Runs an interaction energy on the kernel: a grid with its relaxed sites, random insertions, single points of the model.
import { join } from 'node:path';
import type {
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
import { assertNotStopped, runWithCheckpoint } from '../stages/kernel-run.ts';
import type { WorkflowContext } from '../workflow.ts';
import {
  analyzeAverages,
  boundPlacements,
  analyzePores,
  analyzeSites,
  gridSpacing,
  minimumHistogram,
  orientationsOf,
} from './analyze.ts';
import { cautionsAbout } from './cautions.ts';
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
import { configurationEnergies, modelInteractionEnergies } from './single-points.ts';

type Context = WorkflowContext<InteractionEnergyParameters>;
type Framework = Structure & { cell: Cell };

/** Per cent of the task when the stages end; the analysis takes the rest. */
const PROGRESS = { grid: 55, sites: 65, widom: 97 } as const;
const RUNS = { grid: 'grid', widom: 'widom' } as const;

const DEFINITIONS = {
  classical:
    'Host-guest energy of the rigid molecule in the rigid framework: Lennard-Jones between its sites and all atoms and images of the ' +
    'framework (UFF4MOF parameters, Lorentz-Berthelot), and Coulomb energy where both have charges.',
  model:
    'E(framework + molecule) - E(framework) - E(molecule) with the model, at the sites of the classical grid, nothing relaxed by the model; ' +
    'the molecule alone has no cell.',
} as const;

export async function runInteractionEnergy(context: Context): Promise<InteractionEnergyResult> {
  const { parameters, structure, reporter } = context;
  const guest = guestOf(parameters);
  const plan = planInteractionEnergy(context, guest);
  const configurations = parseConfigurations(parameters.reference ?? []);
  const framework: Framework = { ...structure, cell: cellOf(structure) };
  for (const warning of plan.warnings) reporter.log('WARNING', warning);

  reporter.stage('grid');
  const { grid, points } = await scan(context, plan);
  const cap = cubeCap(parameters.temperature_k);
  await writeCubes(context.folder, framework, `${guest.model.name} in ${context.structure_name}`, points, cap);

  reporter.stage('sites');
  const symmetry = siteSymmetry(framework);
  const found = distinctSites(boundPlacements(grid.lowest, parameters.temperature_k), symmetry, parameters.n_sites);
  const evaluated = await evaluateSites(context, plan, guest, found);
  const compared = await compare(context, configurations);
  reporter.progress(PROGRESS.sites);

  reporter.stage('widom');
  const widom = plan.widom === null ? null : await insert(context, plan, plan.widom);

  reporter.stage('analyze');
  const sites = analyzeSites(found, evaluated.model_eV, guest, framework.cell);
  const best = sites[0] ?? null;
  const complex = best === null ? null : complexOf(structure, best.symbols, best.positions_A);
  const bestFile =
    complex === null ? null : structureFile(complex, `${context.structure_name} with ${guest.model.name}`, 'best');
  const url = (filename: string): string => `/files/${context.task_id}/${filename}`;
  const draft: InteractionEnergyResult = {
    interaction_energy_eV: best?.energy_eV ?? null,
    ...analyzeAverages(grid, widom, parameters.temperature_k),
    temperature_k: parameters.temperature_k,
    ...analyzePores(points, parameters.temperature_k),
    n_evaluations: grid.n_placements + (widom?.n_placements ?? 0) + evaluated.n_evaluations + compared.n_evaluations,
    energy_source: plan.energySource,
    energy_definition: DEFINITIONS[plan.energySource],
    sites,
    distinct_definition: symmetry.definition,
    adsorbate: {
      name: guest.model.name,
      citation: guest.citation,
      n_atoms: guest.elements.filter((element) => element !== null).length,
      has_charges: guest.hasCharges,
    },
    framework_charges: plan.charges,
    cutoff_A: plan.grid.cutoff_A,
    tail_correction: plan.grid.tail_correction,
    grid: {
      shape: [...points.shape],
      spacing_A: gridSpacing(framework.cell, points.shape),
      n_orientations: orientationsOf(grid, parameters),
      minimum_cube_url: url(FILES.minimumCube),
      free_energy_cube_url: url(FILES.freeEnergyCube),
      cube_cap_eV: cap,
      minimum_histogram: minimumHistogram(points.minimum_eV),
    },
    best_structure:
      bestFile === null
        ? null
        : { format: bestFile.format, content: bestFile.content, file_url: url(bestFile.filename) },
    mae_vs_reference: compared.comparison?.mae_eV ?? null,
    force_mae: compared.comparison?.force_mae_eV_A ?? null,
    reference_comparison: compared.comparison,
    warnings: [],
  };
  const kernelWarnings = [...grid.warnings, ...(widom?.warnings ?? []), ...evaluated.warnings, ...compared.warnings];
  const cautions = cautionsAbout(draft, guest.model.name);
  for (const warning of cautions) reporter.log('WARNING', warning);
  const result = { ...draft, warnings: uniqueWarnings([...plan.warnings, ...cautions, ...kernelWarnings]) };
  await writeFileAtomic(join(context.folder, FILES.sites), sitesCsv(sites));
  if (bestFile !== null) await writeFileAtomic(join(context.folder, bestFile.filename), bestFile.content);
  const report = interactionEnergyReport(context, result, complex ?? structure);
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

interface EvaluatedSites {
  model_eV: number[] | null;
  n_evaluations: number;
  warnings: string[];
}

async function evaluateSites(
  context: Context,
  plan: InteractionPlan,
  guest: Guest,
  sites: readonly DistinctSite[],
): Promise<EvaluatedSites> {
  if (plan.energySource === 'classical') return { model_eV: null, n_evaluations: 0, warnings: [] };
  const molecules = sites.map(({ sites: positions }) => guestAtoms(guest, positions));
  const { interaction_eV, ...rest } = await modelInteractionEnergies(context, context.structure, molecules);
  return { model_eV: interaction_eV, ...rest };
}

interface Compared {
  comparison: ReferenceComparison | null;
  n_evaluations: number;
  warnings: string[];
}

async function compare(context: Context, configurations: readonly ParsedConfiguration[]): Promise<Compared> {
  if (configurations.length === 0) return { comparison: null, n_evaluations: 0, warnings: [] };
  const { energies, ...rest } = await configurationEnergies(context, configurations);
  const comparison = compareWithReference(configurations, energies, `/files/${context.task_id}/${FILES.reference}`);
  await writeFileAtomic(join(context.folder, FILES.reference), referenceCsv(comparison));
  return { comparison, ...rest };
}

/** The plan tells of missing charges in words of this program's parameters; the kernel's word for it is left out. */
function uniqueWarnings(warnings: readonly string[]): string[] {
  return [...new Set(warnings)].filter((warning) => !warning.includes('count for nothing'));
}

function cellOf({ cell }: Structure): Cell {
  if (cell === null) throw new KernelFailure('protocol', 'The plan has seen to a cell.');
  return cell;
}
