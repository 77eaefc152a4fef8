// A thousand clients that listen to all events: what they cost, and how soon each of them knows.
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { ApiClient } from '../../worker/cli/api-client.ts';
import { percentile } from '../load.ts';
import { machineLoad, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { API_KEY, makeUnlimitedHome, startService } from '../service-process.ts';

const N_CLIENTS = 1000;
const N_TASKS = 20;
const SHORT_TASK = { model: 'uff4mof', structure: { source: 'builtin', name: 'MOF-5_primitive' } };

export async function measureClients(version: string, home: string): Promise<Measurement[]> {
  await makeUnlimitedHome(home);
  const service = await startService(home);
  const streams: IncomingMessage[] = [];
  try {
    const api = new ApiClient(service.url, API_KEY, AbortSignal.timeout(600_000));
    // What is submitted waits: its one event is all that is sent.
    await fetch(`${service.url}/api/v1/system/queue/pause`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: '{}',
    });
    await api.submit('single-point-energy', SHORT_TASK);
    const before = service.residentMegabytes();
    for (let i = 0; i < N_CLIENTS; i += 1) streams.push(await openStream(service.url));
    const lags: number[] = [];
    for (let i = 0; i < N_TASKS; i += 1) lags.push(...(await lagsOfOneTask(api, streams)));
    const held = streams.filter(({ destroyed, complete }) => !destroyed && !complete).length;
    const after = service.residentMegabytes();
    const notes = before === null ? ['Memory is read from /proc, which this platform has not.'] : [];
    return [
      {
        case: 'service_event_lag_p99_with_1000_clients',
        unit: 'ms',
        ours: { program: 'mofsim', version, value: percentile(lags, 0.99) },
        peers: [],
        settings: {
          ...machineLoad(),
          n_clients: N_CLIENTS,
          n_held: held,
          n_tasks: N_TASKS,
          p50_ms: rounded(percentile(lags, 0.5)),
          max_ms: rounded(Math.max(...lags)),
          memory_before_MB: rounded(before ?? NaN),
          memory_with_clients_MB: rounded(after ?? NaN),
        },
        notes: ['From the sending of the submission to the arrival of its event, at every client.', ...notes],
      },
    ];
  } finally {
    for (const stream of streams) stream.destroy();
    await service.stop();
  }
}

/** Settles when the stream has begun to flow. */
function openStream(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${API_KEY}`, accept: 'text/event-stream' };
    const request = get(`${url}/api/v1/events`, { agent: false, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`The event stream answered ${response.statusCode}.`));
      response.setEncoding('utf8').resume();
      resolve(response);
    });
    request.once('error', reject);
  });
}

async function lagsOfOneTask(api: ApiClient, streams: readonly IncomingMessage[]): Promise<number[]> {
  const sent = performance.now();
  const arrivals = streams.map((stream) => lagOf(stream, sent));
  await api.submit('single-point-energy', SHORT_TASK);
  return Promise.all(arrivals);
}

function lagOf(stream: IncomingMessage, sent: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const listen = (text: string): void => {
      if (!text.includes('event: task')) return;
      stream.off('data', listen);
      stream.off('close', fail);
      resolve(performance.now() - sent);
    };
    const fail = (): void => {
      reject(new Error('The service has closed the stream of a client.'));
    };
    stream.on('data', listen);
    stream.once('close', fail);
  });
}
