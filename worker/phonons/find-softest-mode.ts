// The softest vibration at gamma, beside the event loop: a large matrix takes seconds.
import type { LatticeDynamics } from './dynamical-matrix.ts';
import type { PhononQuestion, SoftestModeAnswer } from './frequency-thread.ts';
import { startPhononThread } from './phonon-thread.ts';
import type { Mode } from './softest-mode.ts';

/** @throws the reason of the signal */
export async function findSoftestMode(dynamics: LatticeDynamics, signal: AbortSignal): Promise<Mode> {
  signal.throwIfAborted();
  const thread = startPhononThread(dynamics);
  const isOver = new AbortController();
  try {
    return await new Promise<SoftestModeAnswer>((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
      };
      signal.addEventListener('abort', onAbort, { once: true, signal: isOver.signal });
      thread.once('message', resolve);
      thread.once('error', reject);
      const question: PhononQuestion = { kind: 'softest_mode' };
      thread.postMessage(question);
    });
  } finally {
    isOver.abort();
    await thread.terminate();
  }
}
