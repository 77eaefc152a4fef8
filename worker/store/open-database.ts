// Opens the database file: looks whether it is whole, then settings, then the migrations that are missing.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { beginBackup, listBackups } from './backups.ts';
import { checkCore } from './check-database.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/index.ts';
import { StoreError } from './store-error.ts';

export type Connection = Database.Database;
export type Statement = Database.Statement;

/** Holds the indexes of 100 000 tasks, so that a list does not read them from the file each time. */
const CACHE_KIB = 32 * 1024;

/**
 * WAL with `synchronous = FULL`: a committed change survives a power cut. Before a migration the file is backed up.
 *
 * @throws StoreError database_from_future | database_damaged | database_unreadable; the file is left as it is
 */
export function openDatabase(
  file: string,
  migrations: readonly Migration[] = MIGRATIONS,
  now: () => Date = () => new Date(),
): Connection {
  refuseMissing(file);
  let connection: Connection | null = null;
  try {
    const isThere = existsSync(file) && statSync(file).size > 0;
    if (isThere) {
      refuseFuture(file, migrations.at(-1)?.number ?? 0);
      checkCore(file);
    }
    connection = new Database(file);
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    connection.pragma(`cache_size = -${CACHE_KIB}`);
    if (isThere && isBehind(connection, migrations)) backUp(connection, file, now());
    migrate(connection, migrations);
    connection.pragma('foreign_keys = ON');
    return connection;
  } catch (cause) {
    connection?.close();
    if (cause instanceof StoreError) throw cause;
    throw unusable(file, cause);
  }
}

export function schemaVersion(connection: Connection): number {
  return Number(connection.pragma('user_version', { simple: true }));
}

/** An empty or missing file beside the traces of a former one is a loss, and no reason to start anew. */
function refuseMissing(file: string): void {
  if (file === ':memory:' || (existsSync(file) && statSync(file).size > 0)) return;
  const folders = ['tasks', 'inputs'].map((name) => join(dirname(file), name));
  const hasTasks = folders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
  if (!hasTasks && listBackups(file).length === 0) return;
  const what = existsSync(file) ? 'is empty' : 'is missing';
  throw new StoreError(
    'database_damaged',
    `The database ${file} ${what}, but its data folder has been used. ${wayBack(file)}`,
  );
}

function refuseFuture(file: string, newestKnown: number): void {
  const connection = new Database(file, { readonly: true });
  try {
    const version = schemaVersion(connection);
    if (version <= newestKnown) return;
    throw new StoreError(
      'database_from_future',
      `The database ${file} was written by a newer version of this program (schema ${version}, this program knows ` +
        `${newestKnown}). Start that version, or choose another data folder with MOFSIM_HOME.`,
    );
  } finally {
    connection.close();
  }
}

function unusable(file: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Database.SqliteError ? cause.code : '';
  if (code === 'SQLITE_FULL' || code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN') {
    const message = `The database ${file} cannot be written: ${reason}. Make room on the disk, or make the folder writable.`;
    return new StoreError('home_not_writable', message, { cause });
  }
  const isDatabase = code !== 'SQLITE_NOTADB';
  return new StoreError(
    isDatabase ? 'database_damaged' : 'database_unreadable',
    `The database ${file} cannot be opened: ${reason}. Nothing was changed. ${wayBack(file)}`,
    { cause },
  );
}

function wayBack(file: string): string {
  const [latest] = listBackups(file);
  return latest === undefined
    ? 'There is no backup of it; move the file and the folder "tasks" away to start with an empty one.'
    : `The last automatic backup is of ${latest.created_at} (${latest.path}). "mofsim restore" puts it in place and moves ` +
        'the file aside under a new name. To start with an empty one, move the folders "backups" and "tasks" away as well.';
}

function isBehind(connection: Connection, migrations: readonly Migration[]): boolean {
  return schemaVersion(connection) < (migrations.at(-1)?.number ?? 0);
}

function backUp(connection: Connection, file: string, now: Date): void {
  const draft = beginBackup(file, now, `before-schema-${MIGRATIONS.at(-1)?.number ?? 0}`);
  try {
    connection.prepare('VACUUM INTO ?').run(draft.temporary);
    draft.keep();
  } catch (error) {
    draft.discard();
    throw error;
  }
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
