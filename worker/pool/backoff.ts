// How long to wait before something that keeps failing is started again.

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;

/** @param n_failures failures in a row, at least 1 */
export function backoffDelayMs(n_failures: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (n_failures - 1));
}
