// The event stream of a campaign, read as a client reads it.
import { describe, expect, test } from 'vitest';
import { campaignReceiptSchema } from '../../../contracts/campaign.ts';
import { campaignEventSchema } from '../../../contracts/event.ts';
import type { CampaignEvent } from '../../../contracts/event.ts';
import { readStream } from '../../service/testing/read-stream.ts';
import type { Received } from '../../service/testing/read-stream.ts';
import { serviceOfFile } from '../../service/testing/service-of-file.ts';

const { client } = await serviceOfFile();

const CAMPAIGN = {
  name: 'followed',
  structures: Array.from({ length: 12 }, (_, i) => ({
    name: `s${i}`,
    structure: { source: 'builtin', name: i === 5 ? 'atlantis' : 'rock-salt' },
  })),
  tasks: [{ task_type: 'single-point-energy' }],
  models: ['uff4mof'],
};

async function submitted(): Promise<string> {
  return campaignReceiptSchema.parse((await client.post('/campaigns', CAMPAIGN)).data).campaign_id;
}

const eventOf = ({ data }: Received): CampaignEvent => campaignEventSchema.parse(data);

function campaignOf(received: Received) {
  const event = eventOf(received);
  if (event.type !== 'campaign') throw new Error('The campaign was deleted.');
  return event;
}

const isRunning = (received: Received): boolean => campaignOf(received).status === 'RUNNING';

async function whilePaused<T>(look: () => Promise<T>): Promise<T> {
  await client.post('/system/queue/pause', {});
  try {
    return await look();
  } finally {
    await client.post('/system/queue/resume', {});
  }
}

describe('the events of a campaign', () => {
  test('tell_the_whole_of_it_until_it_has_ended_with_growing_numbers', async () => {
    const campaign_id = await submitted();
    const received = await readStream(client, `/campaigns/${campaign_id}/events`);
    const last = campaignOf(received.at(-1)!);
    expect(last).toMatchObject({ campaign_id, status: 'COMPLETED', progress: 100 });
    expect(last.counts).toMatchObject({ COMPLETED: 11, REFUSED: 1 });
    const numbers = received.map(({ id }) => Number(id));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    const progress = received.map((each) => campaignOf(each).progress);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  test('go_on_after_the_last_one_that_a_client_has_seen', async () => {
    const { path, seen } = await whilePaused(async () => {
      const path = `/campaigns/${await submitted()}/events`;
      const before = await readStream(client, path, { isLast: isRunning });
      return { path, seen: before.at(-1)?.id ?? '' };
    });
    const after = await readStream(client, path, { headers: { 'last-event-id': seen } });
    expect(after.map(({ id }) => Number(id)).every((number) => number > Number(seen))).toBe(true);
    expect(campaignOf(after.at(-1)!).status).toBe('COMPLETED');
  });

  test('are_not_repeated_for_a_client_that_has_seen_the_last_one', async () => {
    await whilePaused(async () => {
      const campaign_id = await submitted();
      const path = `/campaigns/${campaign_id}/events`;
      const seen = (await readStream(client, path, { isLast: isRunning })).at(-1)?.id ?? '';
      const cancel = () => void client.post(`/campaigns/${campaign_id}/cancel`, {});
      const [next] = await readStream(client, path, { headers: { 'last-event-id': seen }, onOpen: cancel });
      expect(campaignOf(next!).counts.CANCELLED).toBeGreaterThan(0);
    });
  });

  test.each(['1', '9007199254740000'])(
    'begin_with_the_present_state_for_a_client_with_a_number_of_another_run_(%s)',
    async (id) => {
      await whilePaused(async () => {
        const path = `/campaigns/${await submitted()}/events`;
        const reading = { isLast: () => true, headers: { 'last-event-id': id } };
        const [first] = await readStream(client, path, reading);
        expect(Number(first?.id)).toBeGreaterThan(1_700_000_000_000_000);
      });
    },
  );

  test('of_one_that_has_ended_are_its_last_state_whatever_was_seen', async () => {
    const path = `/campaigns/${await submitted()}/events`;
    const last = (await readStream(client, path)).at(-1)!;
    const again = await readStream(client, path, { headers: { 'last-event-id': last.id ?? '' } });
    expect(again).toEqual([last]);
  });

  test('are_those_of_an_own_campaign_only', async () => {
    const unknown = await client.call('/campaigns/campaign_aaaaaaaaaaaaaaaa/events');
    expect([unknown.status, unknown.error.code]).toEqual([404, 40405]);
  });

  test('a_head_request_is_answered_at_once', async () => {
    const response = await client.fetch(`/campaigns/${await submitted()}/events`, { method: 'HEAD' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
  });
});

test('the_stream_of_the_service_tells_which_campaign_has_changed_and_which_is_gone', async () => {
  let campaign_id = '';
  const act = async () => {
    campaign_id = await submitted();
    await readStream(client, `/campaigns/${campaign_id}/events`);
    await client.call(`/campaigns/${campaign_id}`, { method: 'DELETE' });
  };
  const isLast = ({ event }: Received) => event === 'campaign_deleted';
  const received = await readStream(client, '/events', { isLast, onOpen: () => void act() });
  const told = received.filter(({ event }) => event === 'campaign' || event === 'campaign_deleted');
  expect(told[0]?.data).toEqual({ type: 'campaign', campaign_id });
  expect(told.at(-1)?.data).toEqual({ type: 'campaign_deleted', campaign_id });
});
