// Parameters and result of the task type `interaction-energy`: a rigid adsorbate on a grid in the framework.
import { z } from 'zod';
import { structureOutputSchema, computeParametersShape } from './optimization.ts';
import { adsorbateNameSchema } from '../adsorbate.ts';

export const interactionEnergyParametersSchema = z.strictObject({
  adsorbate: adsorbateNameSchema.default('CO2'),
  /** A. */
  grid_spacing: z.number().min(0.05).max(5).default(0.5),
  /** Orientations of a molecule at every point. */
  num_orientations: z.int().min(1).max(1000).default(8),
  /** For the Boltzmann averages (Henry coefficient, isosteric heat), K. */
  temperature_k: z.number().positive().max(5000).default(298.15),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  ...computeParametersShape,
});
export type InteractionEnergyParameters = z.infer<typeof interactionEnergyParametersSchema>;

export const interactionEnergyResultSchema = z.object({
  /** The lowest one found, eV. */
  interaction_energy_eV: z.number(),
  /** Boltzmann average at temperature_k, eV. */
  mean_interaction_energy_eV: z.number(),
  henry_coefficient_mol_kg_Pa: z.number().nonnegative(),
  isosteric_heat_kJ_mol: z.number(),
  /** Part of the points that the molecule can take up. */
  accessible_fraction: z.number().min(0).max(1),
  n_evaluations: z.int().positive(),
  /** The framework with the molecule where it is bound best. */
  best_structure: structureOutputSchema,
  /** Against reference data, where the structure has them. */
  mae_vs_reference: z.number().nonnegative().nullable(),
  force_mae: z.number().nonnegative().nullable(),
  warnings: z.array(z.string()),
});
export type InteractionEnergyResult = z.infer<typeof interactionEnergyResultSchema>;
