// Cells of campaigns counted by state, kept for a while: those of a large campaign take long enough to hold up others.
import type { OpenStatus } from '../../store/campaign-cells.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import type { Store } from '../../store/store.ts';
import { progressOf } from './progress.ts';
import type { CampaignProgress } from './progress.ts';

/** Moves of tasks are told, but not that a device has come or gone, which the estimate knows. */
const MAX_AGE_MS = 5_000;
/** So many are counted again after every move, more of them only so often. */
const FEW_CELLS = 2_000;
const OUTDATED_MAX_AGE_MS = 1_000;

export interface Counts {
  /** At most a second old, and for a campaign that is not large as of now. */
  of: (campaign: CampaignRow) => CampaignProgress;
  /** With every change that is known. */
  current: (campaign: CampaignRow) => CampaignProgress;
  isOutdated: (campaign_id: string) => boolean;
  /** Something of it has changed. */
  forget: (campaign_id: string) => void;
}

interface Known {
  progress: CampaignProgress;
  /** Of a clock that is never set, ms. */
  at: number;
  isOutdated: boolean;
}

export function createCounts(
  store: Pick<Store, 'campaignCells'>,
  n_slots: () => number,
  elapsedMs: () => number = () => performance.now(),
): Counts {
  const known = new Map<string, Known>();
  const counted = ({ campaign_id, state }: CampaignRow): CampaignProgress => {
    const groups = store.campaignCells.groups(campaign_id, openStatusOf(state));
    const progress = progressOf(groups, state, n_slots());
    known.set(campaign_id, { progress, at: elapsedMs(), isOutdated: false });
    return progress;
  };
  const isOutdated = (campaign_id: string): boolean => known.get(campaign_id)?.isOutdated === true;
  const of = (campaign: CampaignRow): CampaignProgress => {
    const kept = known.get(campaign.campaign_id);
    const n_cells = campaign.n_structures * campaign.tasks.length * campaign.models.length;
    const isYoung = kept !== undefined && elapsedMs() - kept.at < maxAge(kept, n_cells > FEW_CELLS);
    return isYoung ? kept.progress : counted(campaign);
  };
  return {
    of,
    isOutdated,
    current: (campaign) => (isOutdated(campaign.campaign_id) ? counted(campaign) : of(campaign)),
    forget: (campaign_id) => {
      const kept = known.get(campaign_id);
      if (kept !== undefined) kept.isOutdated = true;
    },
  };
}

function maxAge({ isOutdated, progress: { status } }: Known, isLarge: boolean): number {
  const hasEnded = status === 'COMPLETED' || status === 'CANCELLED';
  if (!isOutdated) return hasEnded ? Number.POSITIVE_INFINITY : MAX_AGE_MS;
  return isLarge ? OUTDATED_MAX_AGE_MS : 0;
}

/** What a cell without a task is. */
export function openStatusOf(state: CampaignRow['state']): OpenStatus {
  return state === 'CANCELLED' ? 'CANCELLED' : 'PLANNED';
}
