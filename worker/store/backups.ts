// Automatic backups of the database: whole files under home/backups, the last few of them, and the way back from one.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkWhole } from './check-database.ts';
import { StoreError } from './store-error.ts';
import { syncPath } from './write-file.ts';

export const BACKUPS_KEPT = 3;
/** In the names of databases that a restore has put aside. */
export const REPLACED_DATABASE = '.replaced-';
const LEFTOVER = /\.tmp(-wal|-shm)?$/;
const NAME = /^mofsim-(\d{8}T\d{9}Z)-[a-z0-9-]+\.db$/;

export interface Backup {
  path: string;
  /** ISO 8601. */
  created_at: string;
}

export function backupsFolder(databaseFile: string): string {
  return join(dirname(databaseFile), 'backups');
}

/** Newest first, by the time in their names. */
export function listBackups(databaseFile: string): Backup[] {
  const folder = backupsFolder(databaseFile);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const stamp = NAME.exec(name)?.[1];
      return stamp === undefined ? [] : [{ path: join(folder, name), created_at: timeOf(stamp) }];
    })
    .sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** A backup on its way: complete or absent. */
export interface BackupDraft {
  /** Where it is to be written. */
  temporary: string;
  /** It is written: gets its name once it is on disk; the oldest backups go. */
  keep(): Backup;
  discard(): void;
}

/** @param reason part of the name: small letters, digits and hyphens */
export function beginBackup(databaseFile: string, now: Date, reason: string): BackupDraft {
  const folder = backupsFolder(databaseFile);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What a killed service left half-written, and what SQLite lays beside a database that it reads.
  for (const name of readdirSync(folder)) if (LEFTOVER.test(name)) rmSync(join(folder, name));
  const name = `mofsim-${stampOf(now)}-${reason}.db`;
  const path = join(folder, name);
  const temporary = join(folder, `.${name}.tmp`);
  return {
    temporary,
    keep: () => {
      syncPath(temporary);
      renameSync(temporary, path);
      for (const suffix of ['-wal', '-shm']) rmSync(temporary + suffix, { force: true });
      syncPath(folder);
      for (const old of listBackups(databaseFile).slice(BACKUPS_KEPT)) if (old.path !== path) rmSync(old.path);
      return { path, created_at: now.toISOString() };
    },
    discard: () => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(temporary + suffix, { force: true });
    },
  };
}

/**
 * Puts a backup in the place of the database. What was there is moved aside under a new name, never removed. The caller holds the
 * lock of the data folder.
 *
 * @returns where the former database lies now; null when there was none
 * @throws StoreError database_damaged when the backup itself cannot be read
 */
export function restoreBackup(databaseFile: string, backup: Backup, now: Date): string | null {
  refuseUnreadable(backup);
  const folder = dirname(databaseFile);
  const temporary = join(folder, `.${basename(databaseFile)}.restoring`);
  copyFileSync(backup.path, temporary);
  syncPath(temporary);
  const aside = `${databaseFile}${REPLACED_DATABASE}${stampOf(now)}`;
  const hadDatabase = existsSync(databaseFile);
  // The log of changes belongs to the file beside which it lies: it goes first, or the backup would be changed by it.
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(databaseFile + suffix)) renameSync(databaseFile + suffix, aside + suffix);
  }
  renameSync(temporary, databaseFile);
  syncPath(folder);
  return hadDatabase ? aside : null;
}

function refuseUnreadable(backup: Backup): void {
  try {
    checkWhole(backup.path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('database_damaged', `The backup ${backup.path} is damaged itself: ${reason}`, { cause });
  }
}

/** 20260101T000000000Z: no character that a file system minds. */
function stampOf(time: Date): string {
  return time.toISOString().replace(/[-:.]/g, '');
}

function timeOf(stamp: string): string {
  return stamp.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\d{3})Z$/, '$1-$2-$3T$4:$5:$6.$7Z');
}
