// What the weights of a training checkpoint do not say of their model, given by its user in a file of JSON.
import { z } from 'zod';
import { maceBlockSchema } from '../../../contracts/mace-model.ts';

export const stateDictDetailsSchema = z.strictObject({
  /** One for all layers, or one for each; printed by the training ("Average number of neighbors"). */
  avg_num_neighbors: z.union([z.number().positive(), z.array(z.number().positive()).min(1)]).optional(),
  /** In the order of the training; needed when there are several. */
  heads: z.array(z.string().min(1)).min(1).optional(),
  /** `--interaction_first`, then `--interaction` for each further layer; where the shapes leave it open. */
  blocks: z.array(maceBlockSchema).min(1).optional(),
  /** Of the non-linear readout (`--gate`). */
  gate: z.enum(['silu', 'tanh', 'abs', 'none']).default('silu'),
  /** Whether the cutoff multiplies the radial basis; needed for the non-linear block. */
  apply_cutoff: z.boolean().optional(),
});
export type StateDictDetails = z.infer<typeof stateDictDetailsSchema>;
