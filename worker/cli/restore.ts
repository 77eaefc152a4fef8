// `mofsim restore`: puts an automatic backup in the place of the database, and keeps what was there under another name.
import { basename, join, resolve } from 'node:path';
import { listBackups, restoreBackup } from '../store/backups.ts';
import { lockHome } from '../store/lock-home.ts';
import { DATABASE_FILE } from '../store/store.ts';
import { badInput } from './cli-error.ts';
import { defaultHome } from './paths.ts';

export interface RestoreOptions {
  home?: string;
  list?: true;
}

/** @param name file name of a backup; undefined: the last one */
export function restore(name: string | undefined, options: RestoreOptions): void {
  const home = options.home === undefined ? defaultHome() : resolve(options.home);
  const databaseFile = join(home, DATABASE_FILE);
  const backups = listBackups(databaseFile);
  if (options.list === true) {
    for (const { path, created_at } of backups) console.log(`${created_at}  ${basename(path)}`);
    return;
  }
  const backup = backups.find(({ path }) => name === undefined || basename(path) === name);
  if (backup === undefined) {
    throw badInput(
      name === undefined
        ? `There is no backup in ${home}.`
        : `There is no backup ${name}; "mofsim restore --list" names those that are there.`,
    );
  }
  const lock = lockHome(home);
  try {
    const aside = restoreBackup(databaseFile, backup, new Date());
    console.log(`The database is that of ${backup.created_at}.`);
    if (aside !== null) console.log(`The former one lies in ${aside}.`);
    console.log('Tasks that came later are gone from the list; their folders under "tasks" are still there.');
  } finally {
    lock.release();
  }
}
