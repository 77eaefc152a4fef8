// A MACE model as the kernel reads it: model.json (this schema) beside model.safetensors (plain numbers, no programs).
// Both are written from a checkpoint by worker/models/mace; docs/mace-model.md lists the tensors and their shapes.
import { z } from 'zod';

export const MACE_MODEL_FORMAT = 'mofsimbench-mace';
export const MACE_MODEL_FORMAT_VERSION = 1;
export const MACE_MODEL_FILE = 'model.json';
export const MACE_TENSOR_FILE = 'model.safetensors';

/** The interaction blocks of mace-torch that the kernel computes. */
export const maceBlockSchema = z.enum([
  'RealAgnosticInteractionBlock',
  'RealAgnosticResidualInteractionBlock',
  'RealAgnosticDensityInteractionBlock',
  'RealAgnosticDensityResidualInteractionBlock',
  'RealAgnosticResidualNonLinearInteractionBlock',
]);
export type MaceBlock = z.infer<typeof maceBlockSchema>;

/** An activation and the constant by which e3nn multiplies it, so that its second moment is 1 (1 where it does not). */
export const maceActivationSchema = z.strictObject({
  name: z.enum(['silu', 'tanh', 'abs', 'sigmoid', 'none']),
  scale: z.number(),
});
export type MaceActivation = z.infer<typeof maceActivationSchema>;

/** What the weights of a training checkpoint do not say of their model, given by its user. */
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

const count = z.int().positive();
const degree = z.int().nonnegative().max(8);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Distance as the basis sees it. */
export const maceTransformSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('agnesi'), q: z.number(), p: z.number(), a: z.number() }),
  z.strictObject({ kind: z.literal('soft'), alpha: z.number() }),
]);

export const maceRadialSchema = z.strictObject({
  basis: z.enum(['bessel', 'gaussian', 'chebyshev']),
  n_basis: count,
  /** Bessel: of every function; null for the others. */
  prefactor: z.number().nullable(),
  /** Gaussian: in the exponent, 1/A^2; null for the others. */
  coefficient: z.number().nullable(),
  /** Of the polynomial cutoff (`p`). */
  cutoff_exponent: count,
  /** false: the cutoff multiplies the radial weights and the density instead of the basis. */
  is_cutoff_in_basis: z.boolean(),
  transform: maceTransformSchema,
});

export const maceZblSchema = z.strictObject({
  coefficients: z.array(z.number()).length(4),
  cutoff_exponent: count,
  a_exponent: z.number(),
  a_prefactor: z.number(),
});

export const maceLayerSchema = z.strictObject({
  block: maceBlockSchema,
  /** Of every l of the features that come in. */
  n_input_channels: count,
  input_l_max: degree,
  n_edge_channels: count,
  edge_l_max: degree,
  /** (l1, l2, l3) in the order of the radial weights: features x harmonics -> message. */
  paths: z.array(z.tuple([degree, degree, degree])).min(1),
  /** Of the message, for every l up to the model's l_max: what the contraction sees. */
  n_message_channels: count,
  avg_num_neighbors: z.number().positive(),
  /** Of the hidden layers of the radial network; plain SiLU (scale 1) in the non-linear block. */
  radial_activation: maceActivationSchema,
  /** Non-linear block only. */
  gate: z.strictObject({ scalars: maceActivationSchema, gates: maceActivationSchema }).nullable(),
  product: z.strictObject({
    correlation: z.int().min(1).max(4),
    output_l_max: degree,
    n_output_channels: count,
    /** The residual of the interaction block is added. */
    has_residual: z.boolean(),
    /** One set of weights for all elements. */
    is_element_agnostic: z.boolean(),
  }),
});
export type MaceLayer = z.infer<typeof maceLayerSchema>;

export const maceReadoutSchema = z.strictObject({
  kind: z.enum(['linear', 'nonlinear', 'nonlinear_bias']),
  /** Whose output it reads, from 0. */
  layer: z.int().nonnegative(),
  /** Hidden units of all heads together; 0 for a linear one. */
  n_hidden: z.int().nonnegative(),
  activation: maceActivationSchema,
});

export const maceModelSchema = z.strictObject({
  format: z.literal(MACE_MODEL_FORMAT),
  format_version: z.literal(MACE_MODEL_FORMAT_VERSION),
  source: z.strictObject({
    file_name: z.string(),
    sha256,
    size_bytes: z.int().nonnegative(),
    class_name: z.enum(['ScaleShiftMACE', 'MACE']),
  }),
  /** Of MACE_TENSOR_FILE. */
  tensors_sha256: sha256,
  dtype: z.enum(['float64', 'float32']),
  /** Trained ones, as torch counts them. */
  n_parameters: count,
  /** The position of an element here is its index in every tensor. */
  atomic_numbers: z.array(z.int().min(1).max(118)).min(1),
  r_max_A: z.number().positive(),
  /** In the order of every tensor with heads. */
  heads: z.array(z.string().min(1)).min(1),
  /** Of the spherical harmonics. */
  l_max: degree,
  n_channels: count,
  radial: maceRadialSchema,
  zbl: maceZblSchema.nullable(),
  layers: z.array(maceLayerSchema).min(1),
  readouts: z.array(maceReadoutSchema).min(1),
});
export type MaceModel = z.infer<typeof maceModelSchema>;
