// What mace-torch says about the structures of one model, as make_models.py leaves it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cellSchema, vector3Schema } from '../../contracts/structure.ts';
import type { Structure } from '../../contracts/structure.ts';
import { symbolOfAtomicNumber } from '../../worker/structures/elements.ts';

const evaluationSchema = z.strictObject({
  name: z.string(),
  head: z.string(),
  atomic_numbers: z.array(z.int()),
  pbc: z.tuple([z.boolean(), z.boolean(), z.boolean()]),
  cell_A: cellSchema.nullable(),
  positions_A: z.array(vector3Schema),
  energy_eV: z.number(),
  energies_eV: z.array(z.number()),
  forces_eV_per_A: z.array(vector3Schema),
  stress_eV_per_A3: cellSchema.nullable(),
});
export type ReferenceEvaluation = z.infer<typeof evaluationSchema>;

const referenceSchema = z.strictObject({
  model: z.string(),
  program: z.record(z.string(), z.string()),
  precision: z.enum(['float64', 'float32']),
  structures: z.array(evaluationSchema),
});
export type Reference = z.infer<typeof referenceSchema>;

export function readReference(folder: string): Reference {
  return referenceSchema.parse(JSON.parse(readFileSync(join(folder, 'reference-float64.json'), 'utf8')));
}

export function structureOf({ atomic_numbers, pbc, cell_A, positions_A }: ReferenceEvaluation): Structure {
  const symbols = atomic_numbers.map((z) => symbolOfAtomicNumber(z) ?? '?');
  return { cell: cell_A, pbc, symbols, positions: positions_A };
}
