// The run that counts: from the kernel into the recording, and on from where an earlier attempt was stopped.
import { join } from 'node:path';
import type { StabilityParameters } from '../../../contracts/results/stability.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import { runDynamics } from '../../kernel-client/dynamics.ts';
import type { MdOutcome } from '../../kernel-client/dynamics.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { structureFile } from '../output/structure-file.ts';
import { assertNotStopped, runWithCheckpoint } from '../stages/kernel-run.ts';
import type { KernelRun } from '../stages/kernel-run.ts';
import { chooseCheckpoint } from '../stages/kept-checkpoint.ts';
import { stopOf, TaskCancelled } from '../task-failure.ts';
import type { WorkflowContext } from '../workflow.ts';
import type { FirstImage } from './pictures.ts';
import { intervals, productionSettings } from './plan.ts';
import { RunRecording } from './recording.ts';
import { binaryTrajectoryFile, findRunResumePoint, RUN, runCheckpoint, trajectoryFile } from './resume-point.ts';
import type { RunResumePoint } from './resume-point.ts';
import type { RunAnalysis } from './run-analysis.ts';

type Context = WorkflowContext<StabilityParameters>;

export interface ProductionPlan {
  /** What the dynamics began with, before any equilibration. */
  reference: Structure;
  start: Structure;
  /** The supercell of the input: its types, bonds and charges hold. */
  topology: Structure;
  /** [n_atoms], A/fs; absent: drawn by the kernel. */
  velocities?: readonly Vector3[];
  pictures: FirstImage;
  /** Per cent of the task before and after. */
  progress: { from: number; to: number };
}

export interface Production {
  outcome: MdOutcome;
  analysis: RunAnalysis;
  warnings: string[];
}

/** @throws how the task ends that was stopped; KernelFailure */
export async function produce(context: Context, plan: ProductionPlan): Promise<Production> {
  context.reporter.stage(RUN);
  const point = await resumePoint(context);
  await chooseCheckpoint(runCheckpoint(context.folder), point?.checkpoint ?? null);
  const production = await runWithCheckpoint(context, RUN, (run) => record(context, plan, run, point));
  const { outcome } = production;
  if (isGivenUp(context, outcome)) await keepLast(context, outcome);
  assertNotStopped(context, outcome.end_state);
  return production;
}

async function resumePoint(context: Context): Promise<RunResumePoint | null> {
  if (context.checkpoint_interval_seconds === null) return null;
  const { parameters, folder } = context;
  const trajectory = parameters.trajectory_interval;
  return findRunResumePoint(folder, { sample: intervals(parameters).sample, trajectory });
}

async function record(
  context: Context,
  plan: ProductionPlan,
  run: KernelRun,
  point: RunResumePoint | null,
): Promise<Production> {
  const { parameters, folder, reporter, kernel } = context;
  const { total_steps, trajectory_interval, ensemble } = parameters;
  const from = run.isResumed ? point : null;
  const recording = await RunRecording.begin(
    {
      folder,
      structure: plan.reference,
      total_steps,
      trajectory_interval,
      sample_interval: intervals(parameters).sample,
      reporter,
      progress: plan.progress,
    },
    from,
  );
  reporter.log('INFO', `Running ${total_steps} steps of ${ensemble}${from === null ? '' : ` from step ${from.step}`}`, {
    ensemble,
    total_steps,
    resumed_from_step: from?.step ?? null,
  });
  try {
    const { structures, warnings } = await runDynamics(
      kernel,
      [plan.start],
      {
        ...productionSettings(parameters),
        ...run.settings,
        topology: plan.topology,
        trajectories: trajectoriesOf(context),
      },
      async (sample, frame) => {
        if (frame !== null) plan.pictures.show(sample.step, frame);
        await recording.add(sample, frame);
      },
      { ...run.options, ...(plan.velocities === undefined ? {} : { details: { velocities: plan.velocities } }) },
    );
    return { outcome: elementAt(structures, 0, 'structure'), analysis: recording.analysis, warnings };
  } finally {
    await recording.close();
  }
}

function trajectoriesOf({ folder, parameters }: Context) {
  const common = { structure: 0, interval_steps: parameters.trajectory_interval };
  return [
    { ...common, format: 'extxyz' as const, path: trajectoryFile(folder) },
    { ...common, format: 'binary' as const, path: binaryTrajectoryFile(folder) },
  ];
}

/** Nobody goes on from here, unlike where a preempted run was stopped. */
function isGivenUp({ signal }: Context, { end_state }: MdOutcome): boolean {
  return end_state === 'deadline' || (end_state === 'cancelled' && stopOf(signal) instanceof TaskCancelled);
}

/** Of a run that was stopped: samples.csv and the trajectory are there already. */
async function keepLast({ folder, structure_name, reporter }: Context, outcome: MdOutcome): Promise<void> {
  const last = structureFile(outcome.structure, structure_name, 'last');
  await writeFileAtomic(join(folder, last.filename), last.content);
  reporter.log('WARNING', `Stopped after ${outcome.steps} steps; the structure is in ${last.filename}`, {
    steps: outcome.steps,
    file: last.filename,
  });
}
