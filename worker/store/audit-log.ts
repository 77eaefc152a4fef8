// Queries on audit_log: what was done by whom, appended only.
import { z } from 'zod';
import { auditEntrySchema } from '../../contracts/api-key.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection } from './open-database.ts';

const auditRowSchema = auditEntrySchema.extend({ details: jsonColumn(auditEntrySchema.shape.details) });
export type AuditRow = z.infer<typeof auditRowSchema>;

export interface AuditLogStore {
  add(entry: Omit<AuditRow, 'audit_id'>): void;
  /** Newest first. */
  list(limit: number, offset: number): AuditRow[];
  count(): number;
  last(action: string): AuditRow | null;
}

export function createAuditLogStore(connection: Connection): AuditLogStore {
  const add = connection.prepare(
    `INSERT INTO audit_log (timestamp, key_id, action, target, details)
     VALUES (:timestamp, :key_id, :action, :target, :details)`,
  );
  const list = connection.prepare(
    `SELECT audit_id, timestamp, key_id, action, target, details FROM audit_log
      ORDER BY audit_id DESC LIMIT :limit OFFSET :offset`,
  );
  const last = connection.prepare(
    `SELECT audit_id, timestamp, key_id, action, target, details FROM audit_log
      WHERE action = ? ORDER BY audit_id DESC LIMIT 1`,
  );
  const count = connection.prepare('SELECT count(*) AS total FROM audit_log');
  return {
    add: (entry) => {
      add.run({ ...entry, details: JSON.stringify(entry.details) });
    },
    list: (limit, offset) => z.array(auditRowSchema).parse(list.all({ limit, offset })),
    count: () => z.object({ total: z.int() }).parse(count.get()).total,
    last: (action) => auditRowSchema.nullable().parse(last.get(action) ?? null),
  };
}
