// Parameters and result of the task type `interaction-energy`: a rigid adsorbate on a grid in the framework.
import { z } from 'zod';
import { structureOutputSchema, computeParametersShape, seedShape } from './optimization.ts';
import { adsorbateNameSchema } from '../adsorbate.ts';

export const interactionEnergyParametersSchema = z.strictObject({
  adsorbate: adsorbateNameSchema.default('CO2').describe('Molecule, by its name or that of one of its models.'),
  grid_spacing: z.number().min(0.05).max(5).default(0.5).describe('Distance of the grid points, A.'),
  num_orientations: z.int().min(1).max(1000).default(8).describe('Orientations of a molecule at every point.'),
  temperature_k: z
    .number()
    .positive()
    .max(5000)
    .default(298.15)
    .describe('For the Boltzmann averages (Henry coefficient, isosteric heat), K.'),
  ...seedShape,
  ...computeParametersShape,
});
export type InteractionEnergyParameters = z.infer<typeof interactionEnergyParametersSchema>;

export const interactionEnergyResultSchema = z.object({
  interaction_energy_eV: z.number().describe('The lowest one found, eV.'),
  mean_interaction_energy_eV: z.number().describe('Boltzmann average at temperature_k, eV.'),
  henry_coefficient_mol_kg_Pa: z.number().nonnegative(),
  isosteric_heat_kJ_mol: z.number(),
  accessible_fraction: z.number().min(0).max(1).describe('Part of the points that the molecule can take up.'),
  n_evaluations: z.int().positive(),
  best_structure: structureOutputSchema.describe('The framework with the molecule where it is bound best.'),
  mae_vs_reference: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Against reference data, where the structure has them.'),
  force_mae: z.number().nonnegative().nullable(),
  warnings: z.array(z.string()),
});
export type InteractionEnergyResult = z.infer<typeof interactionEnergyResultSchema>;
