// Parameters and result of the task type `heat-capacity`.
import { z } from 'zod';
import { computeParametersShape, seedShape } from './optimization.ts';
import { supercellSchema } from '../structure.ts';

export const heatCapacityParametersSchema = z.strictObject({
  temperature_range: z
    .tuple([z.number().min(0).max(5000), z.number().min(0).max(5000)])
    .refine(([from, to]) => from <= to, 'the first temperature must not be above the second')
    .default([100, 500])
    .describe('First and last temperature, K.'),
  temperature_step: z.number().min(0.1).max(1000).default(50).describe('Distance of the temperatures, K.'),
  method: z
    .enum(['phonon', 'md_fluctuation'])
    .default('phonon')
    .describe('Harmonic vibrations, or fluctuations of molecular dynamics.'),
  supercell: supercellSchema.default([2, 2, 2]).describe('Repeats along the lattice vectors.'),
  ...seedShape,
  ...computeParametersShape,
});
export type HeatCapacityParameters = z.infer<typeof heatCapacityParametersSchema>;

export const heatCapacityResultSchema = z.object({
  temperatures: z.array(z.number().nonnegative()).describe('K.'),
  heat_capacities: z.array(z.number()).describe("At constant volume, per mole of the structure's formula, J/(mol K)."),
  specific_heat_capacities: z.array(z.number()).describe('J/(g K).'),
  warnings: z.array(z.string()),
});
export type HeatCapacityResult = z.infer<typeof heatCapacityResultSchema>;
