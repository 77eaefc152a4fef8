// Quitting waits until running tasks have written their state; they continue at the next start.
import { app } from 'electron';

/** A kernel that does not answer must not keep the application from ending. */
const DRAIN_LIMIT_MS = 15_000;

export function drainBeforeQuit(stop: () => Promise<void>): void {
  let state: 'running' | 'draining' | 'drained' = 'running';
  app.on('before-quit', (event) => {
    if (state === 'drained') return;
    event.preventDefault();
    if (state === 'draining') return;
    state = 'draining';
    void within(stop(), DRAIN_LIMIT_MS).finally(() => {
      state = 'drained';
      app.quit();
    });
  });
}

/** Settles with the work or after the limit, whichever is first; a failure of the work counts as its end. */
export async function within(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work.catch(() => undefined), limit]);
  clearTimeout(timer);
}
