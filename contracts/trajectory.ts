// Binary trajectories (.mofj) as the viewer sees them. The bytes are told in docs/trajectories.md.
import { z } from 'zod';
import { cellSchema } from './structure.ts';

export const TRAJECTORY_FORMAT_VERSION = 1;

/** What all frames of a trajectory share. */
export const trajectoryHeaderSchema = z.object({
  /** In the order of the positions. */
  atomic_numbers: z.array(z.int().min(1).max(118)).min(1),
  pbc: z.tuple([z.boolean(), z.boolean(), z.boolean()]),
});
export type TrajectoryHeader = z.infer<typeof trajectoryHeaderSchema>;

/** Everything of a frame but its positions, which travel as 32-bit floats, [n_atoms][3], A, not wrapped. */
export const trajectoryFrameSchema = z.object({
  step: z.int().nonnegative(),
  time_fs: z.number(),
  potential_energy_eV: z.number(),
  temperature_k: z.number(),
  /** Of zeros for a structure without periodicity. */
  cell: cellSchema,
});
export type TrajectoryFrameScalars = z.infer<typeof trajectoryFrameSchema>;
