// Runs an optimization on the kernel and writes its files.
import { join } from 'node:path';
import type { OptimizationParameters, OptimizationResult } from '../../../contracts/results/optimization.ts';
import { relaxStructure } from '../../kernel-client/relax.ts';
import type { Relaxation } from '../../kernel-client/relax.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { structureFile } from '../output/structure-file.ts';
import { renderReport } from '../output/report.ts';
import { stopOf, TaskFailure } from '../task-failure.ts';
import type { WorkflowContext } from '../workflow.ts';
import { analyzeOptimization, notConvergedWarning } from './analyze.ts';
import { planOptimization } from './plan.ts';
import { Recording } from './recording.ts';
import { optimizationReport } from './report.ts';

type Context = WorkflowContext<OptimizationParameters>;

export async function runOptimization(context: Context): Promise<OptimizationResult> {
  const { parameters, structure, reporter } = context;
  const plan = planOptimization(parameters, structure);
  for (const warning of plan.warnings) reporter.log('WARNING', warning);
  reporter.log('INFO', `Relaxing with ${plan.settings.optimizer} to ${parameters.fmax} eV/A`, { ...plan.settings });

  const recording = await Recording.begin({
    folder: context.folder,
    structure,
    fmax: parameters.fmax,
    max_steps: parameters.max_steps,
    trajectory_interval: parameters.trajectory_interval,
    reporter,
  });
  let relaxation: Relaxation | null = null;
  try {
    relaxation = await relaxStructure(
      context.kernel,
      structure,
      { ...plan.settings, potential: context.potential, device: context.device, precision: parameters.precision },
      (step, frame) => recording.add(step, frame),
      { signal: context.signal },
    );
  } finally {
    // Also of a relaxation that was cancelled or whose kernel died: what is there may be worth hours.
    await recording.finish(relaxation !== null && relaxation.end_state !== 'diverged');
  }
  return finish(context, relaxation, recording, plan.warnings);
}

async function finish(
  context: Context,
  relaxation: Relaxation,
  recording: Recording,
  planWarnings: readonly string[],
): Promise<OptimizationResult> {
  const { parameters, reporter, structure } = context;
  for (const warning of relaxation.warnings) reporter.log('WARNING', warning);
  recording.showLast(relaxation.structure, relaxation.steps);
  if (relaxation.end_state === 'cancelled') throw stopOf(context.signal);
  if (relaxation.end_state === 'diverged') throw await divergence(context, relaxation);

  const { steps, kernel_seconds } = relaxation;
  reporter.log('INFO', `The relaxation took ${steps} steps and ${kernel_seconds.toFixed(3)} s in the kernel`, {
    kernel_seconds,
  });
  const notConverged = notConvergedWarning(relaxation, parameters);
  if (notConverged !== null) reporter.log('WARNING', notConverged);
  const optimized = structureFile(relaxation.structure, context.structure_name, 'optimized');
  const result = analyzeOptimization({
    initial: structure,
    steps: recording.steps,
    relaxation,
    finalStructure: {
      format: optimized.format,
      content: optimized.content,
      file_url: `/files/${context.task_id}/${optimized.filename}`,
    },
    warnings: [...planWarnings, ...relaxation.warnings, ...(notConverged === null ? [] : [notConverged])],
  });
  await Promise.all([
    writeFileAtomic(join(context.folder, optimized.filename), optimized.content),
    writeFileAtomic(
      join(context.folder, 'report.html'),
      renderReport(optimizationReport(context, result, relaxation.structure)),
    ),
  ]);
  return result;
}

/** Keeps the last good structure, and says where. */
async function divergence(context: Context, relaxation: Relaxation): Promise<TaskFailure> {
  const lastGood = structureFile(relaxation.structure, context.structure_name, 'last_good');
  await writeFileAtomic(join(context.folder, lastGood.filename), lastGood.content);
  const message =
    `The optimization diverged after ${relaxation.steps} steps. The last good structure ` +
    `(largest force ${relaxation.max_force_eV_A.toPrecision(4)} eV/A) is in ${lastGood.filename}. ` +
    `Check the input for atoms that are too close, or try the optimizer FIRE.`;
  return new TaskFailure('OptimizationDiverged', message, {
    steps: relaxation.steps,
    energy_eV: relaxation.energy_eV,
    max_force_eV_A: relaxation.max_force_eV_A,
    file: lastGood.filename,
  });
}
