// The local-server rules, each against a real server. Plain node:http, because fetch does not let a client lie about Host.
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestFolder, startTestService } from '../service/testing/test-service.ts';
import type { TestFolder, TestService } from '../service/testing/test-service.ts';

let folder: TestFolder;
let running: TestService;
let port = 0;

beforeAll(async () => {
  folder = createTestFolder();
  const rendererFolder = join(folder.path, 'page');
  mkdirSync(join(rendererFolder, 'assets'), { recursive: true });
  writeFileSync(join(rendererFolder, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(rendererFolder, 'assets', 'main-1a2b.js'), 'export {};');
  writeFileSync(join(rendererFolder, '.secret'), 'no');
  running = await startTestService({ folder, rendererFolder });
  port = Number(new URL(running.client.url).port);
});
afterAll(async () => {
  await running.close();
  folder.remove();
});

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

function ask(headers: Record<string, string>, path = '/api/v1/health', method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, path, method, setHost: false, headers: { Host: `127.0.0.1:${port}`, ...headers } };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('requests that a page of another site could cause', () => {
  test.each(['127.0.0.1', 'localhost', '[::1]', 'LOCALHOST'])('host_%s_with_our_port_is_served', async (name) => {
    expect((await ask({ Host: `${name}:${port}` })).status).toBe(200);
  });

  test.each([
    ['another name, as after DNS rebinding', (p: number) => `evil.example:${p}`],
    ['our name at the end of another', (p: number) => `localhost.evil.example:${p}`],
    ['another port', (p: number) => `127.0.0.1:${p + 1}`],
    ['no port', () => '127.0.0.1'],
    ['an empty name', (p: number) => `:${p}`],
    ['nothing', () => ''],
  ])('host_with_%s_is_refused', async (_what, host) => {
    const answer = await ask({ Host: host(port) });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({ success: false, error: { code: 40305 } });
  });

  test('our_own_origin_is_served_and_every_other_refused', async () => {
    expect((await ask({ Origin: `http://127.0.0.1:${port}` })).status).toBe(200);
    for (const origin of [
      'null',
      'http://evil.example',
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port + 1}`,
      'file://',
      '',
    ]) {
      expect((await ask({ Origin: origin })).status, origin).toBe(403);
    }
  });

  test('cross_site_fetches_are_refused_and_typed_addresses_served', async () => {
    for (const site of ['same-origin', 'none']) expect((await ask({ 'Sec-Fetch-Site': site }, '/')).status).toBe(200);
    for (const site of ['cross-site', 'same-site'])
      expect((await ask({ 'Sec-Fetch-Site': site }, '/')).status).toBe(403);
  });

  test.each([
    ['POST', '/api/v1/tasks/optimization'],
    ['POST', '/api/v1/system/queue/pause'],
    ['PATCH', '/api/v1/tasks/task_abc123'],
    ['DELETE', '/api/v1/structures/file_x'],
    ['GET', '/api/v1/events'],
    ['GET', '/api/v1/docs'],
  ])('%s_%s_of_a_page_from_elsewhere_is_refused_whatever_its_key', async (method, path) => {
    const headers = { Authorization: `Bearer ${running.client.apiKey}` };
    for (const origin of ['null', 'http://evil.example']) {
      const answer = await ask({ ...headers, Origin: origin }, path, method);
      expect(JSON.parse(answer.text), origin).toMatchObject({ error: { code: 40305 } });
    }
    expect((await ask({ ...headers, 'Sec-Fetch-Site': 'cross-site' }, path, method)).status).toBe(403);
  });

  test('no_answer_invites_other_origins', async () => {
    const preflight = await ask(
      { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' },
      '/api/v1/tasks/optimization',
      'OPTIONS',
    );
    expect(preflight.status).toBe(403);
    for (const { headers } of [preflight, await ask({})]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('every_answer_forbids_sniffing_framing_and_foreign_scripts', async () => {
    for (const path of ['/', '/api/v1/health', '/api/v1/tasks', '/nowhere']) {
      const { headers } = await ask({}, path);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toContain('unsafe-eval');
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses = []) =>
  addresses.some(({ address }) => address === '::1'),
);
if (!hasIpv6) process.stderr.write('The test of the IPv6 loopback is skipped: this machine has none.\n');

test.skipIf(!hasIpv6)('both_loopback_addresses_answer_and_both_are_free_after_the_end', async () => {
  const service = await startTestService();
  const { port: its } = new URL(service.client.url);
  const addresses = [`http://127.0.0.1:${its}`, `http://[::1]:${its}`];
  const answers = await Promise.all(addresses.map((address) => fetch(`${address}/api/v1/health`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  await service.close();
  for (const address of addresses) await expect(fetch(address)).rejects.toThrow();
});

const elsewhere = Object.values(networkInterfaces())
  .flatMap((addresses = []) => addresses)
  .filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0)
  .map(({ address }) => address);

test.runIf(elsewhere.length > 0)('nobody_answers_at_an_address_of_the_network', async () => {
  for (const host of elsewhere) {
    const outcome = await new Promise((resolve) => {
      const socket = connect({ host, port }, () => {
        resolve('connected');
      });
      socket.on('error', ({ message }) => {
        resolve(message);
      });
    });
    expect(outcome, host).toContain('ECONNREFUSED');
  }
});

describe('the page', () => {
  test('it_is_served_without_a_key_and_hashed_files_may_be_kept', async () => {
    const page = await ask({}, '/');
    expect(page).toMatchObject({ status: 200, text: '<!doctype html><title>page</title>' });
    expect(page.headers['cache-control']).toBe('no-cache');
    expect((await ask({}, '/assets/main-1a2b.js')).headers['cache-control']).toContain('immutable');
  });

  test.each([
    '/.secret',
    '/../home/api-key',
    '/..%2fhome%2fapi-key',
    '/%2e%2e/home/mofsim.db',
    '/assets/..%5c..%5chome%5capi-key',
  ])('path_%s_leads_nowhere', async (path) => {
    const answer = await ask({}, path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain('mofsim_');
  });
});
