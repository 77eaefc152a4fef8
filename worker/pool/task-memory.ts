// How much of its GPU a running task holds, as far as that can be told from outside. Pure.
import type { GpuProcess } from './nvidia-smi.ts';

export interface MemoryFigures {
  gpu_uuid: string;
  /** null while it is not known. */
  kernel_pid: number | null;
  /** Of our processes on this GPU that compute. */
  n_running: number;
  memory_used_mb: number | null;
  /** In use while no task of ours ran there. */
  resting_mb: number | null;
}

/** By the process of its kernel; where the driver does not name it, what is used beyond the resting GPU by one process alone. */
export function memoryOfTask(figures: MemoryFigures, processes: readonly GpuProcess[]): number | null {
  const { gpu_uuid, kernel_pid, n_running, memory_used_mb, resting_mb } = figures;
  const own = processes.find((process) => process.pid === kernel_pid && process.gpu_uuid === gpu_uuid);
  if (own !== undefined && own.memory_used_mb !== null) return own.memory_used_mb;
  if (n_running !== 1 || memory_used_mb === null || resting_mb === null) return null;
  return Math.max(0, memory_used_mb - resting_mb);
}
