import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAutomaticBackups } from './automatic-backups.ts';
import { BACKUPS_KEPT, backupsFolder, beginBackup, listBackups, restoreBackup } from './backups.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';
import type { Connection } from './open-database.ts';
import { StoreError } from './store-error.ts';
import { DATABASE_FILE, openStore } from './store.ts';
import { createTaskStore } from './tasks.ts';
import { DAMAGES } from './testing/damage.ts';
import { exampleTask } from './testing/example-task.ts';

const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const HOUR_MS = 3_600_000;
const SIZE = { work: 8, size_class: 6 };

let home = '';
let file = '';
let now = NOW;
const problems: string[] = [];

beforeEach(() => {
  now = NOW;
  problems.length = 0;
  home = mkdtempSync(join(tmpdir(), 'mofsim-backups-'));
  file = join(home, DATABASE_FILE);
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function automatic(connection: Connection) {
  return createAutomaticBackups({
    connection,
    databaseFile: file,
    now: () => new Date(now),
    onProblem: (message) => problems.push(message),
  });
}

function insertTasks(connection: Connection, n: number): string[] {
  const tasks = createTaskStore(connection);
  return connection.transaction(() =>
    Array.from({ length: n }, () => tasks.insert(exampleTask(), SIZE, null).task_id),
  )();
}

/** A database with tasks and a backup of it. */
async function fillAndBackUp(): Promise<string[]> {
  const connection = openDatabase(file);
  const ids = insertTasks(connection, 200);
  await automatic(connection).backUp('daily');
  connection.close();
  return ids;
}

function refusal(): StoreError {
  try {
    openDatabase(file).close();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('The database was opened.');
}

describe('automatic backups', () => {
  test('are_made_once_a_day_and_the_last_three_are_kept', async () => {
    const connection = openDatabase(file);
    const times: string[] = [];
    for (let hour = 0; hour <= 96; hour += 12) {
      now = NOW + hour * HOUR_MS;
      const backups = automatic(connection);
      await backups.start();
      await backups.stop();
      times.push(listBackups(file)[0]?.created_at ?? '');
    }
    connection.close();
    expect(new Set(times).size).toBe(5);
    expect(listBackups(file)).toHaveLength(BACKUPS_KEPT);
    expect(listBackups(file)[0]?.created_at).toBe('2026-01-05T00:00:00.000Z');
    // Nothing else lies there: SQLite has read each of them before it got its name.
    expect(readdirSync(backupsFolder(file))).toHaveLength(BACKUPS_KEPT);
    expect(problems).toEqual([]);
  });

  test('go_on_after_the_clock_was_set_back', async () => {
    const connection = openDatabase(file);
    await automatic(connection).backUp('daily');
    now = NOW - 1000 * HOUR_MS;
    const backups = automatic(connection);
    await backups.start();
    await backups.stop();
    connection.close();
    expect(listBackups(file)).toHaveLength(2);
  });

  test('that_cannot_be_written_are_a_warning_and_no_end', async () => {
    const connection = openDatabase(file);
    writeFileSync(backupsFolder(file), 'a file where the folder should be');
    const backups = automatic(connection);
    await backups.start();
    await backups.stop();
    connection.close();
    expect(problems).toEqual([expect.stringContaining('The backup of the database failed')]);
  });

  test('are_complete_databases_also_while_tasks_are_written', async () => {
    const connection = openDatabase(file);
    const tasks = createTaskStore(connection);
    insertTasks(connection, 500);
    const made = automatic(connection).backUp('daily');
    const during = tasks.insert(exampleTask(), SIZE, null).task_id;
    const backup = await made;
    connection.close();
    const copy = openDatabase(backup?.path ?? '');
    expect(createTaskStore(copy).count({ owner: 'local' })).toBeGreaterThanOrEqual(500);
    expect(createTaskStore(copy).find(during)?.task_id ?? during).toBe(during);
    copy.close();
  });

  test('leave_no_half_file_when_writing_fails_and_remove_what_a_killed_service_left', () => {
    openDatabase(file).close();
    const draft = beginBackup(file, new Date(NOW), 'daily');
    writeFileSync(draft.temporary, 'half');
    draft.discard();
    expect(readdirSync(backupsFolder(file))).toEqual([]);
    writeFileSync(beginBackup(file, new Date(NOW), 'daily').temporary, 'killed');
    expect(listBackups(file)).toEqual([]);
    beginBackup(file, new Date(NOW), 'daily');
    expect(readdirSync(backupsFolder(file))).toEqual([]);
  });

  test('are_made_before_a_migration', () => {
    openDatabase(file, MIGRATIONS.slice(0, -1)).close();
    openDatabase(file, MIGRATIONS, () => new Date(NOW)).close();
    const [backup] = listBackups(file);
    expect(backup?.path).toContain(`before-schema-${MIGRATIONS.length}`);
    const before = openDatabase(backup?.path ?? '', MIGRATIONS.slice(0, -1));
    expect(before.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length - 1);
    before.close();
  });
});

describe('a database that is lost', () => {
  test.each(Object.entries(DAMAGES))('%s is told with the last backup, nothing is changed', async (_, damage) => {
    await fillAndBackUp();
    damage(file);
    const before = readFileSync(file);
    const error = refusal();
    expect(['database_damaged', 'database_unreadable']).toContain(error.code);
    expect(error.message).toContain('2026-01-01T00:00:00.000Z');
    expect(error.message).toContain('mofsim restore');
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(() => openStore(home)).toThrow(error.message);
  });

  test('is_not_started_anew_when_the_file_is_gone', async () => {
    await fillAndBackUp();
    rmSync(file);
    expect(refusal()).toMatchObject({ code: 'database_damaged' });
    expect(existsSync(file)).toBe(false);
  });

  test('comes_back_from_the_backup_and_the_damaged_file_is_kept', async () => {
    const ids = await fillAndBackUp();
    DAMAGES['garbage in its pages'](file);
    const damaged = readFileSync(file);
    const [backup] = listBackups(file);
    const aside = restoreBackup(file, backup!, new Date(NOW + HOUR_MS));
    expect(readFileSync(aside ?? '').equals(damaged)).toBe(true);
    const connection = openDatabase(file);
    expect(createTaskStore(connection).count({ owner: 'local' })).toBe(ids.length);
    connection.close();
    expect(listBackups(file)).toHaveLength(1);
  });

  test('keeps_its_log_of_changes_beside_it_when_it_is_moved_away', async () => {
    await fillAndBackUp();
    writeFileSync(`${file}-wal`, 'changes that were not yet in the file');
    const aside = restoreBackup(file, listBackups(file)[0]!, new Date(NOW)) ?? '';
    expect(readFileSync(`${aside}-wal`, 'utf8')).toContain('not yet');
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('is_not_replaced_by_a_backup_that_is_damaged_itself', async () => {
    await fillAndBackUp();
    const [backup] = listBackups(file);
    DAMAGES['garbage in its pages'](backup!.path);
    const before = readFileSync(file);
    expect(() => restoreBackup(file, backup!, new Date(NOW))).toThrow(/damaged itself/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
