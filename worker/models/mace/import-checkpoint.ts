// A checkpoint file into the folder of a model. Takes seconds of one core for a large one, so it runs on a thread of its own, whose
// heap is bounded: no file can stop whoever asked.
import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { ERROR_CODES, ServiceError } from '../../../contracts/error-code.ts';
import type { ErrorCode } from '../../../contracts/error-code.ts';
import { maceModelSchema } from '../../../contracts/mace-model.ts';
import type { MaceModel, StateDictDetails } from '../../../contracts/mace-model.ts';
import type { ImportQuestion } from './import-thread.ts';
import { publishModelFolder, temporaryFolderOf } from './model-folder.ts';
import { refusal } from './refusal.ts';

export interface ImportOptions {
  /** The name by which its user knows the file; default: the last part of its path. */
  readonly file_name?: string;
  /** Of the file, where the caller has just calculated it; saves reading it twice. */
  readonly sha256?: string;
  /** What a state dict does not say of itself. */
  readonly details?: StateDictDetails;
  /** Ends the import; its reason is what is thrown. */
  readonly signal?: AbortSignal;
}

/** JavaScript heap of the thread; the arrays of a model lie outside of it. */
const HEAP_MIB = 2048;

/**
 * @param folder where the model is to lie; its parent exists. Nothing is left when the import fails.
 * @throws ServiceError 42206 saying what the file is and what can be done | 40904 when `folder` holds something else
 */
export async function importCheckpoint(path: string, folder: string, options: ImportOptions = {}): Promise<MaceModel> {
  const { signal, ...rest } = options;
  signal?.throwIfAborted();
  const temporary = temporaryFolderOf(folder);
  try {
    const model = await onThread({ path, temporary, ...rest }, signal);
    await publishModelFolder(temporary, folder, model);
    return model;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const codeSchema = z.custom<ErrorCode>((value) => typeof value === 'number' && value in ERROR_CODES);
const answerSchema = z.union([
  z.object({ model: maceModelSchema }),
  z.object({ code: codeSchema, details: z.record(z.string(), z.unknown()) }),
  z.object({ failure: z.string() }),
]);

async function onThread(question: ImportQuestion, signal: AbortSignal | undefined): Promise<MaceModel> {
  const thread = new Worker(threadFile(), {
    workerData: question,
    stdin: false,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  const ended = Promise.withResolvers<MaceModel>();
  const onAbort = (): void => {
    ended.reject(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  thread.on('message', (message: unknown) => {
    const answer = answerSchema.parse(message);
    if ('model' in answer) ended.resolve(answer.model);
    else if ('code' in answer) ended.reject(new ServiceError(answer.code, answer.details));
    else ended.reject(new Error(answer.failure));
  });
  thread.on('error', (error: Error & { readonly code?: string }) => {
    const isTooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const reason = `Reading the file needs more than ${HEAP_MIB} MiB of memory and was stopped; it is no ordinary model.`;
    ended.reject(isTooLarge ? refusal(reason, { cause: error }) : error);
  });
  thread.on('exit', () => {
    ended.reject(new Error('Reading a checkpoint ended without a result.'));
  });
  try {
    return await ended.promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await thread.terminate();
  }
}

/** From source Node strips the types itself; in the bundle the thread is an entry of its own beside the caller's chunk. */
function threadFile(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./import-thread.ts', import.meta.url)
    : new URL('./import-thread.js', import.meta.url);
}
