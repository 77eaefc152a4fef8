// Queries on models: the checkpoints that users brought.
import { z } from 'zod';
import { modelConfigSchema } from '../../contracts/model.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection } from './open-database.ts';

const modelRowSchema = z.object({
  model_id: z.string(),
  owner: z.string(),
  file: z.string(),
  config: jsonColumn(modelConfigSchema),
  size_bytes: z.int(),
  sha256: z.instanceof(Uint8Array),
  created_at: z.string(),
});
export type ModelRow = z.infer<typeof modelRowSchema>;

export interface ModelStore {
  /** @returns false when the name is taken, in whatever case */
  insert(model: ModelRow): boolean;
  find(model_id: string): ModelRow | null;
  all(owner: string): ModelRow[];
  remove(model_id: string): boolean;
  /** Of every model, whoever owns it. */
  ids(): string[];
  /** Every model, whoever owns it. */
  kept(): ModelRow[];
}

export function createModelStore(connection: Connection): ModelStore {
  const insert = connection.prepare(
    `INSERT INTO models (model_id, owner, file, config, size_bytes, sha256, created_at)
     VALUES (:model_id, :owner, :file, :config, :size_bytes, :sha256, :created_at) ON CONFLICT (model_id) DO NOTHING`,
  );
  const find = connection.prepare('SELECT * FROM models WHERE model_id = ?');
  const all = connection.prepare('SELECT * FROM models WHERE owner = ? ORDER BY model_id');
  const remove = connection.prepare('DELETE FROM models WHERE model_id = ?');
  const ids = connection.prepare('SELECT model_id FROM models ORDER BY model_id').pluck();
  const kept = connection.prepare('SELECT * FROM models');
  return {
    insert: (model) => insert.run({ ...model, config: JSON.stringify(model.config) }).changes === 1,
    find: (model_id) => modelRowSchema.nullable().parse(find.get(model_id) ?? null),
    all: (owner) => z.array(modelRowSchema).parse(all.all(owner)),
    remove: (model_id) => remove.run(model_id).changes === 1,
    ids: () => z.array(z.string()).parse(ids.all()),
    kept: () => z.array(modelRowSchema).parse(kept.all()),
  };
}
