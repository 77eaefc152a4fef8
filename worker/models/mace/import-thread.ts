// Body of the thread that reads one checkpoint and fills the folder of a model; import-checkpoint.ts starts it.
import { parentPort, workerData } from 'node:worker_threads';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { ImportOptions } from './import-checkpoint.ts';
import { readCheckpointModel } from './read-checkpoint-model.ts';
import { fillModelFolder } from './model-folder.ts';

export interface ImportQuestion extends Omit<ImportOptions, 'signal'> {
  readonly path: string;
  readonly temporary: string;
}

// The one sender is import-checkpoint.ts, with this very type.
const { path, temporary, ...options } = workerData as ImportQuestion;

try {
  const { origin, ...extracted } = await readCheckpointModel(path, options);
  parentPort?.postMessage({ model: await fillModelFolder(temporary, extracted, origin) });
} catch (error) {
  // An error loses its class on the way to another thread.
  if (error instanceof ServiceError) parentPort?.postMessage({ code: error.code, details: error.details });
  else parentPort?.postMessage({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
