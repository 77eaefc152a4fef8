// Waits for a campaign by the events of its tasks: every move is a reason to look again.
import { createParser } from 'eventsource-parser';
import { campaignSchema } from '../../../../contracts/campaign.ts';
import type { Campaign } from '../../../../contracts/campaign.ts';
import type { TestClient } from '../../testing/test-service.ts';

/** Cells that are refused make no event of a task; the stream's own signs of life are looked at as well. */
export async function waitForCampaign(
  client: TestClient,
  campaign_id: string,
  isThere: (campaign: Campaign) => boolean,
): Promise<Campaign> {
  const look = async (): Promise<Campaign> =>
    campaignSchema.parse((await client.call(`/campaigns/${campaign_id}`)).data);
  const abort = new AbortController();
  const response = await client.fetch('/events', { signal: abort.signal });
  if (response.body === null) throw new Error('The event stream has no body.');
  try {
    let campaign = await look();
    if (isThere(campaign)) return campaign;
    let n_news = 0;
    const parser = createParser({ onEvent: () => (n_news += 1), onComment: () => (n_news += 1) });
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      parser.feed(text);
      if (n_news === 0) continue;
      n_news = 0;
      campaign = await look();
      if (isThere(campaign)) return campaign;
    }
    throw new Error(`The event stream ended while ${campaign_id} was ${campaign.status}.`);
  } finally {
    abort.abort();
  }
}
