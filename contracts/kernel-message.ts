// Messages between a task process and the native kernel (mofkernel) on its stdin and stdout.
// A frame is one line of UTF-8 JSON (the header) ended by "\n", followed by `payload_bytes` raw bytes: the arrays
// listed in `arrays`, little-endian, row-major, one after another without padding. Prose: docs/protocol.md.
import { z } from 'zod';

export const KERNEL_PROTOCOL_VERSION = 1;

/** Longest accepted header line; a longer one means that the stream is not ours. */
export const KERNEL_MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** Largest accepted payload of one frame. */
export const KERNEL_MAX_PAYLOAD_BYTES = 2 * 1024 * 1024 * 1024;

export const arrayDtypeSchema = z.enum(['f64', 'f32', 'i32', 'u8']);
export type ArrayDtype = z.infer<typeof arrayDtypeSchema>;

export const arrayHeaderSchema = z.object({
  name: z.string().min(1).max(64),
  dtype: arrayDtypeSchema,
  shape: z.array(z.int().nonnegative()).max(4),
});
export type ArrayHeader = z.infer<typeof arrayHeaderSchema>;

const framePartSchema = z.object({
  arrays: z.array(arrayHeaderSchema).default([]),
  payload_bytes: z.int().nonnegative().max(KERNEL_MAX_PAYLOAD_BYTES).default(0),
});

export const precisionSchema = z.enum(['float64', 'float32', 'mixed']);
export type Precision = z.infer<typeof precisionSchema>;

/** `cpu` or `cuda:<index>`; the index counts the devices that CUDA_VISIBLE_DEVICES leaves. */
export const deviceNameSchema = z.string().regex(/^(cpu|cuda:\d{1,3})$/);

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

export const potentialSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('uff4mof'), options: uff4mofOptionsSchema }),
]);
export type PotentialSpec = z.infer<typeof potentialSchema>;

const requestBase = {
  id: z.string().min(1).max(64),
  ...framePartSchema.shape,
};

// Requests that carry structures send these arrays; n = number of structures, N = all their atoms:
//   cells [n][3][3] f64, rows, A      positions [N][3] f64 cartesian, A (need not lie inside the cell)
//   atomic_numbers [N] i32            n_atoms [n] i32            pbc [n][3] u8 (0 or 1)
const calculationBase = {
  ...requestBase,
  potential: potentialSchema,
  device: deviceNameSchema,
  precision: precisionSchema,
};

export const devicesRequestSchema = z.object({ type: z.literal('devices'), ...requestBase });

/** Types, bonds and terms of ONE structure without evaluating it. */
export const topologyRequestSchema = z.object({ type: z.literal('topology'), ...calculationBase });

export const evaluateRequestSchema = z.object({
  type: z.literal('evaluate'),
  ...calculationBase,
  compute_forces: z.boolean(),
  compute_stress: z.boolean(),
  compute_per_atom: z.boolean(),
});

export const kernelOptimizerSchema = z.enum(['LBFGS', 'FIRE']);
export const cellModeSchema = z.enum(['fixed', 'isotropic', 'full']);

export const relaxRequestSchema = z.object({
  type: z.literal('relax'),
  ...calculationBase,
  optimizer: kernelOptimizerSchema,
  /** Threshold on the largest force norm over atoms and, when the cell moves, the three rows of the cell filter; eV/A. */
  fmax_eV_A: z.number().positive(),
  max_steps: z.int().nonnegative(),
  cell_mode: cellModeSchema,
  /** External hydrostatic pressure, eV/A^3. */
  pressure_eV_A3: z.number(),
  /** Positions and cell travel with every n-th `step` message and the last one; 0 = only in the result. */
  frame_interval: z.int().nonnegative(),
});

/** Stops the running request `target` between two steps; it then answers with end_state `cancelled`. */
export const cancelRequestSchema = z.object({
  type: z.literal('cancel'),
  ...requestBase,
  target: z.string().min(1).max(64),
});

export const kernelRequestSchema = z.discriminatedUnion('type', [
  devicesRequestSchema,
  topologyRequestSchema,
  evaluateRequestSchema,
  relaxRequestSchema,
  cancelRequestSchema,
]);
export type KernelRequest = z.infer<typeof kernelRequestSchema>;
export type EvaluateRequest = z.infer<typeof evaluateRequestSchema>;
export type RelaxRequest = z.infer<typeof relaxRequestSchema>;

export const kernelDeviceSchema = z.object({
  device: deviceNameSchema,
  kind: z.enum(['cpu', 'cuda']),
  name: z.string(),
  /** `GPU-…` for CUDA devices, null for the CPU. */
  uuid: z.string().nullable(),
  memory_total_bytes: z.int().nonnegative(),
  memory_free_bytes: z.int().nonnegative(),
  /** Compute capability such as "8.9"; null for the CPU. */
  compute_capability: z.string().nullable(),
  /** Threads that the CPU backend uses; null for CUDA devices. */
  n_threads: z.int().positive().nullable(),
});
export type KernelDevice = z.infer<typeof kernelDeviceSchema>;

/** First frame of the kernel, sent unasked. */
export const helloSchema = z.object({
  type: z.literal('hello'),
  protocol_version: z.int(),
  kernel_version: z.string(),
  /** Was the CUDA backend compiled in? */
  cuda_built: z.boolean(),
  cuda_architectures: z.array(z.string()),
  ...framePartSchema.shape,
});

export const devicesResultSchema = z.object({
  type: z.literal('devices_result'),
  ...requestBase,
  devices: z.array(kernelDeviceSchema).min(1),
  /** Why there is no CUDA device, in the driver's words; null when there is one or CUDA was not built. */
  cuda_unavailable_reason: z.string().nullable(),
});

const warningsShape = { warnings: z.array(z.string()).default([]) };

// Arrays of topology_result: bonds [n_bonds][5] i32 (i, j, and the lattice shift of j that puts it next to i), bond_orders [n_bonds] f64.
export const topologyResultSchema = z.object({
  type: z.literal('topology_result'),
  ...requestBase,
  atom_types: z.array(z.string()),
  n_terms: z.record(z.string(), z.int().nonnegative()),
  ...warningsShape,
});

// Arrays of evaluate_result: energies [n] eV; energy_components [n][n_components] eV; and when asked for forces [N][3] eV/A,
// stress [n][3][3] eV/A^3 (positive = tensile), energies_per_atom [N] eV. All f64.
export const evaluateResultSchema = z.object({
  type: z.literal('evaluate_result'),
  ...requestBase,
  component_names: z.array(z.string()),
  kernel_seconds: z.number().nonnegative(),
  ...warningsShape,
});

// `step` of a relaxation. Arrays when this step carries a frame: positions [N][3] A, cell [3][3] A, forces [N][3] eV/A of ITS structure.
export const relaxStepSchema = z.object({
  type: z.literal('step'),
  ...requestBase,
  /** Index of the structure inside the batch. */
  structure: z.int().nonnegative(),
  step: z.int().nonnegative(),
  energy_eV: z.number(),
  /** Largest per-atom force norm. */
  max_force_eV_A: z.number().nonnegative(),
  /** Largest norm over the cell filter's rows; null with a fixed cell. */
  max_cell_force_eV_A: z.number().nonnegative().nullable(),
  volume_A3: z.number().positive().nullable(),
  /** Voigt order xx yy zz yz xz xy; null for a structure without a cell. */
  stress_voigt_eV_A3: z.array(z.number()).length(6).nullable(),
});
export type RelaxStep = z.infer<typeof relaxStepSchema>;

export const relaxEndStateSchema = z.enum(['converged', 'max_steps', 'diverged', 'cancelled']);
export type RelaxEndState = z.infer<typeof relaxEndStateSchema>;

// Arrays of relax_result: as evaluate_result (forces and stress always there) plus positions [N][3] A and cells [n][3][3] A.
export const relaxResultSchema = z.object({
  type: z.literal('relax_result'),
  ...requestBase,
  component_names: z.array(z.string()),
  structures: z.array(
    z.object({
      end_state: relaxEndStateSchema,
      steps: z.int().nonnegative(),
      max_force_eV_A: z.number().nonnegative(),
      max_cell_force_eV_A: z.number().nonnegative().nullable(),
    }),
  ),
  kernel_seconds: z.number().nonnegative(),
  ...warningsShape,
});

export const kernelErrorCodeSchema = z.enum([
  'bad_request',
  'unsupported',
  'bad_structure',
  'atom_typing',
  'non_finite',
  'out_of_memory',
  'no_device',
  'device_lost',
  'unsupported_architecture',
  'internal',
]);
export type KernelErrorCode = z.infer<typeof kernelErrorCodeSchema>;

/** `id` is null when the frame that failed could not be read far enough to know it. */
export const kernelErrorSchema = z.object({
  type: z.literal('error'),
  ...requestBase,
  id: z.string().nullable(),
  code: kernelErrorCodeSchema,
  message: z.string(),
  details: z.record(z.string(), z.unknown()).default({}),
});

export const cancelResultSchema = z.object({ type: z.literal('cancel_result'), ...requestBase, found: z.boolean() });

export const kernelResponseSchema = z.discriminatedUnion('type', [
  helloSchema,
  devicesResultSchema,
  topologyResultSchema,
  evaluateResultSchema,
  relaxStepSchema,
  relaxResultSchema,
  cancelResultSchema,
  kernelErrorSchema,
]);
export type KernelResponse = z.infer<typeof kernelResponseSchema>;
