// What machines with GPUs answer, from reported devices; nothing is computed here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_RATE_LIMITS } from '../../contracts/rate-limit.ts';
import { gpusSchema, systemStatsSchema } from '../../contracts/system.ts';
import type { FleetGpu } from '../pool/gpu-fleet.ts';
import type { GpuProcess } from '../pool/nvidia-smi.ts';
import type { Pool, PoolStatus, SlotStatus } from '../pool/pool.ts';
import { CPU, kernelGpu, reading, uuidOf } from '../pool/testing/devices.ts';
import { createQueue } from '../queue/queue.ts';
import type { Queue } from '../queue/queue.ts';
import { createTaskEvents } from '../queue/task-events.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import { createSystemService } from './system-service.ts';

const TASK = 'task_aaaaaaaaaaaaaaaa';
const METRICS = { peak_gpu_memory_MB: null, avg_step_time_ms: null };

let home = '';
let store: Store;
let queue: Queue;
let now: Date;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-system-'));
  store = openStore(home);
  now = new Date(2026, 0, 15, 12);
  queue = createQueue({ store, events: createTaskEvents(), now: () => now });
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function serviceWith(status: Partial<PoolStatus>, others: readonly GpuProcess[] = []) {
  const pool: Pool = {
    start: () => undefined,
    refresh: () => Promise.resolve(),
    cancel: () => undefined,
    changeGpu: () => uuidOf(0),
    loadModel: () => Promise.resolve([]),
    unloadModel: () => Promise.resolve([]),
    onChange: () => undefined,
    stop: () => Promise.resolve(),
    status: () => ({ gpus: [], cpu: CPU, slots: [], cuda_unavailable_reason: null, problem: null, ...status }),
  };
  const config = {
    version: '1.2.3',
    rate_limits: DEFAULT_RATE_LIMITS,
    max_upload_bytes: 1,
    max_atoms: 1,
    max_batch_tasks: 1,
    max_queue_size: 1,
    checkpoint_interval_seconds: 1,
    webhook_allowed_hosts: [],
    tasks_per_group: { gpu: 1, cpu: 1 },
  };
  return createSystemService({
    store,
    queue,
    pool,
    otherProcesses: () => Promise.resolve(others),
    config,
    now: () => now,
  });
}

function gpu(index: number, changes: Partial<FleetGpu> = {}): FleetGpu {
  const { uuid, name, memory_total_mb, memory_used_mb } = reading(index);
  return {
    uuid,
    index,
    name,
    memory_total_mb,
    memory_used_mb,
    reading: reading(index),
    settings: { is_enabled: true, is_paused: false, memory_limit_mb: null, concurrency: 1 },
    device: kernelGpu(index),
    isOut: false,
    problem: null,
    ...changes,
  };
}

function slotOn(index: number, changes: Partial<SlotStatus> = {}): SlotStatus {
  return {
    label: { slot_id: uuidOf(index), device: `cuda:${index}`, gpu_id: index },
    gpu_uuid: uuidOf(index),
    device: kernelGpu(index),
    isReady: true,
    current_tasks: [],
    loaded_models: [],
    problem: null,
    lostAtMs: null,
    lossReason: null,
    ...changes,
  };
}

test.each([1, 2, 8])('%i_gpus_are_listed_with_figures_tasks_and_models', async (n) => {
  const gpus = Array.from({ length: n }, (_, i) => gpu(i));
  const slots = [
    slotOn(0, { current_tasks: [TASK], loaded_models: ['uff4mof'] }),
    ...gpus.slice(1).map(({ index }) => slotOn(index)),
  ];
  const system = serviceWith({ gpus, slots });
  const listed = gpusSchema.parse(await system.gpus());
  expect(listed.gpus).toHaveLength(n);
  expect(listed.gpus[0]).toMatchObject({
    id: 0,
    uuid: uuidOf(0),
    status: 'busy',
    temperature_c: 41,
    power_w: 24.5,
    current_task: TASK,
    current_tasks: [TASK],
    loaded_models: ['uff4mof'],
  });
  for (const other of listed.gpus.slice(1)) expect(other).toMatchObject({ status: 'free', current_task: null });
  expect(listed).toMatchObject({ cpu: { status: 'unused' }, unavailable_reason: null });
  expect(system.health()).toMatchObject({ status: 'ok', gpus: n, version: '1.2.3' });
  expect(system.stats().gpus).toEqual({ total: n, free: n - 1, busy: 1 });
});

test('programs_of_others_are_shown_on_their_gpu', async () => {
  const others = [{ gpu_uuid: uuidOf(1), pid: 42, name: 'python', memory_used_mb: 9000 }];
  const { gpus } = await serviceWith({ gpus: [gpu(0), gpu(1)] }, others).gpus();
  expect(gpus.map(({ other_processes }) => other_processes)).toEqual([
    [],
    [{ pid: 42, name: 'python', memory_used_mb: 9000 }],
  ]);
});

test.each([
  ['lost', gpu(0, { isOut: true, device: null, problem: 'GPU is lost' }), []],
  [
    'disabled',
    gpu(0, { settings: { is_enabled: false, is_paused: false, memory_limit_mb: null, concurrency: 1 } }),
    [],
  ],
  ['without_a_process', gpu(0), [slotOn(0, { isReady: false, problem: 'It ended unexpectedly (signal SIGSEGV).' })]],
])('a_gpu_that_is_%s_is_offline', async (_, one, slots) => {
  const system = serviceWith({ gpus: [one], slots, problem: 'no device is ready' });
  expect((await system.gpus()).gpus[0]?.status).toBe('offline');
  expect(system.health().status).toBe('degraded');
});

test('without_a_gpu_the_reason_is_told_beside_the_processor_and_its_memory', async () => {
  const slots = [slotOn(0, { gpu_uuid: null, current_tasks: [TASK] })];
  const { gpus, cpu, unavailable_reason } = await serviceWith({ slots, cuda_unavailable_reason: 'no driver' }).gpus();
  expect({ gpus, unavailable_reason }).toEqual({ gpus: [], unavailable_reason: 'no driver' });
  expect(cpu).toMatchObject({ status: 'busy', current_task: TASK, current_tasks: [TASK], n_threads: 16 });
  expect(cpu.memory_total_mb).toBe(Math.round(totalmem() / 2 ** 20));
  expect(cpu.memory_used_mb).toBeLessThan(cpu.memory_total_mb);
});

test('what_ended_today_is_counted_from_the_database_and_from_then_on_until_midnight', () => {
  const [first, second, third] = queue.submit([exampleTask(), exampleTask(), exampleTask()]);
  const complete = (task_id: string): void => {
    queue.claim({ slot_id: 'cpu', device: 'cpu', gpu_id: null });
    queue.start(task_id);
    queue.complete(task_id, 1, METRICS);
  };
  complete(first!.task_id);
  const system = serviceWith({});
  complete(second!.task_id);
  expect(systemStatsSchema.parse(system.stats())).toMatchObject({
    tasks: { pending: 0, running: 0, completed_today: 2, failed_today: 0 },
    queue: { size: 1 },
  });
  now = new Date(2026, 0, 16, 0, 1);
  queue.claim({ slot_id: 'cpu', device: 'cpu', gpu_id: null });
  queue.fail(third!.task_id, { type: 'MemoryError', message: 'too large', details: {} });
  expect(system.stats().tasks).toMatchObject({ completed_today: 0, failed_today: 1 });
});
