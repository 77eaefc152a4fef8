// Requests at a fixed rate. The time of each counts from when it was due and not from when it was sent, so that a service that
// stalls is charged for everything that had to wait.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_KEY } from './service-process.ts';

const MAX_CONNECTIONS = 64;
/** Less than the service keeps a connection on which nothing is asked: a request must not meet its end. */
const IDLE_CONNECTION_MS = 3000;

export interface LoadRequest {
  kind: string;
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
}

export interface LoadAnswer {
  kind: string;
  status: number;
  milliseconds: number;
  body: string;
}

export interface Load {
  url: string;
  requests_per_second: number;
  seconds: number;
  next: (i: number) => LoadRequest;
  onAnswer?: (answer: LoadAnswer) => void;
}

export async function runLoad({ url, requests_per_second, seconds, next, onAnswer }: Load): Promise<LoadAnswer[]> {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS, maxSockets: MAX_CONNECTIONS });
  const began = performance.now();
  const answers: Promise<LoadAnswer>[] = [];
  for (let i = 0; i < requests_per_second * seconds; i += 1) {
    const due = began + (i * 1000) / requests_per_second;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    const answer = send(url, agent, next(i), due).then((received) => {
      onAnswer?.(received);
      return received;
    });
    // A failure is told below, when all have been sent.
    answer.catch(() => undefined);
    answers.push(answer);
  }
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
}

export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(fraction * sorted.length) - 1)];
  if (value === undefined) throw new Error('There is no percentile of nothing.');
  return value;
}

function send(url: string, agent: Agent, { kind, method, path, body }: LoadRequest, due: number): Promise<LoadAnswer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${API_KEY}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/v1${path}`, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const milliseconds = performance.now() - due;
        resolve({ kind, status: response.statusCode ?? 0, milliseconds, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    sent.once('error', reject);
    sent.end(text);
  });
}
