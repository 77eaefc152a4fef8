// Frequencies at many wave vectors, on all cores and beside the event loop: a large matrix takes seconds.
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { LatticeDynamics } from './dynamical-matrix.ts';
import type { FrequencyAnswer, PhononQuestion } from './frequency-thread.ts';
import { startPhononThread } from './phonon-thread.ts';
import type { QPoint } from './q-mesh.ts';

const MOST_THREADS = 8;

export interface MeshOptions {
  /** Ends the calculation; its reason is what is thrown. */
  readonly signal: AbortSignal;
  readonly onProgress?: (nDone: number) => void;
  readonly nThreads?: number;
}

/**
 * @returns [n_points][3 n_primitive], THz, ascending at each point; imaginary ones negative
 * @throws the reason of the signal
 */
export async function meshFrequencies(
  dynamics: LatticeDynamics,
  points: readonly QPoint[],
  options: MeshOptions,
): Promise<Float64Array[]> {
  const { signal, onProgress, nThreads = availableParallelism() } = options;
  signal.throwIfAborted();
  const frequencies: Float64Array[] = Array.from(points, () => new Float64Array());
  const count = Math.min(nThreads, MOST_THREADS, points.length);
  const threads = Array.from({ length: count }, () => startPhononThread(dynamics));
  let [nAsked, nDone] = [0, 0];
  try {
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const ask = (thread: Worker): void => {
        const point = points[nAsked];
        if (point === undefined) return;
        const question: PhononQuestion = { kind: 'frequencies', index: nAsked, q: point.q };
        nAsked += 1;
        thread.postMessage(question);
      };
      for (const thread of threads) {
        thread.on('message', ({ index, frequencies: found }: FrequencyAnswer) => {
          frequencies[index] = found;
          nDone += 1;
          onProgress?.(nDone);
          if (nDone === points.length) {
            signal.removeEventListener('abort', onAbort);
            resolve();
          } else ask(thread);
        });
        thread.on('error', reject);
        ask(thread);
      }
    });
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return frequencies;
}
