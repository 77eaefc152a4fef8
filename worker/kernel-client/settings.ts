// What the calculations of this folder have in common: how something is computed, and how it is stopped and kept.
import type { Precision, RelaxRequest } from '../../contracts/kernel-message.ts';
import type { PotentialSpec } from '../../contracts/potential.ts';
import type { Structure } from '../../contracts/structure.ts';
import type { KernelRequestOptions } from './kernel-requests.ts';

/** How a calculation is done, whatever it computes. */
export interface ComputeSettings {
  potential: PotentialSpec;
  device: string;
  precision: Precision;
  /**
   * Typed instead of the structures themselves, for all of them: what was relaxed, heated or strained keeps the types, bonds and
   * charges that it began with. Same atoms in the same order, positions continuous with theirs (no atom moved by a lattice vector).
   */
  topology?: Structure;
  /** Absent: nine tenths of what is free. A batch that needs more is split. */
  memory_limit_bytes?: number;
}

/** When a run that goes step by step ends before its own end, and where it keeps its state. */
export type RunSettings = Pick<RelaxRequest, 'deadline_seconds' | 'checkpoint'>;

export type CalculationOptions = Pick<KernelRequestOptions, 'signal' | 'timeoutMs'>;
