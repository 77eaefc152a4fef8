// The table of a campaign as people read it: one line per structure and model, the tasks side by side. Pure.
import type { Campaign, CampaignRow } from '../../../contracts/campaign.ts';

export interface CampaignLine {
  readonly structure_name: string;
  readonly model: string;
  /** By the label of the task. */
  readonly cells: ReadonlyMap<string, CampaignRow>;
}

/** The service takes no larger page. */
const MOST_ROWS = 1000;
const LINES_PER_PAGE = 100;

/** Rows per page such that no structure is cut in two. */
export function pageSizeFor({ tasks, models }: Pick<Campaign, 'tasks' | 'models'>): number {
  const perStructure = tasks.length * models.length;
  return perStructure * Math.max(1, Math.min(LINES_PER_PAGE, Math.floor(MOST_ROWS / perStructure)));
}

/** @param rows in the order of the service: by structure, then task, then model */
export function mergeRows(rows: readonly CampaignRow[]): CampaignLine[] {
  const lines = new Map<string, { structure_name: string; model: string; cells: Map<string, CampaignRow> }>();
  for (const row of rows) {
    const { structure_name, model, task } = row;
    const key = JSON.stringify([structure_name, model]);
    const line = lines.get(key) ?? { structure_name, model, cells: new Map<string, CampaignRow>() };
    line.cells.set(task, row);
    lines.set(key, line);
  }
  return [...lines.values()];
}
