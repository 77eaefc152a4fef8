// Opens the database file: settings first, then the migrations that are missing.
import Database from 'better-sqlite3';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/index.ts';
import { StoreError } from './store-error.ts';

export type Connection = Database.Database;
export type Statement = Database.Statement;

/**
 * WAL with `synchronous = FULL`: a committed change survives a power cut.
 *
 * @throws StoreError database_from_future (the file is left as it is) | database_unreadable
 */
export function openDatabase(file: string, migrations: readonly Migration[] = MIGRATIONS): Connection {
  let connection: Connection | null = null;
  try {
    connection = new Database(file);
    refuseFuture(connection, file, migrations.at(-1)?.number ?? 0);
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    migrate(connection, migrations);
    connection.pragma('foreign_keys = ON');
    return connection;
  } catch (cause) {
    connection?.close();
    if (cause instanceof StoreError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(
      'database_unreadable',
      `The database ${file} cannot be opened: ${reason}. Nothing was changed; move the file away to start with an empty one.`,
      { cause },
    );
  }
}

export function schemaVersion(connection: Connection): number {
  return Number(connection.pragma('user_version', { simple: true }));
}

function refuseFuture(connection: Connection, file: string, newestKnown: number): void {
  const version = schemaVersion(connection);
  if (version <= newestKnown) return;
  throw new StoreError(
    'database_from_future',
    `The database ${file} was written by a newer version of this program (schema ${version}, this program knows ` +
      `${newestKnown}). Start that version, or choose another data folder with MOFSIM_HOME.`,
  );
}

/**
 * Each migration and its number are one transaction: after a crash the file is at one version or the next. Foreign keys act
 * only at the end of each, because a table that is built anew is dropped first, and its children would go with it.
 */
function migrate(connection: Connection, migrations: readonly Migration[]): void {
  const present = schemaVersion(connection);
  connection.pragma('foreign_keys = OFF');
  for (const { number, sql } of migrations) {
    if (number <= present) continue;
    connection.transaction(() => {
      connection.exec(sql);
      const broken = connection.pragma('foreign_key_check');
      if (!Array.isArray(broken) || broken.length > 0) throw new Error(`migration ${number} breaks a foreign key`);
      connection.pragma(`user_version = ${number}`);
    })();
  }
}
