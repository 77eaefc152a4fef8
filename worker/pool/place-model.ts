// Loads a model into the processes of slots before a task needs it, or has them give it back. What computes is left alone.
import type { ModelPlacementResult } from '../../contracts/model.ts';
import type { LoadableModel } from './executor.ts';
import type { Slot } from './slot.ts';

const NOTHING_LOADED = { seconds: null, memory_mb: null };

/** @throws Error of the first process that cannot hold it */
export function loadInto(slots: readonly Slot[], model: LoadableModel): Promise<ModelPlacementResult[]> {
  return Promise.all(
    slots.map(async (slot) => {
      const place = placeOf(slot);
      if (!slot.isFree) return { ...place, state: 'busy' as const, ...NOTHING_LOADED };
      return { ...place, state: 'loaded' as const, ...(await slot.load(model)) };
    }),
  );
}

/** Settles when the processes that held it have ended. */
export function unloadFrom(slots: readonly Slot[], model_id: string): Promise<ModelPlacementResult[]> {
  return Promise.all(
    slots.map(async (slot) => {
      const place = { ...placeOf(slot), ...NOTHING_LOADED };
      if (!slot.loaded_models.has(model_id)) return { ...place, state: 'not_loaded' as const };
      if (!slot.isFree) return { ...place, state: 'busy' as const };
      await slot.renew();
      return { ...place, state: 'unloaded' as const };
    }),
  );
}

function placeOf({ plan: { label, gpu_uuid } }: Slot): Pick<ModelPlacementResult, 'slot_id' | 'device'> {
  return { slot_id: label.slot_id, device: gpu_uuid ?? 'cpu' };
}
