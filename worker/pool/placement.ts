// Does a task fit on a GPU now, and how well? Pure.

/** Measured peaks are of earlier runs; this one may need a little more. */
const MEMORY_MARGIN = 1.15;
/** The kernel splits batches that do not fit, so a task that wants more than this part of a GPU still runs in it. */
const LARGEST_SHARE = 0.9;
/** A task of unknown need is not put beside others that leave less than this, MB, or less than half of a small GPU. */
const LEAST_FREE_MB = 2048;

export interface Room {
  /** Of the GPU, or the limit that its owner set, MB; null where it is not known (the CPU, no nvidia-smi). */
  capacity_mb: number | null;
  /** Left by the programs of others and by our own running tasks, MB. */
  free_mb: number | null;
  /** Tasks that run there now. */
  n_running: number;
  /** One of them has an unknown need: nobody is put beside it. */
  holds_unknown_need: boolean;
}

/**
 * @param need_mb measured peak of comparable tasks, MB; null when nothing comparable was measured
 * @returns false when the task has to wait for this GPU
 */
export function fits(need_mb: number | null, room: Room): boolean {
  if (room.holds_unknown_need) return false;
  if (need_mb === null) return room.n_running === 0 && hasLeastFree(room);
  if (room.capacity_mb === null || room.free_mb === null) return room.n_running === 0;
  return Math.min(need_mb * MEMORY_MARGIN, room.capacity_mb * LARGEST_SHARE) <= room.free_mb;
}

/** Several at once, with their margin: where memory is counted, each of a known need. */
export function fitTogether(needs_mb: readonly (number | null)[], room: Room): boolean {
  if (room.free_mb === null) return true;
  if (needs_mb.includes(null)) return false;
  return needs_mb.reduce<number>((sum, need) => sum + (need ?? 0), 0) * MEMORY_MARGIN <= room.free_mb;
}

/** false where no task fits, whatever its need. */
export function isOpen({ holds_unknown_need, free_mb }: Room): boolean {
  return !holds_unknown_need && (free_mb === null || free_mb > 0);
}

function hasLeastFree({ capacity_mb, free_mb }: Room): boolean {
  if (capacity_mb === null || free_mb === null) return true;
  return free_mb >= Math.min(LEAST_FREE_MB, capacity_mb / 2);
}

export interface RoomFigures {
  memory_total_mb: number | null;
  /** By everybody, as nvidia-smi says. */
  memory_used_mb: number | null;
  memory_limit_mb: number | null;
  /** In use while no task of ours ran there: other programs, and our idle processes. */
  resting_mb: number | null;
  /** What our running tasks are expected to take, MB; null for an unknown need. */
  needs_mb: readonly (number | null)[];
}

/** A task that has just started has not taken its memory yet: the smaller of what is measured and what is promised is free. */
export function roomOf(figures: RoomFigures): Room {
  const { memory_total_mb, memory_used_mb, memory_limit_mb, resting_mb, needs_mb } = figures;
  const holds_unknown_need = needs_mb.includes(null);
  const n_running = needs_mb.length;
  if (memory_total_mb === null || memory_used_mb === null) {
    return { capacity_mb: null, free_mb: null, n_running, holds_unknown_need };
  }
  const promised = needs_mb.reduce<number>((sum, need) => sum + (need ?? 0) * MEMORY_MARGIN, 0);
  const resting = resting_mb ?? memory_used_mb;
  const free_mb = Math.min(
    memory_total_mb - memory_used_mb,
    memory_total_mb - resting - promised,
    (memory_limit_mb ?? memory_total_mb) - promised,
  );
  const capacity_mb = Math.min(memory_total_mb, memory_limit_mb ?? memory_total_mb);
  return { capacity_mb, free_mb: Math.max(0, free_mb), n_running, holds_unknown_need };
}

/** Two slots where a task fits: 1 for the one that holds its model, and a fraction for the emptier one. */
export function preference(model: string, loaded_models: ReadonlySet<string>, room: Room): number {
  const emptiness = room.capacity_mb === null || room.free_mb === null ? 0 : room.free_mb / room.capacity_mb;
  return (loaded_models.has(model) ? 1 : 0) + 0.5 * Math.min(1, emptiness);
}
