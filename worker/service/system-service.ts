// Health, devices, statistics and configuration, for any dialect of the API.
import { availableParallelism, cpus } from 'node:os';
import type { z } from 'zod';
import type { Gpu, Gpus, GpuSettings, healthSchema, QueueState } from '../../contracts/system.ts';
import type { systemConfigSchema, systemStatsSchema } from '../../contracts/system.ts';
import type { FleetGpu } from '../pool/gpu-fleet.ts';
import type { GpuProcess } from '../pool/nvidia-smi.ts';
import type { Pool, PoolStatus, SlotStatus } from '../pool/pool.ts';
import type { Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';

const USAGE_MAX_AGE_MS = 2_000;
const BYTES_PER_MB = 1024 * 1024;

export type SystemConfig = z.infer<typeof systemConfigSchema>;
type SystemStats = z.infer<typeof systemStatsSchema>;

export interface SystemService {
  health(): z.infer<typeof healthSchema>;
  gpus(): Promise<Gpus>;
  /** @param id index or UUID @throws ServiceError 40405 */
  changeGpu(id: string, wanted: GpuSettings): Promise<Gpu>;
  stats(): SystemStats;
  queue(): QueueState;
  pauseQueue(): QueueState;
  resumeQueue(): QueueState;
  config(): SystemConfig;
}

export interface SystemServiceParts {
  store: Store;
  queue: Queue;
  pool: Pool;
  /** Programs of others on the GPUs. */
  otherProcesses: () => Promise<readonly GpuProcess[]>;
  config: SystemConfig;
  now: () => Date;
}

export function createSystemService(parts: SystemServiceParts): SystemService {
  const { store, queue, pool, otherProcesses, config } = parts;
  const finished = countFinished(parts);
  const queueState = (): QueueState => queue.state(pool.status().slots.length);

  const gpus = async (): Promise<Gpus> => {
    await pool.refresh(USAGE_MAX_AGE_MS);
    const status = pool.status();
    const others = status.gpus.length === 0 ? [] : await otherProcesses();
    return {
      gpus: status.gpus.map((gpu) => describeGpu(gpu, slotsOn(status, gpu.uuid), others)),
      cpu: await describeCpu(status),
      unavailable_reason: status.gpus.length > 0 ? null : (status.cuda_unavailable_reason ?? status.problem),
    };
  };

  return {
    health: () => {
      const isAlive = store.isAlive();
      const { gpus: known, problem } = pool.status();
      return {
        status: isAlive && problem === null ? 'ok' : 'degraded',
        version: config.version,
        database: isAlive ? 'connected' : 'failed',
        redis: 'embedded',
        gpus: known.length,
      };
    },
    gpus,
    changeGpu: async (id, wanted) => {
      const uuid = pool.changeGpu(id, wanted);
      const gpu = (await gpus()).gpus.find((each) => each.uuid === uuid);
      if (gpu === undefined) throw new Error(`GPU ${uuid} went away while it was changed.`);
      return gpu;
    },
    stats: () => {
      const { pending, queued, running, estimated_wait_seconds } = queueState();
      const status = pool.status();
      const states = status.gpus.map((gpu) => gpuStatus(gpu, slotsOn(status, gpu.uuid)));
      return {
        tasks: { pending, running, ...finished() },
        gpus: {
          total: states.length,
          free: states.filter((state) => state === 'free').length,
          busy: states.filter((state) => state === 'busy').length,
        },
        queue: { size: queued, estimated_wait_seconds },
      };
    },
    queue: queueState,
    pauseQueue: () => {
      queue.pause();
      return queueState();
    },
    resumeQueue: () => {
      queue.resume();
      return queueState();
    },
    config: () => config,
  };
}

/** Since midnight, local time: counted once a day, then followed. */
function countFinished({
  store,
  queue,
  now,
}: SystemServiceParts): () => Pick<SystemStats['tasks'], 'completed_today' | 'failed_today'> {
  let day = '';
  let counts = { completed_today: 0, failed_today: 0 };
  const today = (): typeof counts => {
    const midnight = now();
    midnight.setHours(0, 0, 0, 0);
    const since = midnight.toISOString();
    if (since !== day) {
      day = since;
      counts = {
        completed_today: store.finishedTasks.countSince('COMPLETED', since),
        failed_today: store.finishedTasks.countSince('FAILED', since),
      };
    }
    return counts;
  };
  today();
  queue.onMove(({ status }) => {
    const known = today();
    if (status === 'COMPLETED') counts = { ...known, completed_today: known.completed_today + 1 };
    if (status === 'FAILED') counts = { ...known, failed_today: known.failed_today + 1 };
  });
  return today;
}

function slotsOn({ slots }: PoolStatus, uuid: string): SlotStatus[] {
  return slots.filter(({ gpu_uuid }) => gpu_uuid === uuid);
}

function describeGpu(gpu: FleetGpu, slots: readonly SlotStatus[], others: readonly GpuProcess[]): Gpu {
  const { uuid, reading, settings } = gpu;
  const current_tasks = slots.flatMap((slot) => slot.current_tasks);
  return {
    id: gpu.index,
    uuid,
    name: gpu.name,
    status: gpuStatus(gpu, slots),
    memory_used_mb: gpu.memory_used_mb ?? 0,
    memory_total_mb: gpu.memory_total_mb ?? 0,
    utilization_percent: reading?.utilization_percent ?? null,
    temperature_c: reading?.temperature_c ?? null,
    power_w: reading?.power_w ?? null,
    current_task: current_tasks[0] ?? null,
    current_tasks,
    loaded_models: [...new Set(slots.flatMap(({ loaded_models }) => loaded_models))],
    other_processes: others
      .filter(({ gpu_uuid }) => gpu_uuid === uuid)
      .map(({ pid, name, memory_used_mb }) => ({ pid, name, memory_used_mb })),
    is_enabled: settings.is_enabled,
    is_paused: settings.is_paused,
    memory_limit_mb: settings.memory_limit_mb,
    concurrency: settings.concurrency,
    problem: gpu.problem ?? slots.find(({ isReady, problem }) => !isReady && problem !== null)?.problem ?? null,
  };
}

/** A disabled GPU is offline for tasks; one whose every process is down as well. */
function gpuStatus({ problem, settings }: FleetGpu, slots: readonly SlotStatus[]): Gpu['status'] {
  if (slots.some(({ current_tasks }) => current_tasks.length > 0)) return 'busy';
  const isDown = slots.length > 0 && slots.every((slot) => !slot.isReady && slot.problem !== null);
  return problem !== null || !settings.is_enabled || isDown ? 'offline' : 'free';
}

async function describeCpu({ cpu, slots }: PoolStatus): Promise<Gpus['cpu']> {
  const { mem } = await import('systeminformation');
  const memory = await mem();
  const slot = slots.find(({ gpu_uuid }) => gpu_uuid === null);
  return {
    name: cpu?.name ?? cpus()[0]?.model ?? 'CPU',
    n_threads: cpu?.n_threads ?? availableParallelism(),
    memory_used_mb: Math.round((memory.total - memory.available) / BYTES_PER_MB),
    memory_total_mb: Math.round(memory.total / BYTES_PER_MB),
    status: slot === undefined ? 'unused' : slot.current_tasks.length === 0 ? 'free' : 'busy',
    current_task: slot?.current_tasks[0] ?? null,
    current_tasks: [...(slot?.current_tasks ?? [])],
  };
}
