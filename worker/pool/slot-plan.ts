// Which slots there should be: as many per usable GPU as its owner wants, else the CPU where there is no GPU at all. Pure.
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import type { SlotLabel } from '../queue/queue.ts';
import type { FleetGpu } from './gpu-fleet.ts';

/** The kernel leaves a tenth of a GPU to others as well. */
const USABLE_SHARE = 0.9;

export interface SlotPlan {
  label: SlotLabel;
  device: KernelDevice;
  /** null: the CPU. */
  gpu_uuid: string | null;
  /** What one calculation may take, MB; null = what the kernel takes by itself. */
  memory_limit_mb: number | null;
}

export interface SlotsWanted {
  slots: readonly SlotPlan[];
  /** Why there is none although there are GPUs; null when there is one. */
  waits_because: string | null;
}

export function planSlots(gpus: readonly FleetGpu[], cpu: KernelDevice | null): SlotsWanted {
  const slots = gpus.flatMap(slotsOf);
  if (slots.length > 0) return { slots, waits_because: null };
  // A GPU that is kept for something else, or that may come back, is not replaced by the CPU behind its owner's back.
  const waitedFor = gpus.filter(({ settings, isOut }) => !settings.is_enabled || isOut);
  if (waitedFor.length > 0) return { slots: [], waits_because: reasonToWait(waitedFor) };
  if (cpu === null) return { slots: [], waits_because: null };
  const label = { slot_id: 'cpu', device: 'cpu', gpu_id: null };
  return { slots: [{ label, device: cpu, gpu_uuid: null, memory_limit_mb: null }], waits_because: null };
}

export function isSamePlan(a: SlotPlan, b: SlotPlan): boolean {
  return a.label.device === b.label.device && a.memory_limit_mb === b.memory_limit_mb;
}

function slotsOf({ uuid, index, device, settings, isOut, memory_total_mb }: FleetGpu): SlotPlan[] {
  if (device === null || isOut || !settings.is_enabled) return [];
  const { concurrency, memory_limit_mb } = settings;
  const all = memory_limit_mb ?? (concurrency > 1 && memory_total_mb !== null ? memory_total_mb * USABLE_SHARE : null);
  return Array.from({ length: concurrency }, (_, i) => ({
    // The first keeps the plain name: what was measured on it stays comparable.
    label: { slot_id: i === 0 ? uuid : `${uuid}/${i + 1}`, device: `cuda:${index}`, gpu_id: index },
    device,
    gpu_uuid: uuid,
    memory_limit_mb: all === null ? null : Math.floor(all / concurrency),
  }));
}

function reasonToWait(gpus: readonly FleetGpu[]): string {
  const reasons = gpus.map(({ index, name, isOut, problem }) =>
    isOut ? `GPU ${index} (${name}) is out: ${problem ?? 'unknown'}` : `GPU ${index} (${name}) is disabled.`,
  );
  return `${reasons.join(' ')} Tasks wait; enable a GPU with PATCH /system/gpus/{id} {"is_enabled": true}.`;
}
