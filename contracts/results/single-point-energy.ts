// Parameters and result of the task type `single-point-energy`.
import { z } from 'zod';
import { computeParametersShape } from './optimization.ts';
import { vector3Schema } from '../structure.ts';

export const singlePointEnergyParametersSchema = z.strictObject({
  compute_forces: z.boolean().default(true).describe('Forces on the atoms.'),
  compute_stress: z.boolean().default(true).describe('Stress of a cell that is periodic in three directions.'),
  compute_per_atom: z.boolean().default(false).describe('The share of every atom in the energy.'),
  all_frames: z
    .boolean()
    .default(false)
    .describe('Every structure of a file with several (frames of extended XYZ, blocks of CIF), not only the first.'),
  ...computeParametersShape,
});
export type SinglePointEnergyParameters = z.infer<typeof singlePointEnergyParametersSchema>;

const stressSchema = z
  .array(vector3Schema)
  .length(3)
  .nullable()
  .optional()
  .describe('[3][3], positive = tensile; null without a cell, absent when not asked for.');

/** One structure of a file with several; its forces are in frames.xyz. */
export const frameEnergySchema = z.object({
  index: z.int().nonnegative().describe('Place in the file, from 0.'),
  name: z.string().describe('Of the data block, or the number of the frame.'),
  n_atoms: z.int().positive(),
  energy_eV: z.number(),
  energy_per_atom_eV: z.number(),
  max_force_eV_A: z.number().nonnegative().optional(),
  stress_GPa: stressSchema,
});
export type FrameEnergy = z.infer<typeof frameEnergySchema>;

export const singlePointEnergyResultSchema = z.object({
  energy_eV: z.number(),
  energy_per_atom_eV: z.number().describe('Energy over the number of atoms, eV.'),
  n_atoms: z.int().positive(),
  energy_components_eV: z.record(z.string(), z.number()),
  energies_per_atom_eV: z
    .array(z.number())
    .optional()
    .describe('[n_atoms], share of every atom, eV; their sum is the energy. Absent when not asked for.'),
  forces_eV_A: z.array(vector3Schema).optional().describe('[n_atoms][3]; absent when not asked for.'),
  max_force_eV_A: z.number().nonnegative().optional(),
  stress_GPa: stressSchema,
  frames: z
    .array(frameEnergySchema)
    .optional()
    .describe('Every structure of the file, when all_frames is true; the fields above are of the first.'),
  warnings: z.array(z.string()),
});
export type SinglePointEnergyResult = z.infer<typeof singlePointEnergyResultSchema>;
