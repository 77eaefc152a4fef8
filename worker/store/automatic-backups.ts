// A backup when the service starts and the last one is older than a day, and once a day from then on.
import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beginBackup, listBackups } from './backups.ts';
import type { Backup } from './backups.ts';
import { checkCore } from './check-database.ts';
import type { Connection } from './open-database.ts';

const DAY_MS = 24 * 3_600_000;
const LOOK_EVERY_MS = 3_600_000;
/** Of 4 KiB: the service answers in between. */
const PAGES_AT_ONCE = 200;
const ALL_PAGES = 0x7fffffff;
/** Free space that a backup leaves, in sizes of the database. */
const SPACE_NEEDED = 2;

export interface AutomaticBackups {
  /** Makes the first one if it is due; ends when it is there. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @returns null when the disk has no room for it */
  backUp(reason: string): Promise<Backup | null>;
}

export interface AutomaticBackupsParts {
  connection: Connection;
  databaseFile: string;
  now: () => Date;
  onProblem: (message: string) => void;
}

export function createAutomaticBackups(parts: AutomaticBackupsParts): AutomaticBackups {
  const { connection, databaseFile, now, onProblem } = parts;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  const backUp = async (reason: string): Promise<Backup | null> => {
    const { bavail, bsize } = await statfs(dirname(databaseFile));
    const size = statSync(databaseFile).size;
    if (bavail * bsize < SPACE_NEEDED * size) {
      onProblem(
        `No backup was made: the disk has less than ${SPACE_NEEDED} times the ${size} bytes of the database left.`,
      );
      return null;
    }
    const draft = beginBackup(databaseFile, now(), reason);
    try {
      // A stopped service waits for nothing: what is left is copied at once.
      await connection.backup(draft.temporary, { progress: () => (isStopped ? ALL_PAGES : PAGES_AT_ONCE) });
      // A damaged copy must not push out a good one.
      checkCore(draft.temporary);
      return draft.keep();
    } catch (error) {
      draft.discard();
      throw error;
    }
  };

  const isDue = (): boolean => {
    const last = listBackups(databaseFile)[0];
    // A last backup in the future is the work of a clock that was wrong.
    return last === undefined || Math.abs(now().getTime() - Date.parse(last.created_at)) >= DAY_MS;
  };

  /** Whatever goes wrong with a backup must not end the service. */
  const backUpIfDue = async (): Promise<void> => {
    try {
      if (isDue()) await backUp('daily');
    } catch (error) {
      onProblem(`The backup of the database failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  return {
    start: async () => {
      running = backUpIfDue();
      timer = setInterval(() => {
        running = running.then(backUpIfDue);
      }, LOOK_EVERY_MS).unref();
      await running;
    },
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
    backUp,
  };
}
