// Which GPUs the user of this program leaves to it at all: the CUDA_VISIBLE_DEVICES that the service was started with.
import type { GpuReading } from './nvidia-smi.ts';

/** By index or by UUID, which may be shortened; as CUDA reads it, the list ends at its first wrong entry. */
export function allowedGpus(visibleDevices: string | undefined): (gpu: Pick<GpuReading, 'uuid' | 'index'>) => boolean {
  if (visibleDevices === undefined) return () => true;
  const entries = visibleDevices.split(',').map((entry) => entry.trim());
  const end = entries.findIndex((entry) => !/^(\d+|GPU-[0-9a-fA-F-]+)$/.test(entry));
  const allowed = end === -1 ? entries : entries.slice(0, end);
  return ({ uuid, index }) =>
    allowed.some((entry) => (entry.startsWith('GPU-') ? uuid.startsWith(entry) : Number(entry) === index));
}
