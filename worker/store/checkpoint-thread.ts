// The thread behind checkpoints.ts, started with the path of the database: a connection of its own that moves the write-ahead log
// into the database when it is told to. It waits for no writer and no writer waits for it (PASSIVE).
import { parentPort } from 'node:worker_threads';
import Database from 'better-sqlite3';

const databaseFile = process.argv[2];
if (parentPort === null || databaseFile === undefined) throw new Error('checkpoint-thread.ts runs as a worker thread.');
const port = parentPort;
const connection = new Database(databaseFile, { fileMustExist: true });

port.on('message', (message: unknown) => {
  if (message === 'end') {
    connection.close();
    port.close();
    return;
  }
  connection.pragma('wal_checkpoint(PASSIVE)');
  port.postMessage('done');
});
