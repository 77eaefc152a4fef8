// The output of `mofkernel terms FILE`: every term of a structure with its coefficients, in eV and A.
// Same layout as worker/kernel/src/potentials/uff4mof/terms.hpp.
import { z } from 'zod';
import { cellSchema, vector3Schema } from '../../contracts/structure.ts';

const index = z.int().nonnegative();

export const termsSchema = z.object({
  cell: cellSchema,
  positions: z.array(vector3Schema),
  symbols: z.array(z.string()),
  atom_types: z.array(z.string()),
  /** [i, j, k eV/A^2, r0 A] for 1/2 k (r - r0)^2 */
  bonds: z.array(z.tuple([index, index, z.number(), z.number()])),
  /** [i, j (centre), k, polynomial in cos(theta), 5 coefficients, eV] */
  angles: z.array(z.tuple([index, index, index, z.array(z.number()).length(5)])),
  /** [i, j, k, l, polynomial in cos(phi), 7 coefficients, eV] */
  torsions: z.array(z.tuple([index, index, index, index, z.array(z.number()).length(7)])),
  /** [centre, j, k, l (axis), k eV, c0, c1, c2] */
  inversions: z.array(z.tuple([index, index, index, index, z.number(), z.number(), z.number(), z.number()])),
  lj_type: z.array(index),
  n_lj_types: z.int().positive(),
  /** Pair tables [n_lj_types^2]: epsilon eV, distance of the minimum A. */
  lj_epsilon_eV: z.array(z.number()),
  lj_x_A: z.array(z.number()),
  cutoff_A: z.number(),
  tail_correction: z.boolean(),
});
export type Terms = z.infer<typeof termsSchema>;
