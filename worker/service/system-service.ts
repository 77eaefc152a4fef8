// Health and devices, for any dialect of the API.
import { availableParallelism, cpus } from 'node:os';
import type { z } from 'zod';
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import type { healthSchema } from '../../contracts/system.ts';
import type { Gpus } from '../../contracts/system.ts';
import type { GpuUsage } from '../pool/gpu-usage.ts';
import type { Pool, SlotStatus } from '../pool/pool.ts';
import type { Store } from '../store/store.ts';

const USAGE_MAX_AGE_MS = 2_000;
const BYTES_PER_MB = 1024 * 1024;

export interface SystemService {
  health(): z.infer<typeof healthSchema>;
  gpus(): Promise<Gpus>;
}

export interface SystemServiceParts {
  store: Store;
  pool: Pool;
  readGpuUsage: () => Promise<ReadonlyMap<string, GpuUsage>>;
  version: string;
  now: () => Date;
}

export function createSystemService({ store, pool, readGpuUsage, version, now }: SystemServiceParts): SystemService {
  let usage: { at: number; values: Promise<ReadonlyMap<string, GpuUsage>> } | null = null;

  /** At most one nvidia-smi at a time and one per USAGE_MAX_AGE_MS, however many pages ask. */
  const currentUsage = (): Promise<ReadonlyMap<string, GpuUsage>> => {
    const at = now().getTime();
    if (usage === null || at - usage.at > USAGE_MAX_AGE_MS) {
      // Without nvidia-smi (containers) the kernel's own figures from the start stand in.
      usage = { at, values: readGpuUsage().catch(() => new Map<string, GpuUsage>()) };
    }
    return usage.values;
  };

  return {
    health: () => {
      const isAlive = store.isAlive();
      const { devices, problem } = pool.status();
      return {
        status: isAlive && problem === null ? 'ok' : 'degraded',
        version,
        database: isAlive ? 'connected' : 'failed',
        redis: 'embedded',
        gpus: devices.filter(({ kind }) => kind === 'cuda').length,
      };
    },

    gpus: async () => {
      const { devices, slots, cuda_unavailable_reason, problem } = pool.status();
      const cudaDevices = devices.filter(({ kind }) => kind === 'cuda');
      const measured = cudaDevices.length === 0 ? new Map<string, GpuUsage>() : await currentUsage();
      const { mem } = await import('systeminformation');
      const memory = await mem();
      const cpuSlot = slots.find(({ device }) => device.kind === 'cpu');
      const kernelCpu = devices.find(({ kind }) => kind === 'cpu');
      return {
        gpus: cudaDevices.map((device, id) => {
          const slot = slots.find(({ label }) => label.device === device.device);
          return {
            id,
            uuid: device.uuid ?? device.device,
            name: device.name,
            status: gpuStatus(slot),
            ...(measured.get(device.uuid ?? '') ?? kernelUsage(device)),
            current_task: slot?.current_task ?? null,
            loaded_models: [],
          };
        }),
        cpu: {
          name: kernelCpu?.name ?? cpus()[0]?.model ?? 'CPU',
          n_threads: kernelCpu?.n_threads ?? availableParallelism(),
          memory_used_mb: Math.round((memory.total - memory.available) / BYTES_PER_MB),
          memory_total_mb: Math.round(memory.total / BYTES_PER_MB),
          status: cpuSlot === undefined ? 'unused' : cpuSlot.current_task === null ? 'free' : 'busy',
          current_task: cpuSlot?.current_task ?? null,
        },
        unavailable_reason: cudaDevices.length > 0 ? null : (cuda_unavailable_reason ?? problem),
      };
    },
  };
}

/** A GPU without a slot is free: it is there, and tasks of this version run on the first one only. */
function gpuStatus(slot: SlotStatus | undefined): 'free' | 'busy' | 'offline' {
  if (slot === undefined) return 'free';
  if (slot.problem !== null && !slot.isReady) return 'offline';
  return slot.current_task === null ? 'free' : 'busy';
}

function kernelUsage(device: KernelDevice): GpuUsage {
  return {
    memory_used_mb: Math.round((device.memory_total_bytes - device.memory_free_bytes) / BYTES_PER_MB),
    memory_total_mb: Math.round(device.memory_total_bytes / BYTES_PER_MB),
  };
}
