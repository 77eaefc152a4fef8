// Nothing that was acknowledged is lost, whoever is killed and whenever: real processes, real SIGKILL, and the real kernel
// where it has been built. MOFSIM_FAULTS=TASKS,KILLS,SEED changes the size of the run.
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logsSchema } from '../../contracts/log.ts';
import { batchReceiptSchema } from '../../contracts/task.ts';
import { isFinalStatus } from '../../contracts/task-status.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { putModel } from '../../worker/service/testing/put-model.ts';
import { createTestFolder } from '../../worker/service/testing/test-service.ts';
import type { TestClient, TestFolder } from '../../worker/service/testing/test-service.ts';
import { pendingDeliveries, runWithFaults, undisturbedResults } from './fault-run.ts';
import type { EndedTask, FaultRun } from './fault-run.ts';
import { processesOf } from './processes.ts';
import { describeRun } from './report.ts';
import { ServiceProcess } from './service-process.ts';
import type { ServiceFolders } from './service-process.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';
import type { WebhookReceiver } from './webhook-receiver.ts';
import {
  MACE_KINDS,
  MACE_MODEL,
  REAL_KINDS,
  SMALL_REAL_KINDS,
  SMALL_STAND_IN_KINDS,
  STAND_IN_KINDS,
} from './workload.ts';
import type { TaskKind } from './workload.ts';

const [N_TASKS = 40, N_KILLS = 12, SEED = 1] = (process.env.MOFSIM_FAULTS ?? '').split(',').filter(Boolean).map(Number);
const RESOURCES = resolve(import.meta.dirname, '..', '..', 'resources');
const LONGEST_RUN_MS = 30 * 60_000;
const LONG = { timeout: 120_000 };
/** So that limits of a lab's key do not slow the test. */
const NO_LIMIT = { limit: 1_000_000, window_seconds: 1 };

let folder: TestFolder;
let receiver: WebhookReceiver;
let service: ServiceProcess | null = null;

beforeEach(async () => {
  folder = createTestFolder();
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await service?.destroy();
  await receiver.close();
  await expect.poll(() => processesOf(folder.path), { timeout: 20_000 }).toEqual([]);
  folder.remove();
});

interface Kinds {
  real: readonly TaskKind[];
  standIn: readonly TaskKind[];
}
const IMPORTED: Kinds = {
  real: MACE_KINDS,
  standIn: MACE_KINDS.filter(({ task_type }) => task_type === 'optimization'),
};
const MIXED: Kinds = { real: REAL_KINDS, standIn: STAND_IN_KINDS };
const SMALL: Kinds = { real: SMALL_REAL_KINDS, standIn: SMALL_STAND_IN_KINDS };

/** The kernel lies in the folder of the test, so that its processes are known from those of others. */
function prepare({ real, standIn }: Kinds): { folders: ServiceFolders; kinds: readonly TaskKind[] } {
  mkdirSync(folder.home, { recursive: true });
  const rate_limits = { submit: NO_LIMIT, status: NO_LIMIT, upload: NO_LIMIT, other: NO_LIMIT };
  const configuration = { rate_limits, checkpoint_interval_seconds: 0.1, tasks_per_group: { cpu: 8 } };
  writeFileSync(join(folder.home, 'config.json'), JSON.stringify(configuration));
  putModel(folder.home, MACE_MODEL.id, MACE_MODEL.fixture);
  const program = realKernel();
  if (program === null) {
    const kernelPath = folder.installKernel(['--step-ms=5', '--never-converge']);
    return { folders: { home: folder.home, resourcesFolder: folder.resourcesFolder, kernelPath }, kinds: standIn };
  }
  const kernelPath = join(folder.path, 'mofkernel');
  copyFileSync(program, kernelPath);
  chmodSync(kernelPath, 0o755);
  return { folders: { home: folder.home, resourcesFolder: RESOURCES, kernelPath }, kinds: real };
}

function realKernel(): string | null {
  try {
    return locateKernel();
  } catch {
    return null;
  }
}

function finalEventOf({ task }: EndedTask): string {
  return `task.${task.status.toLowerCase()}`;
}

async function checkRun(which: Kinds, n_tasks: number, n_kills: number): Promise<FaultRun> {
  const { folders, kinds } = prepare(which);
  const running = new ServiceProcess(folders);
  service = running;
  const expected = await undisturbedResults(running, kinds);
  const run = await runWithFaults({
    service: running,
    kinds,
    n_tasks,
    n_kills,
    seed: SEED,
    pause: { shortest: 0.1, longest: 1.5 },
    webhook_url: receiver.url,
  });
  // One more service on the same folder is refused, and harms nobody.
  await expect(new ServiceProcess(folders).client).rejects.toThrow('in use by another running service');
  const client = await running.client;
  await expect.poll(() => pendingDeliveries(client), { timeout: 180_000, interval: 500 }).toBe(0);
  process.stdout.write(`${describeRun(run, receiver.calls)}\n`);

  expect(Object.values(run.kills).reduce((sum, n) => sum + n, 0)).toBe(n_kills);
  expect(run.tasks).toHaveLength(n_tasks);
  expect(new Set(run.tasks.map(({ task }) => task.task_id)).size).toBe(n_tasks);
  expect(run.n_stored).toBe(n_tasks + kinds.length);
  for (const ended of run.tasks) {
    checkEnd(ended, run.tasks);
    checkFiles(ended, expected);
    checkWebhooks(ended);
  }

  await running.stop();
  await expect.poll(() => processesOf(folder.path), { timeout: 10_000 }).toEqual([]);
  return run;
}

describe.skipIf(process.platform !== 'linux')('a service whose parts are killed at random moments', () => {
  test('every_acknowledged_task_ends_once_and_as_if_nothing_had_happened', { timeout: LONGEST_RUN_MS }, async () => {
    await checkRun(MIXED, N_TASKS, N_KILLS);
  });

  test('tasks_of_an_imported_model_do_so_too', { timeout: LONGEST_RUN_MS }, async () => {
    await checkRun(IMPORTED, Math.ceil(N_TASKS / 4), Math.ceil(N_KILLS / 3));
  });

  test('small_tasks_in_groups_do_so_too', { timeout: LONGEST_RUN_MS }, async () => {
    const { tasks } = await checkRun(SMALL, N_TASKS, Math.ceil(N_KILLS / 2));
    const inGroups = tasks.filter(({ log }) => log.some((line) => line.startsWith('Computed at the same time as')));
    expect(inGroups.length).toBeGreaterThan(N_TASKS / 4);
  });

  test('a_process_killed_in_the_middle_of_a_group_costs_its_members_one_attempt_each', LONG, async () => {
    mkdirSync(folder.home, { recursive: true });
    writeFileSync(join(folder.home, 'config.json'), JSON.stringify({ tasks_per_group: { cpu: 8 } }));
    const kernelPath = folder.installKernel(['--step-ms=20', '--never-converge']);
    service = new ServiceProcess({ home: folder.home, resourcesFolder: folder.resourcesFolder, kernelPath });
    const client = await service.client;
    const ids = await submitAlike(client, 6);
    await Promise.all(ids.map((id) => client.waitFor(id, 'RUNNING')));
    const groupLines = async (id: string): Promise<number> => {
      const { logs } = logsSchema.parse((await client.call(`/tasks/${id}/logs?limit=1000`)).data);
      return logs.filter(({ message }) => message.startsWith('Computed at the same time as')).length;
    };
    // A line that is still on its way is lost with the process.
    for (const id of ids) await expect.poll(() => groupLines(id), { timeout: 10_000 }).toBe(1);
    await service.kill('task process');
    const tasks = await Promise.all(ids.map((id) => client.waitFor(id, 'COMPLETED')));
    const attempts = tasks.map((task) => task.attempts);
    // The first may have come to its end before the kill.
    expect(attempts.slice(2)).toEqual([2, 2, 2, 2]);
    expect(Math.max(...attempts)).toBe(2);
    // Alone in the second attempt.
    for (const id of ids) expect(await groupLines(id)).toBe(1);
  });
});

async function submitAlike(client: TestClient, n: number): Promise<string[]> {
  const one = {
    task_type: 'optimization',
    model: 'uff4mof',
    structure: { source: 'builtin', name: 'rock-salt' },
    parameters: { max_steps: 100 },
  };
  const answer = await client.post('/tasks/batch', { tasks: Array.from({ length: n }, () => one) });
  return batchReceiptSchema.parse(answer.data).tasks.map(({ task_id }) => task_id);
}

function checkEnd({ planned, task }: EndedTask, all: readonly EndedTask[]): void {
  expect(isFinalStatus(task.status), `${task.task_id} is ${task.status}`).toBe(true);
  const needed = all.filter(({ task: { task_id } }) => task.depends_on.includes(task_id));
  const lacksOne = needed.some(({ task: { status } }) => status !== 'COMPLETED');
  const legal = [...(lacksOne ? ['FAILED'] : ['COMPLETED']), ...(planned.isCancelled ? ['CANCELLED'] : [])];
  expect(legal, `${task.task_id}: ${JSON.stringify(task.error)}`).toContain(task.status);
}

function checkFiles(ended: EndedTask, expected: ReadonlyMap<TaskKind, unknown>): void {
  const { planned, task, steps, result, output_files } = ended;
  if (task.status !== 'COMPLETED') return;
  expect(result, task.task_id).toEqual(expected.get(planned.kind));
  expect(output_files).toEqual(expect.arrayContaining(['report.html', 'result.json', 'task.json']));
  expect(output_files.filter((name) => name.startsWith('checkpoint.'))).toEqual([]);
  expect(existsSync(join(folder.home, 'tasks', task.task_id, 'result.json'))).toBe(true);
  if (planned.kind.task_type !== 'optimization') return;
  expect(output_files).toEqual(expect.arrayContaining(['optimized.cif', 'steps.csv', 'trajectory.xyz']));
  // Told without a gap and without a step twice, however often the task was interrupted.
  expect(steps, task.task_id).toEqual(steps.map((_, i) => i));
  expect(steps.length).toBeGreaterThan(1);
}

/** A call may be repeated when it was cut off, but it is the same delivery then. */
function checkWebhooks(ended: EndedTask): void {
  const calls = receiver.calls.filter(({ task_id }) => task_id === ended.task.task_id);
  const deliveriesOf = (name: string) =>
    new Set(calls.filter(({ event }) => event === name).map(({ delivery_id }) => delivery_id)).size;
  expect(deliveriesOf(finalEventOf(ended)), `${ended.task.task_id} ${finalEventOf(ended)}`).toBe(1);
  expect(deliveriesOf('task.started')).toBeLessThanOrEqual(1);
  const ends = calls.filter(({ event }) => event !== 'task.started').map(({ event }) => event);
  expect(new Set(ends).size).toBe(1);
}
