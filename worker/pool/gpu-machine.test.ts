// The whole service on machines with 1, 2 and 8 reported GPUs: real HTTP, real task processes; the kernel behind the stand-in
// computes on the CPU.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { gpuSchema, gpusSchema } from '../../contracts/system.ts';
import type { Gpu } from '../../contracts/system.ts';
import { batchReceiptSchema, taskResultSchema } from '../../contracts/task.ts';
import { createTestFolder, startTestService } from '../service/testing/test-service.ts';
import type { TestFolder, TestService } from '../service/testing/test-service.ts';
import { uuidOf } from './testing/devices.ts';
import { createGpuMachine } from './testing/gpu-machine.ts';
import type { GpuMachine } from './testing/gpu-machine.ts';

const SLOW = { behavior: ['--never-converge', '--step-ms=5'] };
const FOR_EVER = { fmax: 0.001, max_steps: 10_000 };
/** Some seconds of it are waited for what nvidia-smi says. */
const LONG = { timeout: 120_000 };
const SOON = { timeout: 30_000, interval: 50 };

let folder: TestFolder;
let machine: GpuMachine;
let behavior: readonly string[];
let running: TestService;

afterEach(async () => {
  await running.close();
  folder.remove();
});

async function startOn(n_gpus: number, kernel: { behavior: readonly string[] } = { behavior: [] }): Promise<void> {
  folder = createTestFolder();
  behavior = kernel.behavior;
  machine = createGpuMachine(folder.path, n_gpus, folder.installKernel(behavior));
  await restart();
}

async function restart(): Promise<void> {
  const { kernelPath, nvidiaSmiPath } = machine;
  running = await startTestService({ folder, behavior, kernelPath, nvidiaSmiPath });
}

async function gpus(): Promise<Gpu[]> {
  return gpusSchema.parse((await running.client.call('/system/gpus')).data).gpus;
}

async function change(id: string, settings: Record<string, unknown>): Promise<Gpu> {
  const answer = await running.client.call(`/system/gpus/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  return gpuSchema.parse(answer.data);
}

/** From then on it is known that a task of this size takes 2 GB. */
async function measureOneTask(): Promise<void> {
  const { client } = running;
  const use = (memory_used_mb: number): void => {
    machine.change(({ gpus }) => {
      for (const gpu of gpus) gpu.memory_used_mb = memory_used_mb;
    });
  };
  const first = await client.submit({ fmax: 0.001, max_steps: 400 });
  await client.waitFor(first, 'RUNNING');
  use(2300);
  const { metrics } = await client.waitFor(first, 'COMPLETED');
  expect(metrics.peak_gpu_memory_MB).toBe(2000);
  use(300);
}

async function submitAlike(n: number, max_steps: number): Promise<string[]> {
  const one = {
    task_type: 'optimization',
    model: 'uff4mof',
    structure: { source: 'builtin', name: 'rock-salt' },
    parameters: { fmax: 0.001, max_steps },
  };
  const answer = await running.client.post('/tasks/batch', { tasks: Array.from({ length: n }, () => one) });
  return batchReceiptSchema.parse(answer.data).tasks.map(({ task_id }) => task_id);
}

async function stepsOf(task_id: string): Promise<number[]> {
  const events = await running.client.events(task_id);
  return events.flatMap(({ event }) => (event.type === 'step' ? [event.step] : []));
}

async function resultOf(task_id: string): Promise<Record<string, unknown>> {
  const { result } = taskResultSchema.parse((await running.client.call(`/tasks/${task_id}/result`)).data);
  const { final_structure, ...rest } = result;
  return { ...rest, final_structure: { ...Object(final_structure), file_url: '' } as unknown };
}

describe('a machine with gpus', () => {
  test.each([1, 2])('%i_gpus_are_shown_and_compute', async (n) => {
    await startOn(n);
    const ids = await Promise.all(Array.from({ length: n }, () => running.client.submit()));
    const tasks = await Promise.all(ids.map((id) => running.client.waitFor(id, 'COMPLETED')));
    expect(new Set(tasks.map(({ gpu_id }) => gpu_id)).size).toBeGreaterThan(0);
    for (const task of tasks) expect(task.device).toBe(`cuda:${String(task.gpu_id)}`);
    const shown = await gpus();
    expect(shown.map(({ id, uuid }) => [id, uuid])).toEqual(shown.map((_, i) => [i, uuidOf(i)]));
    expect(shown.some(({ loaded_models }) => loaded_models.includes('uff4mof'))).toBe(true);
  });

  test('eight_gpus_are_shown', async () => {
    await startOn(8);
    await vi.waitFor(async () => {
      expect((await gpus()).map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'free'));
    }, SOON);
  });

  test('a_gpu_that_falls_off_gives_its_task_to_another_one', async () => {
    await startOn(2, SLOW);
    const id = await running.client.submit(FOR_EVER);
    const { gpu_id } = await running.client.waitFor(id, 'RUNNING');
    machine.change(({ gpus }) => {
      gpus[gpu_id ?? 0]!.is_lost = true;
    });
    await vi.waitFor(async () => {
      expect(await running.client.task(id)).toMatchObject({
        status: 'RUNNING',
        gpu_id: 1 - (gpu_id ?? 0),
        attempts: 1,
      });
    }, SOON);
    const lost = (await gpus())[gpu_id ?? 0];
    expect(lost).toMatchObject({ status: 'offline', current_task: null });
    expect(lost?.problem).toContain('lost');
  });

  test('a_disabled_gpu_is_opened_by_nobody_also_after_a_restart', async () => {
    await startOn(2);
    await vi.waitFor(async () => {
      expect(await gpus()).toHaveLength(2);
    }, SOON);
    expect(await change(uuidOf(0), { is_enabled: false })).toMatchObject({
      id: 0,
      status: 'offline',
      is_enabled: false,
    });
    await running.close();
    machine.watchStarts();
    await restart();
    const task = await running.client.waitFor(await running.client.submit(), 'COMPLETED');
    expect(task).toMatchObject({ gpu_id: 1, device: 'cuda:1' });
    const opened = machine.opened();
    expect(opened.length).toBeGreaterThan(0);
    expect(opened.flat()).not.toContain(uuidOf(0));
  });

  test('tasks_share_a_gpu_once_it_was_measured_what_they_take', LONG, async () => {
    await startOn(1, SLOW);
    const { client } = running;
    await measureOneTask();
    await change('0', { concurrency: 2 });
    const ids = [await client.submit(FOR_EVER), await client.submit(FOR_EVER)];
    await Promise.all(ids.map((id) => client.waitFor(id, 'RUNNING')));
    await vi.waitFor(async () => {
      expect(new Set((await gpus())[0]?.current_tasks)).toEqual(new Set(ids));
    }, SOON);
  });

  test('small_tasks_are_computed_in_one_batch_of_one_process', LONG, async () => {
    await startOn(1, SLOW);
    const { client } = running;
    await measureOneTask();
    const ids = await submitAlike(6, 100);
    await vi.waitFor(async () => {
      expect(new Set((await gpus())[0]?.current_tasks)).toEqual(new Set(ids));
    }, SOON);
    const tasks = await Promise.all(ids.map((id) => client.waitFor(id, 'COMPLETED')));
    for (const task of tasks) expect(task).toMatchObject({ attempts: 1, gpu_id: 0, progress: 100 });
    const alone = await submitAlike(1, 100);
    await client.waitFor(alone[0]!, 'COMPLETED');
    for (const id of ids) {
      expect(await stepsOf(id)).toEqual(Array.from({ length: 101 }, (_, step) => step));
      expect(await resultOf(id)).toEqual(await resultOf(alone[0]!));
    }
    // A step takes 5 ms at least, for all of them together.
    const seconds = tasks.reduce((sum, { execution_time_seconds }) => sum + (execution_time_seconds ?? 0), 0);
    expect(seconds).toBeGreaterThan(100 * 0.005);
  });

  test('a_gpu_that_falls_off_gives_its_group_to_another_one', LONG, async () => {
    await startOn(2, SLOW);
    const { client } = running;
    await measureOneTask();
    const ids = await submitAlike(6, 400);
    await Promise.all(ids.map((id) => client.waitFor(id, 'RUNNING')));
    const groups = (await gpus()).map(({ current_tasks }) => current_tasks);
    expect(groups.map(({ length }) => length)).toEqual([3, 3]);
    machine.change((state) => {
      state.gpus[0]!.is_lost = true;
    });
    const ended = await Promise.all(ids.map((id) => client.waitFor(id, 'COMPLETED')));
    // No attempt was lost with the GPU.
    for (const task of ended) expect(task).toMatchObject({ attempts: 1, gpu_id: 1 });
    for (const id of ids) expect(await stepsOf(id)).toHaveLength(401);
  });

  test('other_programs_on_a_gpu_are_shown_and_ours_are_not', async () => {
    await startOn(1);
    machine.change(({ processes }) => {
      processes.push({ gpu_uuid: uuidOf(0), pid: 1, name: '/usr/bin/python3', memory_used_mb: 9000 });
      processes.push({ gpu_uuid: uuidOf(0), pid: process.pid, name: 'mofkernel', memory_used_mb: 500 });
    });
    await vi.waitFor(async () => {
      const [gpu] = await gpus();
      expect(gpu?.other_processes).toEqual([{ pid: 1, name: '/usr/bin/python3', memory_used_mb: 9000 }]);
    }, SOON);
  });
});
