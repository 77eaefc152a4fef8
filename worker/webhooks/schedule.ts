// When a delivery that failed is tried again. Gaps are counted from the attempt before, so that a service that was off for
// hours does not make up for all of them at once.
import { WEBHOOK_SCHEDULE_SECONDS } from '../../contracts/webhook.ts';

/** The longest time that a delivery ever waits; one that is due later than this was planned by a clock that ran ahead. */
export const LONGEST_GAP_MS = Math.max(...WEBHOOK_SCHEDULE_SECONDS.map((_, i) => gapBefore(i) ?? 0));

/**
 * @param n_attempts those made so far, the one at `attempted_at` included
 * @returns null when it is given up
 */
export function nextAttemptAt(n_attempts: number, attempted_at: Date): Date | null {
  const gap = gapBefore(n_attempts);
  return gap === null ? null : new Date(attempted_at.getTime() + gap);
}

function gapBefore(attempt: number): number | null {
  const at = WEBHOOK_SCHEDULE_SECONDS[attempt];
  if (at === undefined) return null;
  return (at - (WEBHOOK_SCHEDULE_SECONDS[attempt - 1] ?? 0)) * 1000;
}
