// Threads that parse untrusted files. Starting one takes longer than most files, so the last one waits a while for the next.
import { Worker } from 'node:worker_threads';

/** It holds some tens of MB. */
const KEPT_MS = 10_000;

let kept: { worker: Worker; memoryMiB: number; timer: NodeJS.Timeout } | null = null;

/** @param memoryMiB largest JavaScript heap of the thread */
export function takeThread(memoryMiB: number): Worker {
  if (kept?.memoryMiB === memoryMiB) {
    const { worker } = kept;
    forget();
    worker.ref();
    return worker;
  }
  return new Worker(workerFile(), { resourceLimits: { maxOldGenerationSizeMb: memoryMiB }, stdin: false });
}

/** For the next file, if it comes soon. Keeps no process alive. */
export function keepThread(worker: Worker, memoryMiB: number): void {
  if (kept !== null) {
    void worker.terminate();
    return;
  }
  worker.unref();
  const end = (): void => {
    if (kept?.worker === worker) forget();
    void worker.terminate();
  };
  worker.on('error', end);
  kept = { worker, memoryMiB, timer: setTimeout(end, KEPT_MS).unref() };
}

/** By name: the thread listens to its own listeners, to know whether it is waited for. */
export function stopListening(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}

function forget(): void {
  clearTimeout(kept?.timer);
  if (kept !== null) stopListening(kept.worker);
  kept = null;
}

/** From source Node strips the types itself; in the bundle the worker is an entry of its own beside the caller's chunk. */
function workerFile(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./parse-worker.ts', import.meta.url)
    : new URL('./parse-worker.js', import.meta.url);
}
