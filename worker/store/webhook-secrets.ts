// The secrets of webhooks, wherever they are stored: in tasks, and in deliveries, which outlive them.
import { z } from 'zod';
import type { Connection } from './open-database.ts';

export interface WebhookSecretStore {
  /** All or none, `finish` in the same transaction; nothing of the former ones is left in the file or its log. */
  replaceAll(replace: (secret: string) => string, finish: () => void): void;
}

const rowsSchema = z.array(z.object({ id: z.int(), secret: z.string() }));

export function createWebhookSecretStore(connection: Connection): WebhookSecretStore {
  const tables = [
    { id: 'submitted_order', table: 'tasks', column: 'webhook_secret' },
    { id: 'created_order', table: 'webhook_deliveries', column: 'secret' },
  ].map(({ id, table, column }) => ({
    all: connection.prepare(`SELECT ${id} AS id, ${column} AS secret FROM ${table} WHERE ${column} IS NOT NULL`),
    set: connection.prepare(`UPDATE ${table} SET ${column} = :secret WHERE ${id} = :id`),
  }));
  return {
    replaceAll: (replace, finish) => {
      // Overwrites with zeros what a change leaves behind in a page.
      connection.pragma('secure_delete = ON');
      try {
        connection.transaction(() => {
          for (const { all, set } of tables) {
            for (const { id, secret } of rowsSchema.parse(all.all())) set.run({ id, secret: replace(secret) });
          }
          finish();
        })();
        connection.pragma('wal_checkpoint(TRUNCATE)');
      } finally {
        connection.pragma('secure_delete = OFF');
      }
    },
  };
}
