// Runs a bulk modulus: relax, strain (all volumes as one batch), fit.
import { join } from 'node:path';
import type { BulkModulusParameters, BulkModulusResult } from '../../../contracts/results/bulk-modulus.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { hasCheckpoints } from '../checkpoint-files.ts';
import { renderReport } from '../output/report.ts';
import { structureFile } from '../output/structure-file.ts';
import type { StructureFile } from '../output/structure-file.ts';
import { relaxStage } from '../stages/relax-stage.ts';
import type { RelaxStageOutcome } from '../stages/relax-stage.ts';
import type { WorkflowContext } from '../workflow.ts';
import { analyzeBulkModulus, cellOf, volumePoints } from './analyze.ts';
import type { BulkModulusOutcome } from './analyze.ts';
import { relaxUnderPressure } from './hydrostatic.ts';
import { planWarnings, relaxPlan, strained, volumeRatios } from './plan.ts';
import { bulkModulusReport } from './report.ts';
import { formatEos, formatStrained } from './tables.ts';

/** Of the task, per cent: a relaxation of one structure with its cell, one of each volume without, and where asked for two with it. */
const RELAX_PERCENT = 25;
const STRAIN_PERCENT = 80;
const PRESS_PERCENT = 99;

type Context = WorkflowContext<BulkModulusParameters>;

export async function runBulkModulus(context: Context): Promise<BulkModulusResult> {
  const { parameters, structure: input } = context;
  cellOf(input);
  const planned = planWarnings(parameters);
  tell(context, planned);
  const relaxation = parameters.relax_first ? await relax(context) : null;
  const relaxed = relaxation === null ? null : elementAt(relaxation.structures, 0, 'structure');
  const reference = relaxed?.structure ?? input;
  const referenceFile = structureFile(reference, context.structure_name, relaxed === null ? 'strained' : 'relaxed');
  await write(context, [referenceFile]);

  const ratios = volumeRatios(parameters);
  const strain = await strainAll(context, reference, ratios);
  const hydrostatic =
    parameters.hydrostatic_pressure_GPa > 0
      ? await relaxUnderPressure(context, reference, { from: STRAIN_PERCENT, to: PRESS_PERCENT })
      : null;
  context.reporter.stage('fit');
  const outcome = { parameters, input, relaxed, reference, ratios, points: strain.structures, hydrostatic };
  const kernelWarnings = distinct([...(relaxation?.warnings ?? []), ...strain.warnings]);
  tell(context, kernelWarnings);
  return finish(context, outcome, referenceFile, [...planned, ...kernelWarnings]);
}

/** What earlier attempts have left is looked at stage by stage. */
export const isBulkModulusResumable = hasCheckpoints;

function relax(context: Context): Promise<RelaxStageOutcome> {
  const { parameters, structure, reporter } = context;
  reporter.stage('relax');
  return relaxStage(context, {
    name: 'relax',
    structures: [structure],
    settings: relaxPlan(parameters, 'full'),
    progress: { from: 0, to: RELAX_PERCENT },
  });
}

/** Types, bonds and charges are those of the input for all: typed anew, the energy would jump. */
async function strainAll(context: Context, reference: Structure, ratios: number[]): Promise<RelaxStageOutcome> {
  const { parameters, reporter } = context;
  reporter.stage('strain');
  const outcome = await relaxStage(context, {
    name: 'strain',
    structures: ratios.map((ratio) => strained(reference, ratio)),
    settings: relaxPlan(parameters, 'fixed'),
    topology: context.structure,
    progress: { from: parameters.relax_first ? RELAX_PERCENT : 0, to: STRAIN_PERCENT },
  });
  outcome.structures.forEach(({ converged, steps, energy_eV }, i) => {
    const volume_ratio = ratios[i] ?? null;
    const what = `V/V0 = ${volume_ratio?.toFixed(4) ?? ''}: ${energy_eV.toFixed(6)} eV after ${steps} steps`;
    reporter.log(converged ? 'INFO' : 'WARNING', converged ? what : `${what}, not converged`, { volume_ratio });
  });
  return outcome;
}

/** All volumes are one framework: what the kernel says of each of a batch is said once. */
function distinct(warnings: readonly string[]): string[] {
  return [...new Set(warnings.map((warning) => warning.replace(/^structure \d+: /, '')))];
}

/** The points are written before they are fitted: a curve without a fit is still a curve. */
async function finish(
  context: Context,
  outcome: BulkModulusOutcome,
  { format, content, filename }: StructureFile,
  warnings: readonly string[],
): Promise<BulkModulusResult> {
  const frames = formatStrained(outcome.points.map(({ structure }) => structure));
  await write(context, [
    { filename: 'eos.csv', content: formatEos(volumePoints(outcome), []) },
    { filename: 'strained.xyz', content: frames },
  ]);
  const numbers = analyzeBulkModulus(outcome);
  tell(context, numbers.warnings);
  const result: BulkModulusResult = {
    ...numbers,
    final_structure: { format, content, file_url: `/files/${context.task_id}/${filename}` },
    warnings: [...warnings, ...numbers.warnings],
  };
  await write(context, [
    { filename: 'eos.csv', content: formatEos(result.points, result.fits) },
    { filename: 'report.html', content: renderReport(bulkModulusReport(context, result, outcome.reference)) },
  ]);
  return result;
}

async function write(
  { folder }: Context,
  files: readonly Pick<StructureFile, 'filename' | 'content'>[],
): Promise<void> {
  await Promise.all(files.map(({ filename, content }) => writeFileAtomic(join(folder, filename), content)));
}

function tell({ reporter }: Context, warnings: readonly string[]): void {
  for (const warning of warnings) reporter.log('WARNING', warning);
}
