// The queue and its store with 100 000 tasks: lists with every filter, claims, submissions, estimates, opening.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prioritySchema } from '../../contracts/task.ts';
import { TASK_TYPES, taskTypeSchema } from '../../contracts/task-types.ts';
import { createQueue } from '../../worker/queue/queue.ts';
import type { Queue } from '../../worker/queue/queue.ts';
import { createTaskEvents } from '../../worker/queue/task-events.ts';
import { openStore } from '../../worker/store/store.ts';
import type { Store } from '../../worker/store/store.ts';
import type { TaskFilter } from '../../worker/store/task-lists.ts';
import type { NewTask } from '../../worker/store/tasks.ts';
import type { Measurement } from '../measurement.ts';

const N_TASKS = 100_000;
const BATCH = 1000;
const REPEATS = 200;
const PAGE_SIZE = 20;
const MODELS = ['uff4mof', 'mace-mp-0', 'mace-mof-0', 'custom'];
/** No key, two labs. */
const KEYS = [null, 'key_a', 'key_b'];
const SLOT = { slot_id: 'cpu', device: 'cpu', gpu_id: null };
const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-01T00:00:00.000Z');

function pick<T>(values: readonly T[], i: number): T {
  const value = values[i % values.length];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

/** The i-th task: every combination of what filters ask for comes up. */
function exampleTask(i: number): NewTask {
  const task_type = pick(taskTypeSchema.options, Math.floor(i / 7));
  return {
    task_id: `task_${String(i).padStart(16, '0')}`,
    owner: 'local',
    key_id: pick(KEYS, Math.floor(i / 3)),
    task_type,
    model: pick(MODELS, Math.floor(i / 11)),
    with_d3: false,
    parameters: TASK_TYPES[task_type].parameters.parse({}),
    structure_source: { source: 'builtin', name: `MOF-${i % 500}` },
    structure_name: `MOF-${i % 500}`,
    input_sha256: null,
    n_atoms: 50 + (i % 400),
    formula: 'C24H12O13Zn4',
    name: i % 2 === 0 ? `screening ${Math.floor(i / 100)}` : null,
    tags: i % 4 === 0 ? ['screening', `lab ${i % 10}`] : [],
    depends_on: [],
    batch_id: `batch_${Math.floor(i / BATCH)}`,
    retry_of: null,
    priority: pick(prioritySchema.options, i),
    max_attempts: 3,
    timeout_seconds: null,
    webhook_url: null,
    webhook_secret: null,
    created_at: new Date(START + (i / N_TASKS) * 30 * DAY_MS).toISOString(),
  };
}

/** One filter each, and the combinations that find little among much. */
const FILTERS: readonly Omit<TaskFilter, 'owner'>[] = [
  {},
  { status: 'COMPLETED' },
  { status: 'RUNNING' },
  { task_type: 'stability' },
  { model: 'mace-mof-0' },
  { model: 'nobody has it' },
  { priority: 'CRITICAL' },
  { tag: 'screening' },
  { tag: 'screening', status: 'FAILED' },
  { tag: 'screening', created_after: new Date(START + 10 * DAY_MS).toISOString() },
  { batch_id: 'batch_50' },
  { search: 'mof-33' },
  { search: 'nothing has this name' },
  { search: 'screening', status: 'COMPLETED', model: 'uff4mof' },
  { status: 'COMPLETED', model: 'uff4mof', task_type: 'stability', priority: 'LOW' },
  { status: 'FAILED', model: 'custom', priority: 'HIGH' },
  { created_after: new Date(START + 5 * DAY_MS).toISOString() },
  {
    created_after: new Date(START + 5 * DAY_MS).toISOString(),
    created_before: new Date(START + 6 * DAY_MS).toISOString(),
  },
  { created_before: new Date(START + DAY_MS).toISOString(), model: 'custom', status: 'COMPLETED' },
];

/** @returns ms at this part of the sorted times */
function percentile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

interface Times {
  wall: number[];
  /** Of the thread: what a machine that does something else at the same time does not blur. */
  cpu: number[];
}

function timeEach(n: number, action: (i: number) => void): Times {
  const times: Times = { wall: [], cpu: [] };
  for (let i = 0; i < n; i += 1) {
    const started = performance.now();
    const before = process.threadCpuUsage();
    action(i);
    const { user, system } = process.threadCpuUsage(before);
    times.wall.push(performance.now() - started);
    times.cpu.push((user + system) / 1000);
  }
  return times;
}

/** Every second task ends, so that lists and estimates have what they look for. */
function endHalf(store: Store, queue: Queue): void {
  const { tasks } = store;
  const now = new Date().toISOString();
  const metrics = { peak_gpu_memory_MB: null, avg_step_time_ms: null };
  store.transaction(() => {
    for (let i = 0; i < N_TASKS; i += 2) {
      const { task_id } = exampleTask(i);
      tasks.assign(task_id, SLOT);
      tasks.start(task_id, now, false);
      if (i % 20 === 0) tasks.fail(task_id, 'RUNNING', now, { type: 'ModelError', message: '', details: {} }, false);
      else if (i % 50 === 2) queue.complete(task_id, 1 + (i % 9));
      else tasks.complete(task_id, now, 1, metrics);
    }
  });
}

function openQueue(store: Store) {
  return createQueue({ store, events: createTaskEvents(), now: () => new Date(), maxQueueSize: 2 * N_TASKS });
}

export function measureQueue(version: string): Measurement[] {
  const home = mkdtempSync(join(tmpdir(), 'mofsim-bench-queue-'));
  const measurements: Measurement[] = [];
  const report = (name: string, { wall, cpu }: Times, filter = ''): void => {
    measurements.push({
      case: name,
      unit: 'ms',
      ours: { program: 'mofsim', version, value: percentile(wall, 0.99) },
      settings: {
        statistic: 'p99',
        n_tasks: N_TASKS,
        repeats: wall.length,
        median: percentile(wall, 0.5),
        cpu_p99: percentile(cpu, 0.99),
        filter,
      },
      peers: [],
      notes: [],
    });
  };
  try {
    let store = openStore(home);
    let queue = openQueue(store);
    const batches = timeEach(N_TASKS / BATCH, (b) => {
      queue.submit(Array.from({ length: BATCH }, (_, i) => exampleTask(b * BATCH + i)));
    });
    report('submit_batch_of_1000', batches);

    report(
      'submit_with_100000_waiting',
      timeEach(REPEATS, (i) => queue.submit([exampleTask(N_TASKS + i)])),
    );
    report(
      'claim_with_100000_waiting',
      timeEach(REPEATS, () => queue.claim(SLOT)),
    );
    report(
      'claim_that_nothing_fits',
      timeEach(REPEATS, () => queue.claim(SLOT, () => null)),
    );
    endHalf(store, queue);
    const waiting = store.tasks.list({ owner: 'local', status: 'QUEUED' }, 200, 20_000);
    report(
      'estimate_of_a_new_task',
      timeEach(REPEATS, () => queue.estimateWaitSeconds('NORMAL', 1)),
    );
    report(
      'estimates_of_a_page_of_200',
      timeEach(REPEATS, () => queue.estimateWaits(waiting, 1)),
    );
    report(
      'queue_state',
      timeEach(REPEATS, () => queue.state(1)),
    );
    for (const filter of FILTERS) {
      const n_pages = Math.max(1, Math.ceil(store.tasks.count({ owner: 'local', ...filter }) / PAGE_SIZE));
      const times = timeEach(REPEATS, (i) => {
        store.tasks.page({ owner: 'local', ...filter }, PAGE_SIZE, PAGE_SIZE * ((i * 97) % n_pages));
      });
      report('list_and_count', times, JSON.stringify(filter));
    }
    store.close();
    const starts = timeEach(5, () => {
      store = openStore(home);
      queue = openQueue(store);
      queue.reconcile();
      store.close();
    });
    report('open_and_reconcile', starts);
    return measurements;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
