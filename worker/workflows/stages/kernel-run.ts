// One step-by-step request to the kernel inside a stage: deadline, checkpoint, resuming, and the ends that are no results.
import { access, rm } from 'node:fs/promises';
import { KernelFailure } from '../../kernel-client/kernel-failure.ts';
import type { CalculationOptions, ComputeSettings, RunSettings } from '../../kernel-client/settings.ts';
import { checkpointFile } from '../checkpoint-files.ts';
import { computeSettings, requestTimeout } from '../compute-settings.ts';
import type { ComputeParameters } from '../compute-parameters.ts';
import { stopOf, TaskTimedOut } from '../task-failure.ts';
import type { WorkflowContext } from '../workflow.ts';

/** The time alone decides: a thousand steps may be a second, and each checkpoint waits for the disk, as do all that share it. */
const NO_STEPS_BETWEEN_CHECKPOINTS = 0;

type Context = WorkflowContext<ComputeParameters>;

export interface KernelRun {
  settings: ComputeSettings & RunSettings;
  options: CalculationOptions;
  /** Does it go on from a checkpoint? */
  isResumed: boolean;
}

/**
 * Runs a request that keeps the checkpoint `checkpoint.<name>`. A checkpoint that the kernel refuses costs the work of the earlier
 * attempts, and never the task.
 *
 * @param request called once, or twice when the checkpoint was refused
 */
export async function runWithCheckpoint<T>(
  context: Context,
  name: string,
  request: (run: KernelRun) => Promise<T>,
): Promise<T> {
  const path = checkpointFile(context.folder, name);
  const isResumed = context.checkpoint_interval_seconds !== null && (await exists(path));
  try {
    return await request(kernelRun(context, path, isResumed));
  } catch (error) {
    if (!isResumed || !(error instanceof KernelFailure) || error.code !== 'bad_checkpoint') throw error;
    context.reporter.log('WARNING', `The stage starts anew: ${error.message}`, { ...error.details });
    await rm(path, { force: true });
    return request(kernelRun(context, path, false));
  }
}

function kernelRun(context: Context, path: string, isResumed: boolean): KernelRun {
  const { deadline, checkpoint_interval_seconds: interval_seconds } = context;
  const deadline_seconds = deadline.remainingSeconds();
  return {
    settings: {
      ...computeSettings(context),
      ...(deadline_seconds === null ? {} : { deadline_seconds }),
      ...(interval_seconds === null
        ? {}
        : {
            checkpoint: {
              path,
              interval_steps: NO_STEPS_BETWEEN_CHECKPOINTS,
              interval_seconds,
              resume: isResumed,
            },
          }),
    },
    options: { signal: context.signal, ...requestTimeout(deadline) },
    isResumed,
  };
}

/** @throws TaskCancelled, TaskPreempted, TaskTimedOut for a run that was stopped; otherwise nothing happens */
export function assertNotStopped(context: Pick<Context, 'signal'>, end: string): void {
  if (end === 'cancelled') throw stopOf(context.signal);
  if (end === 'deadline') throw new TaskTimedOut();
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
