// Models: what a user picks. A model names the potential that evaluates it.
import { z } from 'zod';

export const modelSchema = z.object({
  id: z.string(),
  name: z.string(),
  family: z.string(),
  version: z.string(),
  supported_elements: z.array(z.string()),
  max_atoms: z.int().positive(),
  d3_available: z.boolean(),
  description: z.string(),
  citation: z.string(),
});
export type Model = z.infer<typeof modelSchema>;

export const modelListSchema = z.object({ models: z.array(modelSchema) });
