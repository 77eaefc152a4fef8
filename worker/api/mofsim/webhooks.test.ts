// Webhooks of a whole service: submitted over HTTP, computed, delivered to a lab script on loopback, and never to ourselves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  webhookBodySchema,
  webhookDeliveryListSchema,
  webhookDeliverySchema,
  taskWebhooksSchema,
} from '../../../contracts/webhook.ts';
import { createTestFolder, startTestService } from '../../service/testing/test-service.ts';
import type { TestFolder, TestService } from '../../service/testing/test-service.ts';
import { signatureOf } from '../../webhooks/send.ts';
import { startReceiver } from '../../webhooks/testing/test-receiver.ts';
import type { TestReceiver } from '../../webhooks/testing/test-receiver.ts';

let folder: TestFolder;
let testService: TestService;
let receiver: TestReceiver;

beforeAll(async () => {
  folder = createTestFolder();
  receiver = await startReceiver();
  testService = await startTestService({ folder });
});
afterAll(async () => {
  await testService.close();
  await receiver.close();
  folder.remove();
});

const submission = (webhook_url: string) => ({
  model: 'uff4mof',
  structure: { source: 'builtin', name: 'rock-salt' },
  webhook_url,
});

describe('webhooks of a service', () => {
  test('a_task_tells_its_start_and_its_end_signed_and_with_an_address_that_answers', async () => {
    const { client } = testService;
    const task_id = await client.submit({}, { webhook_url: receiver.url, webhook_secret: 'secret' });
    await client.waitFor(task_id, 'COMPLETED');
    await receiver.waitFor(2);
    const told = receiver.received.map(({ headers, body }) => {
      expect(headers['x-mofsim-signature']).toBe(signatureOf(body.toString('utf8'), 'secret'));
      return webhookBodySchema.parse(JSON.parse(body.toString('utf8')));
    });
    expect(told.map(({ event }) => event)).toEqual(['task.started', 'task.completed']);
    expect(told.every((body) => body.task_id === task_id)).toBe(true);
    const result = await fetch(told[1]?.result_url ?? '', { headers: { authorization: `Bearer ${client.apiKey}` } });
    expect(result.status).toBe(200);
  });

  test('the_log_shows_every_delivery_without_its_secret_and_delivers_again_on_demand', async () => {
    const { client } = testService;
    const n_before = receiver.received.length;
    const task_id = await client.submit({}, { webhook_url: receiver.url, webhook_secret: 'another secret' });
    await client.waitFor(task_id, 'COMPLETED');
    await receiver.waitFor(n_before + 2);
    const ofTask = await client.call(`/tasks/${task_id}/webhooks`);
    const { deliveries } = taskWebhooksSchema.parse(ofTask.data);
    expect(deliveries.map(({ event }) => event)).toEqual(['task.completed', 'task.started']);
    expect(JSON.stringify(ofTask.body)).not.toContain('another secret');

    const [completed] = deliveries;
    const again = await client.post(`/webhooks/deliveries/${completed?.delivery_id}/redeliver`, {});
    expect(again.status).toBe(202);
    const made = webhookDeliverySchema.parse(again.data);
    expect(made).toMatchObject({ task_id, event: 'task.completed', redelivery_of: completed?.delivery_id });
    await receiver.waitFor(n_before + 3);
    const [first, repeated] = [receiver.received[n_before + 1], receiver.received[n_before + 2]];
    expect(repeated?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
    expect(repeated?.headers['x-mofsim-delivery']).toBe(made.delivery_id);

    const list = webhookDeliveryListSchema.parse((await client.call('/webhooks/deliveries?page_size=1')).data);
    expect(list.deliveries.map(({ delivery_id }) => delivery_id)).toEqual([made.delivery_id]);
    expect(list.pagination.page_size).toBe(1);
    expect((await client.post('/webhooks/deliveries/none/redeliver', {})).error.code).toBe(40405);
    expect((await client.call('/tasks/task_aaaaaaaaaaaaaaaa/webhooks')).error.code).toBe(40401);
  });

  test.each([
    ['forbidden_address', 'http://169.254.169.254/latest/meta-data/'],
    ['forbidden_address', 'http://[::ffff:169.254.169.254]/'],
    ['private_address', 'http://192.168.0.1/hook'],
    ['credentials_in_url', 'http://user:pass@127.0.0.1/'],
  ])('refused_at_submission_as_%s', async (reason, url) => {
    const answer = await testService.client.post('/tasks/single-point-energy', submission(url));
    expect([answer.status, answer.error.code, answer.error.details.reason]).toEqual([400, 40004, reason]);
  });

  test('refused_at_submission_as_our_own_address', async () => {
    const { client } = testService;
    const answer = await client.post('/tasks/single-point-energy', submission(`${client.url}/api/v1/keys`));
    expect([answer.error.code, answer.error.details.reason]).toEqual([40004, 'own_address']);
  });

  test('a_name_that_is_unknown_at_submission_is_accepted', async () => {
    const answer = await testService.client.post(
      '/tasks/single-point-energy',
      submission('https://your-server/callback'),
    );
    expect(answer.status).toBe(202);
  });
});
