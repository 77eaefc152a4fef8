// The pool with a real store and queue; only the devices and what computes on them are stand-ins.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KernelDevice } from '../../contracts/kernel-message.ts';
import type { StructureGeometry } from '../../contracts/structure.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import { createQueue } from '../queue/queue.ts';
import type { Queue, SlotLabel } from '../queue/queue.ts';
import { createTaskEvents } from '../queue/task-events.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import type { NewTask } from '../store/tasks.ts';
import type { Devices } from './discover-devices.ts';
import type { Assignment, AttemptObserver, Executor, ExecutorState } from './executor.ts';
import { createPool, STRUCTURE_FILE } from './pool.ts';
import type { Pool } from './pool.ts';

const CPU: KernelDevice = {
  device: 'cpu',
  kind: 'cpu',
  name: 'Processor',
  uuid: null,
  memory_total_bytes: 1e9,
  memory_free_bytes: 1e9,
  compute_capability: null,
  n_threads: 2,
};
const GPUS: KernelDevice[] = [0, 1].map((i) => ({
  ...CPU,
  device: `cuda:${i}`,
  kind: 'cuda',
  name: 'GPU',
  uuid: `GPU-${i}`,
  compute_capability: '9.0',
  n_threads: null,
}));
const NO_GPU: Devices = { devices: [CPU], cuda_unavailable_reason: 'no driver' };

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

/** Takes tasks and does what the test says. */
class StandInExecutor implements Executor {
  readonly kind = 'local';
  readonly label: SlotLabel;
  state: ExecutorState = 'stopped';
  problem: string | null = null;
  readonly cancelled: string[] = [];
  #idle: () => void = () => undefined;
  #taken = Promise.withResolvers<{ assignment: Assignment; observer: AttemptObserver }>();

  constructor(label: SlotLabel) {
    this.label = label;
  }
  start(): void {
    this.becomeIdle();
  }
  becomeIdle(): void {
    this.state = 'idle';
    this.#idle();
  }
  run(assignment: Assignment, observer: AttemptObserver): void {
    this.state = 'busy';
    this.#taken.resolve({ assignment, observer });
  }
  /** The next task that is given to this executor. */
  async next(): Promise<{ task_id: string; observer: AttemptObserver }> {
    const { assignment, observer } = await this.#taken.promise;
    this.#taken = Promise.withResolvers();
    return { task_id: assignment.task.task_id, observer };
  }
  cancel(task_id: string): void {
    this.cancelled.push(task_id);
  }
  stop(): Promise<void> {
    this.state = 'stopped';
    return Promise.resolve();
  }
  onIdle(listener: () => void): void {
    this.#idle = listener;
  }
}

let home = '';
let store: Store;
let queue: Queue;
let pool: Pool;
let opened: PromiseWithResolvers<StandInExecutor>;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-pool-'));
  store = openStore(home);
  queue = createQueue({ store, events: createTaskEvents(), now: () => new Date() });
  opened = Promise.withResolvers();
});
afterEach(async () => {
  await pool.stop();
  store.close();
  rmSync(home, { recursive: true, force: true });
});

async function startPool(discover: () => Promise<Devices> = () => Promise.resolve(NO_GPU)): Promise<StandInExecutor> {
  pool = createPool({
    store,
    queue,
    discover,
    createExecutor: (label) => {
      const executor = new StandInExecutor(label);
      opened.resolve(executor);
      return executor;
    },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  pool.start();
  return opened.promise;
}

function submit(changes: Partial<NewTask> = {}, hasInput = true): string {
  const task = exampleTask(changes);
  mkdirSync(store.taskFolder(task.task_id));
  if (hasInput) writeFileSync(join(store.taskFolder(task.task_id), STRUCTURE_FILE), JSON.stringify(GEOMETRY));
  return queue.submit(task).task_id;
}

function statusOf(task_id: string): TaskStatus | undefined {
  return store.tasks.find(task_id)?.status;
}

describe('the pool', () => {
  test('the_first_gpu_is_taken_before_the_cpu_and_the_cpu_when_there_is_none', async () => {
    const onGpu = await startPool(() => Promise.resolve({ devices: [CPU, ...GPUS], cuda_unavailable_reason: null }));
    expect(onGpu.label).toEqual({ slot_id: 'GPU-0', device: 'cuda:0', gpu_id: 0 });
    await pool.stop();
    opened = Promise.withResolvers();
    const onCpu = await startPool();
    expect(onCpu.label).toEqual({ slot_id: 'cpu', device: 'cpu', gpu_id: null });
    expect(pool.status()).toMatchObject({ cuda_unavailable_reason: 'no driver', problem: null });
  });

  test('one_task_at_a_time_in_the_order_of_priority', async () => {
    const [normal, high] = [submit(), submit({ priority: 'HIGH' })];
    const executor = await startPool();
    const first = await executor.next();
    expect(first.task_id).toBe(high);
    first.observer.onStarted();
    expect([statusOf(high), statusOf(normal)]).toEqual(['RUNNING', 'QUEUED']);
    expect(pool.status().slots[0]?.current_task).toBe(high);
    first.observer.onCompleted(1);
    executor.becomeIdle();
    expect((await executor.next()).task_id).toBe(normal);
    expect(statusOf(high)).toBe('COMPLETED');
  });

  test('a_task_that_is_cancelled_before_it_starts_is_cancelled_in_its_slot_too', async () => {
    const id = submit();
    const executor = await startPool();
    const { observer } = await executor.next();
    queue.cancel(id);
    observer.onStarted();
    expect(executor.cancelled).toEqual([id]);
    observer.onCancelled();
    expect(statusOf(id)).toBe('CANCELLED');
  });

  test('a_task_that_its_process_gives_up_unasked_waits_again', async () => {
    const id = submit();
    const executor = await startPool();
    const { observer } = await executor.next();
    observer.onStarted();
    observer.onCancelled();
    expect(store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 1 });
  });

  test('a_task_without_its_input_fails_and_the_slot_goes_on', async () => {
    const broken = submit({}, false);
    const good = submit();
    const executor = await startPool();
    expect((await executor.next()).task_id).toBe(good);
    expect(store.tasks.find(broken)).toMatchObject({ status: 'FAILED', error: { type: 'InternalError' } });
  });

  test('devices_are_looked_for_again_until_they_are_found', async () => {
    let n_calls = 0;
    const id = submit();
    const executor = await startPool(() => {
      n_calls += 1;
      if (n_calls > 1) return Promise.resolve(NO_GPU);
      return Promise.reject(new Error('mofkernel is missing'));
    });
    expect(n_calls).toBe(2);
    expect((await executor.next()).task_id).toBe(id);
    expect(pool.status().problem).toBeNull();
  });

  test('what_runs_when_the_pool_stops_is_put_back', async () => {
    const id = submit();
    const executor = await startPool();
    const { observer } = await executor.next();
    observer.onStarted();
    await pool.stop();
    expect(store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 0 });
  });
});
