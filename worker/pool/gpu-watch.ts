// Looks at the GPUs now and then: often while tasks run, seldom while nothing happens, at once when somebody asks. At most one
// nvidia-smi at a time, and none at all on a machine without it.
import { ProcessStartError } from '../processes/start-process.ts';
import { NvidiaSmiTimeout, readGpuProcesses, readGpus } from './nvidia-smi.ts';
import type { GpuProcess, GpuReadings } from './nvidia-smi.ts';

const PACE_MS = { busy: 5_000, idle: 30_000 } as const;
/** A timer that comes this much too late has slept through a suspend of the machine. */
const SUSPEND_GAP_MS = 20_000;

export interface GpuSight extends GpuReadings {
  /** Why nothing could be read; null when it could. */
  problem: string | null;
  /** There is no nvidia-smi here, so nothing more will be known. */
  isBlind: boolean;
  /** nvidia-smi hangs: what was known before still holds. */
  isUnsure: boolean;
}

export interface GpuWatch {
  /** Calls `onSight` after every look, also after those that `refresh` caused. */
  start(onSight: (sight: GpuSight, afterSuspend: boolean) => void): void;
  /** The last look, unless it is older. Never rejects. */
  refresh(maxAgeMs: number): Promise<GpuSight>;
  /** Programs on the GPUs, ours too, not older than this; empty where they cannot be listed. */
  processes(maxAgeMs: number): Promise<readonly GpuProcess[]>;
  setPace(pace: keyof typeof PACE_MS): void;
  stop(): void;
}

const UNSEEN: GpuSight = { gpus: [], complaint: null, problem: null, isBlind: false, isUnsure: false };

export function createGpuWatch(program = 'nvidia-smi', nowMs: () => number = Date.now): GpuWatch {
  let sight = UNSEEN;
  let seenAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<GpuSight> | null = null;
  let listing: { atMs: number; processes: Promise<readonly GpuProcess[]> } | null = null;
  let paceMs: number = PACE_MS.idle;
  let timer: NodeJS.Timeout | undefined;
  let tell: ((sight: GpuSight, afterSuspend: boolean) => void) | null = null;

  const look = async (afterSuspend: boolean): Promise<GpuSight> => {
    const known = sight.gpus.map(({ uuid }) => uuid);
    try {
      sight = { ...(await readGpus(program, known)), problem: null, isBlind: false, isUnsure: false };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const isUnsure = error instanceof NvidiaSmiTimeout;
      sight = {
        gpus: isUnsure ? sight.gpus : [],
        complaint: null,
        problem,
        isBlind: error instanceof ProcessStartError,
        isUnsure,
      };
    }
    seenAtMs = nowMs();
    looking = null;
    tell?.(sight, afterSuspend);
    return sight;
  };

  const schedule = (): void => {
    clearTimeout(timer);
    if (tell === null || sight.isBlind) return;
    // From the last look on: a pace that changes all the time must not put off the next one for ever.
    const delayMs = Number.isFinite(seenAtMs) ? Math.max(0, seenAtMs + paceMs - nowMs()) : paceMs;
    const dueMs = nowMs() + delayMs;
    timer = setTimeout(() => {
      const hasSlept = nowMs() - dueMs > SUSPEND_GAP_MS;
      void (looking ??= look(hasSlept)).finally(schedule);
    }, delayMs);
    // Watching alone keeps no process alive.
    timer.unref();
  };

  return {
    start: (onSight) => {
      tell = onSight;
      schedule();
    },
    refresh: (maxAgeMs) => {
      if (sight.isBlind || nowMs() - seenAtMs <= maxAgeMs) return Promise.resolve(sight);
      return (looking ??= look(false));
    },
    processes: (maxAgeMs) => {
      if (sight.isBlind) return Promise.resolve([]);
      if (listing === null || nowMs() - listing.atMs > maxAgeMs) {
        listing = { atMs: nowMs(), processes: readGpuProcesses(program).catch(() => []) };
      }
      return listing.processes;
    },
    setPace: (pace) => {
      if (paceMs === PACE_MS[pace]) return;
      paceMs = PACE_MS[pace];
      schedule();
    },
    stop: () => {
      tell = null;
      clearTimeout(timer);
    },
  };
}
