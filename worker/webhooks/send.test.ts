// Calls over real HTTP: what arrives, what counts as received, and what a hostile receiver or name server cannot do.
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { createAllowList } from './addresses.ts';
import { createSender, signatureOf } from './send.ts';
import type { ReceiverRules } from './receiver.ts';
import { startReceiver } from './testing/test-receiver.ts';
import type { AnswerCall, TestReceiver } from './testing/test-receiver.ts';

const LONG_MS = 20_000;
const NEVER = new AbortController().signal;

const receivers: TestReceiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

async function receiverThat(answer?: AnswerCall): Promise<TestReceiver> {
  const receiver = await startReceiver(answer);
  receivers.push(receiver);
  return receiver;
}

const rules = (changes: Partial<ReceiverRules> = {}): ReceiverRules => ({
  allowList: createAllowList([]),
  ownPort: () => 1,
  lookup: async () => [{ address: '127.0.0.1', family: 4 }],
  ...changes,
});

const messageTo = (url: string, body = '{}') => ({ url, body, headers: { 'X-MOFSim-Event': 'task.started' } });

describe('sending', () => {
  test('the_body_arrives_byte_by_byte_with_its_headers', async () => {
    const receiver = await receiverThat();
    const body = JSON.stringify({ event: 'task.started', note: '任务' });
    const answer = await createSender(rules(), LONG_MS)(messageTo(receiver.url, body), NEVER);
    expect(answer).toEqual({ http_status: 204, error: null });
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.body.toString('utf8')).toBe(body);
    expect(receiver.received[0]?.headers).toMatchObject({ 'x-mofsim-event': 'task.started' });
    expect(receiver.received[0]?.path).toBe('/hook');
  });

  test('the_signature_is_the_hmac_of_the_bytes', () => {
    const body = '{"name":"任务"}';
    const expected = createHmac('sha256', 'secret').update(Buffer.from(body, 'utf8')).digest('hex');
    expect(signatureOf(body, 'secret')).toBe(`sha256=${expected}`);
    expect(signatureOf(body, 'other')).not.toBe(`sha256=${expected}`);
  });

  test.each([
    [200, true],
    [201, true],
    [202, true],
    [203, false],
    [204, true],
    [404, false],
    [500, false],
  ])('status_%i_is_received_%s', async (status, isReceived) => {
    const receiver = await receiverThat((response) => response.writeHead(status).end());
    const { http_status, error } = await createSender(rules(), LONG_MS)(messageTo(receiver.url), NEVER);
    expect([http_status, error === null]).toEqual([status, isReceived]);
  });

  test.each([301, 302, 303, 307, 308])('redirect_%i_is_not_followed', async (status) => {
    const target = await receiverThat();
    const receiver = await receiverThat((response) => response.writeHead(status, { location: target.url }).end());
    const answer = await createSender(rules(), LONG_MS)(messageTo(receiver.url), NEVER);
    expect(answer).toEqual({ http_status: status, error: 'redirects are not followed' });
    expect(target.received).toHaveLength(0);
  });

  test('a_receiver_that_says_nothing_is_given_up_after_the_timeout', async () => {
    const receiver = await receiverThat(() => undefined);
    const answer = await createSender(rules(), 50)(messageTo(receiver.url), NEVER);
    expect(answer).toEqual({ http_status: null, error: 'no answer within 0.05 s' });
  });

  test('a_name_server_that_says_nothing_is_given_up_after_the_timeout', async () => {
    const silent = rules({ lookup: () => new Promise(() => undefined) });
    const answer = await createSender(silent, 50)(messageTo('http://name.example/'), NEVER);
    expect(answer).toEqual({ http_status: null, error: 'no answer within 0.05 s' });
  });

  test('an_endless_answer_is_cut_and_its_status_counts', async () => {
    const { promise: cut, resolve } = Promise.withResolvers<number>();
    const receiver = await receiverThat((response) => {
      let n_bytes = 0;
      const chunk = Buffer.alloc(16 * 1024);
      const more = (): void => {
        n_bytes += chunk.length;
        response.write(chunk, (error) => {
          if (error === null || error === undefined) more();
        });
      };
      response.once('close', () => {
        resolve(n_bytes);
      });
      response.writeHead(200);
      more();
    });
    const answer = await createSender(rules(), LONG_MS)(messageTo(receiver.url), NEVER);
    expect(answer).toEqual({ http_status: 200, error: null });
    // What lies in the buffers of both sides is sent before the cut is noticed.
    expect(await cut).toBeLessThan(64 * 1024 * 1024);
  });

  test('nobody_listening_is_told_in_words', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    const answer = await createSender(rules(), LONG_MS)(messageTo(receiver.url), NEVER);
    expect(answer).toEqual({ http_status: null, error: 'connection refused' });
  });

  test('the_name_is_resolved_once_and_the_checked_address_is_called', async () => {
    const receiver = await receiverThat();
    const asked: string[] = [];
    // Rebinding: a public name first answers what is allowed, then what is not.
    const lookup: ReceiverRules['lookup'] = async (name) => {
      asked.push(name);
      return [{ address: asked.length === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    const send = createSender(rules({ lookup }), LONG_MS);
    const url = `http://rebinding.example:${receiver.port}/hook`;
    expect(await send(messageTo(url), NEVER)).toEqual({ http_status: 204, error: null });
    expect(asked).toEqual(['rebinding.example']);
    expect(receiver.received[0]?.headers.host).toBe(`rebinding.example:${receiver.port}`);
    // The next call asks again, and is refused before anything is connected.
    expect((await send(messageTo(url), NEVER)).error).toMatch(/^forbidden_address/);
    expect(receiver.received).toHaveLength(1);
  });

  test('stopping_ends_a_call_at_once', async () => {
    const receiver = await receiverThat(() => undefined);
    const stop = new AbortController();
    const answer = createSender(rules(), LONG_MS)(messageTo(receiver.url), stop.signal);
    await receiver.waitFor(1);
    stop.abort();
    expect((await answer).error).not.toBeNull();
  });
});
