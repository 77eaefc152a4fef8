// Which free slot a waiting task goes to. Pure: slots and their rooms come in, the score of the queue's claim comes out.
import type { ClaimCandidate } from '../store/queued-work.ts';
import { fits, preference } from './placement.ts';
import type { Room } from './placement.ts';

/** Two slots that differ by less are equally good. */
const NOTICEABLE = 0.05;

export interface SlotChoice {
  slot_id: string;
  gpu_uuid: string | null;
  loaded_models: ReadonlySet<string>;
  /** null for the CPU, where memory is not counted. */
  room: Room | null;
}

/**
 * @param others free slots that have not chosen yet: a task that is noticeably better off on one of them is left to it
 * @returns null when the task has to wait, or is left to another slot; a higher score is a better match
 */
export function scoreFor(
  candidate: ClaimCandidate,
  need_mb: number | null,
  slot: SlotChoice,
  others: readonly SlotChoice[],
): number | null {
  const score = scoreAlone(candidate, need_mb, slot);
  if (score === null) return null;
  const isBetterElsewhere = others
    .filter(({ gpu_uuid }) => gpu_uuid !== slot.gpu_uuid)
    .some((other) => (scoreAlone(candidate, need_mb, other) ?? 0) > score + NOTICEABLE);
  return isBetterElsewhere ? null : score;
}

export function canTake(candidate: ClaimCandidate, need_mb: number | null, slot: SlotChoice): boolean {
  return scoreAlone(candidate, need_mb, slot) !== null;
}

function scoreAlone({ model }: ClaimCandidate, need_mb: number | null, slot: SlotChoice): number | null {
  const { room, loaded_models } = slot;
  if (room === null) return loaded_models.has(model) ? 1 : 0;
  return fits(need_mb, room) ? preference(model, loaded_models, room) : null;
}
