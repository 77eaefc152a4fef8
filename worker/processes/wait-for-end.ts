// Waits until a process that somebody else has started, and that is about to end, is really gone.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_POLL_MS = 5;
const LONGEST_POLL_MS = 100;

export interface WaitForEndOptions {
  /** It is killed when it lives longer than this. */
  killAfterMs?: number;
  /** A process that the system cannot end is not waited for any longer. */
  giveUpAfterMs?: number;
}

/** @returns false when it is still there */
export async function waitForEnd(pid: number, options: WaitForEndOptions = {}): Promise<boolean> {
  const { killAfterMs = 3_000, giveUpAfterMs = 15_000 } = options;
  const begin = performance.now();
  let wasKilled = false;
  for (let pollMs = FIRST_POLL_MS; isAlive(pid); pollMs = Math.min(LONGEST_POLL_MS, 2 * pollMs)) {
    const waitedMs = performance.now() - begin;
    if (waitedMs >= giveUpAfterMs) return false;
    if (waitedMs >= killAfterMs && !wasKilled) {
      wasKilled = true;
      signal(pid, 'SIGKILL');
    }
    await sleep(pollMs);
  }
  return true;
}

/** Somebody who has ended and whom nobody has buried yet holds nothing any more. */
export function isAlive(pid: number): boolean {
  return signal(pid, 0) && !isZombie(pid);
}

/** false when there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // The name in parentheses may hold anything; the state is the letter after it.
    return /^.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
