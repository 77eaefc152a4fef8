// How long a task waits after an attempt that was lost.
const FIRST_MS = 250;
const FACTOR = 4;
export const MAX_RETRY_DELAY_MS = 60_000;

/** 0.25 s, 1 s, 4 s, 16 s, then a minute. @param attempts those that were lost, from 1 */
export function retryDelayMs(attempts: number): number {
  return Math.min(MAX_RETRY_DELAY_MS, FIRST_MS * FACTOR ** (attempts - 1));
}
