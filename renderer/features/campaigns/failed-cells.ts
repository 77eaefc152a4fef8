import type { CampaignCounts, CellStatus } from '../../../contracts/campaign.ts';

const FAILED: readonly CellStatus[] = ['FAILED', 'TIMEOUT', 'CANCELLED', 'REFUSED', 'DELETED'];

/** Cells that "retry" would submit once more. */
export function failedCells(counts: CampaignCounts): number {
  return FAILED.reduce((sum, status) => sum + counts[status], 0);
}
