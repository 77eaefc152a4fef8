// One run: a lab submits tasks while somebody kills the service, its task process and its kernel at seeded moments. Afterwards
// everything is read back through the API. Judges nothing; the test does.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { TaskEvent } from '../../contracts/event.ts';
import { logsSchema } from '../../contracts/log.ts';
import { submissionReceiptSchema, taskListSchema, taskResultSchema } from '../../contracts/task.ts';
import type { Task } from '../../contracts/task.ts';
import { webhookDeliveryListSchema } from '../../contracts/webhook.ts';
import type { ApiAnswer, TestClient } from '../../worker/service/testing/test-service.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { VICTIMS } from './service-process.ts';
import type { ServiceProcess, Victim } from './service-process.ts';
import type { PlannedTask, TaskKind } from './workload.ts';
import { comparableResult, planWorkload } from './workload.ts';

/** Losses of one task must not end it: this is about those who kill, and not about tasks that kill their process. */
const MAX_ATTEMPTS = 10;
const TRIES = 20;

export interface FaultRunOptions {
  service: ServiceProcess;
  kinds: readonly TaskKind[];
  n_tasks: number;
  n_kills: number;
  seed: number;
  /** Between two kills, s. */
  pause: { shortest: number; longest: number };
  webhook_url: string;
}

export interface EndedTask {
  planned: PlannedTask;
  task: Task;
  estimated_wait_seconds: number | null;
  /** Every optimizer step that the service knows, in order. */
  steps: number[];
  /** null for a task that was not completed. */
  result: unknown;
  output_files: string[];
  log: string[];
}

export interface FaultRun {
  tasks: EndedTask[];
  /** Those that the service knows, whether or not they were acknowledged. */
  n_stored: number;
  kills: Record<Victim, number>;
  seconds: number;
}

/** What every kind of task gives when nothing happens. */
export async function undisturbedResults(
  service: ServiceProcess,
  kinds: readonly TaskKind[],
): Promise<ReadonlyMap<TaskKind, unknown>> {
  const client = await service.client;
  const results = new Map<TaskKind, unknown>();
  for (const kind of kinds) {
    const { task_id } = await submit(client, kind, {});
    await client.waitFor(task_id, 'COMPLETED');
    results.set(kind, (await readResult(client, task_id)).result);
  }
  return results;
}

export async function runWithFaults(options: FaultRunOptions): Promise<FaultRun> {
  const random = createRandom(options.seed);
  const workload = planWorkload(options.n_tasks, options.kinds, random);
  const begin = performance.now();
  const killing = killAtRandom(options, createRandom(options.seed + 1));
  const submitted = await submitAll(options, workload);
  const kills = await killing;

  const client = await options.service.client;
  const tasks: EndedTask[] = [];
  for (const one of submitted) tasks.push(await readBack(client, one));
  const list = taskListSchema.parse((await client.call('/tasks?page_size=1')).data);
  return { tasks, n_stored: list.pagination.total, kills, seconds: (performance.now() - begin) / 1000 };
}

/** Deliveries that are still due. */
export async function pendingDeliveries(client: TestClient): Promise<number> {
  const { data } = await client.call('/webhooks/deliveries?status=pending');
  return webhookDeliveryListSchema.parse(data).pagination.total;
}

async function killAtRandom(
  { service, n_kills, pause }: FaultRunOptions,
  random: Random,
): Promise<Record<Victim, number>> {
  const kills: Record<Victim, number> = { service: 0, 'task process': 0, kernel: 0 };
  for (let n = 0; n < n_kills; n++) {
    await sleep(1000 * random.between(pause.shortest, pause.longest));
    const victim = random.choose(VICTIMS);
    await service.kill(victim);
    kills[victim] += 1;
  }
  return kills;
}

interface Submitted {
  planned: PlannedTask;
  task_id: string;
  estimated_wait_seconds: number | null;
}

async function submitAll(
  { service, webhook_url }: FaultRunOptions,
  workload: readonly PlannedTask[],
): Promise<Submitted[]> {
  const submitted: Submitted[] = [];
  for (const planned of workload) {
    const previous = submitted.at(-1)?.task_id;
    const rest = {
      priority: planned.priority,
      webhook_url,
      ...(planned.waitsForPrevious && previous !== undefined ? { depends_on: [previous] } : {}),
    };
    const receipt = await throughRestarts(service, (client) =>
      submit(client, planned.kind, rest, planned.idempotency_key),
    );
    submitted.push({ planned, ...receipt });
    // Answered with 409 when it has ended already.
    if (planned.isCancelled)
      await throughRestarts(service, (client) => client.post(`/tasks/${receipt.task_id}/cancel`, {}));
  }
  return submitted;
}

async function submit(
  client: TestClient,
  kind: TaskKind,
  rest: Record<string, unknown>,
  idempotency_key?: string,
): Promise<{ task_id: string; estimated_wait_seconds: number | null }> {
  const { task_type, model, structure, parameters } = kind;
  const body = {
    model,
    structure,
    parameters,
    max_attempts: MAX_ATTEMPTS,
    ...rest,
  };
  const headers = idempotency_key === undefined ? {} : { 'idempotency-key': idempotency_key };
  const answer = await client.post(`/tasks/${task_type}`, body, headers);
  return submissionReceiptSchema.parse(dataOf(answer));
}

/** Asks the service that comes next when this one is killed before its answer. */
async function throughRestarts<T>(service: ServiceProcess, ask: (client: TestClient) => Promise<T>): Promise<T> {
  for (let n = 1; ; n++) {
    const client = await service.client;
    try {
      return await ask(client);
    } catch (error) {
      // fetch says TypeError when the connection ends.
      if (!(error instanceof TypeError) || n >= TRIES) throw error;
    }
  }
}

async function readBack(
  client: TestClient,
  { planned, task_id, estimated_wait_seconds }: Submitted,
): Promise<EndedTask> {
  const events = await client.events(task_id);
  const task = await client.task(task_id);
  const { logs } = logsSchema.parse(dataOf(await client.call(`/tasks/${task_id}/logs?limit=1000`)));
  const read = task.status === 'COMPLETED' ? await readResult(client, task_id) : { result: null, output_files: [] };
  return {
    planned,
    task,
    estimated_wait_seconds,
    steps: events.flatMap(({ event }: { event: TaskEvent }) => (event.type === 'step' ? [event.step] : [])),
    log: logs.map(({ message }) => message),
    ...read,
  };
}

async function readResult(client: TestClient, task_id: string): Promise<{ result: unknown; output_files: string[] }> {
  const { result, output_files } = taskResultSchema.parse(dataOf(await client.call(`/tasks/${task_id}/result`)));
  return { result: comparableResult(result, task_id), output_files: output_files.map(({ filename }) => filename) };
}

function dataOf(answer: ApiAnswer): unknown {
  if (answer.status >= 400) throw new Error(`HTTP ${answer.status}: ${JSON.stringify(z.unknown().parse(answer.body))}`);
  return answer.data;
}
