// Parameters and result of the task type `optimization`.
import { z } from 'zod';
import { dispersionOptionsSchema } from '../dispersion.ts';
import { kernelOptimizerSchema, precisionSchema } from '../kernel-message.ts';
import { uff4mofOptionsSchema } from '../potential.ts';
import { cellParametersSchema, structureFormatSchema } from '../structure.ts';

const { dialect, cutoff_A, fallback, tail_correction } = uff4mofOptionsSchema.shape;

/** Stays absent when it is not given, because not every model has it; the document of the API tells the default all the same. */
function optional<T extends z.ZodType>(field: z.ZodDefault<T>): z.ZodOptional<T> {
  return field.unwrap().optional().meta({ default: field.def.defaultValue });
}

/** Options of the model as the API takes them: every one optional, defaults are the potential's. */
export const modelOptionsSchema = z.strictObject({
  dialect: optional(dialect),
  cutoff_A: optional(cutoff_A),
  fallback: optional(fallback),
  tail_correction,
  charges: z
    .enum(['none', 'cif', 'eqeq'])
    .optional()
    .describe(
      "Electrostatics between point charges: none, those of the structure's file, or by extended charge equilibration.",
    ),
  head: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Of a MACE model with several heads; without it the one called "default", in any case.'),
  d3_functional: optional(dispersionOptionsSchema.shape.functional).describe(
    'With with_d3: whose damping parameters; default: pbe.',
  ),
  d3_cutoff_A: optional(dispersionOptionsSchema.shape.cutoff_A).describe(
    'With with_d3: of the pair energy, A; default: 21.167 (40 Bohr).',
  ),
});
export type ModelOptions = z.infer<typeof modelOptionsSchema>;

/** What every task may say about how it is computed. */
export const computeParametersShape = {
  precision: precisionSchema.default('float64').describe('Of the floating-point numbers of the kernel.'),
  model_options: modelOptionsSchema.default({}),
};

/** Of every task type that draws random numbers. */
export const seedShape = {
  seed: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe('Of the random numbers: the same seed, the same run.'),
};

export const optimizationParametersSchema = z.strictObject({
  fmax: z.number().min(1e-6).max(10).default(0.001).describe('Threshold on the largest force norm, eV/A.'),
  max_steps: z
    .int()
    .min(0)
    .max(100_000)
    .default(500)
    .describe('A relaxation that has not converged by then is completed with `converged: false`.'),
  optimizer: kernelOptimizerSchema.default('LBFGS'),
  relax_cell: z.boolean().default(true).describe('The lattice vectors move, too.'),
  pressure_GPa: z
    .number()
    .min(-100)
    .max(1000)
    .default(0)
    .describe('External hydrostatic pressure on a cell that moves.'),
  trajectory_interval: z.int().min(1).max(100_000).default(10).describe('Every n-th step goes into the trajectory.'),
  mask: z
    .union([z.array(z.int().nonnegative()).max(100_000), z.array(z.boolean()).max(100_000)])
    .optional()
    .describe('Atoms that keep their places: their indices from 0, or one boolean per atom, true = fixed.'),
  keep_symmetry: z
    .boolean()
    .default(false)
    .describe(
      'The start is moved onto its exact symmetry (at most 0.01 A), and every step keeps its space group exactly: the end is the lowest energy of that symmetry, which may be a saddle. Not together with `mask`.',
    ),
  ...computeParametersShape,
});
export type OptimizationParameters = z.infer<typeof optimizationParametersSchema>;

export const structureOutputSchema = z.object({
  format: structureFormatSchema,
  content: z.string(),
  file_url: z.string(),
});

export const spaceGroupSchema = z.object({
  number: z.int().min(1).max(230),
  symbol: z.string().describe('Short Hermann-Mauguin symbol.'),
});

export const bondChangeSchema = z.object({
  atoms: z.tuple([z.int().nonnegative(), z.int().nonnegative()]).describe('Indices from 0.'),
  elements: z.tuple([z.string(), z.string()]),
  distance_before_A: z.number().positive(),
  distance_after_A: z.number().positive(),
});
export type BondChange = z.infer<typeof bondChangeSchema>;

export const bondChangesSchema = z.object({
  n_broken: z.int().nonnegative(),
  n_formed: z.int().nonnegative(),
  broken: z.array(bondChangeSchema).max(1000).describe('At most the first 1000.'),
  formed: z.array(bondChangeSchema).max(1000).describe('At most the first 1000.'),
});
export type BondChanges = z.infer<typeof bondChangesSchema>;

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
  stress_GPa: z
    .array(z.number())
    .length(6)
    .nullable()
    .describe('Final stress, GPa, Voigt order xx yy zz yz xz xy, positive = tensile; null without a cell.'),
  rmsd_from_initial: z
    .number()
    .nonnegative()
    .describe(
      'Root mean square displacement per atom after removing the mean displacement, in fractional coordinates mapped to the final cell, A.',
    ),
  rmsd_benchmark_A: z
    .number()
    .nonnegative()
    .describe(
      "RMSD to the input as MOFSimBench defines it: sqrt(sum |dr|^2 / (3 N)) after the best superposition, minimum image in the input's cell, A.",
    ),
  space_group_before: spaceGroupSchema
    .nullable()
    .describe(
      'Of the input, within 0.01 A; null without three periodic directions, above 5000 atoms, and when it was not found.',
    ),
  space_group_after: spaceGroupSchema.nullable().describe('Of the final structure, as space_group_before.'),
  symmetry_kept: z
    .boolean()
    .nullable()
    .describe(
      'Is the space group of the end that of the input, or one with more operations? null when one is unknown.',
    ),
  bond_changes: bondChangesSchema.describe(
    'Bonds by distance, below 1.25 times the sum of the covalent radii: those that only the input or only the final structure has.',
  ),
  energy_components_eV: z.record(z.string(), z.number()),
  warnings: z.array(z.string()),
});
export type OptimizationResult = z.infer<typeof optimizationResultSchema>;
