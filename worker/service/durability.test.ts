// What survives: a killed service, a killed task process, a crashing kernel, a second service on the same folder.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { TaskEvent } from '../../contracts/event.ts';
import { logsSchema } from '../../contracts/log.ts';
import { optimizationResultSchema } from '../../contracts/results/optimization.ts';
import { taskResultSchema } from '../../contracts/task.ts';
import { forkChild } from '../pool/start-child.ts';
import type { TaskProcessChild } from '../pool/start-child.ts';
import { KillableServices } from './testing/killable-service.ts';
import type { KillableService } from './testing/killable-service.ts';
import { createTestFolder, startTestService, TestClient } from './testing/test-service.ts';
import type { TestFolder } from './testing/test-service.ts';

const startedSchema = z.object({ url: z.string(), apiKey: z.string() });
const failedSchema = z.object({ failure: z.string() });
const ENDLESS = { fmax: 1e-6, max_steps: 100_000 };

let folder: TestFolder;
const services = new KillableServices();

beforeEach(() => {
  folder = createTestFolder();
});
afterEach(async () => {
  await services.killAll();
  folder.remove();
});

const startProcess = (behavior: readonly string[]): Promise<KillableService> => services.start(folder, behavior);

function isStep(event: TaskEvent): boolean {
  return event.type === 'step';
}

describe.skipIf(process.platform === 'win32')('a service that is killed', () => {
  test('its_running_task_runs_again_after_the_restart_and_completes_once', async () => {
    const first = await startProcess(['--step-ms=20', '--never-converge']);
    const before = startedSchema.parse(first.answer);
    const client = new TestClient(before.url, before.apiKey);
    const running = await client.submit(ENDLESS);
    const waiting = await client.submit({ fmax: 0.001 });
    await client.events(running, isStep);
    const orphans = kernelPids(folder);
    if (process.platform === 'linux') expect(orphans).toHaveLength(1);
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await startProcess([]);
    const after = startedSchema.parse(second.answer);
    expect(after.apiKey).toBe(before.apiKey);
    const again = new TestClient(after.url, after.apiKey);
    const task = await again.waitFor(running, 'COMPLETED');
    expect(task.attempts).toBe(2);
    const { result } = taskResultSchema.parse((await again.call(`/tasks/${running}/result`)).data);
    const { steps } = optimizationResultSchema.parse(result);
    const stored = (await again.events(running)).flatMap(({ event }) => (event.type === 'step' ? [event.step] : []));
    expect(stored).toEqual(Array.from({ length: steps + 1 }, (_, i) => i));
    expect((await again.waitFor(waiting, 'COMPLETED')).attempts).toBe(1);

    const { logs } = logsSchema.parse((await again.call(`/tasks/${running}/logs?level=WARNING`)).data);
    expect(logs.map(({ message }) => message).join()).toContain('Attempt 1 of 3 was lost');
    // The killed service's kernel noticed by itself.
    expect(orphans.filter(isAlive)).toEqual([]);
  });

  test('a_second_service_on_the_same_folder_refuses_and_the_first_goes_on', async () => {
    const first = startedSchema.parse((await startProcess([])).answer);
    const second = failedSchema.parse((await startProcess([])).answer);
    expect(second.failure).toContain('in use by another running service');
    const client = new TestClient(first.url, first.apiKey);
    expect((await client.call('/tasks')).status).toBe(200);
  });
});

describe.skipIf(process.platform === 'win32')('a machine part that fails', () => {
  test('a_killed_task_process_costs_one_attempt_and_is_started_again', async () => {
    const started: TaskProcessChild[] = [];
    const { client, close } = await startTestService({
      folder,
      behavior: ['--step-ms=20'],
      startChild: (entry, env) => {
        const child = forkChild(entry, env);
        started.push(child);
        return child;
      },
    });
    try {
      const id = await client.submit({ fmax: 1e-6 });
      await client.events(id, isStep);
      started[0]?.kill();
      const task = await client.waitFor(id, 'COMPLETED');
      expect(task.attempts).toBe(2);
      expect(started).toHaveLength(2);
    } finally {
      await close();
    }
  });

  test('a_kernel_that_always_crashes_fails_its_task_after_three_attempts_and_not_the_service', async () => {
    const { client, close } = await startTestService({ folder, behavior: ['--crash-at-step=1'] });
    try {
      const id = await client.submit();
      await client.events(id);
      const task = await client.task(id);
      expect(task).toMatchObject({ status: 'FAILED', attempts: 3, error: { type: 'KernelCrashed' } });
      expect((await client.call(`/tasks/${id}/result`)).error.code).toBe(40404);
      expect((await client.call('/models')).status).toBe(200);
    } finally {
      await close();
    }
  });

  test('a_kernel_that_cannot_start_is_a_shown_state_and_the_task_waits', async () => {
    const { client, close } = await startTestService({ folder, behavior: ['--exit-at-start'] });
    try {
      const id = await client.submit();
      expect((await client.task(id)).status).toBe('QUEUED');
      const unready = async (): Promise<string> => {
        const { data } = await client.call('/system/gpus');
        return (
          z.object({ unavailable_reason: z.string().nullable() }).parse(data).unavailable_reason ?? (await unready())
        );
      };
      expect(await unready()).toContain('libcudart.so: cannot open shared object file');
      const health = await fetch(`${client.url}/api/v1/health`);
      expect(await health.json()).toMatchObject({ status: 'degraded', database: 'connected' });
    } finally {
      await close();
    }
  });

  test('a_service_that_stops_in_good_order_costs_its_running_task_no_attempt', async () => {
    const first = await startTestService({ folder, behavior: ['--step-ms=20', '--never-converge'] });
    const id = await first.client.submit(ENDLESS);
    await first.client.events(id, isStep);
    await first.close();
    expect(kernelPids(folder)).toEqual([]);
    const second = await startTestService({ folder });
    try {
      expect(await second.client.waitFor(id, 'COMPLETED')).toMatchObject({ attempts: 1 });
    } finally {
      await second.close();
    }
  });
});

/** Children of this test's task processes: its kernels (Linux; elsewhere none are seen). */
function kernelPids({ path }: TestFolder): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const taskProcesses = new Set(pids.filter((pid) => readProc(pid, 'environ').includes(`MOFSIM_KERNEL=${path}`)));
  return pids.filter((pid) => taskProcesses.has(parentOf(pid))).map(Number);
}

function parentOf(pid: string): string {
  return /^PPid:\s*(\d+)$/m.exec(readProc(pid, 'status'))?.[1] ?? '';
}

/** Empty for a process that has ended meanwhile. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(join('/proc', pid, file), 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  return readProc(String(pid), 'cmdline') !== '';
}
