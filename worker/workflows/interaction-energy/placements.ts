// One run of placements on the kernel inside a task, with its checkpoint and its part of the progress.
import type { InteractionEnergyParameters } from '../../../contracts/results/interaction-energy.ts';
import { runInsertions } from '../../kernel-client/insertions.ts';
import type { InsertionArrays, InsertionGrid, Insertions, InsertionSettings } from '../../kernel-client/insertions.ts';
import { KernelFailure } from '../../kernel-client/kernel-failure.ts';
import { assertNotStopped, runWithCheckpoint } from '../stages/kernel-run.ts';
import type { WorkflowContext } from '../workflow.ts';
import type { InteractionPlan } from './plan.ts';

export type Context = WorkflowContext<InteractionEnergyParameters>;

export interface PlacementRun {
  /** Of its checkpoint. */
  name: string;
  settings: InsertionSettings & InsertionArrays;
  /** Per cent of the task. */
  progress: { from: number; to: number };
}

/** @throws TaskCancelled, TaskPreempted, TaskTimedOut for a run that was stopped */
export async function runPlacements(
  context: Context,
  plan: InteractionPlan,
  { name, settings, progress: { from, to } }: PlacementRun,
): Promise<Insertions> {
  const result = await runWithCheckpoint(context, name, (run) =>
    runInsertions(
      context.kernel,
      plan.framework,
      { ...run.settings, ...settings, potential: plan.classical },
      ({ n_done, n_total }) => {
        context.reporter.progress(from + ((to - from) * n_done) / n_total);
      },
      run.options,
    ),
  );
  assertNotStopped(context, result.stop);
  return result;
}

export function pointsOf({ grid }: Insertions): InsertionGrid {
  if (grid === null) throw new KernelFailure('protocol', 'The kernel answered a grid without its points.');
  return grid;
}
