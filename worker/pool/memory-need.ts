// How much GPU memory a task will take, from what comparable tasks took. Pure.
import { z } from 'zod';
import type { MemoryMeasurement } from '../store/memory-measurements.ts';

/** Tasks whose number of atoms differs by at most this factor are comparable. */
const COMPARABLE_FACTOR = 1.5;

const supercellSchema = z.object({ supercell: z.array(z.int().positive()).length(3) });

/** Atoms that are computed at once; null while the structure is not known. */
export function atomsComputed(n_atoms: number | null, parameters: unknown): number | null {
  if (n_atoms === null) return null;
  const repeated = supercellSchema.safeParse(parameters);
  return n_atoms * (repeated.success ? repeated.data.supercell.reduce((product, n) => product * n, 1) : 1);
}

/**
 * The largest that any comparable task took, scaled up where that one was smaller: a task that runs out of memory costs more
 * than a GPU that is a little emptier than it had to be.
 *
 * @returns MB; null when nothing comparable was measured
 */
export function memoryNeedMb(
  n_atoms: number | null,
  measurementsBetween: (least: number, most: number) => readonly MemoryMeasurement[],
): number | null {
  if (n_atoms === null) return null;
  const comparable = measurementsBetween(n_atoms / COMPARABLE_FACTOR, n_atoms * COMPARABLE_FACTOR);
  if (comparable.length === 0) return null;
  return Math.max(...comparable.map((measured) => measured.peak_mb * Math.max(1, n_atoms / measured.n_atoms)));
}
