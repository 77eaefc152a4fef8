// Moves what was committed from the write-ahead log into the database, beside the event loop. SQLite would do it inside every
// commit that makes the log longer than 1000 pages: under load that held up all requests, twice a second, for as long as the
// disk took to write a few MB and to sync three times.
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Connection } from './open-database.ts';

const LOOK_EVERY_MS = 500;
/**
 * Rows; a submission changes about six, which are some 50 KB of the log. Not more often than needed: the first commit after a
 * checkpoint begins the log anew, and SQLite waits for the disk then, on the event loop.
 */
const CHANGES_BETWEEN = 3000;
/** SQLite's own limit: it goes on by itself where the thread cannot. */
const DEFAULT_PAGES = 1000;
/** 64 MB: what the log may grow to while the thread is busy. */
const MAX_PAGES = 16_000;
/** The thread runs one statement; its heap is mostly the libraries. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 };

const count = z.int();

export interface Checkpoints {
  start(): void;
  /** Settles when the thread has let go of the database. */
  stop(): Promise<void>;
}

export interface CheckpointsParts {
  connection: Connection;
  databaseFile: string;
  onProblem: (message: string) => void;
}

export function createCheckpoints({ connection, databaseFile, onProblem }: CheckpointsParts): Checkpoints {
  const totalChanges = connection.prepare('SELECT total_changes()').pluck();
  const changes = (): number => count.parse(totalChanges.get());
  let thread: Worker | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isBusy = false;
  let reached = 0;

  const giveUp = (error: Error): void => {
    clearInterval(timer);
    thread = null;
    connection.pragma(`wal_autocheckpoint = ${DEFAULT_PAGES}`);
    onProblem(`The thread of the database's log has ended, the service goes on without it: ${error.message}`);
  };

  const startThread = (): Worker => {
    const started = new Worker(threadFile(), { argv: [databaseFile], resourceLimits: LIMITS });
    started.unref();
    started.on('message', () => {
      isBusy = false;
    });
    started.once('error', giveUp);
    connection.pragma(`wal_autocheckpoint = ${MAX_PAGES}`);
    return started;
  };

  const look = (): void => {
    const now = changes();
    if (isBusy || now - reached < CHANGES_BETWEEN) return;
    isBusy = true;
    reached = now;
    // Started when there is something to do: most data folders are opened for less.
    thread ??= startThread();
    thread.postMessage('checkpoint');
  };

  return {
    start: () => {
      timer = setInterval(look, LOOK_EVERY_MS).unref();
    },
    stop: async () => {
      clearInterval(timer);
      const ending = thread;
      if (ending === null) return;
      const { promise: ended, resolve } = Promise.withResolvers<unknown>();
      ending.once('exit', resolve);
      // Nothing else may keep this process alive, and what comes after this must still be done.
      ending.ref();
      ending.postMessage('end');
      await ended;
      thread = null;
    },
  };
}

/** From source Node strips the types itself; in the bundle the thread is an entry of its own beside the caller's chunk. */
function threadFile(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./checkpoint-thread.ts', import.meta.url)
    : new URL('./checkpoint-thread.js', import.meta.url);
}
