// Queries on structures.
import { z } from 'zod';
import { structureFormatSchema, structureSummarySchema } from '../../contracts/structure.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection } from './open-database.ts';

const structureRowSchema = z.object({
  file_id: z.string(),
  owner: z.string(),
  filename: z.string(),
  format: structureFormatSchema,
  size_bytes: z.int(),
  summary: jsonColumn(structureSummarySchema),
  created_at: z.string(),
});
export type StructureRow = z.infer<typeof structureRowSchema>;
export type NewStructure = StructureRow & { sha256: Uint8Array };

export interface StructureStore {
  insert(structure: NewStructure): void;
  find(file_id: string): StructureRow | null;
}

export function createStructureStore(connection: Connection): StructureStore {
  const insert = connection.prepare(
    `INSERT INTO structures (file_id, owner, filename, format, size_bytes, sha256, n_atoms, summary, created_at)
     VALUES (:file_id, :owner, :filename, :format, :size_bytes, :sha256, :n_atoms, :summary, :created_at)`,
  );
  const find = connection.prepare(
    'SELECT file_id, owner, filename, format, size_bytes, summary, created_at FROM structures WHERE file_id = ?',
  );
  return {
    insert: (structure) => {
      insert.run({ ...structure, n_atoms: structure.summary.n_atoms, summary: JSON.stringify(structure.summary) });
    },
    find: (file_id) => structureRowSchema.nullable().parse(find.get(file_id) ?? null),
  };
}
