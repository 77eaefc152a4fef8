// Parameters and result of the task type `stability`: molecular dynamics, and whether the framework survives it.
import { z } from 'zod';
import { structureOutputSchema, computeParametersShape, seedShape } from './optimization.ts';
import { cellParametersSchema, supercellChoiceSchema, supercellSchema } from '../structure.ts';

/** About one atmosphere. */
const ATMOSPHERE_GPA = 0.0001;
const USUAL_BAROSTAT_TIME_FS = 1000;

export const stabilityParametersSchema = z
  .strictObject({
    temperature_k: z.number().positive().max(5000).default(300).describe('Temperature of the thermostat, K.'),
    timestep_fs: z.number().min(0.01).max(10).default(1).describe('Time step, fs.'),
    total_steps: z.int().min(1).max(100_000_000).default(1000).describe('Steps after the equilibration.'),
    equilibration_steps: z
      .int()
      .min(0)
      .max(10_000_000)
      .default(100)
      .describe('Steps of Langevin dynamics at constant volume before; nothing of them is averaged.'),
    ensemble: z
      .enum(['NVT', 'NPT'])
      .default('NVT')
      .describe('NVT: constant volume (Nose-Hoover chain); NPT: constant pressure (Martyna-Tobias-Klein).'),
    pressure_GPa: z.number().min(-10).max(100).default(ATMOSPHERE_GPA).describe('External pressure of an NPT run.'),
    cell_motion: z
      .enum(['isotropic', 'full'])
      .default('isotropic')
      .describe('NPT: the cell keeps its shape, or all its lengths and angles move.'),
    supercell: supercellChoiceSchema
      .default('auto')
      .describe('Repeats along the lattice vectors; auto: at least 12 A between opposite faces.'),
    relax_first: z
      .boolean()
      .default(true)
      .describe('Relax the positions in the fixed cell before, as the benchmark does.'),
    fmax: z
      .number()
      .min(1e-6)
      .max(10)
      .default(0.001)
      .describe('Threshold of that relaxation on the largest force norm, eV/A.'),
    max_steps: z.int().min(0).max(100_000).default(1000).describe('Of that relaxation.'),
    friction_per_fs: z
      .number()
      .min(1e-6)
      .max(1)
      .default(0.01)
      .describe('Of the Langevin dynamics of the equilibration, 1/fs.'),
    thermostat_time_fs: z.number().min(1).max(100_000).default(100).describe('Of the Nose-Hoover chain, fs.'),
    barostat_time_fs: z
      .number()
      .min(1)
      .max(1_000_000)
      .default(USUAL_BAROSTAT_TIME_FS)
      .describe('NPT: of the barostat, fs.'),
    trajectory_interval: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10)
      .describe('Every n-th step goes into the trajectory and is looked at: displacements, bonds, distributions.'),
    sample_interval: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10)
      .describe(
        'At most so many steps lie between two samples of temperature, pressure, volume and energies: the largest divisor of trajectory_interval that is not above it.',
      ),
    max_volume_drift_percent: z
      .number()
      .positive()
      .max(1000)
      .default(10)
      .describe('Limit of the verdict, NPT: change of the volume. MOFSimBench: 10 %.'),
    max_rmsd_A: z
      .number()
      .positive()
      .max(1000)
      .default(1.5)
      .describe('Limit of the verdict: root mean square displacement of the nodes at any time (rmsd_nodes), A.'),
    max_coordination_change: z
      .number()
      .nonnegative()
      .max(100)
      .default(0.5)
      .describe('Limit of the verdict: change of the mean coordination number of a metal element.'),
    max_broken_bonds: z
      .int()
      .nonnegative()
      .max(1_000_000)
      .default(0)
      .describe('Limit of the verdict: bonds of the start that are broken at the end.'),
    ...seedShape,
    ...computeParametersShape,
  })
  .refine(({ ensemble, pressure_GPa }) => ensemble === 'NPT' || pressure_GPa === ATMOSPHERE_GPA, {
    path: ['pressure_GPa'],
    message: 'a pressure needs the ensemble NPT; remove it or set ensemble to "NPT"',
    params: { combination: true },
  })
  .refine(({ ensemble, cell_motion }) => ensemble === 'NPT' || cell_motion === 'isotropic', {
    path: ['cell_motion'],
    message: 'a cell that moves needs the ensemble NPT; remove cell_motion or set ensemble to "NPT"',
    params: { combination: true },
  })
  .refine(({ ensemble, barostat_time_fs }) => ensemble === 'NPT' || barostat_time_fs === USUAL_BAROSTAT_TIME_FS, {
    path: ['barostat_time_fs'],
    message: 'a barostat needs the ensemble NPT; remove barostat_time_fs or set ensemble to "NPT"',
    params: { combination: true },
  });
export type StabilityParameters = z.infer<typeof stabilityParametersSchema>;

export const stabilityCriterionSchema = z.object({
  name: z
    .enum(['dynamics', 'volume_drift_percent', 'rmsd_A', 'coordination_change', 'broken_bonds'])
    .describe(
      'dynamics: steps that were done, of those asked for; fewer when the run diverged. The others: see the limits among the parameters.',
    ),
  value: z.number(),
  limit: z.number(),
  passed: z.boolean(),
});

const rmsdSchema = z.object({
  last_A: z.number().nonnegative(),
  mean_A: z.number().nonnegative().describe('Over the frames.'),
  largest_A: z.number().nonnegative(),
});

/** All lists have the same length, at most 1000; thinned evenly in time, the first frame is kept. */
export const stabilitySeriesSchema = z.object({
  time_ps: z.array(z.number().nonnegative()).describe('Since the end of the equilibration.'),
  temperature_k: z.array(z.number().nonnegative()),
  potential_energy_eV: z.array(z.number()),
  pressure_GPa: z.array(z.number()).nullable().describe('With its kinetic part; null without three periodic axes.'),
  volume_A3: z.array(z.number().positive()).nullable(),
  rmsd_A: z.array(z.number().nonnegative()).describe('As rmsd_framework.'),
});

export const bondEventSchema = z.object({
  time_ps: z
    .number()
    .nonnegative()
    .describe('When the limit was crossed for good, seen from the frames; since the end of the equilibration.'),
  kind: z.enum(['broken', 'formed']),
  atoms: z.tuple([z.int().nonnegative(), z.int().nonnegative()]).describe('Indices in the supercell, from 0.'),
  elements: z.tuple([z.string(), z.string()]),
  distance_A: z.number().positive().describe('At that time.'),
});
export type BondEvent = z.infer<typeof bondEventSchema>;

export const rdfSchema = z.object({
  pair: z.tuple([z.string(), z.string()]).describe('Two elements; "all", "all" counts every pair of atoms.'),
  distances_A: z.array(z.number().nonnegative()).describe('Centers of the bins.'),
  g: z.array(z.number().nonnegative()),
});
export type Rdf = z.infer<typeof rdfSchema>;

export const metalCoordinationSchema = z.object({
  element: z.string(),
  n_atoms: z.int().positive().describe('In the supercell.'),
  first: z.number().nonnegative().describe('Mean coordination number in the input structure.'),
  relaxed: z.number().nonnegative().nullable().describe('After the relaxation; null without one.'),
  last: z.number().nonnegative().describe('From the bonds that hold at the end of the run.'),
});

const errorOf = (what: string) =>
  z
    .number()
    .nonnegative()
    .nullable()
    .describe(
      `Statistical error of the mean ${what} by block averages (Flyvbjerg and Petersen): too small in a run that is not some hundred times longer than its memory; null without or with fewer than 16 samples.`,
    );

export const stabilityResultSchema = z.object({
  stable: z.boolean().describe('Every criterion is passed.'),
  criteria: z.array(stabilityCriterionSchema),
  end_state: z.enum(['completed', 'diverged']),
  ensemble: z.enum(['NVT', 'NPT']),
  duration_ps: z.number().nonnegative().describe('Of the dynamics after the equilibration, as far as it came.'),
  steps: z.int().nonnegative().describe('Done after the equilibration.'),
  n_frames: z.int().nonnegative().describe('Frames that displacements, bonds and distributions come from.'),
  n_samples: z.int().nonnegative().describe('Samples that the other means come from.'),
  supercell: supercellSchema.describe('Repeats along the lattice vectors.'),
  n_atoms: z.int().positive().describe('In the supercell.'),
  n_framework_atoms: z
    .int()
    .positive()
    .describe('Atoms bonded into chains, layers or a framework at the start; all atoms when there are none.'),
  n_node_atoms: z
    .int()
    .positive()
    .describe(
      'Metal atoms of the framework; without metals, its atoms but hydrogen. A ring that flips does not move them.',
    ),
  relaxation: z
    .object({
      converged: z.boolean(),
      steps: z.int().nonnegative(),
      max_force_eV_A: z.number().nonnegative(),
      final_energy_eV: z.number().describe('Of the input cell.'),
    })
    .nullable()
    .describe('Of the positions before the dynamics; null when relax_first is false.'),
  max_displacement_A: z
    .number()
    .nonnegative()
    .describe(
      'Largest displacement of an atom from its place at the end of the equilibration, at any time, A; measured as rmsd_framework.',
    ),
  max_displacement_atom: z.int().nonnegative().describe('Its index in the supercell, from 0.'),
  rmsd_framework: rmsdSchema.describe(
    'sqrt(sum |dr|^2 / N) over the framework atoms against the end of the equilibration, A: fractional displacements mapped to the cell of that time, less their mean, so that neither a strain of the cell nor a drift of the whole counts.',
  ),
  rmsd_nodes: rmsdSchema.describe('The same over the nodes.'),
  rmsd_benchmark: rmsdSchema.describe(
    "MOFSimBench's definition, sqrt(sum |dr|^2 / (3 N)) over all atoms against the end of the equilibration, A: cartesian after the best superposition (translation and rotation), shortest image of what is left.",
  ),
  energy_drift_eV: z
    .number()
    .describe('Of the conserved quantity: slope of the straight line through all samples, times the duration.'),
  energy_drift_eV_atom_ps: z.number().describe('The slope per atom and picosecond.'),
  mean_temperature_k: z.number().nonnegative(),
  temperature_std_k: z.number().nonnegative().describe('Standard deviation of the samples.'),
  mean_temperature_error_k: errorOf('temperature'),
  mean_potential_energy_eV: z.number(),
  mean_pressure_GPa: z.number().nullable().describe('With its kinetic part.'),
  pressure_std_GPa: z.number().nonnegative().nullable().describe('Standard deviation of the samples.'),
  mean_pressure_error_GPa: errorOf('pressure'),
  mean_volume_A3: z.number().positive().nullable(),
  mean_volume_error_A3: errorOf('volume'),
  first_volume_A3: z.number().positive().nullable().describe('At the end of the equilibration: the input cell.'),
  last_volume_A3: z.number().positive().nullable(),
  volume_drift_percent: z.number().nullable().describe('100 (last / first - 1).'),
  lattice_first: cellParametersSchema.nullable().describe('Of the supercell.'),
  lattice_last: cellParametersSchema.nullable(),
  coordination: z.array(metalCoordinationSchema).describe('Per metal element; empty without metals.'),
  bond_rule: z
    .object({
      bonded_within: z.number().describe('Bonded when closer than this multiple of the sum of the covalent radii.'),
      broken_beyond: z.number().describe('A bond is broken when longer than this multiple.'),
      persistence_fs: z.number().describe('An event counts when every frame of so long a time agrees, at least two.'),
    })
    .describe('Covalent radii of Cordero et al. (2008); two metals are not bonded to each other.'),
  n_bonds_first: z
    .int()
    .nonnegative()
    .describe('Bonds of the structure that the dynamics began with, before any equilibration.'),
  n_bonds_broken: z.int().nonnegative().describe('Of those, broken at the end.'),
  n_bonds_formed: z.int().nonnegative().describe('At the end, of those that were not there at the start.'),
  bond_events: z.array(bondEventSchema).describe('In the order of time; the first 1000.'),
  rdf: z
    .array(rdfSchema)
    .describe(
      'Radial distribution functions, mean over frames at least 50 fs apart: all atoms, then up to 12 pairs of elements, those with a metal first. Up to half the smallest width of the cell, at most 12 A; empty without three periodic axes.',
    ),
  series: stabilitySeriesSchema,
  final_structure: structureOutputSchema.describe('The supercell at the end; when diverged, at the last good sample.'),
  trajectory_url: z.string().describe('Where the trajectory is downloaded.'),
  warnings: z.array(z.string()),
});
export type StabilityResult = z.infer<typeof stabilityResultSchema>;
