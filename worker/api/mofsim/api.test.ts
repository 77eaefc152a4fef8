// The dialect against bad input of every kind: a documented code, details that say what to change, and a service that lives on.
import { symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TASK_TYPES } from '../../../contracts/task-types.ts';
import { submissionReceiptSchema, taskListSchema } from '../../../contracts/task.ts';
import { expectError } from './testing/expect-error.ts';
import { startTestService } from '../../service/testing/test-service.ts';
import type { TestClient } from '../../service/testing/test-service.ts';
import { serviceOfFile } from '../../service/testing/service-of-file.ts';

const { running, client } = await serviceOfFile();

const BUILTIN = { source: 'builtin', name: 'rock-salt' };
const GOOD = { model: 'uff4mof', structure: BUILTIN };

describe('authentication', () => {
  test.each([
    ['no header', '', 40101],
    ['another scheme', 'Basic dXNlcjpwYXNz', 40102],
    ['the key alone', 'mofsim_abc', 40102],
    ['a wrong key', 'Bearer mofsim_wrong', 40103],
    ['an empty key', 'Bearer ', 40102],
  ] as const)('%s_is_refused', async (_what, authorization, code) => {
    for (const path of ['/tasks', '/models', '/system/gpus', '/structures/builtin', '/nowhere', '/files/task_x/y']) {
      const answer = await client.call(path, { headers: { authorization } });
      if (code !== 40102 || authorization.trim() !== 'Bearer') expectError(answer, code);
      else expectError(answer, 40103);
    }
  });

  test('a_session_token_of_the_window_has_full_rights_and_a_wrong_one_none', async () => {
    const token = running.service.createSessionToken();
    expect((await client.call('/tasks', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    expectError(await client.call('/tasks', { headers: { authorization: `Bearer ${token}x` } }), 40103);
  });
});

describe('envelope and languages', () => {
  test('errors_speak_chinese_unless_english_is_preferred', async () => {
    const message = async (language: string) =>
      (await client.call('/tasks/task_aaaaaaaaaaaaaaaa', { headers: { 'accept-language': language } })).error.message;
    expect(await message('zh-CN,zh;q=0.9,en;q=0.5')).toBe('任务不存在');
    expect(await message('en-US,en;q=0.9,zh;q=0.5')).toBe('There is no such task');
    expect(await message('*')).toBe('任务不存在');
    expect(await message('fr')).toBe('任务不存在');
  });

  test('unknown_paths_and_wrong_methods_are_told', async () => {
    expectError(await client.call('/nowhere'), 40405);
    expectError(await client.call('/tasks/%E0%A4%A'), 40405);
    const answer = await client.call('/models', { method: 'DELETE' });
    expect(expectError(answer, 40501).details).toMatchObject({ allowed: ['GET', 'HEAD', 'OPTIONS'] });
    expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expectError(await client.call('/tasks/task_aaaaaaaaaaaaaaaa/cancel'), 40501);
  });
});

test.each([
  ['POST', '/tasks/stability', '"submit";q=100;w=60'],
  ['POST', '/tasks/batch', '"submit";q=100;w=60'],
  ['GET', '/tasks', '"status";q=1000;w=60'],
  ['GET', '/tasks/task_aaaaaaaaaaaaaaaa', '"status";q=1000;w=60'],
  ['GET', '/system/gpus', '"status";q=1000;w=60'],
  ['POST', '/structures/upload', '"upload";q=10;w=60'],
  ['POST', '/models/upload', '"upload";q=10;w=60'],
  ['GET', '/models', '"other";q=500;w=60'],
  ['GET', '/structures/builtin', '"other";q=500;w=60'],
])('%s_%s_has_the_documented_limit', async (method, path, policy) => {
  const { headers } = await running.client.call(path, { method });
  expect(headers.get('ratelimit-policy')).toBe(policy);
  expect(headers.get('ratelimit')).toMatch(/^"\w+";r=\d+;t=\d+$/);
});

describe('submission', () => {
  test('a_good_one_is_accepted_with_a_receipt', async () => {
    const answer = await client.post('/tasks/single-point-energy', GOOD);
    expect(answer.status).toBe(202);
    expect(['PENDING', 'QUEUED']).toContain(submissionReceiptSchema.parse(answer.data).status);
    expect(answer.body).toMatchObject({ success: true, message: '任务已提交' });
  });

  test.each([
    ['not JSON', '{"model": ', 40001],
    ['an array', '[]', 40003],
    ['a string', '"hello"', 40001],
    ['null', 'null', 40001],
    ['nothing', '', 40002],
    ['no model', { structure: BUILTIN }, 40002],
    ['no structure', { model: 'uff4mof' }, 40002],
    ['an empty object', {}, 40002],
    ['a number as model', { ...GOOD, model: 7 }, 40003],
    ['a text as fmax', { ...GOOD, parameters: { fmax: '0.01' } }, 40003],
    ['a negative fmax', { ...GOOD, parameters: { fmax: -1 } }, 40004],
    ['fmax zero', { ...GOOD, parameters: { fmax: 0 } }, 40004],
    [
      'fmax too large for a number',
      '{"model":"uff4mof","structure":{"source":"builtin","name":"rock-salt"},"parameters":{"fmax":1e999}}',
      40003,
    ],
    ['half a step', { ...GOOD, parameters: { max_steps: 1.5 } }, 40003],
    ['too many steps', { ...GOOD, parameters: { max_steps: 1e9 } }, 40004],
    ['an unknown optimizer', { ...GOOD, parameters: { optimizer: 'Newton' } }, 40004],
    ['a misspelt parameter', { ...GOOD, parameters: { f_max: 0.1 } }, 40004],
    ['an unknown field', { ...GOOD, colour: 'blue' }, 40004],
    ['an unknown priority', { ...GOOD, priority: 'URGENT' }, 40006],
    ['a number as priority', { ...GOOD, priority: 3 }, 40006],
    ['an unknown source', { ...GOOD, structure: { source: 'cloud', name: 'x' } }, 40005],
    ['a structure that is a text', { ...GOOD, structure: 'MOF-5' }, 40005],
    ['a source without its file', { ...GOOD, structure: { source: 'upload' } }, 40002],
    ['an unknown built-in structure', { ...GOOD, structure: { source: 'builtin', name: 'MOF-99999' } }, 40406],
    ['a path as built-in structure', { ...GOOD, structure: { source: 'builtin', name: '../../home/api-key' } }, 40406],
    ['an unknown upload', { ...GOOD, structure: { source: 'upload', file_id: 'file_aaaa' } }, 40402],
    ['an unknown model', { ...GOOD, model: 'mace_of_nobody' }, 40008],
    ['a published model that is not on this computer', { ...GOOD, model: 'mace_off_prod' }, 50304],
    ['a cutoff out of range', { ...GOOD, parameters: { model_options: { cutoff_A: 1e6 } } }, 40004],
    ['an optimizer that there is not', { ...GOOD, parameters: { optimizer: 'SteepestDescent' } }, 40004],
    ['a webhook that is no address', { ...GOOD, webhook_url: 'javascript:alert(1)' }, 40004],
  ] as const)('%s_is_refused', async (_what, body, code) => {
    const error = expectError(await client.post('/tasks/optimization', body), code);
    expect(error.details).toHaveProperty('message');
  });

  test('missing_and_wrong_fields_are_named_with_the_reason', async () => {
    const missing = expectError(await client.post('/tasks/optimization', { parameters: { fmax: 'x' } }), 40002);
    expect(missing.details).toMatchObject({ missing_fields: ['model', 'structure'] });
    expect(missing.details.message).toContain('parameters.fmax');
  });

  test('a_body_beyond_1_MiB_is_refused', async () => {
    expectError(await client.post('/tasks/optimization', { ...GOOD, padding: 'x'.repeat(1024 * 1024) }), 40010);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'content_type_%s_is_refused',
    async (type) => {
      expectError(await client.post('/tasks/optimization', GOOD, { 'content-type': type }), 40001);
    },
  );

  test('a_task_type_that_there_is_not_is_refused_by_name', async () => {
    const { details } = expectError(await client.post('/tasks/alchemy', GOOD), 40007);
    expect(details).toMatchObject({ known_task_types: Object.keys(TASK_TYPES) });
  });

  test('nothing_refused_left_a_task_behind', async () => {
    const before = taskListSchema.parse((await client.call('/tasks')).data).pagination.total;
    await client.post('/tasks/optimization', { ...GOOD, parameters: { fmax: -1 } });
    expect(taskListSchema.parse((await client.call('/tasks')).data).pagination.total).toBe(before);
  });
});

describe('lists, cancel, files, events', () => {
  test('lists_are_paged_newest_first', async () => {
    const ids = [await client.submit(), await client.submit(), await client.submit()];
    const page = async (query: string) => taskListSchema.parse((await client.call(`/tasks?${query}`)).data);
    const first = await page('page_size=2');
    expect(first.tasks.map(({ task_id }) => task_id)).toEqual([ids[2], ids[1]]);
    expect(first.pagination).toMatchObject({
      page: 1,
      page_size: 2,
      total_pages: Math.ceil(first.pagination.total / 2),
    });
    expect((await page('page_size=2&page=2')).tasks[0]?.task_id).toBe(ids[0]);
    expect((await page('page=1000')).tasks).toEqual([]);
    expect((await page('created_after=2999-01-01T00:00:00Z')).pagination.total).toBe(0);
    expect((await page('created_before=2999-01-01T00:00:00%2B02:00&model=uff4mof')).pagination.total).toBeGreaterThan(
      2,
    );
  });

  test.each([
    ['status=DONE', 40004],
    ['page=0', 40004],
    ['page=two', 40003],
    ['page_size=100000', 40004],
    ['created_after=yesterday', 40004],
    ['status=QUEUED&status=FAILED', 40004],
  ] as const)('query_%s_is_refused', async (query, code) => {
    expectError(await client.call(`/tasks?${query}`), code);
  });

  test('a_task_is_cancelled_once_in_every_state', async () => {
    const slow = await startTestService({ behavior: ['--step-ms=20', '--never-converge'] });
    try {
      const endless = { fmax: 1e-6, max_steps: 100_000 };
      const running_id = await slow.client.submit(endless);
      const queued_id = await slow.client.submit(endless);
      await slow.client.events(running_id, ({ type }) => type === 'step');
      for (const [id, previous_status] of [
        [queued_id, 'QUEUED'],
        [running_id, 'RUNNING'],
      ] as const) {
        const { data } = await slow.client.post(`/tasks/${id}/cancel`, {});
        expect(data).toEqual({ task_id: id, previous_status, current_status: 'CANCELLED' });
        expectError(await slow.client.post(`/tasks/${id}/cancel`, {}), 40903);
      }
      // The slot is free again for the next one.
      const next = await slow.client.submit({ fmax: 0.001, max_steps: 1 });
      expect((await slow.client.waitFor(next, 'COMPLETED')).attempts).toBe(1);
      expectError(await slow.client.post(`/tasks/${next}/cancel`, {}), 40902);
    } finally {
      await slow.close();
    }
  });

  test('ids_that_name_no_task_are_told', async () => {
    for (const id of ['task_aaaaaaaaaaaaaaaa', 'x', '%00', 'task_%27%20OR%201=1']) {
      for (const rest of ['', '/result', '/logs', '/events', '/structure']) {
        const answer = await client.call(`/tasks/${id}${rest}`);
        expect([40401, 40405]).toContain(answer.error.code);
      }
    }
    expectError(await client.call('/files/task_aaaaaaaaaaaaaaaa'), 40401);
  });

  test('files_come_with_ranges_as_downloads_and_only_from_the_tasks_folder', async () => {
    const id = await client.submit();
    await client.waitFor(id, 'COMPLETED');
    const whole = await client.fetch(`/files/${id}/optimized.cif`);
    expect(whole.headers.get('content-disposition')).toContain('attachment');
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    const etag = whole.headers.get('etag') ?? '';
    const text = await whole.text();
    const part = await client.fetch(`/files/${id}/optimized.cif`, { headers: { range: 'bytes=2-7' } });
    expect([part.status, await part.text()]).toEqual([206, text.slice(2, 8)]);
    expect(await statusOfConditional(client, `/files/${id}/optimized.cif`, etag)).toBe(304);
    const beyond = await client.fetch(`/files/${id}/optimized.cif`, { headers: { range: 'bytes=99999999-' } });
    expect(beyond.status).toBe(416);

    const folder = join(running.folder.home, 'tasks', id);
    symlinkSync(join(running.folder.home, 'api-key'), join(folder, 'link.txt'));
    writeFileSync(join(folder, '.hidden'), 'x');
    for (const name of [
      'link.txt',
      '.hidden',
      '..%2f..%2fapi-key',
      '..%5c..%5capi-key',
      '%2e%2e',
      'none.cif',
      'a%00.cif',
    ]) {
      expect((await client.call(`/files/${id}/${name}`)).error.code, name).toBe(40405);
    }
    const { files } = z
      .object({ files: z.array(z.object({ filename: z.string() })) })
      .parse((await client.call(`/files/${id}`)).data);
    expect(files.map(({ filename }) => filename)).not.toContain('link.txt');
  });

  test('a_stream_resumes_after_the_last_event_that_was_seen', async () => {
    const id = await client.submit();
    await client.waitFor(id, 'COMPLETED');
    const all = (await client.events(id)).filter((entry) => entry.id !== undefined);
    const middle = all[Math.floor(all.length / 2)]!;
    const rest = await client.events(id, () => false, { 'last-event-id': middle.id! });
    expect(rest.filter((entry) => entry.id !== undefined)).toEqual(all.slice(all.indexOf(middle) + 1));
    expect(rest.at(-1)?.event).toMatchObject({ type: 'state', status: 'COMPLETED', progress: 100 });
  });

  test('a_head_request_for_a_stream_is_answered_at_once', async () => {
    const id = await client.submit({ fmax: 1e-6, max_steps: 100_000 });
    const response = await client.fetch(`/tasks/${id}/events`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  test('numbers_of_events_grow', async () => {
    const id = await client.submit();
    const numbers = (await client.events(id)).flatMap((entry) => (entry.id === undefined ? [] : [Number(entry.id)]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

/** Plain node:http, because fetch turns its own caching off for conditional requests. */
function statusOfConditional({ url, apiKey }: TestClient, path: string, etag: string): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${apiKey}`, 'if-none-match': etag };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/v1${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end();
  });
}
