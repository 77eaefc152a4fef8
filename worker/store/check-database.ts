// Is the file a whole database? Read only: a damaged file is left as it is.
import Database from 'better-sqlite3';
import { z } from 'zod';

/**
 * Tables whose size grows with the steps of tasks. Reading them through takes longer than a start may; nothing depends on them
 * but the history that a task shows, and a backup is read through before it is put back.
 */
const HISTORY_TABLES: readonly string[] = ['task_steps', 'task_logs'];

/** All that the service lives from: every table but the history. @throws Error that says what is wrong */
export function checkCore(file: string): void {
  read(file, (connection) => {
    const tables = z
      .array(z.string())
      .parse(connection.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all());
    for (const table of tables) {
      if (!HISTORY_TABLES.includes(table)) check(connection, `quick_check('${table}')`);
    }
  });
}

/** Every page. @throws Error that says what is wrong */
export function checkWhole(file: string): void {
  read(file, (connection) => {
    check(connection, 'quick_check(1)');
  });
}

function read(file: string, action: (connection: Database.Database) => void): void {
  const connection = new Database(file, { readonly: true, fileMustExist: true });
  try {
    action(connection);
  } finally {
    connection.close();
  }
}

function check(connection: Database.Database, pragma: string): void {
  const problem: unknown = connection.pragma(pragma, { simple: true });
  if (problem !== 'ok') throw new Error(String(problem));
}
