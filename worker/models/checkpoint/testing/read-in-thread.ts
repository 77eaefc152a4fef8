// Reads one checkpoint in a thread whose memory is limited from outside, and says how it ended.
import { parentPort, workerData } from 'node:worker_threads';
import { CheckpointError } from '../checkpoint-error.ts';
import { openCheckpoint } from '../open-checkpoint.ts';

if (typeof workerData !== 'string' || parentPort === null) throw new Error('A path is needed.');
try {
  await (await openCheckpoint(workerData)).close();
  parentPort.postMessage('read');
} catch (error) {
  if (!(error instanceof CheckpointError)) throw error;
  parentPort.postMessage(error.message);
}
