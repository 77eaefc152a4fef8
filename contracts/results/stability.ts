// Parameters and result of the task type `stability`: molecular dynamics, and whether the framework survives it.
import { z } from 'zod';
import { structureOutputSchema, computeParametersShape, seedShape } from './optimization.ts';
import { supercellSchema } from '../structure.ts';

/** About one atmosphere. */
const ATMOSPHERE_GPA = 0.0001;

export const stabilityParametersSchema = z
  .strictObject({
    temperature_k: z.number().positive().max(5000).default(300).describe('Temperature of the thermostat, K.'),
    timestep_fs: z.number().min(0.01).max(10).default(1).describe('Time step, fs.'),
    total_steps: z.int().min(1).max(100_000_000).default(1000).describe('Steps after the equilibration.'),
    equilibration_steps: z.int().min(0).max(10_000_000).default(100),
    ensemble: z.enum(['NVT', 'NPT']).default('NVT').describe('NVT: constant volume; NPT: constant pressure.'),
    pressure_GPa: z.number().min(-10).max(100).default(ATMOSPHERE_GPA).describe('External pressure of an NPT run.'),
    supercell: supercellSchema.default([1, 1, 1]).describe('Repeats along the lattice vectors.'),
    trajectory_interval: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10)
      .describe('Every n-th step goes into the trajectory.'),
    ...seedShape,
    ...computeParametersShape,
  })
  .refine(({ ensemble, pressure_GPa }) => ensemble === 'NPT' || pressure_GPa === ATMOSPHERE_GPA, {
    path: ['pressure_GPa'],
    message: 'a pressure needs the ensemble NPT; remove it or set ensemble to "NPT"',
    params: { combination: true },
  });
export type StabilityParameters = z.infer<typeof stabilityParametersSchema>;

export const stabilityResultSchema = z.object({
  stable: z.boolean(),
  max_displacement_A: z
    .number()
    .nonnegative()
    .describe('Largest displacement of an atom from its place at the end of the equilibration, A.'),
  energy_drift_eV: z.number(),
  mean_temperature_k: z.number().nonnegative(),
  mean_volume_A3: z.number().positive().nullable(),
  rdf: z.array(
    z.object({
      pair: z.tuple([z.string(), z.string()]),
      distances_A: z.array(z.number().nonnegative()),
      g: z.array(z.number().nonnegative()),
    }),
  ),
  final_structure: structureOutputSchema,
  trajectory_url: z.string().describe('Where the trajectory is downloaded.'),
  warnings: z.array(z.string()),
});
export type StabilityResult = z.infer<typeof stabilityResultSchema>;
