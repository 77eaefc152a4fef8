// Structures: what a parser returns, what an upload answers, what the built-in index holds.
import { z } from 'zod';

export const structureFormatSchema = z.enum(['cif', 'xyz', 'poscar']);
export type StructureFormat = z.infer<typeof structureFormatSchema>;

export const vector3Schema = z.tuple([z.number(), z.number(), z.number()]);
export type Vector3 = z.infer<typeof vector3Schema>;
/** Three lattice vectors as rows, A. */
export const cellSchema = z.tuple([vector3Schema, vector3Schema, vector3Schema]);
export type Cell = z.infer<typeof cellSchema>;

/** One structure: P1, every atom listed, occupancy 1. */
export const structureSchema = z.object({
  cell: cellSchema.nullable().describe('Rows, A; null for a molecule without periodicity.'),
  pbc: z.tuple([z.boolean(), z.boolean(), z.boolean()]),
  symbols: z.array(z.string()).describe('Element symbols, one per atom.'),
  positions: z.array(vector3Schema).describe('[n_atoms] cartesian, A, exactly as the file gives them (not wrapped).'),
  labels: z.array(z.string()).optional().describe('Labels of the file (CIF `_atom_site_label`), when it has them.'),
  charges: z
    .array(z.number())
    .optional()
    .describe(
      '[n_atoms] partial charges of the file (CIF `_atom_site_charge`, extended XYZ `initial_charges`), e; all or none.',
    ),
});
export type Structure = z.infer<typeof structureSchema>;

export const cellParametersSchema = z.object({
  a: z.number(),
  b: z.number(),
  c: z.number(),
  alpha: z.number(),
  beta: z.number(),
  gamma: z.number(),
});
export type CellParameters = z.infer<typeof cellParametersSchema>;

export const structureSummarySchema = z.object({
  n_atoms: z.int().positive(),
  formula: z.string().describe('Hill order.'),
  elements: z.array(z.string()),
  cell_parameters: cellParametersSchema.nullable(),
  volume_A3: z.number().positive().nullable(),
  density_g_cm3: z.number().positive().nullable(),
  space_group: z
    .string()
    .nullable()
    .describe(
      'Short Hermann-Mauguin symbol of the symmetry that the atoms have within 0.01 A; null when not periodic or not determined.',
    ),
  space_group_number: z.int().min(1).max(230).nullable(),
  smallest_perpendicular_width_A: z
    .number()
    .positive()
    .nullable()
    .describe('Smallest distance between opposite cell faces, A.'),
  warnings: z.array(z.string()),
});
export type StructureSummary = z.infer<typeof structureSummarySchema>;

/** POST /structures/upload answers this. */
export const uploadedStructureSchema = structureSummarySchema.extend({
  file_id: z.string(),
  filename: z.string(),
  format: structureFormatSchema,
});
export type UploadedStructure = z.infer<typeof uploadedStructureSchema>;

export const builtinStructureSchema = z.object({
  name: z.string().regex(/^[A-Za-z0-9_.-]+$/),
  formula: z.string(),
  n_atoms: z.int().positive(),
  category: z.enum(['benchmark', 'mof', 'zeolite', 'cof']),
  title: z.string(),
  space_group: z.string(),
  citation: z.string(),
  doi: z.string(),
  preparation: z.string().describe('How hydrogens and disorder were treated.'),
});
export type BuiltinStructure = z.infer<typeof builtinStructureSchema>;

/** resources/structures/index.json */
export const builtinStructureIndexSchema = z.object({
  structures: z.array(builtinStructureSchema.extend({ file: z.string().regex(/^[A-Za-z0-9_.-]+\.cif$/) })),
});
export type BuiltinStructureIndex = z.infer<typeof builtinStructureIndexSchema>;

/** What the viewer draws: GET /structures/…/geometry and GET /tasks/{task_id}/structure. */
export const structureGeometrySchema = z.object({
  name: z.string(),
  structure: structureSchema,
  summary: structureSummarySchema,
});
export type StructureGeometry = z.infer<typeof structureGeometrySchema>;

export const builtinStructureListSchema = z.object({ structures: z.array(builtinStructureSchema) });

/** [n_a, n_b, n_c] repeats along the lattice vectors. */
export const supercellSchema = z.tuple([z.int().min(1).max(20), z.int().min(1).max(20), z.int().min(1).max(20)]);

/** `auto`: as many repeats as the task type needs for the structure, see worker/workflows/automatic-supercell.ts. */
export const supercellChoiceSchema = z.union([z.literal('auto'), supercellSchema]);
export type SupercellChoice = z.infer<typeof supercellChoiceSchema>;

/** Characters of an inline structure; larger ones are uploaded. */
export const MAX_INLINE_STRUCTURE_LENGTH = 512 * 1024;

/** Where a task takes its structure from. */
export const structureSourceSchema = z.discriminatedUnion('source', [
  z.strictObject({ source: z.literal('upload'), file_id: z.string().min(1).max(64) }),
  z.strictObject({ source: z.literal('builtin'), name: z.string().min(1).max(128) }),
  /** The text of a file. */
  z.strictObject({
    source: z.literal('inline'),
    format: structureFormatSchema,
    content: z.string().min(1).max(MAX_INLINE_STRUCTURE_LENGTH),
    name: z.string().min(1).max(128).optional(),
  }),
  /** The final structure of another task; it is taken when this one starts, so that the other may still be waiting. */
  z.strictObject({ source: z.literal('task'), task_id: z.string().regex(/^task_[a-z0-9]{6,32}$/) }),
]);
export type StructureSource = z.infer<typeof structureSourceSchema>;

/** GET /structures: what was uploaded, newest first. */
export const structureListQuerySchema = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(20),
});

export const storedStructureSchema = uploadedStructureSchema.extend({
  created_at: z.iso.datetime(),
  size_bytes: z.int(),
});
