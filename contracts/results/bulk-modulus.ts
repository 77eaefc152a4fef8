// Parameters and result of the task type `bulk-modulus`: energies over volume, and the equations of state through them.
import { z } from 'zod';
import { kernelOptimizerSchema } from '../kernel-message.ts';
import { cellParametersSchema } from '../structure.ts';
import { computeParametersShape, structureOutputSchema } from './optimization.ts';

export const equationOfStateSchema = z.enum(['birch_murnaghan', 'murnaghan', 'vinet']);
export type EquationOfState = z.infer<typeof equationOfStateSchema>;

export const bulkModulusParametersSchema = z.strictObject({
  strain_range: z
    .number()
    .min(0.001)
    .max(0.2)
    .default(0.05)
    .describe('Largest volumetric strain V/V0 - 1, both ways; V0 is the volume that the strains start from.'),
  num_points: z
    .int()
    .min(5)
    .max(101)
    .default(5)
    .describe('Volumes, evenly spaced from the most compressed to the most expanded.'),
  fitting_method: equationOfStateSchema
    .default('birch_murnaghan')
    .describe('Equation of state that the headline values come from; all three are fitted.'),
  relax_first: z
    .boolean()
    .default(true)
    .describe('Atoms and cell are relaxed first; false strains the structure as it is.'),
  fmax: z
    .number()
    .min(1e-6)
    .max(10)
    .default(0.001)
    .describe('Threshold of every relaxation: largest force norm, eV/A.'),
  max_steps: z.int().min(0).max(100_000).default(1000).describe('Step limit of every relaxation.'),
  hydrostatic_pressure_GPa: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .describe(
      'Above 0: atoms and full cell are also relaxed at plus and minus this pressure, for the modulus of a cell that may change its shape, GPa.',
    ),
  optimizer: kernelOptimizerSchema.default('LBFGS').describe('Of every relaxation.'),
  ...computeParametersShape,
});
export type BulkModulusParameters = z.infer<typeof bulkModulusParametersSchema>;

const standardErrorSchema = z.number().nonnegative().nullable();

export const equationOfStateFitSchema = z.object({
  method: equationOfStateSchema,
  bulk_modulus_GPa: z.number().positive().describe('B0, at zero pressure, GPa.'),
  bulk_modulus_error_GPa: standardErrorSchema.describe(
    'Standard error of the fit, GPa; null with as many parameters as points.',
  ),
  equilibrium_volume_A3: z.number().positive().describe('V0, of the cell that was strained, A^3.'),
  equilibrium_volume_error_A3: standardErrorSchema.describe('Standard error of the fit, A^3.'),
  equilibrium_energy_eV: z.number().describe('E0, of the cell that was strained, eV.'),
  equilibrium_energy_error_eV: standardErrorSchema.describe('Standard error of the fit, eV.'),
  pressure_derivative: z.number().describe("B0' = dB/dP at zero pressure, without unit."),
  pressure_derivative_error: standardErrorSchema.describe('Standard error of the fit.'),
  fit_rmse_eV: z.number().nonnegative().describe('Root mean square distance of the energies from the curve, eV.'),
  r_squared: z.number().describe('Coefficient of determination of the energies.'),
});
export type EquationOfStateFit = z.infer<typeof equationOfStateFitSchema>;

export const volumePointSchema = z.object({
  volume_ratio: z.number().positive().describe('V over the volume that the strains start from.'),
  volume_A3: z.number().positive().describe('A^3.'),
  energy_eV: z.number().describe('Of the cell, atoms relaxed, eV.'),
  pressure_GPa: z.number().describe('From the virial: minus the mean of the diagonal of the stress, GPa.'),
  shear_stress_GPa: z
    .number()
    .nonnegative()
    .describe('Von Mises stress, GPa: what the cell, whose shape is kept, would give way to.'),
  converged: z.boolean().describe('Did the atoms reach fmax?'),
  steps: z.int().nonnegative(),
  max_force_eV_A: z.number().nonnegative().describe('Largest force norm that was reached, eV/A.'),
});
export type VolumePoint = z.infer<typeof volumePointSchema>;

export const bulkModulusResultSchema = z.object({
  bulk_modulus_GPa: z.number().positive().describe('B0 of the fit named in fitting_method, GPa.'),
  bulk_modulus_error_GPa: standardErrorSchema.describe('Standard error of that fit, GPa.'),
  equilibrium_volume_A3: z.number().positive().describe('V0 of that fit, A^3.'),
  equilibrium_energy_eV: z.number().describe('E0 of that fit, eV.'),
  pressure_derivative: z.number().describe('dB/dP at zero pressure.'),
  fitting_method: equationOfStateSchema.describe('Equation of state of the headline values.'),
  fit_rmse_eV: z
    .number()
    .nonnegative()
    .describe('Root mean square distance of the energies from the fitted curve, eV.'),
  r_squared: z.number().describe('Coefficient of determination of that fit.'),
  is_reliable: z.boolean().describe('Every criterion is met; otherwise the warnings say what to do.'),
  criteria: z
    .array(
      z.object({
        name: z.enum([
          'relaxation_converged',
          'points_converged',
          'minimum_inside_range',
          'curve_is_convex',
          'fit_rmse_percent',
          'volume_deviation_percent',
          'pressure_difference_percent',
          'pressure_derivative',
          'bulk_modulus_error_percent',
          'equations_spread_percent',
        ]),
        value: z.number().nullable().describe('What was found; null when it could not be found.'),
        limits: z.tuple([z.number(), z.number()]).describe('Smallest and largest good value.'),
        passed: z.boolean(),
      }),
    )
    .describe('What is_reliable stands for.'),
  fits: z.array(equationOfStateFitSchema).describe('Every equation of state that could be fitted.'),
  pressure_check: z
    .object({
      bulk_modulus_GPa: z.number().positive(),
      bulk_modulus_error_GPa: standardErrorSchema,
      equilibrium_volume_A3: z.number().positive(),
      pressure_derivative: z.number(),
      fit_rmse_GPa: z.number().nonnegative(),
      difference_percent: z.number().describe('Of this B0 from that of the energies, %.'),
    })
    .nullable()
    .describe(
      'The same equation of state as pressure over volume, through the virial pressures; null when that fit fails.',
    ),
  hydrostatic: z
    .object({
      pressure_GPa: z.number().positive(),
      bulk_modulus_GPa: z
        .number()
        .positive()
        .nullable()
        .describe('-V dP/dV between the two pressures, GPa; null when the volume does not fall with pressure.'),
      volumes_A3: z
        .tuple([z.number().positive(), z.number().positive()])
        .describe('At plus and at minus the pressure.'),
      converged: z.boolean().describe('Did both relaxations reach fmax?'),
    })
    .nullable()
    // Results that were written before there was this field.
    .default(null)
    .describe('Where the cell may change its shape; null when hydrostatic_pressure_GPa is 0.'),
  points: z.array(volumePointSchema).describe('By rising volume.'),
  curve: z
    .object({
      volumes_A3: z.array(z.number().positive()),
      energies_eV: z.array(z.number()),
      pressures_GPa: z.array(z.number()),
    })
    .describe('The fit of the headline values between the outermost points, for drawing.'),
  volumes_A3: z.array(z.number().positive()).describe('Of the points, A^3.'),
  energies_eV: z.array(z.number()).describe('Of the points, eV.'),
  reference_volume_A3: z.number().positive().describe('Of the cell that was strained, A^3.'),
  volume_deviation_percent: z
    .number()
    .describe('V0 of the fit over the reference volume, minus one, %; above 1 the benchmark calls a fit unstable.'),
  relaxation: z
    .object({
      converged: z.boolean(),
      steps: z.int().nonnegative(),
      max_force_eV_A: z.number().nonnegative(),
      initial_volume_A3: z.number().positive(),
      final_volume_A3: z.number().positive(),
      volume_change_percent: z.number(),
    })
    .nullable()
    .describe('Of atoms and cell before the strains; null when relax_first is false.'),
  cell_parameters: cellParametersSchema.describe('Of the cell that was strained.'),
  final_structure: structureOutputSchema.describe('The structure that was strained: relaxed unless told otherwise.'),
  n_atoms: z.int().positive(),
  warnings: z.array(z.string()),
});
export type BulkModulusResult = z.infer<typeof bulkModulusResultSchema>;
