// Parameters and result of the task type `heat-capacity`.
import { z } from 'zod';
import { computeParametersShape } from './optimization.ts';
import { supercellSchema } from '../structure.ts';

export const heatCapacityParametersSchema = z.strictObject({
  /** From, to, K. */
  temperature_range: z
    .tuple([z.number().min(0).max(5000), z.number().min(0).max(5000)])
    .refine(([from, to]) => from <= to, 'the first temperature must not be above the second')
    .default([100, 500]),
  temperature_step: z.number().min(0.1).max(1000).default(50),
  method: z.enum(['phonon', 'md_fluctuation']).default('phonon'),
  supercell: supercellSchema.default([2, 2, 2]),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  ...computeParametersShape,
});
export type HeatCapacityParameters = z.infer<typeof heatCapacityParametersSchema>;

export const heatCapacityResultSchema = z.object({
  /** K. */
  temperatures: z.array(z.number().nonnegative()),
  /** At constant volume, per mole of the structure's formula, J/(mol K). */
  heat_capacities: z.array(z.number()),
  /** J/(g K). */
  specific_heat_capacities: z.array(z.number()),
  warnings: z.array(z.string()),
});
export type HeatCapacityResult = z.infer<typeof heatCapacityResultSchema>;
