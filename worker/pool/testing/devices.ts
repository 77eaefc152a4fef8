// Devices as the kernel and nvidia-smi report them, for tests.
import type { KernelDevice } from '../../../contracts/kernel-message.ts';
import type { GpuSight } from '../gpu-watch.ts';
import type { GpuReading } from '../nvidia-smi.ts';

const MB = 1024 * 1024;
const GPU_MEMORY_MB = 24_576;
const IDLE_MEMORY_MB = 300;

export const CPU: KernelDevice = {
  device: 'cpu',
  kind: 'cpu',
  name: 'Processor',
  uuid: null,
  memory_total_bytes: 2 ** 35,
  memory_free_bytes: 2 ** 34,
  compute_capability: null,
  n_threads: 16,
};

export function uuidOf(index: number): string {
  return `GPU-0000000${index}-1111-2222-3333-444444444444`;
}

/** @param position among the GPUs that the kernel may open */
export function kernelGpu(index: number, position = index): KernelDevice {
  return {
    device: `cuda:${position}`,
    kind: 'cuda',
    name: 'NVIDIA GeForce RTX 3090',
    uuid: uuidOf(index),
    memory_total_bytes: GPU_MEMORY_MB * MB,
    memory_free_bytes: (GPU_MEMORY_MB - IDLE_MEMORY_MB) * MB,
    compute_capability: '8.6',
    n_threads: null,
  };
}

export function reading(index: number, changes: Partial<GpuReading> = {}): GpuReading {
  return {
    uuid: uuidOf(index),
    index,
    name: 'NVIDIA GeForce RTX 3090',
    memory_used_mb: IDLE_MEMORY_MB,
    memory_total_mb: GPU_MEMORY_MB,
    utilization_percent: 0,
    temperature_c: 41,
    power_w: 24.5,
    ecc_errors: null,
    problem: null,
    ...changes,
  };
}

export function sightOf(gpus: readonly GpuReading[], changes: Partial<GpuSight> = {}): GpuSight {
  return { gpus, complaint: null, problem: null, isBlind: false, isUnsure: false, ...changes };
}

export const NO_NVIDIA_SMI = sightOf([], { problem: 'There is no nvidia-smi.', isBlind: true });
