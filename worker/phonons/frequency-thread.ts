// Body of a thread that diagonalizes dynamical matrices, one after another; mesh-frequencies.ts and find-softest-mode.ts start it and ask.
import { parentPort, workerData } from 'node:worker_threads';
import type { Vector3 } from '../../contracts/structure.ts';
import type { LatticeDynamics } from './dynamical-matrix.ts';
import { frequenciesAt } from './frequencies.ts';
import { softestModeAtGamma } from './softest-mode.ts';
import type { Mode } from './softest-mode.ts';

export type PhononQuestion =
  { readonly kind: 'frequencies'; readonly index: number; readonly q: Vector3 } | { readonly kind: 'softest_mode' };

/** To `frequencies`. */
export interface FrequencyAnswer {
  readonly index: number;
  readonly frequencies: Float64Array;
}

/** To `softest_mode`. */
export type SoftestModeAnswer = Mode;

// The senders are this folder's, with these very types.
const dynamics = workerData as LatticeDynamics;

parentPort?.on('message', (question: PhononQuestion) => {
  parentPort?.postMessage(answer(question));
});

function answer(question: PhononQuestion): FrequencyAnswer | SoftestModeAnswer {
  if (question.kind === 'softest_mode') return softestModeAtGamma(dynamics);
  return { index: question.index, frequencies: frequenciesAt(dynamics, question.q) };
}
