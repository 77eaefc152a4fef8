// The potentials of the kernel and their options, as requests carry them.
import { z } from 'zod';
import { dispersionOptionsSchema } from './dispersion.ts';

export const uff4mofDialectSchema = z.enum(['paper', 'lammps_interface']);
export type Uff4mofDialect = z.infer<typeof uff4mofDialectSchema>;

/** Options of the UFF4MOF potential; what each dialect means is told in docs/uff4mof.md. */
export const uff4mofOptionsSchema = z.strictObject({
  dialect: uff4mofDialectSchema.default('paper'),
  /** Lennard-Jones cutoff, A. */
  cutoff_A: z.number().min(2).max(40).default(12.5),
  /** What happens to an atom that no UFF4MOF type fits: `none` refuses it, `uff` takes the nearest UFF type and warns. */
  fallback: z.enum(['none', 'uff']).default('none'),
  /** Analytic long-range tail of the Lennard-Jones energy and pressure; the dialect decides when absent. */
  tail_correction: z.boolean().optional(),
});
export type Uff4mofOptions = z.infer<typeof uff4mofOptionsSchema>;

/** Point charges: none, those of the request's array `charges`, or by extended charge equilibration (EQeq). */
export const chargesSchema = z.enum(['none', 'given', 'eqeq']);

export const electrostaticsOptionsSchema = z.strictObject({
  charges: chargesSchema.default('none'),
  /** Ewald sum (three periodic directions only) or damped shifted force. */
  method: z.enum(['ewald', 'dsf']).default('ewald'),
  /** Of the sum in real space, A. */
  cutoff_A: z.number().min(2).max(40).default(12.5),
  /** Ewald: root mean square error of a force over the force between two unit charges 1 A apart. */
  relative_accuracy: z.number().min(1e-12).max(1e-2).default(1e-6),
  /** Damped shifted force, 1/A. */
  damping_per_A: z.number().positive().max(2).default(0.2),
});
export type ElectrostaticsOptions = z.infer<typeof electrostaticsOptionsSchema>;

/** A MACE model that was imported (docs/mace-model.md). */
export const maceOptionsSchema = z.strictObject({
  /** Absolute path of the folder that holds model.json and model.safetensors. */
  folder: z.string().min(1),
  /** Of a model with several heads; absent: the only one, or the one called "default" in any case. */
  head: z.string().min(1).optional(),
});
export type MaceOptions = z.infer<typeof maceOptionsSchema>;

export const potentialSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('uff4mof'),
    options: uff4mofOptionsSchema,
    electrostatics: electrostaticsOptionsSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('mace'),
    options: maceOptionsSchema,
    dispersion: dispersionOptionsSchema.optional(),
  }),
]);
export type PotentialSpec = z.infer<typeof potentialSchema>;
