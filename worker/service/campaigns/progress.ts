// How far a campaign is, from its cells counted by task, model and state. Pure.
import { campaignCountsSchema, cellStatusSchema } from '../../../contracts/campaign.ts';
import type { Campaign, CampaignCounts, CampaignStatus, CellStatus } from '../../../contracts/campaign.ts';
import type { CellGroup } from '../../store/campaign-cells.ts';
import type { CampaignState } from '../../store/campaigns.ts';

export type CampaignProgress = Pick<
  Campaign,
  'status' | 'counts' | 'progress' | 'finished_at' | 'estimated_remaining_seconds' | 'computed_seconds'
>;

const ACTIVE: readonly CellStatus[] = ['PENDING', 'QUEUED', 'ASSIGNED', 'RUNNING'];

/** @param n_slots places to compute; 0 leaves the estimate out */
export function progressOf(groups: readonly CellGroup[], state: CampaignState, n_slots: number): CampaignProgress {
  const counts = countsOf(groups);
  const n_cells = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const n_active = ACTIVE.reduce((sum, status) => sum + counts[status], 0);
  const n_left = n_active + counts.PLANNED;
  return {
    status: statusOf(counts.PLANNED, n_active, state),
    counts,
    progress: n_cells === 0 ? 0 : (100 * (n_cells - n_left)) / n_cells,
    finished_at: n_left > 0 ? null : lastOf(groups.map(({ finished_at }) => finished_at)),
    estimated_remaining_seconds: n_left === 0 ? 0 : remainingSeconds(groups, n_slots),
    computed_seconds: groups.reduce((sum, { execution_time_seconds }) => sum + execution_time_seconds, 0),
  };
}

function statusOf(n_planned: number, n_active: number, state: CampaignState): CampaignStatus {
  if (n_planned > 0) return 'SUBMITTING';
  if (n_active > 0) return 'RUNNING';
  return state === 'CANCELLED' ? 'CANCELLED' : 'COMPLETED';
}

function countsOf(groups: readonly CellGroup[]): CampaignCounts {
  const of = (status: CellStatus): number =>
    groups.reduce((sum, group) => (group.status === status ? sum + group.n : sum), 0);
  return campaignCountsSchema.parse(Object.fromEntries(cellStatusSchema.options.map((status) => [status, of(status)])));
}

/**
 * Per task and model: what is left of its work, at the time per work that its completed tasks took; shared by the slots.
 * Cells that are not submitted yet count as the mean of those that are.
 */
function remainingSeconds(groups: readonly CellGroup[], n_slots: number): number | null {
  if (n_slots === 0) return null;
  let total = 0;
  for (const own of byTaskAndModel(groups)) {
    const left = own.filter(({ status }) => status === 'PLANNED' || ACTIVE.includes(status));
    if (left.length === 0) continue;
    const done = own.filter(({ status }) => status === 'COMPLETED');
    const submitted = own.filter(({ work }) => work > 0);
    const n_submitted = sum(submitted, ({ n }) => n);
    const doneWork = sum(done, ({ work }) => work);
    if (n_submitted === 0 || doneWork === 0) return null;
    const meanWork = sum(submitted, ({ work }) => work) / n_submitted;
    const leftWork = sum(left, ({ work, n }) => (work > 0 ? work : n * meanWork));
    total += (leftWork * sum(done, ({ execution_time_seconds }) => execution_time_seconds)) / doneWork;
  }
  return total / n_slots;
}

function byTaskAndModel(groups: readonly CellGroup[]): CellGroup[][] {
  return [...Map.groupBy(groups, ({ task_index, model_index }) => `${task_index} ${model_index}`).values()];
}

function sum(groups: readonly CellGroup[], of: (group: CellGroup) => number): number {
  return groups.reduce((total, group) => total + of(group), 0);
}

function lastOf(times: readonly (string | null)[]): string | null {
  return times.reduce((last, time) => (last === null || (time !== null && time > last) ? time : last), null);
}
