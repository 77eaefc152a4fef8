// The system and alert endpoints over real HTTP.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { alertListSchema, alertRuleListSchema } from '../../../contracts/alert.ts';
import { queueStateSchema, systemConfigSchema, systemStatsSchema } from '../../../contracts/system.ts';
import { startTestService } from '../../service/testing/test-service.ts';
import type { TestService } from '../../service/testing/test-service.ts';

let running: TestService;
beforeAll(async () => {
  running = await startTestService();
});
afterAll(() => running.close());

const english = { headers: { 'accept-language': 'en' } };

describe('the queue', () => {
  test('what_is_submitted_while_it_is_paused_waits_until_it_goes_on', async () => {
    const { client } = running;
    expect(queueStateSchema.parse((await client.post('/system/queue/pause', {})).data).is_paused).toBe(true);
    const id = await client.submit({}, { priority: 'HIGH' });
    const paused = queueStateSchema.parse((await client.call('/system/queue')).data);
    expect(paused).toMatchObject({ queued: 1, by_priority: { HIGH: 1, NORMAL: 0 } });
    expect(systemStatsSchema.parse((await client.call('/system/stats')).data).queue.size).toBe(1);
    expect(queueStateSchema.parse((await client.post('/system/queue/resume', {})).data).is_paused).toBe(false);
    await client.waitFor(id, 'COMPLETED');
    expect(systemStatsSchema.parse((await client.call('/system/stats')).data)).toMatchObject({
      tasks: { running: 0, completed_today: 1, failed_today: 0 },
      gpus: { total: 0, free: 0, busy: 0 },
    });
    const { data } = await client.call('/system/audit');
    expect(JSON.stringify(data)).toContain('queue.resumed');
  });
});

test('the_limits_of_the_installation_are_told', async () => {
  const config = systemConfigSchema.parse((await running.client.call('/system/config')).data);
  expect(config).toMatchObject({ rate_limits: { submit: { limit: 100, window_seconds: 60 } }, max_batch_tasks: 1000 });
});

test('a_gpu_that_is_not_there_cannot_be_changed', async () => {
  const { status, error } = await running.client.call('/system/gpus/0', {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: '{"is_paused": true}',
  });
  expect([status, error.code, error.details.gpus]).toEqual([404, 40405, []]);
});

describe('alerts', () => {
  test('their_rules_are_told_in_both_languages', async () => {
    const chinese = alertRuleListSchema.parse((await running.client.call('/system/alerts/rules')).data);
    const { rules } = alertRuleListSchema.parse((await running.client.call('/system/alerts/rules', english)).data);
    expect(rules).toHaveLength(8);
    expect(chinese.rules.map(({ description }) => description)).not.toEqual(
      rules.map(({ description }) => description),
    );
  });

  test('a_model_that_fails_six_times_rings', async () => {
    const failing = await startTestService({ behavior: ['--diverge-at-step=1'] });
    try {
      const ids = await Promise.all(Array.from({ length: 6 }, () => failing.client.submit()));
      for (const id of ids) await failing.client.waitFor(id, 'FAILED');
      await vi.waitFor(
        async () => {
          const { alerts } = alertListSchema.parse((await failing.client.call('/system/alerts/active', english)).data);
          expect(alerts).toContainEqual(expect.objectContaining({ rule: 'model_failing', target: 'uff4mof' }));
        },
        { timeout: 15_000, interval: 100 },
      );
      const { data } = await failing.client.call('/system/alerts/history?limit=1');
      expect(alertListSchema.parse(data).alerts).toHaveLength(1);
    } finally {
      await failing.close();
    }
  });
});
