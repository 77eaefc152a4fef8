// Parameters and result of the task type `single-point-energy`.
import { z } from 'zod';
import { computeParametersShape } from './optimization.ts';
import { vector3Schema } from '../structure.ts';

export const singlePointEnergyParametersSchema = z.strictObject({
  compute_forces: z.boolean().default(true),
  compute_stress: z.boolean().default(true),
  ...computeParametersShape,
});
export type SinglePointEnergyParameters = z.infer<typeof singlePointEnergyParametersSchema>;

export const singlePointEnergyResultSchema = z.object({
  energy_eV: z.number(),
  energy_per_atom_eV: z.number(),
  n_atoms: z.int().positive(),
  energy_components_eV: z.record(z.string(), z.number()),
  forces_eV_A: z.array(vector3Schema).optional().describe('[n_atoms][3]; absent when not asked for.'),
  max_force_eV_A: z.number().nonnegative().optional(),
  stress_GPa: z
    .array(vector3Schema)
    .length(3)
    .nullable()
    .optional()
    .describe('[3][3], positive = tensile; null without a cell, absent when not asked for.'),
  warnings: z.array(z.string()),
});
export type SinglePointEnergyResult = z.infer<typeof singlePointEnergyResultSchema>;
