// One call of a receiver. Redirects are not followed, and of the answer only the status counts.
import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { WEBHOOK_SUCCESS_STATUSES } from '../../contracts/webhook.ts';
import { ReceiverRefused, findReceiver } from './receiver.ts';
import type { Receiver, ReceiverRules } from './receiver.ts';

/** Read and thrown away, so that an ordinary receiver can finish its answer; after it the connection is cut. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface WebhookMessage {
  url: string;
  body: string;
  headers: Readonly<Record<string, string>>;
}

export interface Answer {
  /** null when there was none. */
  http_status: number | null;
  /** null: delivered. */
  error: string | null;
}

export type SendWebhook = (message: WebhookMessage, signal: AbortSignal) => Promise<Answer>;

/** @returns `sha256=<hex>` over the bytes that are sent */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`;
}

/** @param timeoutMs for everything: name, connection, answer */
export function createSender(rules: ReceiverRules, timeoutMs: number): SendWebhook {
  return async (message, stop) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([stop, deadline]);
    try {
      const receiver = await orAborted(findReceiver(message.url, rules), signal);
      return judge(await call(receiver, message, signal));
    } catch (error) {
      if (deadline.aborted) return { http_status: null, error: `no answer within ${timeoutMs / 1000} s` };
      return { http_status: null, error: reasonOf(error) };
    }
  };
}

function judge(http_status: number): Answer {
  if (WEBHOOK_SUCCESS_STATUSES.includes(http_status)) return { http_status, error: null };
  const isRedirect = http_status >= 300 && http_status < 400;
  const error = isRedirect ? 'redirects are not followed' : `only ${WEBHOOK_SUCCESS_STATUSES.join(', ')} mean received`;
  return { http_status, error };
}

/** The status of the answer. */
function call({ url, addresses }: Receiver, { body, headers }: WebhookMessage, signal: AbortSignal): Promise<number> {
  const lookup: LookupFunction = (_hostname, { all }, done) => {
    const [first] = addresses;
    if (all === true) done(null, [...addresses]);
    else done(null, first?.address ?? '', first?.family);
  };
  // No agent: a connection of an earlier call was made to addresses that were checked then, not now.
  const options: RequestOptions = { method: 'POST', agent: false, lookup, signal, headers: { ...headers } };
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
    request.once('error', reject);
    request.once('response', (response) => {
      discard(response);
      resolve(response.statusCode ?? 0);
    });
    request.end(body);
  });
}

function discard(response: IncomingMessage): void {
  let n_bytes = 0;
  response.on('data', (chunk: Buffer) => {
    n_bytes += chunk.length;
    if (n_bytes > MAX_ANSWER_BYTES) response.destroy();
  });
  // The status has been read; how the rest ends changes nothing.
  response.on('error', () => undefined);
}

function orAborted<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(new Error('aborted'));
  };
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([value, promise]).finally(() => {
    signal.removeEventListener('abort', abort);
  });
}

/** Written to the delivery log: no addresses beyond those of the client's own URL, no content of an answer. */
function reasonOf(error: unknown): string {
  if (error instanceof ReceiverRefused) return `${error.reason}: ${error.message}`;
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return (code === null ? null : CONNECTION_ERRORS[code]) ?? code ?? error.message;
}

const CONNECTION_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed without an answer',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
};
