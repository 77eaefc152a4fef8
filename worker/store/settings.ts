// Queries on settings: named values of the service that outlive it.
import type { z } from 'zod';
import type { Connection } from './open-database.ts';

export interface SettingsStore {
  /** null when it was never set. */
  get<T extends z.ZodType>(name: string, schema: T): z.infer<T> | null;
  set(name: string, value: unknown): void;
}

export function createSettingsStore(connection: Connection): SettingsStore {
  const get = connection.prepare('SELECT value FROM settings WHERE name = ?').pluck();
  const set = connection.prepare(
    `INSERT INTO settings (name, value) VALUES (:name, :value)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
  return {
    get: (name, schema) => {
      const text = get.get(name);
      return typeof text === 'string' ? schema.parse(JSON.parse(text)) : null;
    },
    set: (name, value) => {
      set.run({ name, value: JSON.stringify(value) });
    },
  };
}
