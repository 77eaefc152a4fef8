// The parameters that every task type shares.
import { z } from 'zod';
import { computeParametersShape } from '../../contracts/results/optimization.ts';

export const computeParametersSchema = z.object(computeParametersShape);
export type ComputeParameters = z.infer<typeof computeParametersSchema>;
