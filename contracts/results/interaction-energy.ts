// Parameters and result of the task type `interaction-energy`: a rigid adsorbate in a rigid framework at zero loading.
import { z } from 'zod';
import { structureOutputSchema, computeParametersShape, seedShape } from './optimization.ts';
import { adsorbateNameSchema } from '../adsorbate.ts';
import { structureFormatSchema, vector3Schema } from '../structure.ts';

/** Most configurations of one comparison. */
export const MAX_CONFIGURATIONS = 2000;
const MAX_CONFIGURATION_LENGTH = 512 * 1024;
/** A molecule whose charges add up to more is an ion. */
const NEUTRAL_E = 1e-3;

export const moleculeSiteSchema = z
  .strictObject({
    element: z
      .string()
      .regex(/^[A-Z][a-z]?$/)
      .nullable()
      .default(null)
      .describe('Element symbol; null for a place that is no atom, such as the charge of a four-site water.'),
    position_A: vector3Schema.describe('Cartesian, A; any origin.'),
    epsilon_K: z
      .number()
      .nonnegative()
      .max(1e5)
      .optional()
      .describe("Lennard-Jones depth over Boltzmann's constant, K; left out together with sigma_A: UFF, by element."),
    sigma_A: z.number().nonnegative().max(20).optional().describe('Lennard-Jones diameter, A.'),
    charge_e: z.number().min(-10).max(10).default(0).describe('Point charge, e.'),
  })
  .refine(({ epsilon_K, sigma_A }) => (epsilon_K === undefined) === (sigma_A === undefined), {
    message: 'epsilon_K and sigma_A are given together, or both left out',
    params: { combination: true },
  })
  .refine(({ element, epsilon_K }) => element !== null || epsilon_K !== undefined, {
    message: 'a place without an element needs epsilon_K and sigma_A (0 for a charge alone)',
    params: { combination: true },
  });

export const moleculeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_.+-]{1,64}$/)
    .default('molecule'),
  sites: z
    .array(moleculeSiteSchema)
    .min(1)
    .max(32)
    .refine((sites) => Math.abs(sites.reduce((sum, { charge_e }) => sum + charge_e, 0)) <= NEUTRAL_E, {
      message: 'the charges of the molecule do not add up to zero: an ion has no Henry coefficient',
      params: { combination: true },
    })
    .refine((sites) => sites.some(({ element }) => element !== null), {
      message: 'at least one place of the molecule is an atom',
      params: { combination: true },
    }),
});
export type Molecule = z.infer<typeof moleculeSchema>;

export const hostSiteSchema = z.strictObject({
  site: z
    .string()
    .regex(/^\S{1,32}$/)
    .describe('Atom label of the file (such as O1), or an element symbol; a label counts before an element.'),
  epsilon_K: z.number().nonnegative().max(1e5).describe("Lennard-Jones depth over Boltzmann's constant, K."),
  sigma_A: z.number().nonnegative().max(20).describe('Lennard-Jones diameter, A.'),
  charge_e: z.number().min(-10).max(10).optional().describe('Point charge, e; for all entries or for none.'),
});

export const hostParametersSchema = z.strictObject({
  citation: z.string().min(1).max(500).optional().describe('Where the parameters come from; stands in the result.'),
  sites: z
    .array(hostSiteSchema)
    .min(1)
    .max(500)
    .refine((sites) => new Set(sites.map(({ site }) => site)).size === sites.length, {
      message: 'a site is named twice',
      params: { combination: true },
    })
    .refine((sites) => new Set(sites.map(({ charge_e }) => charge_e === undefined)).size === 1, {
      message: 'charge_e is given for all sites, or for none',
      params: { combination: true },
    }),
});
export type HostParameters = z.infer<typeof hostParametersSchema>;

export const configurationClassSchema = z
  .enum(['R', 'E', 'W'])
  .describe('R repulsive, E near equilibrium, W weakly bound.');

export const referenceConfigurationSchema = z.strictObject({
  name: z.string().min(1).max(128).optional(),
  structure: z.strictObject({
    format: structureFormatSchema.default('xyz'),
    content: z.string().min(1).max(MAX_CONFIGURATION_LENGTH),
  }),
  n_guest_atoms: z.int().min(1).max(1000).describe('The last atoms of the structure are the guest.'),
  interaction_energy_eV: z.number().describe('Reference for E(framework + guest) - E(framework) - E(guest), eV.'),
  forces_eV_A: z
    .array(vector3Schema)
    .max(100_000)
    .optional()
    .describe('[n_atoms][3] reference forces of framework and guest together, eV/A.'),
  class: configurationClassSchema.optional(),
});
export type ReferenceConfiguration = z.infer<typeof referenceConfigurationSchema>;

export const interactionEnergyParametersSchema = z
  .strictObject({
    adsorbate: adsorbateNameSchema.default('CO2').describe('Molecule, by its name or that of one of its models.'),
    molecule: moleculeSchema.optional().describe('A rigid molecule of your own, in place of `adsorbate`.'),
    grid_spacing: z.number().min(0.05).max(5).default(0.5).describe('Distance of the grid points, A.'),
    num_orientations: z.int().min(1).max(1000).default(8).describe('Orientations of a molecule at every point.'),
    n_sites: z.int().min(1).max(100).default(5).describe('Lowest distinct adsorption sites in the result.'),
    n_insertions: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .default(100_000)
      .describe('Random (Widom) insertions for the Henry coefficient and the isosteric heat; 0 = from the grid alone.'),
    temperature_k: z
      .number()
      .positive()
      .max(5000)
      .default(298.15)
      .describe('For the Boltzmann averages (Henry coefficient, isosteric heat), K.'),
    energy_source: z
      .enum(['auto', 'classical', 'model'])
      .default('auto')
      .describe(
        'Energies of the sites: the classical host-guest potential, or E(framework + molecule) - E(framework) - E(molecule) with the ' +
          'model at the sites of the classical grid. `auto`: the model, unless it is UFF4MOF.',
      ),
    host_parameters: hostParametersSchema
      .optional()
      .describe(
        "Lennard-Jones parameters (and charges) of the framework's atoms, in place of UFF4MOF's; mixed by Lorentz-Berthelot.",
      ),
    lennard_jones: z
      .enum(['truncated', 'shifted'])
      .default('truncated')
      .describe('At the cutoff: cut off as it is, or each pair shifted to 0 there (without tail correction).'),
    block_pockets: z
      .enum(['auto', 'always', 'never'])
      .default('auto')
      .describe(
        'Leave regions that the molecule cannot reach from outside out of Henry coefficient, isosteric heat and sites. `auto`: where there are ' +
          'channels beside them; a framework of pockets alone is computed as a whole, with a warning.',
      ),
    helium_void_fraction: z
      .boolean()
      .default(false)
      .describe('Also the mean Boltzmann factor of helium at 298 K, the void fraction of adsorption simulations.'),
    reference: z
      .array(referenceConfigurationSchema)
      .min(1)
      .max(MAX_CONFIGURATIONS)
      .optional()
      .describe('Configurations with known interaction energies; the model is compared with them.'),
    reference_frames: z
      .boolean()
      .default(false)
      .describe(
        'In place of `reference`: the structure is the first frame of an uploaded extended XYZ file, and every frame after it is a configuration, ' +
          'with `interaction_energy_eV`, `n_guest_atoms` and optionally `class` and `name` in its second line, and optionally a column `forces`.',
      ),
    ...seedShape,
    ...computeParametersShape,
  })
  .refine(({ reference, reference_frames }) => reference === undefined || !reference_frames, {
    path: ['reference_frames'],
    message: 'the configurations come from `reference` or from the file, not from both',
    params: { combination: true },
  });
export type InteractionEnergyParameters = z.infer<typeof interactionEnergyParametersSchema>;

export const adsorptionSiteSchema = z.object({
  energy_eV: z.number().describe('Interaction energy by `energy_source`, eV.'),
  classical_energy_eV: z.number().describe('Host-guest energy of the classical potential, eV.'),
  model_energy_eV: z
    .number()
    .nullable()
    .describe('E(framework + molecule) - E(framework) - E(molecule) with the model, eV; null when not evaluated.'),
  max_force_eV_A: z
    .number()
    .nonnegative()
    .describe('Left over on the rigid molecule: the larger of force and of torque over its size, eV/A.'),
  converged: z.boolean().describe('Did the relaxation of the rigid molecule come to rest?'),
  in_pocket: z.boolean().describe('Is it in a region that the molecule cannot reach from outside?'),
  multiplicity: z
    .int()
    .positive()
    .describe('Sites of the cell that symmetry or rounding makes equal to this one, itself included, as far as found.'),
  center_fractional: vector3Schema.describe('Center of mass, in [0, 1).'),
  center_A: vector3Schema.describe('Center of mass, cartesian, A.'),
  symbols: z.array(z.string()).describe('[n_atoms of the molecule]'),
  positions_A: z.array(vector3Schema).describe('[n_atoms of the molecule][3] cartesian, A.'),
});
export type AdsorptionSite = z.infer<typeof adsorptionSiteSchema>;

const comparedConfigurationSchema = z.object({
  name: z.string(),
  class: configurationClassSchema.nullable(),
  n_atoms: z.int().positive(),
  interaction_energy_eV: z.number().describe('By the model, eV.'),
  reference_interaction_energy_eV: z.number(),
  error_eV: z.number().describe('Model minus reference, eV.'),
  force_mae_eV_A: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Mean absolute error of all force components, eV/A; null without reference forces.'),
});
export type ComparedConfiguration = z.infer<typeof comparedConfigurationSchema>;

export const referenceComparisonSchema = z.object({
  definition: z.string().describe('How the energies compared were formed.'),
  n_configurations: z.int().positive(),
  mae_eV: z.number().nonnegative(),
  mean_error_eV: z.number().describe('Model minus reference, eV.'),
  force_mae_eV_A: z.number().nonnegative().nullable(),
  by_class: z.array(
    z.object({
      class: configurationClassSchema,
      n_configurations: z.int().positive(),
      mae_eV: z.number().nonnegative(),
      force_mae_eV_A: z.number().nonnegative().nullable(),
    }),
  ),
  configurations: z.array(comparedConfigurationSchema),
  csv_url: z.string(),
});
export type ReferenceComparison = z.infer<typeof referenceComparisonSchema>;

/** How the atoms of the framework got their charges. */
const chargesUsedSchema = z.enum(['none', 'cif', 'eqeq', 'host_parameters']);

const adsorptionAveragesSchema = z.object({
  mean_interaction_energy_eV: z
    .number()
    .nullable()
    .describe('Boltzmann average at temperature_k, classical, eV; null when the molecule fits nowhere.'),
  mean_interaction_energy_standard_error_eV: z.number().nonnegative().nullable().describe('null from a grid.'),
  henry_coefficient_mol_kg_Pa: z.number().nonnegative(),
  henry_coefficient_standard_error_mol_kg_Pa: z.number().nonnegative().nullable().describe('null from a grid.'),
  isosteric_heat_kJ_mol: z
    .number()
    .nullable()
    .describe('At zero loading: RT minus the mean interaction energy; null when the molecule fits nowhere.'),
  isosteric_heat_standard_error_kJ_mol: z.number().nonnegative().nullable().describe('null from a grid.'),
});
export type AdsorptionAverages = z.infer<typeof adsorptionAveragesSchema>;

const poreShape = {
  fraction: z.number().min(0).max(1).describe('Part of the cell.'),
  henry_share: z.number().min(0).max(1).describe('Share of the Henry coefficient of the whole cell, from the grid.'),
};

export const poreConnectivitySchema = z.object({
  grid_shape: z
    .tuple([z.int().positive(), z.int().positive(), z.int().positive()])
    .describe('Of the grid that decided: a finer one than the scan, where that saw pockets and memory and time allow.'),
  spacing_A: z.number().positive().describe('Largest along the lattice vectors, A.'),
  is_refined: z.boolean().describe('Did a finer grid than that of the scan decide?'),
  channels: z
    .array(
      z.object({
        ...poreShape,
        dimensionality: z.int().min(1).max(3),
        directions: z.array(vector3Schema).describe('Lattice vectors along which it runs, as multiples of a, b and c.'),
      }),
    )
    .describe('Accessible regions that run through the crystal, the largest share first.'),
  pockets: z
    .array(
      z.object({
        ...poreShape,
        center_fractional: vector3Schema.describe('Its point of lowest energy.'),
        opens_at_kT: z
          .number()
          .nullable()
          .describe('Energy, over kT, of the lowest way out on the grid; null: above 60.'),
      }),
    )
    .describe('Accessible regions that no accessible path leaves, the largest share first, at most 20.'),
  n_pockets: z.int().nonnegative(),
  closed_by_the_grid: z.int().nonnegative().describe('Pockets on the grid of the scan that are open on the finer one.'),
});
export type PoreConnectivity = z.infer<typeof poreConnectivitySchema>;

export const interactionEnergyResultSchema = z.object({
  interaction_energy_eV: z
    .number()
    .nullable()
    .describe('Of the lowest site, by `energy_source`, eV; null when the molecule fits nowhere.'),
  ...adsorptionAveragesSchema.shape,
  averages: z
    .object({
      whole_cell: adsorptionAveragesSchema.describe('Pockets included.'),
      reachable: adsorptionAveragesSchema.describe('Channels alone; the same as the whole cell without pockets.'),
    })
    .describe('Both; the fields beside it are those that `pockets_are_blocked` tells.'),
  pockets_are_blocked: z
    .boolean()
    .describe('Are pockets left out of Henry coefficient, isosteric heat, mean energy and sites?'),
  henry_coefficient_grid_mol_kg_Pa: z
    .number()
    .nonnegative()
    .describe('The same from the grid alone: a check of the spacing and of the insertions.'),
  averages_source: z.enum(['widom', 'grid']).describe('Where Henry coefficient and means come from.'),
  n_insertions: z.int().nonnegative(),
  temperature_k: z.number().positive(),
  accessible_fraction: z.number().min(0).max(1).describe('Part of the points that the molecule can take up.'),
  accessible_definition: z.string().describe('What counts as accessible.'),
  percolating_fraction: z
    .number()
    .min(0)
    .max(1)
    .describe('Part of the points in accessible channels that run through the whole crystal.'),
  n_pockets: z.int().nonnegative().describe('Accessible regions of the cell that no accessible path leaves.'),
  pocket_henry_share: z
    .number()
    .min(0)
    .max(1)
    .describe('Share of the Henry coefficient of the whole cell that stems from such pockets, from the grid.'),
  connectivity: poreConnectivitySchema,
  lowest_pocket_energy_eV: z
    .number()
    .nullable()
    .describe('Classical energy of the lowest site in a pocket, eV; null without one.'),
  helium_void_fraction: z
    .object({
      value: z.number().nonnegative(),
      standard_error: z.number().nonnegative(),
      temperature_k: z.number().positive(),
      citation: z.string().describe('Of the parameters of helium.'),
    })
    .nullable()
    .describe(
      'Of the whole cell: part of it that helium finds empty; above 1 where it is attracted. null when not asked for.',
    ),
  n_evaluations: z.int().positive().describe('Placements and single points in all.'),
  energy_source: z.enum(['classical', 'model']),
  energy_definition: z.string().describe('How `interaction_energy_eV` is formed.'),
  sites: z.array(adsorptionSiteSchema).describe('Distinct sites, lowest first by `energy_source`.'),
  distinct_definition: z.string().describe('What makes two sites distinct.'),
  adsorbate: z.object({
    name: z.string(),
    citation: z.string().describe('Source of geometry and parameters.'),
    n_atoms: z.int().positive(),
    has_charges: z.boolean(),
  }),
  framework_charges: chargesUsedSchema,
  host_parameters_citation: z.string().describe("Source of the framework's Lennard-Jones parameters."),
  cutoff_A: z.number().positive().describe('Of the host-guest Lennard-Jones energy.'),
  lennard_jones: z.enum(['truncated', 'shifted']),
  tail_correction: z.boolean(),
  grid: z.object({
    shape: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
    spacing_A: vector3Schema.describe('Along the lattice vectors, A.'),
    n_orientations: z.int().positive(),
    minimum_cube_url: z.string().describe('Gaussian cube: lowest energy over the orientations, eV.'),
    free_energy_cube_url: z.string().describe('Gaussian cube: -kT ln of the mean Boltzmann factor, eV.'),
    cube_cap_eV: z.number().describe('Energies above this, and places where nothing fits, are written as this.'),
    minimum_histogram: z
      .object({ energies_eV: z.array(z.number()), fractions: z.array(z.number()) })
      .describe('Fraction of the points whose lowest energy is below each energy.'),
  }),
  best_structure: structureOutputSchema
    .nullable()
    .describe('The framework with the molecule where it is bound best; null when it fits nowhere.'),
  mae_vs_reference: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Mean absolute error of the interaction energies against `reference`, eV; null without one.'),
  force_mae: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Mean absolute error of the force components against `reference`, eV/A; null without forces.'),
  reference_comparison: referenceComparisonSchema.nullable(),
  warnings: z.array(z.string()),
});
export type InteractionEnergyResult = z.infer<typeof interactionEnergyResultSchema>;
