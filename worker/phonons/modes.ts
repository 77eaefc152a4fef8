// The vibrations of a mesh of wave vectors, and which of them count in sums. Pure.
import type { QPoint } from './q-mesh.ts';

export interface Mode {
  /** THz; an imaginary frequency is written as a negative one. */
  readonly frequency_THz: number;
  /** Of one wave vector among all: the weights of the modes of a branch add up to 1. */
  readonly weight: number;
}

/** Numbers of an eigenvalue that rounding leaves, as a frequency, THz. */
const ROUNDING_THZ = 1e-4;
const ACOUSTIC_MODES = 3;

export interface CountedModes {
  /** Their energy is h nu (n + 1/2). */
  readonly counted: readonly Mode[];
  /** Ascending in frequency; left out of every sum. */
  readonly imaginary: readonly { readonly point: QPoint; readonly frequency_THz: number }[];
  /** Of all points, without the acoustic modes at gamma. */
  readonly lowest_THz: number;
}

/**
 * The three modes at gamma that are nearest to zero move the crystal as a whole: they are no vibrations and are left out of every sum.
 *
 * @param frequencies [n_points][n_branches], THz, ascending at each point
 */
export function countModes(points: readonly QPoint[], frequencies: readonly Float64Array[]): CountedModes {
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  const counted: Mode[] = [];
  const imaginary: { point: QPoint; frequency_THz: number }[] = [];
  let lowest_THz = Number.POSITIVE_INFINITY;
  points.forEach((point, i) => {
    for (const frequency_THz of vibrationsOf(point, frequencies[i] ?? new Float64Array())) {
      lowest_THz = Math.min(lowest_THz, frequency_THz);
      if (frequency_THz < -ROUNDING_THZ) imaginary.push({ point, frequency_THz });
      else counted.push({ frequency_THz: Math.max(frequency_THz, 0), weight: point.weight / total });
    }
  });
  imaginary.sort((a, b) => a.frequency_THz - b.frequency_THz);
  return { counted, imaginary, lowest_THz };
}

function vibrationsOf({ q }: QPoint, frequencies: Float64Array): Float64Array {
  if (q.some((component) => component !== 0)) return frequencies;
  return frequencies.toSorted((a, b) => Math.abs(a) - Math.abs(b)).slice(ACOUSTIC_MODES);
}
