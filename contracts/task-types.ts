// The one registry of task types. A type stands here with its schemas, its stages and its words; the API's route, its validation,
// the OpenAPI document, the command line, the forms and the documentation follow. Its workflow is registered in
// worker/workflows/registry.ts; a type without one is validated and then refused with 50301.
import { z } from 'zod';
import { bulkModulusParametersSchema, bulkModulusResultSchema } from './results/bulk-modulus.ts';
import { heatCapacityParametersSchema, heatCapacityResultSchema } from './results/heat-capacity.ts';
import { interactionEnergyParametersSchema, interactionEnergyResultSchema } from './results/interaction-energy.ts';
import { optimizationParametersSchema, optimizationResultSchema } from './results/optimization.ts';
import { singlePointEnergyParametersSchema, singlePointEnergyResultSchema } from './results/single-point-energy.ts';
import { stabilityParametersSchema, stabilityResultSchema } from './results/stability.ts';

export interface TaskTypeDefinition {
  parameters: z.ZodType<Record<string, unknown>>;
  result: z.ZodType<Record<string, unknown>>;
  /** What a task goes through, in order; the `stage` of a running task is one of them. */
  stages: readonly string[];
  title: { zh: string; en: string };
  /** Can an attempt go on from the checkpoint of the one before it? Only such tasks are preempted. */
  is_checkpointed: boolean;
  /** Only for structures that are periodic in three directions. */
  needs_cell: boolean;
}

export const TASK_TYPES = {
  optimization: {
    parameters: optimizationParametersSchema,
    result: optimizationResultSchema,
    stages: ['relax', 'analyze'],
    title: { zh: '结构优化', en: 'Optimization' },
    is_checkpointed: true,
    needs_cell: false,
  },
  stability: {
    parameters: stabilityParametersSchema,
    result: stabilityResultSchema,
    stages: ['relax', 'equilibrate', 'run', 'analyze'],
    title: { zh: '稳定性分析', en: 'Stability' },
    is_checkpointed: true,
    needs_cell: false,
  },
  'bulk-modulus': {
    parameters: bulkModulusParametersSchema,
    result: bulkModulusResultSchema,
    stages: ['relax', 'strain', 'fit'],
    title: { zh: '体积模量', en: 'Bulk modulus' },
    is_checkpointed: true,
    needs_cell: true,
  },
  'heat-capacity': {
    parameters: heatCapacityParametersSchema,
    result: heatCapacityResultSchema,
    stages: ['relax', 'displace', 'equilibrate', 'run', 'analyze'],
    title: { zh: '热容', en: 'Heat capacity' },
    is_checkpointed: true,
    needs_cell: true,
  },
  'interaction-energy': {
    parameters: interactionEnergyParametersSchema,
    result: interactionEnergyResultSchema,
    stages: ['grid', 'sites', 'widom', 'analyze'],
    title: { zh: '相互作用能', en: 'Interaction energy' },
    is_checkpointed: true,
    needs_cell: true,
  },
  'single-point-energy': {
    parameters: singlePointEnergyParametersSchema,
    result: singlePointEnergyResultSchema,
    stages: ['evaluate'],
    title: { zh: '单点能量', en: 'Single-point energy' },
    is_checkpointed: false,
    needs_cell: false,
  },
} as const satisfies Record<string, TaskTypeDefinition>;

export type TaskType = keyof typeof TASK_TYPES;

export const taskTypeSchema = z.enum(Object.keys(TASK_TYPES) as TaskType[]);

/** GET /task-types: what this installation can compute. Schemas are JSON Schema 2020-12. */
export const taskTypeListSchema = z.object({
  task_types: z.array(
    z.object({
      task_type: taskTypeSchema,
      title: z.string(),
      stages: z.array(z.string()),
      is_available: z.boolean(),
      /** Why it is not; null when it is. */
      unavailable_reason: z.string().nullable(),
      parameters_schema: z.record(z.string(), z.unknown()),
      result_schema: z.record(z.string(), z.unknown()),
    }),
  ),
});
