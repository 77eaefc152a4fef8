// Waits for the disk without holding up anybody else. A commit in passing lies in SQLite's write-ahead log, a file like any
// other: once that is synced, every commit before is durable, because recovery takes all whole commits of the log, and what has
// moved from the log into the database was synced by SQLite before.
import { dirname } from 'node:path';
import { syncBeside, syncFolder } from './write-file.ts';

/** Settles when all that was committed before the call is on disk. Calls that come while one waits share the next one. */
export type Flush = () => Promise<void>;

export function createFlush(databaseFile: string): Flush {
  const log = `${databaseFile}-wal`;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let isFolderSynced = false;

  const sync = async (): Promise<void> => {
    await syncBeside(log, 'r+', 'content');
    // SQLite makes the log when it opens the database; its name must survive as well.
    if (!isFolderSynced) await syncFolder(dirname(log));
    isFolderSynced = true;
  };

  const begin = (): Promise<void> => {
    next = null;
    const mine = sync().finally(() => {
      if (running === mine) running = null;
    });
    running = mine;
    return mine;
  };

  return () => {
    if (running === null) return begin();
    next ??= running.then(begin, begin);
    return next;
  };
}
