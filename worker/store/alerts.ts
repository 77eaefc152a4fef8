// Queries on alerts.
import { z } from 'zod';
import { alertRuleNameSchema, alertSeveritySchema } from '../../contracts/alert.ts';
import { jsonColumn } from './json-column.ts';
import type { Connection } from './open-database.ts';

const alertRowSchema = z.object({
  alert_id: z.string(),
  rule: alertRuleNameSchema,
  severity: alertSeveritySchema,
  target: z.string(),
  details: jsonColumn(z.record(z.string(), z.unknown())),
  fired_at: z.string(),
  resolved_at: z.string().nullable(),
});
export type AlertRow = z.infer<typeof alertRowSchema>;

export interface AlertStore {
  fire(alert: Omit<AlertRow, 'resolved_at'>): void;
  resolve(alert_id: string, now: string): void;
  active(): AlertRow[];
  /** Newest first, active ones among them. */
  history(limit: number, offset: number): AlertRow[];
  /** Forgets all but the newest `n_kept` of those that are over. */
  trim(n_kept: number): void;
}

export function createAlertStore(connection: Connection): AlertStore {
  const fire = connection.prepare(
    `INSERT INTO alerts (alert_id, rule, severity, target, details, fired_at)
     VALUES (:alert_id, :rule, :severity, :target, :details, :fired_at)`,
  );
  const resolve = connection.prepare(
    'UPDATE alerts SET resolved_at = :now WHERE alert_id = :alert_id AND resolved_at IS NULL',
  );
  const active = connection.prepare('SELECT * FROM alerts WHERE resolved_at IS NULL ORDER BY fired_at DESC');
  const history = connection.prepare(
    'SELECT * FROM alerts ORDER BY fired_at DESC, rowid DESC LIMIT :limit OFFSET :offset',
  );
  const trim = connection.prepare(
    `DELETE FROM alerts WHERE resolved_at IS NOT NULL AND rowid NOT IN
       (SELECT rowid FROM alerts WHERE resolved_at IS NOT NULL ORDER BY fired_at DESC LIMIT :n_kept)`,
  );
  return {
    fire: (alert) => {
      fire.run({ ...alert, details: JSON.stringify(alert.details) });
    },
    resolve: (alert_id, now) => {
      resolve.run({ alert_id, now });
    },
    active: () => z.array(alertRowSchema).parse(active.all()),
    history: (limit, offset) => z.array(alertRowSchema).parse(history.all({ limit, offset })),
    trim: (n_kept) => {
      trim.run({ n_kept });
    },
  };
}
