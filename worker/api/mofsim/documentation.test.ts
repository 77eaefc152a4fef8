// The pages that describe the API: without a key, in the reader's language, and with nothing from elsewhere.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestService } from '../../service/testing/test-service.ts';
import type { TestService } from '../../service/testing/test-service.ts';

let running: TestService;

beforeAll(async () => {
  running = await startTestService();
});
afterAll(async () => {
  await running.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${running.client.url}/api/v1${path}`, { headers });

test('the_page_loads_its_own_files_only_and_runs_no_script_inside_itself', async () => {
  const response = await get('/docs');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  const html = await response.text();
  expect(html).not.toMatch(/<script>|onload=|https?:\/\//);
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  expect(files.length).toBeGreaterThanOrEqual(4);
  for (const file of files) {
    expect(file).toMatch(/^\/api\/v1\/docs\//);
    const asset = await fetch(running.client.url + file);
    expect(asset.status, file).toBe(200);
    expect(asset.headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('the_script_of_the_page_names_the_document_and_no_other_address', async () => {
  const script = await (await get('/docs/start.js')).text();
  expect(script).toContain('"url":"/api/v1/openapi.json"');
  expect(script).toContain('"validatorUrl":null');
});

test.each(['package.json', '..%2f..%2fpackage.json', 'swagger-ui.js.map', '.'])(
  'file_%s_is_not_served',
  async (asset) => {
    expect((await get(`/docs/${asset}`)).headers.get('content-type')).not.toContain('javascript');
    expect(await (await get(`/docs/${asset}`)).text()).not.toContain('"name"');
  },
);

test('the_document_speaks_the_language_of_its_reader', async () => {
  const schema = z.looseObject({
    paths: z.record(z.string(), z.record(z.string(), z.looseObject({ summary: z.string() }))),
  });
  const summary = async (language: string) =>
    schema.parse(await (await get('/openapi.json', { 'accept-language': language })).json()).paths['/tasks']?.get
      ?.summary;
  expect(await summary('zh-CN')).toBe('批量查询任务');
  expect(await summary('en')).toBe('Tasks, newest first');
});
