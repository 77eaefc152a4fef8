// Models: what a user picks. A model names the potential that evaluates it.
import { z } from 'zod';
import { stateDictDetailsSchema } from './mace-model.ts';

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
  is_custom: z.boolean().describe('Uploaded by the user; only those can be deleted.'),
  installed: z.boolean().describe('Its weights are on this computer; true for a force field, which has none.'),
  license: z.string().nullable().describe('Of the weights, where it is known: MIT, ASL (academic use only).'),
  download_url: z.string().nullable().describe('Where its publisher offers the checkpoint.'),
  is_recommended: z.boolean(),
  heads: z.array(z.string()).describe('Of a MACE model; model_options.head names one. Empty for a force field.'),
  is_available: z
    .boolean()
    .describe('false: known, but its file is not there; `unavailable_reason` says how to get it.'),
  unavailable_reason: z.string().nullable(),
  loaded_on: z.array(z.string()).describe('UUIDs of the GPUs (or `cpu`) whose process holds it.'),
  sha256: z.string().nullable(),
  size_bytes: z.int().nonnegative().nullable(),
});
export type Model = z.infer<typeof modelSchema>;

/** What a task process has to know of a model that was imported from a checkpoint. */
export const importedModelSchema = z.object({
  /** Absolute path of the folder with model.json and model.safetensors. */
  folder: z.string().min(1),
  r_max_A: z.number().positive(),
  heads: z.array(z.string()).min(1),
});
export type ImportedModel = z.infer<typeof importedModelSchema>;

export const modelListSchema = z.object({ models: z.array(modelSchema) });

/** The `config` part of POST /models/upload. */
export const modelConfigSchema = z.strictObject({
  name: z
    .string()
    .trim()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
      'letters, digits, "_", "-" and ".", at most 64, not starting with a sign',
    ),
  family: z.enum(['mace']),
  version: z.string().trim().min(1).max(32).default('1.0.0'),
  description: z.string().max(2000).default(''),
  supported_elements: z.array(z.string()).min(1).max(118).optional(),
  max_atoms: z.int().positive().max(1_000_000).optional(),
  details: stateDictDetailsSchema
    .optional()
    .describe('Of a training checkpoint, which holds weights without their model: what they do not say.'),
});
export type ModelConfig = z.infer<typeof modelConfigSchema>;

/** POST /models/{model_id}/load and /unload; without a GPU: wherever it is free, or everywhere. */
export const modelPlacementSchema = z.strictObject({ gpu_id: z.int().nonnegative().optional() });

/** What has become of a request to load or unload a model in the process of one slot. */
export const modelPlacementResultSchema = z.object({
  slot_id: z.string(),
  device: z.string().describe('UUID of the GPU, or `cpu`.'),
  state: z
    .enum(['loaded', 'unloaded', 'busy', 'not_loaded'])
    .describe(
      'loaded: its kernel holds it; unloaded: the process that held it has ended, a new one starts; busy: it computes, and nothing was changed; not_loaded: there was nothing to unload.',
    ),
  seconds: z.number().nonnegative().nullable().describe('That loading took; null where nothing was loaded.'),
  memory_mb: z
    .number()
    .nonnegative()
    .nullable()
    .describe('By which the memory of the kernel grew meanwhile; null on a GPU and where the system does not tell it.'),
});
export type ModelPlacementResult = z.infer<typeof modelPlacementResultSchema>;
export const placedModelSchema = modelSchema.extend({
  placements: z
    .array(modelPlacementResultSchema)
    .describe('One for each slot that was asked; empty for a force field, which has nothing to load.'),
});
export type PlacedModel = z.infer<typeof placedModelSchema>;

/** POST /models/{model_id}/validate */
export const modelValidationSchema = z.object({
  model_id: z.string(),
  is_valid: z.boolean(),
  checks: z.array(z.string()).describe('What was checked, in words.'),
});
export type ModelValidation = z.infer<typeof modelValidationSchema>;
