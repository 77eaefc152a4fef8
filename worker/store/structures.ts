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
  /** The newest with this name and content; null when there is none. */
  findSame(owner: string, filename: string, sha256: Uint8Array): StructureRow | null;
  /** Newest first. */
  list(owner: string, limit: number, offset: number): StructureRow[];
  count(owner: string): number;
  /** false: a task that has not ended was submitted with it. */
  remove(owner: string, file_id: string): boolean;
}

const COLUMNS = 'file_id, owner, filename, format, size_bytes, summary, created_at';

export function createStructureStore(connection: Connection): StructureStore {
  const insert = connection.prepare(
    `INSERT INTO structures (file_id, owner, filename, format, size_bytes, sha256, n_atoms, summary, created_at)
     VALUES (:file_id, :owner, :filename, :format, :size_bytes, :sha256, :n_atoms, :summary, :created_at)`,
  );
  const find = connection.prepare(`SELECT ${COLUMNS} FROM structures WHERE file_id = ?`);
  const findSame = connection.prepare(
    `SELECT ${COLUMNS} FROM structures WHERE owner = :owner AND sha256 = :sha256 AND filename = :filename
      ORDER BY created_at DESC LIMIT 1`,
  );
  const list = connection.prepare(
    `SELECT ${COLUMNS} FROM structures WHERE owner = :owner ORDER BY created_at DESC, file_id LIMIT :limit OFFSET :offset`,
  );
  const remove = connection.prepare(
    `DELETE FROM structures WHERE file_id = :file_id AND owner = :owner AND NOT EXISTS (
       SELECT 1 FROM tasks WHERE owner = :owner AND status IN ('PENDING', 'QUEUED', 'ASSIGNED', 'RUNNING')
          AND structure_source ->> 'file_id' = :file_id)`,
  );
  const count = connection.prepare('SELECT count(*) AS total FROM structures WHERE owner = ?');
  return {
    insert: (structure) => {
      insert.run({ ...structure, n_atoms: structure.summary.n_atoms, summary: JSON.stringify(structure.summary) });
    },
    find: (file_id) => structureRowSchema.nullable().parse(find.get(file_id) ?? null),
    findSame: (owner, filename, sha256) =>
      structureRowSchema.nullable().parse(findSame.get({ owner, filename, sha256 }) ?? null),
    list: (owner, limit, offset) => z.array(structureRowSchema).parse(list.all({ owner, limit, offset })),
    count: (owner) => z.object({ total: z.int() }).parse(count.get(owner)).total,
    remove: (owner, file_id) => remove.run({ owner, file_id }).changes > 0,
  };
}
