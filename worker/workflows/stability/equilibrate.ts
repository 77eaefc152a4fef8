// Langevin dynamics at constant volume before the run that counts.
import { join } from 'node:path';
import { z } from 'zod';
import type { StabilityParameters } from '../../../contracts/results/stability.ts';
import { structureSchema, vector3Schema } from '../../../contracts/structure.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import { runDynamics } from '../../kernel-client/dynamics.ts';
import type { MdOutcome } from '../../kernel-client/dynamics.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { structureFile } from '../output/structure-file.ts';
import { assertNotStopped, runWithCheckpoint } from '../stages/kernel-run.ts';
import { finishedStage } from '../stages/stage-store.ts';
import { TaskFailure } from '../task-failure.ts';
import type { WorkflowContext } from '../workflow.ts';
import type { FirstImage } from './pictures.ts';
import { equilibrationSettings } from './plan.ts';

const STAGE = 'equilibrate';

const equilibratedSchema = z.object({
  structure: structureSchema,
  velocities: z.array(vector3Schema).describe('A/fs'),
  warnings: z.array(z.string()),
});
export type Equilibrated = z.infer<typeof equilibratedSchema>;

export interface EquilibrationPlan {
  /** The supercell. */
  start: Structure;
  /** That of the input: its types, bonds and charges hold. */
  topology: Structure;
  pictures: FirstImage;
  /** Per cent of the task before and after. */
  progress: { from: number; to: number };
}

/**
 * @throws TaskFailure MDUnstable, and how the task ends that was stopped; KernelFailure
 */
export function equilibrate(
  context: WorkflowContext<StabilityParameters>,
  { start, topology, pictures, progress }: EquilibrationPlan,
): Promise<Equilibrated> {
  const { parameters, kernel, reporter } = context;
  reporter.stage(STAGE);
  return finishedStage(context, STAGE, equilibratedSchema, async () => {
    const settings = equilibrationSettings(parameters);
    const { structures, warnings } = await runWithCheckpoint(context, STAGE, (run) =>
      runDynamics(
        kernel,
        [start],
        { ...settings, ...run.settings, topology },
        ({ step }, frame) => {
          reporter.progress(progress.from + ((progress.to - progress.from) * step) / settings.n_steps);
          if (frame !== null) pictures.show(step, frame);
        },
        run.options,
      ),
    );
    const outcome = elementAt(structures, 0, 'structure');
    assertNotStopped(context, outcome.end_state);
    if (outcome.end_state === 'diverged') throw await unstable(context, outcome);
    return { structure: outcome.structure, velocities: outcome.velocities, warnings };
  });
}

/** There is no run that could be judged. Keeps the last good structure, and says where. */
async function unstable(context: WorkflowContext<StabilityParameters>, outcome: MdOutcome): Promise<TaskFailure> {
  const lastGood = structureFile(outcome.structure, context.structure_name, 'last_good');
  await writeFileAtomic(join(context.folder, lastGood.filename), lastGood.content);
  const { timestep_fs, equilibration_steps, relax_first } = context.parameters;
  const message =
    `The dynamics diverged in the equilibration, after ${outcome.steps} of ${equilibration_steps} steps. The last good structure is in ` +
    `${lastGood.filename}. ${relax_first ? '' : 'Set relax_first to true, or '}halve timestep_fs (${timestep_fs}), and look at the input ` +
    `for atoms that are too close.`;
  return new TaskFailure('MDUnstable', message, {
    stage: STAGE,
    steps: outcome.steps,
    timestep_fs,
    file: lastGood.filename,
  });
}
