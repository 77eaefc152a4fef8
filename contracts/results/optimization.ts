// Parameters and result of the task type `optimization`.
import { z } from 'zod';
import { kernelOptimizerSchema, precisionSchema, uff4mofOptionsSchema } from '../kernel-message.ts';
import { cellParametersSchema, structureFormatSchema } from '../structure.ts';

/** Options of the model as the API takes them: every one optional, defaults are the potential's. */
export const modelOptionsSchema = z.strictObject({
  ...uff4mofOptionsSchema.partial().shape,
  /** Electrostatics between point charges: none, those of the structure's file, or by extended charge equilibration. */
  charges: z.enum(['none', 'cif', 'eqeq']).optional(),
});
export type ModelOptions = z.infer<typeof modelOptionsSchema>;

/** What every task may say about how it is computed. */
export const computeParametersShape = {
  precision: precisionSchema.default('float64'),
  model_options: modelOptionsSchema.default({}),
};

export const optimizationParametersSchema = z.strictObject({
  /** Threshold on the largest force norm, eV/A. */
  fmax: z.number().min(1e-6).max(10).default(0.001),
  max_steps: z.int().min(0).max(100_000).default(500),
  optimizer: kernelOptimizerSchema.default('LBFGS'),
  relax_cell: z.boolean().default(true),
  /** External hydrostatic pressure on a cell that moves. */
  pressure_GPa: z.number().min(-100).max(1000).default(0),
  /** Every n-th step goes into the trajectory. */
  trajectory_interval: z.int().min(1).max(100_000).default(10),
  /** Atoms that keep their places: their indices from 0, or one boolean per atom, true = fixed. */
  mask: z.union([z.array(z.int().nonnegative()).max(100_000), z.array(z.boolean()).max(100_000)]).optional(),
  ...computeParametersShape,
});
export type OptimizationParameters = z.infer<typeof optimizationParametersSchema>;

export const structureOutputSchema = z.object({
  format: structureFormatSchema,
  content: z.string(),
  file_url: z.string(),
});

export const optimizationResultSchema = z.object({
  converged: z.boolean(),
  steps: z.int().nonnegative(),
  final_energy_eV: z.number(),
  initial_energy_eV: z.number(),
  max_force_eV_A: z.number().nonnegative(),
  energy_history: z.array(z.number()),
  max_force_history: z.array(z.number()),
  final_structure: structureOutputSchema,
  initial_volume_A3: z.number().nullable(),
  final_volume_A3: z.number().nullable(),
  volume_change_percent: z.number().nullable(),
  cell_parameters: cellParametersSchema.nullable(),
  /** Final stress, GPa, Voigt order xx yy zz yz xz xy, positive = tensile; null without a cell. */
  stress_GPa: z.array(z.number()).length(6).nullable(),
  /** Root mean square displacement per atom after removing the mean displacement, in fractional coordinates mapped to the final cell, A. */
  rmsd_from_initial: z.number().nonnegative(),
  energy_components_eV: z.record(z.string(), z.number()),
  warnings: z.array(z.string()),
});
export type OptimizationResult = z.infer<typeof optimizationResultSchema>;
