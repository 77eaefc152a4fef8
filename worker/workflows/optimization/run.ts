// Runs an optimization on the kernel and writes its files.
import { join } from 'node:path';
import type { OptimizationParameters, OptimizationResult } from '../../../contracts/results/optimization.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { KernelFailure } from '../../kernel-client/kernel-failure.ts';
import { relaxStructure } from '../../kernel-client/relax.ts';
import type { Relaxation } from '../../kernel-client/relax.ts';
import type { RunSettings } from '../../kernel-client/settings.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { computeSettings, requestTimeout } from '../compute-settings.ts';
import { structureFile } from '../output/structure-file.ts';
import { renderReport } from '../output/report.ts';
import { stopOf, TaskFailure, TaskTimedOut } from '../task-failure.ts';
import type { WorkflowContext } from '../workflow.ts';
import { analyzeOptimization, notConvergedWarning } from './analyze.ts';
import { planOptimization } from './plan.ts';
import type { OptimizationPlan } from './plan.ts';
import { Recording } from './recording.ts';
import { optimizationReport } from './report.ts';
import { startOf } from './start.ts';
import { findResumePoint, prepareCheckpoint, relaxCheckpoint } from './resume-point.ts';
import type { ResumePoint } from './resume-point.ts';

/** The time alone decides: a thousand steps may be a second, and each checkpoint waits for the disk, as do all that share it. */
const NO_STEPS_BETWEEN_CHECKPOINTS = 0;

type Context = WorkflowContext<OptimizationParameters>;

export async function runOptimization(context: Context): Promise<OptimizationResult> {
  const { parameters, structure, reporter } = context;
  const start = startOf(parameters, structure);
  const plan = planOptimization(parameters, start.structure, start.operations);
  const warnings = [...start.warnings, ...plan.warnings];
  for (const warning of warnings) reporter.log('WARNING', warning);
  if (start.spaceGroup !== null) {
    const { spaceGroup, largest_shift_A } = start;
    const what = `The start is exactly ${spaceGroup}; no atom was further from its place than ${largest_shift_A.toPrecision(2)} A`;
    reporter.log('INFO', what, { largest_shift_A });
  }
  reporter.stage('relax');
  const { relaxation, recording } = await relax(
    context,
    { ...plan, start: start.structure },
    await resumePoint(context),
  );
  return finish(context, { relaxation, recording }, warnings);
}

/** Tasks of this type are resumed when this is true; the kernel has the last word. */
export async function isOptimizationResumable(folder: string): Promise<boolean> {
  return (await findResumePoint(folder)) !== null;
}

async function resumePoint({ folder, checkpoint_interval_seconds }: Context): Promise<ResumePoint | null> {
  return checkpoint_interval_seconds === null ? null : findResumePoint(folder);
}

type Plan = OptimizationPlan & { start: Structure };

interface Relaxed {
  relaxation: Relaxation;
  recording: Recording;
}

/** A checkpoint that the kernel refuses costs the work of the earlier attempts, and never the task. */
async function relax(context: Context, plan: Plan, point: ResumePoint | null): Promise<Relaxed> {
  try {
    return await relaxFrom(context, plan, point);
  } catch (error) {
    if (point === null || !(error instanceof KernelFailure) || error.code !== 'bad_checkpoint') throw error;
    context.reporter.log('WARNING', `The task starts anew: ${error.message}`, { ...error.details });
    return relaxFrom(context, plan, null);
  }
}

async function relaxFrom(context: Context, plan: Plan, point: ResumePoint | null): Promise<Relaxed> {
  const { parameters, folder, reporter } = context;
  const { start: structure } = plan;
  const { fmax, max_steps, trajectory_interval } = parameters;
  await prepareCheckpoint(folder, point);
  const recording = await Recording.begin({ folder, structure, fmax, max_steps, trajectory_interval, reporter }, point);
  const from = point?.lines.at(-1)?.record.step ?? null;
  reporter.log('INFO', beginning(plan, fmax, from), { ...plan.settings, resumed_from_step: from });
  try {
    const relaxation = await relaxStructure(
      context.kernel,
      structure,
      { ...plan.settings, ...computeSettings(context), ...runSettings(context, point !== null) },
      (step, frame) => recording.add(step, frame),
      { signal: context.signal, ...requestTimeout(context.deadline), details: plan.details },
    );
    return { relaxation, recording };
  } catch (error) {
    // What is there may be worth hours. A refused checkpoint is not the end: the steps are still those of its history.
    if (error instanceof KernelFailure && error.code === 'bad_checkpoint') await recording.close();
    else await recording.publish();
    throw error;
  }
}

function beginning({ settings }: OptimizationPlan, fmax: number, fromStep: number | null): string {
  const what = `with ${settings.optimizer} to ${fmax} eV/A`;
  return fromStep === null ? `Relaxing ${what}` : `Relaxing ${what}, from the checkpoint of step ${fromStep}`;
}

function runSettings({ folder, deadline, checkpoint_interval_seconds }: Context, resume: boolean): RunSettings {
  const deadline_seconds = deadline.remainingSeconds();
  return {
    ...(deadline_seconds === null ? {} : { deadline_seconds }),
    ...(checkpoint_interval_seconds === null
      ? {}
      : {
          checkpoint: {
            path: relaxCheckpoint(folder),
            interval_steps: NO_STEPS_BETWEEN_CHECKPOINTS,
            interval_seconds: checkpoint_interval_seconds,
            resume,
          },
        }),
  };
}

async function finish(
  context: Context,
  { relaxation, recording }: Relaxed,
  planWarnings: readonly string[],
): Promise<OptimizationResult> {
  const { parameters, reporter, structure } = context;
  for (const warning of relaxation.warnings) reporter.log('WARNING', warning);
  recording.showLast(relaxation.structure, relaxation.steps);
  await recording.finish(relaxation.end_state === 'diverged' ? null : relaxation);
  if (relaxation.end_state === 'cancelled') throw stopOf(context.signal);
  if (relaxation.end_state === 'diverged') throw await divergence(context, relaxation);
  if (relaxation.end_state === 'deadline') throw await timeOut(context, relaxation);

  reporter.stage('analyze');
  const { steps, kernel_seconds } = relaxation;
  reporter.log('INFO', `The relaxation took ${steps} steps and ${kernel_seconds.toFixed(3)} s in the kernel`, {
    kernel_seconds,
  });
  const notConverged = notConvergedWarning(relaxation, parameters);
  if (notConverged !== null) reporter.log('WARNING', notConverged);
  const warnings = [...planWarnings, ...relaxation.warnings, ...(notConverged === null ? [] : [notConverged])];
  const optimized = structureFile(relaxation.structure, context.structure_name, 'optimized');
  const result = analyzeOptimization({
    parameters,
    initial: structure,
    steps: recording.steps,
    relaxation,
    finalStructure: {
      format: optimized.format,
      content: optimized.content,
      file_url: `/files/${context.task_id}/${optimized.filename}`,
    },
    warnings,
  });
  for (const warning of result.warnings.slice(warnings.length)) reporter.log('WARNING', warning);
  await Promise.all([
    writeFileAtomic(join(context.folder, optimized.filename), optimized.content),
    writeFileAtomic(
      join(context.folder, 'report.html'),
      renderReport(optimizationReport(context, result, relaxation.structure)),
    ),
  ]);
  return result;
}

/** Keeps the structure that was reached. */
async function timeOut(context: Context, relaxation: Relaxation): Promise<TaskTimedOut> {
  const last = structureFile(relaxation.structure, context.structure_name, 'last');
  await writeFileAtomic(join(context.folder, last.filename), last.content);
  context.reporter.log('WARNING', `Out of time after ${relaxation.steps} steps; the structure is in ${last.filename}`, {
    steps: relaxation.steps,
    energy_eV: relaxation.energy_eV,
    max_force_eV_A: relaxation.max_force_eV_A,
    file: last.filename,
  });
  return new TaskTimedOut();
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
