// Body of a thread that computes frequencies at one wave vector after another; mesh-frequencies.ts starts it and asks.
import { parentPort, workerData } from 'node:worker_threads';
import type { Vector3 } from '../../contracts/structure.ts';
import type { LatticeDynamics } from './dynamical-matrix.ts';
import { frequenciesAt } from './frequencies.ts';

export interface FrequencyQuestion {
  readonly index: number;
  readonly q: Vector3;
}

export interface FrequencyAnswer {
  readonly index: number;
  readonly frequencies: Float64Array;
}

// The one sender is mesh-frequencies.ts, with these very types.
const dynamics = workerData as LatticeDynamics;

parentPort?.on('message', ({ index, q }: FrequencyQuestion) => {
  const answer: FrequencyAnswer = { index, frequencies: frequenciesAt(dynamics, q) };
  parentPort?.postMessage(answer);
});
