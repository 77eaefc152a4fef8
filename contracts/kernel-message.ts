// Messages between a task process and the native kernel (mofkernel) on its stdin and stdout.
// A frame is one line of UTF-8 JSON (the header) ended by "\n", followed by `payload_bytes` raw bytes: the arrays
// listed in `arrays`, little-endian, row-major, one after another without padding. Prose: docs/protocol.md.
import { z } from 'zod';
import { adsorbateModelSchema } from './adsorbate.ts';
import { potentialSchema } from './potential.ts';

export const KERNEL_PROTOCOL_VERSION = 2;

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

const requestBase = {
  id: z.string().min(1).max(64),
  ...framePartSchema.shape,
};

// Requests that carry structures send these arrays; n = number of structures, N = all their atoms:
//   cells [n][3][3] f64, rows, A      positions [N][3] f64 cartesian, A (need not lie inside the cell)
//   atomic_numbers [N] i32            n_atoms [n] i32            pbc [n][3] u8 (0 or 1)
//   charges [N] f64, e: with `charges: 'given'` only
const calculationBase = {
  ...requestBase,
  potential: potentialSchema,
  device: deviceNameSchema,
  precision: precisionSchema,
  /** Types, bonds and charges of the first structure hold for all, which must have its atoms in its order. */
  share_topology: z.boolean().optional(),
  /**
   * Types, bonds and charges are those of the atoms of the first structure where two further arrays have them, and hold for all
   * structures: topology_cell [1][3][3] f64 and topology_positions [n_atoms][3] f64, A, continuous with the positions (no atom
   * moved by a lattice vector). For what was relaxed, heated or strained. Insertions have none.
   */
  topology: z.boolean().optional(),
  /** Device memory that the calculation may take; a batch that needs more is split. Absent: nine tenths of what is free. */
  memory_limit_bytes: z.int().positive().optional(),
};

// What requests that go step by step may carry besides.
const runBase = {
  /** The run stops cleanly, with its state kept, this many seconds after its turn came. */
  deadline_seconds: z.number().positive().optional(),
  checkpoint: z
    .strictObject({
      /** Absolute path of a file that the kernel replaces atomically. A batch that was split adds `.part-<n>`. */
      path: z.string().min(1),
      /** 0 = never for this reason; one is always written when the run ends, however it ends. */
      interval_steps: z.int().nonnegative(),
      interval_seconds: z.number().nonnegative(),
      /** Go on from the file when it is there. The request must otherwise be the one that wrote it. */
      resume: z.boolean(),
    })
    .optional(),
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

export const kernelOptimizerSchema = z.enum(['LBFGS', 'BFGS', 'FIRE', 'MDMin']);
export const cellModeSchema = z.enum(['fixed', 'isotropic', 'full']);

// Optional arrays: pressures_eV_A3 [n] f64 instead of the one pressure; fixed_atoms [N] u8, 1 = keeps its place (its
// fractional place when the cell moves). A structure stays in its space group with symmetry_counts [n] i32, how many operations each has,
// symmetry_rotations [n_operations][3][3] i32, of columns of fractional coordinates, and symmetry_permutations i32, for every operation
// one number per atom of its structure: whose place it lands on, periodic images included. Operations that generate the group will do.
export const relaxRequestSchema = z.object({
  type: z.literal('relax'),
  ...calculationBase,
  ...runBase,
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

export const ensembleSchema = z.enum(['nve', 'nvt_langevin', 'nvt_nose_hoover', 'npt_isotropic', 'npt_full']);
export type Ensemble = z.infer<typeof ensembleSchema>;

export const trajectoryFormatSchema = z.enum(['extxyz', 'binary']);

// Optional arrays: temperatures_k [n] and pressures_eV_A3 [n] f64 instead of the one value; velocities [N][3] f64, A/fs
// (absent: Maxwell-Boltzmann); masses [N] f64, amu (absent: standard atomic weights); fixed_atoms [N] u8.
export const mdRequestSchema = z.object({
  type: z.literal('md'),
  ...calculationBase,
  ...runBase,
  ensemble: ensembleSchema,
  timestep_fs: z.number().positive().max(100),
  /** In all; a resumed run does what is left. */
  n_steps: z.int().nonnegative(),
  temperature_k: z.number().nonnegative(),
  pressure_eV_A3: z.number(),
  /** Langevin. */
  friction_per_fs: z.number().positive().optional(),
  /** Nose-Hoover chains and MTK. */
  thermostat_time_fs: z.number().positive().optional(),
  barostat_time_fs: z.number().positive().optional(),
  chain_length: z.int().min(1).max(10).optional(),
  seed: z.int().nonnegative(),
  /** Steps between two `md_sample` messages of a structure. */
  sample_interval: z.int().positive(),
  /** Every so many steps a sample carries positions, velocities, forces and cell; 0 = never. */
  frame_interval: z.int().nonnegative(),
  /** Files that the kernel appends to; cut back to the checkpoint on resume. */
  trajectories: z
    .array(
      z.strictObject({
        structure: z.int().nonnegative(),
        format: trajectoryFormatSchema,
        /** Absolute. */
        path: z.string().min(1),
        interval_steps: z.int().positive(),
      }),
    )
    .max(4096)
    .default([]),
});

// Arrays: displaced_atoms [n_displacements] i32, directions [n_displacements][3] f64 (cartesian; used with length 1).
export const forceConstantsRequestSchema = z.object({
  type: z.literal('force_constants'),
  ...calculationBase,
  ...runBase,
  displacement_A: z.number().positive().max(0.5),
});

// Arrays besides the structure's, each may be left out: host_epsilon_eV and host_sigma_A [n_atoms], the framework's Lennard-Jones
// parameters in place of UFF4MOF's; blocked u8 [n_points] of a grid with blocked_shape [3] i32: places that count as not reachable.
/** Host-guest energies of a rigid adsorbate in ONE rigid framework. */
export const insertionsRequestSchema = z.object({
  type: z.literal('insertions'),
  ...calculationBase,
  ...runBase,
  adsorbate: adsorbateModelSchema,
  /** Of the host-guest Lennard-Jones energy, A. */
  cutoff_A: z.number().min(2).max(40),
  /** Each pair's Lennard-Jones energy is 0 at the cutoff; left out: cut off without shift or switch. */
  is_shifted: z.boolean().optional(),
  tail_correction: z.boolean(),
  temperature_k: z.number().positive(),
  seed: z.int().nonnegative(),
  placements: z.discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('random'), n_insertions: z.int().positive() }),
    z.strictObject({
      mode: z.literal('grid'),
      /** Largest distance of two points along a lattice vector. */
      spacing_A: z.number().min(0.02).max(5),
      n_orientations: z.int().min(1).max(10_000),
    }),
  ]),
  /** How many of the lowest placements come back. */
  n_lowest: z.int().nonnegative().max(10_000),
  /** These are relaxed as rigid bodies, each from where it was found; two may then end at one place. */
  relax_lowest: z.boolean().optional(),
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
  mdRequestSchema,
  forceConstantsRequestSchema,
  insertionsRequestSchema,
  cancelRequestSchema,
]);
export type KernelRequest = z.infer<typeof kernelRequestSchema>;
export type EvaluateRequest = z.infer<typeof evaluateRequestSchema>;
export type RelaxRequest = z.infer<typeof relaxRequestSchema>;
export type MdRequest = z.infer<typeof mdRequestSchema>;
export type ForceConstantsRequest = z.infer<typeof forceConstantsRequestSchema>;
export type InsertionsRequest = z.infer<typeof insertionsRequestSchema>;

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

export const relaxEndStateSchema = z.enum(['converged', 'max_steps', 'diverged', 'cancelled', 'deadline']);
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

// One structure at one step. Arrays when this sample carries a frame: positions [N][3] A, velocities [N][3] A/fs, forces
// [N][3] eV/A, cell [3][3] A of ITS structure.
export const mdSampleSchema = z.object({
  type: z.literal('md_sample'),
  ...requestBase,
  structure: z.int().nonnegative(),
  step: z.int().nonnegative(),
  time_fs: z.number().nonnegative(),
  potential_energy_eV: z.number(),
  kinetic_energy_eV: z.number().nonnegative(),
  /** Conserved quantity of the ensemble's extended system. */
  conserved_energy_eV: z.number(),
  temperature_k: z.number().nonnegative(),
  volume_A3: z.number().positive().nullable(),
  /** With its kinetic part. */
  pressure_eV_A3: z.number().nullable(),
  /** Voigt order xx yy zz yz xz xy, with its kinetic part; null for a structure without a cell. */
  stress_voigt_eV_A3: z.array(z.number()).length(6).nullable(),
});
export type MdSample = z.infer<typeof mdSampleSchema>;

export const mdEndStateSchema = z.enum(['completed', 'cancelled', 'deadline', 'diverged']);
export type MdEndState = z.infer<typeof mdEndStateSchema>;

// Arrays: positions [N][3] A, cells [n][3][3] A, velocities [N][3] A/fs, energies [n] eV, at the end; of a structure
// that diverged, at its last good sample.
export const mdResultSchema = z.object({
  type: z.literal('md_result'),
  ...requestBase,
  structures: z.array(
    z.object({
      end_state: mdEndStateSchema,
      /** Done in all, those before a resume included. */
      steps: z.int().nonnegative(),
      n_degrees_of_freedom: z.int().nonnegative(),
    }),
  ),
  /** Steps that the checkpoint had; 0 for a fresh start. */
  resumed_from_step: z.int().nonnegative(),
  kernel_seconds: z.number().nonnegative(),
  ...warningsShape,
});

/** How far a force_constants or insertions request is. */
export const progressSchema = z.object({
  type: z.literal('progress'),
  ...requestBase,
  n_done: z.int().nonnegative(),
  n_total: z.int().positive(),
});
export type KernelProgress = z.infer<typeof progressSchema>;

export const stopReasonSchema = z.enum(['none', 'cancelled', 'deadline']);

// Arrays: force_constants [n_finished][n_atoms][3] eV/A^2, -(F(+d) - F(-d)) / (2 d) in the order asked for;
// forces [n_atoms][3] eV/A of the structure as given.
export const forceConstantsResultSchema = z.object({
  type: z.literal('force_constants_result'),
  ...requestBase,
  n_finished: z.int().nonnegative(),
  stop: stopReasonSchema,
  kernel_seconds: z.number().nonnegative(),
  ...warningsShape,
});

const insertionAveragesShape = {
  /** Mean of exp(-E / kT); its error is null on a grid. */
  boltzmann_mean: z.number().nonnegative(),
  boltzmann_standard_error: z.number().nonnegative().nullable(),
  /** Boltzmann-weighted mean energy; null when no placement has a weight. */
  mean_energy_eV: z.number().nullable(),
  mean_energy_standard_error_eV: z.number().nonnegative().nullable(),
  henry_mol_kg_Pa: z.number().nonnegative(),
};

// Arrays: lowest_energies [k] eV, lowest_centers [k][3] A, lowest_sites [k][n_sites][3] A, ascending in energy; for a grid
// grid_minimum_eV and grid_free_energy_eV [a][b][c] f32: lowest energy and -kT ln of the mean Boltzmann factor over the
// orientations; with relax_lowest lowest_forces [k] eV/A: what is left of force, and of torque over the adsorbate's size.
export const insertionsResultSchema = z.object({
  type: z.literal('insertions_result'),
  ...requestBase,
  n_placements: z.int().nonnegative(),
  ...insertionAveragesShape,
  /** Blocked placements count as such without weight; left out when nothing was to be blocked. */
  reachable: z.object(insertionAveragesShape).optional(),
  stop: stopReasonSchema,
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
  'bad_checkpoint',
  'file_error',
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
  mdSampleSchema,
  mdResultSchema,
  progressSchema,
  forceConstantsResultSchema,
  insertionsResultSchema,
  cancelResultSchema,
  kernelErrorSchema,
]);
export type KernelResponse = z.infer<typeof kernelResponseSchema>;
