// A relaxation on the way to something else: no trajectory of its own, but checkpoint, progress, pictures and honest ends.
import { z } from 'zod';
import type { Structure } from '../../../contracts/structure.ts';
import { structureSchema } from '../../../contracts/structure.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import { relaxStructures } from '../../kernel-client/relax.ts';
import type { RelaxDetails, RelaxedBatch, RelaxSettings } from '../../kernel-client/relax.ts';
import type { ComputeParameters } from '../compute-parameters.ts';
import { relaxationProgress } from '../relaxation-progress.ts';
import { TaskFailure } from '../task-failure.ts';
import type { WorkflowContext } from '../workflow.ts';
import { assertNotStopped, runWithCheckpoint } from './kernel-run.ts';
import { finishedStage } from './stage-store.ts';

/** Steps between two pictures of the first structure. */
const FRAME_INTERVAL = 10;

const relaxedSchema = z.object({
  structure: structureSchema,
  energy_eV: z.number(),
  converged: z.boolean(),
  steps: z.int().nonnegative(),
  max_force_eV_A: z.number().nonnegative(),
  /** Rows, eV/A^3, positive = tensile; null without three periodic directions. */
  stress_eV_A3: structureSchema.shape.cell,
  energy_components_eV: z.record(z.string(), z.number()),
});
export type RelaxedInStage = z.infer<typeof relaxedSchema>;

const outcomeSchema = z.object({ structures: z.array(relaxedSchema), warnings: z.array(z.string()) });
export type RelaxStageOutcome = z.infer<typeof outcomeSchema>;

export interface RelaxStage {
  /** Of the stage's files, unique in its task. */
  name: string;
  /** One batch; every structure converges by itself. */
  structures: readonly Structure[];
  settings: Omit<RelaxSettings, 'frame_interval'>;
  details?: RelaxDetails;
  /** Its types, bonds and charges hold for all, where they are not typed themselves: see ComputeSettings. */
  topology?: Structure;
  /** Per cent of the task before and after the stage. */
  progress: { from: number; to: number };
}

/**
 * One that does not converge within `max_steps` is no failure here: the caller says what that means for its result.
 *
 * @throws TaskFailure OptimizationDiverged, and how the task ends that was stopped; KernelFailure
 */
export async function relaxStage(
  context: WorkflowContext<ComputeParameters>,
  stage: RelaxStage,
): Promise<RelaxStageOutcome> {
  return finishedStage(context, stage.name, outcomeSchema, async () => {
    const { structures, warnings } = await relax(context, stage);
    structures.forEach(({ end_state, steps }, i) => {
      assertNotStopped(context, end_state);
      if (end_state === 'diverged') throw diverged(stage, i, steps);
    });
    return {
      structures: structures.map((relaxed) => ({ ...relaxed, converged: relaxed.end_state === 'converged' })),
      warnings,
    };
  });
}

function relax(context: WorkflowContext<ComputeParameters>, stage: RelaxStage): Promise<RelaxedBatch> {
  const { structures, settings, details = {}, topology } = stage;
  const progress = new BatchProgress(stage, context.reporter);
  return runWithCheckpoint(context, stage.name, (run) =>
    relaxStructures(
      context.kernel,
      structures,
      { ...run.settings, ...settings, frame_interval: FRAME_INTERVAL, ...(topology === undefined ? {} : { topology }) },
      (step, frame) => {
        progress.add(step);
        if (step.structure !== 0 || frame === null) return;
        const cell = elementAt(structures, 0, 'structure').cell === null ? null : frame.cell;
        context.reporter.frame({ step: step.step, cell, positions: frame.positions }, { mustBeSeen: false });
      },
      { ...run.options, details },
    ),
  );
}

/** The structures' mean, each from the fall of its largest force. */
class BatchProgress {
  readonly #stage: RelaxStage;
  readonly #reporter: WorkflowContext<unknown>['reporter'];
  readonly #forces: { start: number; smallest: number; percent: number }[];

  constructor(stage: RelaxStage, reporter: WorkflowContext<unknown>['reporter']) {
    this.#stage = stage;
    this.#reporter = reporter;
    this.#forces = stage.structures.map(() => ({ start: 0, smallest: Number.POSITIVE_INFINITY, percent: 0 }));
  }

  add(step: { structure: number; step: number; max_force_eV_A: number; max_cell_force_eV_A: number | null }): void {
    const { progress, settings } = this.#stage;
    const seen = elementAt(this.#forces, step.structure, 'structure');
    const force = Math.max(step.max_force_eV_A, step.max_cell_force_eV_A ?? 0);
    if (seen.start === 0) seen.start = force;
    seen.smallest = Math.min(seen.smallest, force);
    const { fmax_eV_A: fmax, max_steps } = settings;
    seen.percent = relaxationProgress({
      start: seen.start,
      smallest: seen.smallest,
      fmax,
      step: step.step,
      max_steps,
    });
    const mean = this.#forces.reduce((sum, { percent }) => sum + percent, 0) / this.#forces.length;
    this.#reporter.progress(progress.from + ((progress.to - progress.from) * mean) / 100);
  }
}

function diverged(stage: RelaxStage, index: number, steps: number): TaskFailure {
  const which = stage.structures.length === 1 ? '' : ` of structure ${index}`;
  const message =
    `The relaxation${which} in the stage "${stage.name}" diverged after ${steps} steps. ` +
    `Check the input for atoms that are too close, or relax it first in an optimization with the optimizer FIRE.`;
  return new TaskFailure('OptimizationDiverged', message, { stage: stage.name, structure: index, steps });
}
