// How far a relaxation is, from two honest measures: the steps it may take, and the fall of the force. Pure.

const BEFORE_THE_END = 99;

/**
 * The force falls by roughly the same factor per step, so its logarithm is the measure; the smallest force so far counts,
 * which keeps the progress from falling when the force rises for a while.
 *
 * @param start    largest force at step 0, eV/A
 * @param smallest smallest of the largest forces so far, eV/A
 * @returns per cent, 0..99: whether a relaxation has ended is for the kernel to say
 */
export function relaxationProgress(relaxation: {
  start: number;
  smallest: number;
  fmax: number;
  step: number;
  max_steps: number;
}): number {
  const { start, smallest, fmax, step, max_steps } = relaxation;
  const bySteps = max_steps === 0 ? 0 : step / max_steps;
  const byForce = start <= fmax ? 1 : Math.log(start / Math.max(smallest, fmax)) / Math.log(start / fmax);
  return Math.min(BEFORE_THE_END, 100 * Math.max(bySteps, byForce));
}
