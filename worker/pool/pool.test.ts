// The pool with a real store and queue; only the devices and what computes on them are stand-ins.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StructureGeometry } from '../../contracts/structure.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import { createQueue } from '../queue/queue.ts';
import type { Queue } from '../queue/queue.ts';
import { createTaskEvents } from '../queue/task-events.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import type { NewTask } from '../store/tasks.ts';
import type { Devices } from './discover-devices.ts';
import { createPool, STRUCTURE_FILE } from './pool.ts';
import type { Pool } from './pool.ts';
import { CPU, kernelGpu, NO_NVIDIA_SMI, reading, sightOf, uuidOf } from './testing/devices.ts';
import { StandInExecutor } from './testing/stand-in-executor.ts';
import { StandInWatch } from './testing/stand-in-watch.ts';

const NO_GPU: Devices = { devices: [CPU], cuda_unavailable_reason: 'no driver' };
const METRICS = { peak_gpu_memory_MB: null, avg_step_time_ms: null };
const LOST_DEVICE = { type: 'CUDAError', message: 'device lost', details: { kernel_code: 'device_lost' } } as const;

const GEOMETRY: StructureGeometry = {
  name: 'hydrogen',
  structure: { cell: null, pbc: [false, false, false], symbols: ['H'], positions: [[0, 0, 0]] },
  summary: {
    n_atoms: 1,
    formula: 'H',
    elements: ['H'],
    cell_parameters: null,
    volume_A3: null,
    density_g_cm3: null,
    space_group: null,
    space_group_number: null,
    smallest_perpendicular_width_A: null,
    warnings: [],
  },
};

let home = '';
let store: Store;
let queue: Queue;
let pool: Pool;
let watch: StandInWatch;
let executors: Map<string, StandInExecutor>;
/** GPUs that the kernel does not find. */
let broken: Set<string>;
/** GPUs that the kernel could find. */
let nGpus = 0;
/** What the kernel was allowed to open, call by call. */
let asked: (readonly string[] | null)[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-pool-'));
  store = openStore(home);
  queue = createQueue({ store, events: createTaskEvents(), now: () => new Date(), retryDelayMs: () => 0 });
  executors = new Map();
  broken = new Set();
  asked = [];
});
afterEach(async () => {
  await pool.stop();
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function openPool(discover: (visible: readonly string[] | null) => Promise<Devices>, sight = new StandInWatch()): void {
  watch = sight;
  pool = createPool({
    store,
    queue,
    discover,
    watch,
    createExecutor: ({ label }) => {
      const executor = new StandInExecutor(label);
      executors.set(label.slot_id, executor);
      return executor;
    },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  pool.start();
}

/** Every GPU is there unless it is in `broken`. */
function findGpus(n: number) {
  nGpus = n;
  return (visible: readonly string[] | null): Promise<Devices> => {
    asked.push(visible);
    const uuids = Array.from({ length: nGpus }, (_, i) => uuidOf(i)).filter((uuid) => !broken.has(uuid));
    const open = uuids.filter((uuid) => visible === null || visible.includes(uuid));
    const devices = open.map((uuid, position) => kernelGpu(Number(uuid[11]), position));
    return Promise.resolve({ devices: [CPU, ...devices], cuda_unavailable_reason: open.length > 0 ? null : 'none' });
  };
}

async function executorOf(slot_id: string): Promise<StandInExecutor> {
  return vi.waitFor(() => executors.get(slot_id) ?? Promise.reject(new Error(`There is no slot ${slot_id}.`)));
}

async function startOnCpu(): Promise<StandInExecutor> {
  openPool(() => Promise.resolve(NO_GPU));
  return executorOf('cpu');
}

async function startOnGpus(n: number): Promise<StandInExecutor[]> {
  const readings = Array.from({ length: n }, (_, i) => reading(i));
  openPool(findGpus(n), new StandInWatch(sightOf(readings)));
  return Promise.all(readings.map(({ uuid }) => executorOf(uuid)));
}

function submit(changes: Partial<NewTask> = {}, hasInput = true): string {
  const task = exampleTask(changes);
  mkdirSync(store.taskFolder(task.task_id));
  if (hasInput) writeFileSync(join(store.taskFolder(task.task_id), STRUCTURE_FILE), JSON.stringify(GEOMETRY));
  queue.submit([task]);
  return task.task_id;
}

function statusOf(task_id: string): TaskStatus | undefined {
  return store.tasks.find(task_id)?.status;
}

describe('a slot', () => {
  test('one_task_at_a_time_in_the_order_of_priority', async () => {
    const [normal, high] = [submit(), submit({ priority: 'HIGH' })];
    const executor = await startOnCpu();
    const first = await executor.next();
    expect(first.task_id).toBe(high);
    first.observer.onStarted(false);
    expect([statusOf(high), statusOf(normal)]).toEqual(['RUNNING', 'QUEUED']);
    expect(pool.status().slots[0]?.current_tasks).toEqual([high]);
    first.observer.onCompleted(1, METRICS);
    executor.becomeIdle();
    expect((await executor.next()).task_id).toBe(normal);
    expect(statusOf(high)).toBe('COMPLETED');
  });

  test('a_task_that_is_cancelled_before_it_starts_is_cancelled_in_its_slot_too', async () => {
    const id = submit();
    const executor = await startOnCpu();
    const { observer } = await executor.next();
    queue.cancel(id);
    observer.onStarted(false);
    expect(executor.cancelled).toEqual([id]);
    observer.onCancelled();
    expect(statusOf(id)).toBe('CANCELLED');
  });

  test('a_task_that_its_process_gives_up_unasked_waits_again', async () => {
    const id = submit();
    const { observer } = await (await startOnCpu()).next();
    observer.onStarted(false);
    observer.onCancelled();
    expect(store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 1 });
  });

  test('a_task_without_its_input_fails_and_the_slot_goes_on', async () => {
    const unusable = submit({}, false);
    const good = submit();
    const executor = await startOnCpu();
    expect((await executor.next()).task_id).toBe(good);
    expect(store.tasks.find(unusable)).toMatchObject({ status: 'FAILED', error: { type: 'InternalError' } });
  });

  test('a_task_whose_time_is_over_ends_as_timeout', async () => {
    const id = submit({ timeout_seconds: 5 });
    const { observer } = await (await startOnCpu()).next();
    observer.onStarted(false);
    observer.onTimedOut(METRICS);
    expect(statusOf(id)).toBe('TIMEOUT');
  });

  test('a_low_task_makes_room_for_a_critical_one_and_its_attempt_does_not_count', async () => {
    const low = submit({ priority: 'LOW' });
    const executor = await startOnCpu();
    const first = await executor.next();
    first.observer.onStarted(false);
    const critical = submit({ priority: 'CRITICAL' });
    await vi.waitFor(() => {
      expect(executor.preempted).toEqual([low]);
    });
    first.observer.onPreempted();
    executor.becomeIdle();
    expect((await executor.next()).task_id).toBe(critical);
    expect(store.tasks.find(low)).toMatchObject({ status: 'QUEUED', attempts: 0, preemptions: 1 });
  });

  test('a_process_that_is_lost_while_it_computes_nothing_is_known_to_have_been_lost', async () => {
    const executor = await startOnCpu();
    let n_changes = 0;
    pool.onChange(() => {
      n_changes += 1;
    });
    executor.lose('signal SIGKILL');
    executor.becomeIdle();
    expect(pool.status().slots[0]).toMatchObject({ isReady: true, lossReason: 'signal SIGKILL' });
    expect(n_changes).toBeGreaterThan(0);
  });

  test('what_runs_when_the_pool_stops_is_put_back', async () => {
    const id = submit();
    const { observer } = await (await startOnCpu()).next();
    observer.onStarted(false);
    await pool.stop();
    expect(store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 0 });
  });
});

describe('devices', () => {
  test('they_are_looked_for_again_until_they_are_found', async () => {
    let n_calls = 0;
    const id = submit();
    openPool(() => {
      n_calls += 1;
      return n_calls > 1 ? Promise.resolve(NO_GPU) : Promise.reject(new Error('mofkernel is missing'));
    });
    const executor = await executorOf('cpu');
    expect(n_calls).toBe(2);
    expect((await executor.next()).task_id).toBe(id);
    expect(pool.status()).toMatchObject({ problem: null, cuda_unavailable_reason: 'no driver' });
  });

  test.each([1, 2, 8])('%i_gpus_compute_as_many_tasks_at_once_and_the_cpu_none', async (n) => {
    const tasks = Array.from({ length: n + 1 }, () => submit());
    const slots = await startOnGpus(n);
    const taken = await Promise.all(slots.map((slot) => slot.next()));
    expect(new Set(taken.map(({ task_id }) => task_id))).toEqual(new Set(tasks.slice(0, n)));
    expect(statusOf(tasks.at(-1)!)).toBe('QUEUED');
    expect(executors.has('cpu')).toBe(false);
    expect(slots.map(({ label }) => [label.device, label.gpu_id])).toEqual(slots.map((_, i) => [`cuda:${i}`, i]));
    expect(watch.pace).toBe('busy');
  });

  test('without_nvidia_smi_the_gpus_of_the_kernel_are_used', async () => {
    openPool(findGpus(2));
    expect((await executorOf(uuidOf(1))).label).toEqual({ slot_id: uuidOf(1), device: 'cuda:1', gpu_id: 1 });
  });

  test('a_disabled_gpu_is_opened_by_no_process_and_keeps_its_number_for_the_others', async () => {
    const id = submit();
    const [first] = await startOnGpus(2);
    const { observer } = await first!.next();
    observer.onStarted(false);
    pool.changeGpu('0', { is_enabled: false });
    await vi.waitFor(() => {
      expect(store.tasks.find(id)).toMatchObject({ attempts: 1, gpu_id: 1 });
    });
    expect(first!.state).toBe('stopped');
    await pool.stop();
    executors.clear();
    openPool(findGpus(2), new StandInWatch(sightOf([reading(0), reading(1)])));
    expect((await executorOf(uuidOf(1))).label.device).toBe('cuda:1');
    expect(asked.at(-1)).toEqual([uuidOf(1)]);
    expect(executors.has(uuidOf(0))).toBe(false);
  });

  test.each([
    ['is_missing', NO_NVIDIA_SMI],
    ['hangs', sightOf([], { problem: 'nvidia-smi did not answer within 10 s.', isUnsure: true })],
  ])('a_disabled_gpu_stays_closed_while_nvidia_smi_%s', async (_, sight) => {
    await startOnGpus(2);
    pool.changeGpu('0', { is_enabled: false });
    await pool.stop();
    executors.clear();
    openPool(findGpus(2), new StandInWatch(sight));
    expect((await executorOf(uuidOf(1))).label).toMatchObject({ device: 'cuda:1', gpu_id: 1 });
    expect(asked.at(-1)).toEqual([uuidOf(1)]);
    pool.changeGpu(uuidOf(0), { is_enabled: true });
    expect((await executorOf(uuidOf(0))).label).toMatchObject({ device: 'cuda:0', gpu_id: 0 });
  });

  test('with_every_gpu_disabled_tasks_wait_and_the_cpu_does_not_step_in', async () => {
    await startOnGpus(1);
    pool.changeGpu(uuidOf(0), { is_enabled: false });
    const id = submit();
    await vi.waitFor(() => {
      expect(pool.status().slots).toEqual([]);
    });
    expect(pool.status().problem).toContain('is disabled');
    expect([executors.has('cpu'), statusOf(id)]).toEqual([false, 'QUEUED']);
    executors.clear();
    pool.changeGpu('0', { is_enabled: true });
    expect((await (await executorOf(uuidOf(0))).next()).task_id).toBe(id);
  });

  test('a_paused_gpu_finishes_its_task_and_takes_no_other', async () => {
    const [first, second] = [submit(), submit()];
    const [slot] = await startOnGpus(1);
    const { observer } = await slot!.next();
    observer.onStarted(false);
    pool.changeGpu('0', { is_paused: true });
    observer.onCompleted(1, METRICS);
    slot!.becomeIdle();
    expect([statusOf(first), statusOf(second)]).toEqual(['COMPLETED', 'QUEUED']);
    pool.changeGpu('0', { is_paused: false });
    expect((await slot!.next()).task_id).toBe(second);
  });

  test('one_process_that_is_down_is_no_problem_while_another_one_computes', async () => {
    const [first, second] = await startOnGpus(2);
    first!.lose('signal SIGKILL');
    expect(pool.status().problem).toBeNull();
    second!.lose('signal SIGKILL');
    expect(pool.status().problem).toBe('signal SIGKILL');
  });

  test('a_gpu_that_appears_later_joins_also_when_the_disk_was_full_at_first', async () => {
    await startOnGpus(1);
    const see = vi.spyOn(store.gpuSettings, 'see').mockImplementationOnce(() => {
      throw new Error('database or disk is full');
    });
    const both = sightOf([reading(0), reading(1)]);
    expect(() => {
      watch.show(both);
    }).not.toThrow();
    expect(see).toHaveBeenCalledTimes(1);
    nGpus = 2;
    watch.show(both);
    expect((await executorOf(uuidOf(1))).label.device).toBe('cuda:1');
    pool.changeGpu('1', { is_paused: true });
    expect(pool.status().gpus[1]?.settings.is_paused).toBe(true);
  });

  test('an_unknown_gpu_is_refused_by_name', async () => {
    await startOnGpus(1);
    expect(() => pool.changeGpu('7', { is_paused: true })).toThrow(expect.objectContaining({ code: 40405 }));
  });
});

describe('a lost gpu', () => {
  test('its_task_waits_again_without_a_lost_attempt_and_goes_on_elsewhere', async () => {
    const id = submit();
    const slots = await startOnGpus(2);
    const { observer } = await slots[0]!.next();
    observer.onStarted(false);
    broken.add(uuidOf(0));
    watch.show(sightOf([reading(1)], { complaint: 'Unable to determine the device handle for GPU 0: GPU is lost.' }));
    const again = await slots[1]!.next();
    expect(again.task_id).toBe(id);
    expect(store.tasks.find(id)).toMatchObject({ attempts: 1, gpu_id: 1 });
    expect(pool.status().gpus[0]?.problem).toContain('GPU is lost');
  });

  test('a_kernel_that_loses_its_device_takes_the_gpu_out_and_a_second_loss_counts', async () => {
    const id = submit();
    const slots = await startOnGpus(2);
    const { observer } = await slots[0]!.next();
    observer.onStarted(false);
    broken.add(uuidOf(0));
    observer.onFailed(LOST_DEVICE);
    const again = await slots[1]!.next();
    expect([again.task_id, pool.status().gpus[0]?.isOut]).toEqual([id, true]);
    again.observer.onStarted(false);
    expect(store.tasks.find(id)?.attempts).toBe(1);
    again.observer.onFailed(LOST_DEVICE);
    expect(store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 1 });
  });

  test('uncorrectable_memory_errors_take_it_out', async () => {
    await startOnGpus(1);
    watch.show(sightOf([reading(0, { ecc_errors: 2 })]));
    expect(pool.status().gpus[0]?.problem).toContain('2 uncorrectable');
  });

  test('a_driver_that_is_gone_twice_takes_all_out_and_after_a_suspend_they_are_tried_at_once', async () => {
    await startOnGpus(2);
    const gone = sightOf([], { problem: 'NVIDIA-SMI has failed because it could not communicate with the driver.' });
    watch.show(gone);
    expect(pool.status().gpus.map(({ isOut }) => isOut)).toEqual([false, false]);
    watch.show(gone);
    expect(pool.status().gpus.map(({ isOut }) => isOut)).toEqual([true, true]);
    expect(pool.status().problem).toContain('could not communicate');
    executors.clear();
    watch.show(sightOf([reading(0), reading(1)]), true);
    await Promise.all([executorOf(uuidOf(0)), executorOf(uuidOf(1))]);
    expect(pool.status().problem).toBeNull();
  });
});

describe('placement', () => {
  test('small_tasks_of_known_need_share_a_gpu_as_far_as_its_memory_goes', async () => {
    const kind = { model: 'uff4mof', task_type: 'optimization', with_d3: false } as const;
    store.memory.add(kind, { n_atoms: 8, peak_mb: 8000 });
    const tasks = [submit(), submit(), submit(), submit()];
    const [slot] = await startOnGpus(1);
    await slot!.next();
    pool.changeGpu('0', { concurrency: 4 });
    expect((await (await executorOf(`${uuidOf(0)}/2`)).next()).task_id).toBe(tasks[1]);
    // 24 576 MB hold two needs of 8000 MB and their margin, not three.
    expect(tasks.map(statusOf)).toEqual(['ASSIGNED', 'ASSIGNED', 'QUEUED', 'QUEUED']);
  });

  test('what_a_task_takes_is_measured_while_it_runs_by_its_process_or_by_what_is_used_more', async () => {
    const [first, second] = [submit(), submit()];
    const [slot] = await startOnGpus(1);
    slot!.kernel_pid = 4711;
    const look = async (memory_used_mb: number): Promise<void> => {
      watch.show(sightOf([reading(0, { memory_used_mb })]));
      await Promise.resolve();
    };
    const { observer } = await slot!.next();
    observer.onStarted(false);
    for (const memory_used_mb of [2300, 5300, 4300]) await look(memory_used_mb);
    observer.onCompleted(1, METRICS);
    slot!.becomeIdle();
    expect(store.tasks.find(first)?.peak_gpu_memory_MB).toBe(5000);
    const again = await slot!.next();
    again.observer.onStarted(false);
    watch.programs = [{ gpu_uuid: uuidOf(0), pid: 4711, name: 'mofkernel', memory_used_mb: 1234 }];
    await look(9999);
    again.observer.onCompleted(1, METRICS);
    expect(store.tasks.find(second)?.peak_gpu_memory_MB).toBe(1234);
  });

  test('a_task_of_unknown_need_has_a_gpu_for_itself', async () => {
    submit();
    const second = submit();
    const [slot] = await startOnGpus(1);
    const { observer } = await slot!.next();
    observer.onStarted(false);
    pool.changeGpu('0', { concurrency: 2 });
    await executorOf(`${uuidOf(0)}/2`);
    expect(statusOf(second)).toBe('QUEUED');
    observer.onCompleted(1, { peak_gpu_memory_MB: 500, avg_step_time_ms: 1 });
    expect(store.memory.between({ model: 'uff4mof', task_type: 'optimization', with_d3: false }, 1, 100)).toHaveLength(
      1,
    );
  });

  test('a_critical_task_that_fits_beside_nobody_gets_the_gpu_of_a_low_one_although_a_slot_is_free', async () => {
    const low = submit({ priority: 'LOW' });
    const [slot] = await startOnGpus(1);
    const { observer } = await slot!.next();
    observer.onStarted(false);
    pool.changeGpu('0', { concurrency: 2 });
    const second = await executorOf(`${uuidOf(0)}/2`);
    const critical = submit({ priority: 'CRITICAL' });
    await vi.waitFor(() => {
      expect(slot!.preempted).toEqual([low]);
    });
    observer.onPreempted();
    slot!.becomeIdle();
    const taken = await Promise.race([slot!.next(), second.next()]);
    expect([taken.task_id, statusOf(low)]).toEqual([critical, 'QUEUED']);
  });

  test('a_task_that_waits_for_memory_starts_when_somebody_else_has_left', async () => {
    const id = submit();
    openPool(findGpus(1), new StandInWatch(sightOf([reading(0, { memory_used_mb: 24_000 })])));
    const slot = await executorOf(uuidOf(0));
    expect([statusOf(id), slot.state, watch.pace]).toEqual(['QUEUED', 'idle', 'busy']);
    watch.show(sightOf([reading(0)]));
    expect((await slot.next()).task_id).toBe(id);
  });

  test('a_gpu_that_is_full_of_somebody_elses_work_is_avoided', async () => {
    const id = submit();
    openPool(findGpus(2), new StandInWatch(sightOf([reading(0, { memory_used_mb: 24_000 }), reading(1)])));
    expect((await (await executorOf(uuidOf(1))).next()).task_id).toBe(id);
  });
});
