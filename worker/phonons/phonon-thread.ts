// Starts the thread that diagonalizes the dynamical matrices of a crystal.
import { Worker } from 'node:worker_threads';
import type { LatticeDynamics } from './dynamical-matrix.ts';

/** Whoever starts it ends it. */
export function startPhononThread(dynamics: LatticeDynamics): Worker {
  return new Worker(threadFile(), { workerData: dynamics, stdin: false });
}

/** From source Node strips the types itself; in the bundle the thread is an entry of its own beside the caller's chunk. */
function threadFile(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./frequency-thread.ts', import.meta.url)
    : new URL('./frequency-thread.js', import.meta.url);
}
