// What the router does for every route, on a real server: methods, keys, scopes, limits, content type, input.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { errorResponseSchema } from '../../../contracts/envelope.ts';
import { ServiceError } from '../../../contracts/error-code.ts';
import type { Scope } from '../../../contracts/api-key.ts';
import { DEFAULT_RATE_LIMITS } from '../../../contracts/rate-limit.ts';
import { createRateLimiter } from '../../service/rate-limiter.ts';
import { SILENT_LOGGER } from '../../service/testing/test-service.ts';
import { createErrorHandler } from './error-handler.ts';
import { mountRoutes } from './mount-routes.ts';
import { rawRoute, route } from './route.ts';

const SUMMARY = { zh: '测试', en: 'test' };
const COMMON = { tag: 'system', summary: SUMMARY, limit: 'other', errors: [] } as const;

const ROUTES = [
  route(
    {
      ...COMMON,
      method: 'get',
      path: '/things/{thing_id}',
      operation: 'getThing',
      scope: 'read',
      query: z.object({ size: z.coerce.number().int().max(9).default(3) }),
      response: z.object({ thing_id: z.string(), size: z.int() }),
    },
    ({ params, query }) => ({ thing_id: params.thing_id, size: query.size }),
  ),
  route(
    {
      ...COMMON,
      method: 'delete',
      path: '/things/{thing_id}',
      operation: 'deleteThing',
      scope: 'submit',
      response: z.object({ deleted: z.string() }),
      message: 'deleted',
    },
    ({ params }) => ({ deleted: params.thing_id }),
  ),
  route(
    {
      ...COMMON,
      method: 'post',
      path: '/things/batch',
      operation: 'makeThings',
      scope: 'submit',
      limit: 'submit',
      body: z.strictObject({ names: z.array(z.string()) }),
      response: z.object({ made: z.int() }),
      status: 202,
    },
    ({ body }) => ({ made: body.names.length }),
  ),
  route(
    {
      ...COMMON,
      method: 'post',
      path: '/things/{kind}',
      operation: 'makeThing',
      scope: 'submit',
      response: z.object({ kind: z.string() }),
    },
    ({ params }) => ({ kind: params.kind }),
  ),
  route(
    {
      ...COMMON,
      method: 'patch',
      path: '/settings',
      operation: 'changeSettings',
      scope: 'admin',
      body: z.strictObject({ on: z.boolean() }),
      response: z.object({ on: z.boolean(), by: z.string().nullable() }),
    },
    ({ body, caller }) => ({ on: body.on, by: caller.key_id }),
  ),
  rawRoute(
    { ...COMMON, method: 'get', path: '/open', operation: 'open', scope: 'none', media_type: 'text/plain' },
    ({ response, caller }) => {
      response.type('text').send(String(caller));
    },
  ),
];

let server: Server;
let url = '';

beforeAll(async () => {
  const app = express();
  const credentials = {
    check: (secret: string) => {
      const [scope, key = ''] = secret.split('-');
      const known = (['read', 'submit', 'admin'] as const).find((name) => name === scope);
      if (known === undefined) throw new ServiceError(40103);
      return { owner: 'local', key_id: key === '' ? null : key, scope: known satisfies Scope };
    },
  };
  const limits = { ...DEFAULT_RATE_LIMITS, submit: { limit: 2, window_seconds: 60 } };
  app.use(mountRoutes(ROUTES, { credentials, rateLimiter: createRateLimiter(limits, () => 0) }));
  app.use(createErrorHandler(SILENT_LOGGER));
  server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  url = `http://127.0.0.1:${address.port}`;
});
afterAll(() => {
  server.close();
});

function ask(method: string, path: string, key: string | null, body?: unknown): Promise<Response> {
  const headers = new Headers(key === null ? {} : { authorization: `Bearer ${key}` });
  if (body !== undefined) headers.set('content-type', 'application/json');
  return fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

async function codeOf(response: Response): Promise<number> {
  return errorResponseSchema.parse(await response.json()).error.code;
}

describe('methods', () => {
  test('parameters_and_query_reach_the_route_and_the_answer_its_envelope', async () => {
    const response = await ask('GET', '/things/a%2Fb?size=4', 'read');
    expect(await response.json()).toEqual({ success: true, data: { thing_id: 'a/b', size: 4 }, message: '操作成功' });
  });

  test('a_head_request_has_the_headers_and_no_body', async () => {
    const response = await ask('HEAD', '/things/x', 'read');
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('content-type')).toContain('application/json');
  });

  test('options_and_refusals_name_what_a_path_can_do', async () => {
    const options = await ask('OPTIONS', '/things/x', null);
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, DELETE, POST, OPTIONS']);
    const refused = await ask('PUT', '/things/x', 'read');
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, DELETE, POST, OPTIONS']);
    expect(await codeOf(refused)).toBe(40501);
    expect(await codeOf(await ask('PUT', '/things/x', null))).toBe(40101);
    expect(await codeOf(await ask('PUT', '/open', null))).toBe(40501);
  });

  test('a_literal_path_goes_before_a_parameter', async () => {
    const made = await ask('POST', '/things/batch', 'submit', { names: ['a', 'b'] });
    expect([made.status, await made.json()]).toMatchObject([202, { data: { made: 2 } }]);
    expect(await (await ask('POST', '/things/cup', 'submit')).json()).toMatchObject({ data: { kind: 'cup' } });
    expect(await codeOf(await ask('GET', '/things/batch', 'read'))).toBe(40501);
  });
});

describe('who may', () => {
  test.each([
    ['read', 'GET', '/things/x', 200],
    ['read', 'DELETE', '/things/x', 403],
    ['submit', 'DELETE', '/things/x', 200],
    ['submit', 'PATCH', '/settings', 403],
    ['admin', 'PATCH', '/settings', 200],
    ['admin', 'DELETE', '/things/x', 200],
  ] as const)('a_%s_key_may_%s_%s_%d', async (key, method, path, status) => {
    const response = await ask(method, path, key, method === 'PATCH' ? { on: true } : undefined);
    expect(response.status).toBe(status);
    if (status === 403) expect(await codeOf(response)).toBe(40302);
  });

  test('an_open_route_asks_for_no_key', async () => {
    expect(await (await ask('GET', '/open', null)).text()).toBe('null');
  });

  test('a_key_is_looked_at_before_the_body', async () => {
    expect(await codeOf(await ask('POST', '/things/batch', null, { names: 1 }))).toBe(40101);
    expect(await codeOf(await ask('POST', '/things/batch', 'wrong', { names: 1 }))).toBe(40103);
    expect(await codeOf(await ask('PATCH', '/settings', 'read', { on: 1 }))).toBe(40302);
  });
});

describe('limits', () => {
  test('a_key_is_told_what_is_left_and_when_to_come_again', async () => {
    const submit = () => ask('POST', '/things/batch', 'submit-k1', { names: [] });
    const first = await submit();
    expect(first.headers.get('ratelimit-policy')).toBe('"submit";q=2;w=60');
    expect(first.headers.get('ratelimit')).toBe('"submit";r=1;t=60');
    await submit();
    const refused = await submit();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    const { error } = errorResponseSchema.parse(await refused.json());
    expect(error).toMatchObject({ code: 42902, details: { limit: 2, window_seconds: 60, retry_after_seconds: 60 } });
  });

  test('classes_and_keys_are_counted_apart_and_the_session_not_at_all', async () => {
    const submit = (key: string) => ask('POST', '/things/batch', key, { names: [] });
    for (let i = 0; i < 3; i++) await submit('submit-k2');
    expect((await submit('submit-k2')).status).toBe(429);
    expect((await submit('submit-k3')).status).toBe(202);
    expect((await ask('GET', '/things/x', 'submit-k2')).status).toBe(200);
    for (let i = 0; i < 5; i++) expect((await submit('submit')).headers.get('ratelimit')).toBeNull();
  });
});

describe('input', () => {
  test.each([
    ['a text', 'text/plain', '{"names":[]}', 40001],
    ['a form', 'application/x-www-form-urlencoded', 'names=a', 40001],
    ['broken JSON', 'application/json', '{"names":', 40001],
    ['nothing', 'application/json', '', 40002],
    ['nothing of no type', 'text/plain', '', 40002],
    ['a wrong type', 'application/json', '{"names":"a"}', 40003],
    ['a missing field', 'application/json', '{}', 40002],
    ['an unknown field', 'application/json', '{"names":[],"colour":"red"}', 40004],
    ['more than fits', 'application/json', `{"names":["${'x'.repeat(1024 * 1024)}"]}`, 40010],
  ] as const)('%s_is_refused', async (_what, type, body, code) => {
    const headers = { authorization: 'Bearer submit', 'content-type': type };
    expect(await codeOf(await fetch(`${url}/things/batch`, { method: 'POST', headers, body }))).toBe(code);
  });

  test('a_query_that_does_not_fit_is_refused_with_the_field', async () => {
    const { error } = errorResponseSchema.parse(await (await ask('GET', '/things/x?size=10', 'read')).json());
    expect(error).toMatchObject({ code: 40004, details: { fields: [{ field: 'size' }] } });
  });
});
