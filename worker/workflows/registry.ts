// The workflows that there are. A task type stands in contracts/task-types.ts; its workflow is registered here and nowhere else.
import type { z } from 'zod';
import { TASK_TYPES } from '../../contracts/task-types.ts';
import type { TaskType } from '../../contracts/task-types.ts';
import { isOptimizationResumable, runOptimization } from './optimization/run.ts';
import { isBulkModulusResumable, runBulkModulus } from './bulk-modulus/run.ts';
import { computeParametersSchema } from './compute-parameters.ts';
import { hasCheckpoints } from './checkpoint-files.ts';
import { runHeatCapacity } from './heat-capacity/run.ts';
import { runInteractionEnergy } from './interaction-energy/run.ts';
import { potentialOf } from './models.ts';
import type { NamedModel } from './models.ts';
import { runSinglePointEnergy } from './single-point-energy/run.ts';
import { isStabilityResumable, runStability } from './stability/run.ts';
import { invalidParameters } from './task-failure.ts';
import type { TaskInput, Workflow, WorkflowContext } from './workflow.ts';

/** A workflow whose parameters and result are checked against its schemas at both ends. */
export interface RegisteredWorkflow {
  parameters: z.ZodObject;
  /** @throws TaskFailure ModelError (bad parameters), ServiceError 40008 (unknown model), and what the workflow throws */
  run: (task: TaskInput, tools: WorkflowTools) => Promise<Record<string, unknown>>;
  /** Parameters with every default written out, and the potential that they mean. @throws as `run` */
  resolve: (task: NamedModel & Pick<TaskInput, 'parameters'>) => ResolvedTask;
  /** Does the task's folder hold what a run would go on from? */
  isResumable: (folder: string) => Promise<boolean>;
}

export type WorkflowTools = Pick<
  WorkflowContext<unknown>,
  'kernel' | 'signal' | 'reporter' | 'startedAt' | 'deadline' | 'checkpoint_interval_seconds'
>;

export interface ResolvedTask {
  parameters: Record<string, unknown>;
  potential: WorkflowContext<unknown>['potential'];
}

function register<P extends z.ZodObject, R extends z.ZodObject>(workflow: Workflow<P, R>): RegisteredWorkflow {
  const parse = (raw: unknown) => {
    const parsed = workflow.parameters.safeParse(raw);
    if (!parsed.success) throw invalidParameters(parsed.error);
    return parsed.data;
  };
  const potentialFor = (named: NamedModel, parameters: unknown) =>
    potentialOf(named, computeParametersSchema.parse(parameters).model_options);
  return {
    parameters: workflow.parameters,
    isResumable: workflow.isResumable ?? (() => Promise.resolve(false)),
    resolve: ({ parameters: raw, ...named }) => {
      const parameters = parse(raw);
      return { parameters, potential: potentialFor(named, parameters) };
    },
    run: async (task, tools) => {
      const parameters = parse(task.parameters);
      const potential = potentialFor(task, parameters);
      return workflow.result.parse(await workflow.run({ ...task, ...tools, parameters, potential }));
    },
  };
}

export const WORKFLOWS: Readonly<Partial<Record<TaskType, RegisteredWorkflow>>> = {
  optimization: register({ ...TASK_TYPES.optimization, run: runOptimization, isResumable: isOptimizationResumable }),
  stability: register({ ...TASK_TYPES.stability, run: runStability, isResumable: isStabilityResumable }),
  'bulk-modulus': register({
    ...TASK_TYPES['bulk-modulus'],
    run: runBulkModulus,
    isResumable: isBulkModulusResumable,
  }),
  'heat-capacity': register({ ...TASK_TYPES['heat-capacity'], run: runHeatCapacity, isResumable: hasCheckpoints }),
  'interaction-energy': register({
    ...TASK_TYPES['interaction-energy'],
    run: runInteractionEnergy,
    isResumable: hasCheckpoints,
  }),
  'single-point-energy': register({ ...TASK_TYPES['single-point-energy'], run: runSinglePointEnergy }),
};

/** Why tasks of this type cannot run here; null when they can. */
export function unavailableReason(task_type: TaskType): string | null {
  if (WORKFLOWS[task_type] !== undefined) return null;
  const known = Object.keys(WORKFLOWS).join(', ');
  return `This version has no workflow for the task type "${task_type}" yet. It computes: ${known}.`;
}
