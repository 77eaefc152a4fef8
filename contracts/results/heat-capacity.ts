// Parameters and result of the task type `heat-capacity`: harmonic phonons, or the fluctuations of molecular dynamics.
import { z } from 'zod';
import { computeParametersShape, seedShape, structureOutputSchema } from './optimization.ts';
import { supercellChoiceSchema, supercellSchema } from '../structure.ts';

/** Temperatures of one task: a table that somebody reads, and for dynamics as many runs side by side. */
const MOST_TEMPERATURES = { phonon: 2001, md_fluctuation: 64 } as const;

export const heatCapacityParametersSchema = z
  .strictObject({
    temperature_range: z
      .tuple([z.number().min(0).max(5000), z.number().min(0).max(5000)])
      .refine(([from, to]) => from <= to, 'the first temperature must not be above the second')
      .default([100, 500])
      .describe('First and last temperature, K.'),
    temperature_step: z.number().min(0.1).max(1000).default(50).describe('Distance of the temperatures, K.'),
    method: z
      .enum(['phonon', 'md_fluctuation'])
      .default('phonon')
      .describe('Harmonic vibrations (quantum), or fluctuations of molecular dynamics (classical).'),
    supercell: supercellChoiceSchema
      .default('auto')
      .describe('Repeats along the lattice vectors; auto: as wide as twice the cutoff of the forces.'),
    relax_first: z.boolean().default(true).describe('Relax before: phonons are those of a minimum.'),
    relax_cell: z.boolean().default(true).describe('The lattice vectors move in that relaxation, too.'),
    fmax: z
      .number()
      .min(1e-6)
      .max(10)
      .default(1e-4)
      .describe('Threshold of that relaxation on the largest force norm, eV/A.'),
    max_steps: z.int().min(0).max(100_000).default(5000).describe('Of that relaxation.'),
    follow_imaginary_modes: z
      .int()
      .min(0)
      .max(50)
      .default(0)
      .describe(
        'phonon: while the relaxed unit cell has an imaginary vibration at gamma, displace its atoms along the softest one and relax again, at most so many times.',
      ),
    displacement_A: z
      .number()
      .min(1e-4)
      .max(0.2)
      .default(0.01)
      .describe('phonon: how far an atom is displaced, both ways, A.'),
    mesh_length_A: z
      .number()
      .min(0)
      .max(1000)
      .default(100)
      .describe(
        'phonon: N_i = max(1, round(mesh_length_A |a*_i|)) wave vectors along a reciprocal vector; 0: gamma only.',
      ),
    timestep_fs: z.number().min(0.01).max(10).default(0.5).describe('md_fluctuation: time step, fs.'),
    total_steps: z
      .int()
      .min(100)
      .max(100_000_000)
      .default(100_000)
      .describe('md_fluctuation: steps at every temperature after the equilibration.'),
    equilibration_steps: z.int().min(0).max(10_000_000).default(10_000).describe('md_fluctuation.'),
    thermostat: z
      .enum(['langevin', 'nose_hoover'])
      .default('langevin')
      .describe(
        'md_fluctuation: a Nose-Hoover chain can leave the soft vibrations of a framework out of equilibrium for long.',
      ),
    ...seedShape,
    ...computeParametersShape,
  })
  .refine(
    ({ method, relax_first, follow_imaginary_modes }) =>
      follow_imaginary_modes === 0 || (method === 'phonon' && relax_first),
    {
      path: ['follow_imaginary_modes'],
      message: 'needs a relaxation and the phonons of its end; set relax_first and method "phonon", or remove it',
      params: { combination: true },
    },
  )
  .refine(({ method, temperature_range }) => method === 'phonon' || temperature_range[0] > 0, {
    path: ['temperature_range'],
    message: 'molecular dynamics needs temperatures above 0 K; raise the first one or set method to "phonon"',
    params: { combination: true },
  })
  .refine(
    ({ method, temperature_range: [from, to], temperature_step }) =>
      (to - from) / temperature_step < MOST_TEMPERATURES[method],
    {
      path: ['temperature_step'],
      message: `more temperatures than one task computes (phonon ${MOST_TEMPERATURES.phonon}, md_fluctuation ${MOST_TEMPERATURES.md_fluctuation}); take a larger step or a smaller range`,
      params: { combination: true },
    },
  );
export type HeatCapacityParameters = z.infer<typeof heatCapacityParametersSchema>;

const perTemperature = z.array(z.number());
const meshSchema = z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]);

export const heatCapacityResultSchema = z.object({
  method: z.enum(['phonon', 'md_fluctuation']),
  temperatures: z.array(z.number().nonnegative()).describe('K.'),
  heat_capacities: perTemperature.describe('At constant volume, per mole of the unit cell as given, J/(mol K).'),
  specific_heat_capacities: perTemperature.describe('At constant volume, J/(g K).'),
  n_atoms: z.int().positive().describe('Of the unit cell as given.'),
  molar_mass_g_mol: z.number().positive().describe('Of the unit cell as given.'),
  classical_limit_J_mol_K: z.number().positive().describe('3 N k_B per mole of the unit cell: what vibrations reach.'),
  supercell: supercellSchema.describe(
    'Repeats of the unit cell along its lattice vectors in which forces are computed.',
  ),
  relaxation: z
    .object({
      converged: z.boolean(),
      steps: z.int().nonnegative(),
      max_force_eV_A: z.number().nonnegative(),
      energy_eV: z.number(),
      volume_change_percent: z.number(),
    })
    .nullable()
    .describe('null when it was not asked for.'),
  followed_modes: z
    .array(
      z.object({
        frequency_THz: z.number().negative().describe('Of the imaginary vibration before.'),
        energy_change_eV: z.number().describe('Of the relaxed unit cell, after less before.'),
        volume_change_percent: z.number().describe('Of the relaxed unit cell, after less before.'),
        converged: z.boolean().describe('Did the relaxation after it?'),
        steps: z.int().nonnegative().describe('Of that relaxation.'),
        accepted: z.boolean().describe('The energy fell: what follows belongs to the new structure.'),
      }),
    )
    .nullable()
    // Results that were written before there was this field.
    .default(null)
    .describe('What follow_imaginary_modes did, in order; null when it was not asked for.'),
  final_structure: structureOutputSchema.describe('The unit cell whose heat capacity this is.'),

  space_group: z
    .string()
    .nullable()
    .describe('Of that structure, within symmetry_tolerance_A; null for md_fluctuation.'),
  space_group_number: z.int().min(1).max(230).nullable(),
  symmetry_tolerance_A: z.number().positive().nullable(),
  n_displacements: z
    .int()
    .positive()
    .nullable()
    .describe('phonon: displaced atoms and directions that symmetry leaves, each one moved both ways.'),
  acoustic_sum_error_eV_A2: z
    .number()
    .nonnegative()
    .nullable()
    .describe(
      'phonon: largest violation of the acoustic sum rule by the computed force constants, before it was removed.',
    ),
  n_atoms_primitive: z
    .int()
    .positive()
    .nullable()
    .describe('phonon: atoms of the primitive cell; the mesh, the frequencies at gamma and the modes are those of it.'),
  mesh: meshSchema.nullable().describe('phonon: wave vectors along the reciprocal vectors of the primitive cell.'),
  n_q_points: z.int().positive().nullable().describe('phonon: of the mesh.'),
  n_irreducible_q_points: z.int().positive().nullable().describe('phonon: of those, not related by symmetry.'),
  n_modes: z.int().positive().nullable().describe('phonon: 3 n_atoms_primitive n_q_points.'),
  n_imaginary_modes: z
    .int()
    .nonnegative()
    .nullable()
    .describe('phonon: of all modes of the mesh; they are left out of every sum over modes.'),
  imaginary_modes: z
    .array(
      z.object({
        q: z.tuple([z.number(), z.number(), z.number()]).describe('In reciprocal vectors of the primitive cell.'),
        weight: z.int().positive().describe('Wave vectors of the mesh that are equivalent to it.'),
        frequency_THz: z.number().negative().describe('Imaginary frequencies are written as negative ones.'),
      }),
    )
    .nullable()
    .describe('phonon: the lowest 100.'),
  lowest_frequency_THz: z
    .number()
    .nullable()
    .describe('phonon: of the mesh, without the three acoustic modes at gamma; negative when imaginary.'),
  frequencies_at_gamma_THz: z
    .array(z.number())
    .nullable()
    .describe('phonon: ascending, the three acoustic modes included; negative when imaginary.'),
  zero_point_energy_eV: z.number().nullable().describe('phonon: per unit cell.'),
  entropies_J_mol_K: perTemperature.nullable().describe('phonon: per mole of the unit cell.'),
  free_energies_kJ_mol: perTemperature
    .nullable()
    .describe(
      'phonon: Helmholtz free energy of the vibrations with their zero-point energy, per mole of the unit cell.',
    ),
  internal_energies_kJ_mol: perTemperature
    .nullable()
    .describe('phonon: of the vibrations with their zero-point energy, per mole of the unit cell.'),
  dos: z
    .object({
      frequencies_THz: z.array(z.number()),
      density: z
        .array(z.number().nonnegative())
        .describe('States of the unit cell per THz: its integral is 3 n_atoms.'),
      smearing_THz: z.number().positive().describe('Standard deviation of the Gaussian of a mode.'),
    })
    .nullable()
    .describe('phonon: density of states.'),

  heat_capacity_errors_J_mol_K: perTemperature
    .nullable()
    .describe('md_fluctuation: standard error from averages over blocks of the run.'),
  mean_energies_eV: perTemperature
    .nullable()
    .describe('md_fluctuation: potential and kinetic energy, mean over the run, per unit cell.'),
  mean_temperatures_k: perTemperature.nullable().describe('md_fluctuation: reached, mean over the run.'),
  heat_capacities_by_slope_J_mol_K: z
    .array(z.number().nullable())
    .nullable()
    .describe('md_fluctuation: d<E>/dT between neighboring temperatures, a cross-check; null with one temperature.'),
  warnings: z.array(z.string()),
});
export type HeatCapacityResult = z.infer<typeof heatCapacityResultSchema>;
