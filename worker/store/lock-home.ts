// One service per data folder. The lock is SQLite's own exclusive file lock, which the operating system drops with the
// process, also after SIGKILL; a pid file would need guesses about reused pids.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { StoreError } from './store-error.ts';

export interface HomeLock {
  release(): void;
}

/** Creates the folder when it is missing. @throws StoreError home_in_use | home_not_writable */
export function lockHome(home: string): HomeLock {
  let lock: Database.Database | null = null;
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    lock = new Database(join(home, 'service.lock'), { timeout: 0 });
    lock.pragma('journal_mode = DELETE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    throw refusal(home, cause);
  }
  const held = lock;
  return {
    release: () => {
      held.close();
    },
  };
}

function refusal(home: string, cause: unknown): StoreError {
  if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) {
    return new StoreError(
      'home_in_use',
      `The data folder ${home} is in use by another running service. Stop that one, or choose another folder with ` +
        'MOFSIM_HOME or --home.',
      { cause },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('home_not_writable', `The data folder ${home} cannot be written: ${reason}`, { cause });
}
