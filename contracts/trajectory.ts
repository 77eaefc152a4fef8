// Binary trajectories (.mofj) as the viewer sees them. The bytes are told in docs/trajectories.md.
import { z } from 'zod';
import { cellSchema, vector3Schema } from './structure.ts';

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

/** The file of this kind that a task may have left. */
export const TRAJECTORY_FILE = 'trajectory.mofj';

/** GET /tasks/{task_id}/frames */
export const trajectoryQuerySchema = z.object({
  first: z.coerce.number().int().nonnegative().default(0).describe('Index of the first frame.'),
  count: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Fewer come where they would be too much at once.'),
});

export const trajectoryPageSchema = z.object({
  n_frames: z.int().nonnegative().describe('Of the whole trajectory, as far as it is written.'),
  n_atoms: z.int().positive().describe('Of a frame: those of the supercell, where the task has built one.'),
  frames: z.array(
    z.object({
      index: z.int().nonnegative(),
      step: z.int().nonnegative(),
      time_fs: z.number(),
      potential_energy_eV: z.number(),
      temperature_k: z.number(),
      cell: cellSchema.nullable(),
      positions: z.array(vector3Schema).describe('[n_atoms] cartesian, A, not wrapped; rounded to 1e-4 A.'),
    }),
  ),
});
export type TrajectoryPage = z.infer<typeof trajectoryPageSchema>;
