// Parameters and result of the task type `bulk-modulus`: energies over volume, and the equation of state through them.
import { z } from 'zod';
import { computeParametersShape } from './optimization.ts';

export const bulkModulusParametersSchema = z.strictObject({
  strain_range: z
    .number()
    .min(0.001)
    .max(0.2)
    .default(0.05)
    .describe('Largest linear strain of the lattice vectors, both ways.'),
  num_points: z.int().min(5).max(101).default(5).describe('Volumes from the most compressed to the most expanded.'),
  fitting_method: z
    .enum(['birch_murnaghan', 'murnaghan', 'vinet'])
    .default('birch_murnaghan')
    .describe('Equation of state.'),
  ...computeParametersShape,
});
export type BulkModulusParameters = z.infer<typeof bulkModulusParametersSchema>;

export const bulkModulusResultSchema = z.object({
  bulk_modulus_GPa: z.number(),
  equilibrium_volume_A3: z.number().positive(),
  equilibrium_energy_eV: z.number(),
  pressure_derivative: z.number().describe('dB/dP at zero pressure.'),
  volumes_A3: z.array(z.number().positive()),
  energies_eV: z.array(z.number()),
  fit_rmse_eV: z
    .number()
    .nonnegative()
    .describe('Root mean square distance of the energies from the fitted curve, eV.'),
  warnings: z.array(z.string()),
});
export type BulkModulusResult = z.infer<typeof bulkModulusResultSchema>;
