// A campaign on a terminal: one line that moves, or a line now and then when nobody watches; and how it ended.
import type { Campaign } from '../../../contracts/campaign.ts';
import type { ApiClient } from '../api-client.ts';
import { CliError, EXIT_FAILED } from '../cli-error.ts';
import { printJson } from '../print.ts';

/** Without a terminal. */
const PLAIN_STRIDE_PERCENT = 5;

/** Until it has ended. */
export async function followCampaign(api: ApiClient, campaign_id: string): Promise<Campaign> {
  const stream = process.stderr;
  let next = 0;
  for await (const campaign of api.campaignEvents(campaign_id)) {
    const isOver = campaign.status === 'COMPLETED' || campaign.status === 'CANCELLED';
    if (stream.isTTY) stream.write(`\r\u001b[2K${progressLine(campaign)}${isOver ? '\n' : ''}`);
    else if (isOver || campaign.progress >= next) {
      next = campaign.progress - (campaign.progress % PLAIN_STRIDE_PERCENT) + PLAIN_STRIDE_PERCENT;
      stream.write(`${progressLine(campaign)}\n`);
    }
    if (isOver) return campaign;
  }
  throw new CliError(
    EXIT_FAILED,
    `The service ended before ${campaign_id} did. It goes on when the service starts again.`,
  );
}

export function progressLine({ status, counts, n_cells, progress, ...rest }: Campaign): string {
  const states = Object.entries(counts).flatMap(([state, n]) => (n > 0 ? [`${n} ${state}`] : []));
  const { estimated_remaining_seconds: seconds, waits_for } = rest;
  const left = seconds === null || seconds === 0 ? '' : `, about ${durationOf(seconds)} left`;
  const waits = waits_for === null ? '' : `. It waits: ${waits_for}`;
  return `${status} ${progress.toFixed(1)} % of ${n_cells}: ${states.join(', ')}${left}${waits}`;
}

function durationOf(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** @throws CliError when a cell did not complete */
export async function reportEnd(api: ApiClient, campaign: Campaign, isJson: boolean): Promise<void> {
  if (isJson) printJson(campaign);
  const n_other = campaign.n_cells - campaign.counts.COMPLETED;
  if (n_other === 0) return;
  for (const { structure_name, task, model, status, reason } of await api.campaignRows(campaign.campaign_id)) {
    if (status !== 'COMPLETED') console.error(`${structure_name}, ${task}, ${model}: ${status}. ${reason ?? ''}`);
  }
  throw new CliError(EXIT_FAILED, `${n_other} of ${campaign.n_cells} did not complete.`);
}
