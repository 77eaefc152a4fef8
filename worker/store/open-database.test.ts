import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS } from './migrations/index.ts';
import { openDatabase, schemaVersion } from './open-database.ts';
import type { Connection } from './open-database.ts';
import { createTaskStore } from './tasks.ts';
import { exampleTask } from './testing/example-task.ts';

let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-db-'));
  file = join(folder, 'mofsim.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const UNKNOWN_SIZE = { work: null, size_class: -1 };

/** A task as schema 1 has it. */
function insertOld(connection: Connection): string {
  const task_id = 'task_aaaaaaaaaaaaaaaa';
  connection
    .prepare(
      `INSERT INTO tasks (task_id, owner, task_type, model, parameters, structure_source, structure_name, n_atoms, formula,
                          priority, status, max_attempts, created_at)
       VALUES (?, 'local', 'optimization', 'uff4mof', '{}', '{"source":"builtin","name":"a"}', 'a', 8, 'C8', 'LOW', 'QUEUED', 3,
               '2026-01-01T00:00:00.000Z')`,
    )
    .run(task_id);
  return task_id;
}

describe('opening the database', () => {
  test('a_new_file_gets_every_migration_and_the_settings_that_keep_commits', () => {
    const connection = openDatabase(file);
    expect(schemaVersion(connection)).toBe(MIGRATIONS.at(-1)?.number);
    expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(connection.pragma('synchronous', { simple: true })).toBe(2);
    expect(connection.pragma('foreign_keys', { simple: true })).toBe(1);
    connection.close();
  });

  test('migrations_are_numbered_from_one_without_gaps', () => {
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });

  test('migration_1_starts_an_empty_file_and_keeps_rows_when_opened_again', () => {
    const first = openDatabase(file, MIGRATIONS.slice(0, 1));
    const inserted = insertOld(first);
    first.close();
    const again = openDatabase(file);
    expect(createTaskStore(again).find(inserted)?.task_id).toBe(inserted);
    again.close();
  });

  test('a_failing_migration_leaves_the_version_before_it', () => {
    openDatabase(file).close();
    const next = (MIGRATIONS.at(-1)?.number ?? 0) + 1;
    const broken = [...MIGRATIONS, { number: next, sql: 'CREATE TABLE half (a TEXT) STRICT; CREATE NONSENSE;' }];
    expect(() => openDatabase(file, broken)).toThrow(/cannot be opened/);
    const connection = openDatabase(file);
    expect(schemaVersion(connection)).toBe(next - 1);
    expect(connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'half'").get()).toBeUndefined();
    connection.close();
  });

  test('a_database_from_the_future_is_refused_untouched', () => {
    const future = new Database(file);
    future.pragma('user_version = 99');
    future.exec('CREATE TABLE tomorrow (a)');
    future.close();
    const before = readFileSync(file);
    expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'database_from_future' }));
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a_file_that_is_no_database_is_refused_untouched', () => {
    const text = 'this is not a database, but somebody may want it back\n'.repeat(40);
    writeFileSync(file, text);
    expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'database_unreadable' }));
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('the_schema_refuses_states_that_cannot_be', () => {
    const connection = openDatabase(file);
    const { task_id } = createTaskStore(connection).insert(exampleTask(), UNKNOWN_SIZE, null);
    const set = (assignment: string) =>
      connection.prepare(`UPDATE tasks SET ${assignment} WHERE task_id = ?`).run(task_id);
    expect(() => set("status = 'DONE'")).toThrow(/CHECK/);
    expect(() => set("status = 'CANCELLED'")).toThrow(/CHECK/);
    expect(() => set("finished_at = '2026-01-01T00:00:00.000Z'")).toThrow(/CHECK/);
    expect(() => set("status = 'ASSIGNED'")).toThrow(/CHECK/);
    expect(() => set("owner = 'nobody'")).toThrow(/FOREIGN KEY/);
    expect(() => set("n_atoms = 'many'")).toThrow(/cannot store TEXT/);
    connection.close();
  });
});
