// What the service holds after ten thousand tasks, and what it costs when nothing happens.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { successSchema } from '../../contracts/envelope.ts';
import { MAX_BATCH_TASKS, paginationSchema } from '../../contracts/task.ts';
import { machineLoad, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { API_KEY, makeUnlimitedHome, startService } from '../service-process.ts';
import type { ServiceProcess } from '../service-process.ts';

const N_TASKS = 10_000;
const IDLE_SECONDS = 60;
/** Until timers of the start have run out and memory has been given back. */
const SETTLE_SECONDS = 10;
const POLL_MS = 1000;
const TASK = {
  task_type: 'single-point-energy',
  model: 'uff4mof',
  structure: { source: 'builtin', name: 'MOF-5_primitive' },
};

const totalSchema = successSchema(z.object({ pagination: paginationSchema }));

export async function measureMemory(version: string, home: string): Promise<Measurement[]> {
  await makeUnlimitedHome(home);
  const service = await startService(home);
  try {
    const started = performance.now();
    const before = service.residentMegabytes();
    let largest = before ?? 0;
    for (let n = 0; n < N_TASKS; n += MAX_BATCH_TASKS) {
      await call(service, '/tasks/batch', { tasks: Array.from({ length: MAX_BATCH_TASKS }, () => TASK) });
      largest = Math.max(largest, service.residentMegabytes() ?? 0);
    }
    while ((await countCompleted(service)) < N_TASKS) {
      largest = Math.max(largest, service.residentMegabytes() ?? 0);
      await sleep(POLL_MS);
    }
    const seconds = (performance.now() - started) / 1000;
    await sleep(SETTLE_SECONDS * 1000);
    const after = service.residentMegabytes();
    if (before === null || after === null) return [];
    return [
      {
        case: 'service_memory_after_10000_tasks',
        unit: 'MB',
        ours: { program: 'mofsim', version, value: after },
        peers: [],
        settings: {
          ...machineLoad(),
          n_tasks: N_TASKS,
          before_MB: rounded(before),
          largest_MB: rounded(largest),
          tasks_per_second: rounded(N_TASKS / seconds),
        },
        notes: ['Resident set of the service alone; task processes and kernels are others.'],
      },
    ];
  } finally {
    await service.stop();
  }
}

export async function measureIdle(version: string, home: string): Promise<Measurement[]> {
  const service = await startService(home);
  try {
    await sleep(SETTLE_SECONDS * 1000);
    const before = service.cpuSeconds();
    await sleep(IDLE_SECONDS * 1000);
    const after = service.cpuSeconds();
    if (before === null || after === null) return [];
    return [
      {
        case: 'service_idle_processor_time',
        unit: '% of one core',
        ours: { program: 'mofsim', version, value: ((after - before) / IDLE_SECONDS) * 100 },
        peers: [],
        settings: { seconds: IDLE_SECONDS, ...machineLoad() },
        notes: ['Service, task process and kernel together.'],
      },
    ];
  } finally {
    await service.stop();
  }
}

async function countCompleted(service: ServiceProcess): Promise<number> {
  const answer = await call(service, '/tasks?status=COMPLETED&page_size=1');
  return totalSchema.parse(answer).data.pagination.total;
}

async function call({ url }: ServiceProcess, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
