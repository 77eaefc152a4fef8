// A database with 100 000 tasks: how long a start and a list with filters take.
import { openStore } from '../../worker/store/store.ts';
import type { Store } from '../../worker/store/store.ts';
import type { NewTask } from '../../worker/store/tasks.ts';
import { createQueue } from '../../worker/queue/queue.ts';
import { createTaskEvents } from '../../worker/queue/task-events.ts';
import { createId } from '../../worker/service/ids.ts';
import { runLoad, percentile } from '../load.ts';
import { machineLoad, rounded } from '../measurement.ts';
import type { Measurement } from '../measurement.ts';
import { makeUnlimitedHome, startService } from '../service-process.ts';

const N_TASKS = 100_000;
const N_WAITING = 3000;
const CHUNK = 1000;
/** One task every 86 s: the last ones are of today, the first are 100 days old. */
const SPACING_MS = 86_400;
const WARM_UP_REPEATS = 2;
const REPEATS = 20;
const REQUESTS_PER_SECOND = 20;
const SLOT = { slot_id: 'cpu', device: 'cpu', gpu_id: null };
const FAILURE = { type: 'OptimizationDiverged', message: 'for the benchmark', details: {} } as const;
const TYPES = ['optimization', 'single-point-energy', 'stability', 'bulk-modulus'] as const;
const PRIORITIES = ['NORMAL', 'LOW', 'HIGH', 'NORMAL'] as const;
const FRAMEWORKS = ['MOF-5', 'HKUST-1', 'UiO-66', 'ZIF-8', 'NU-1000'] as const;

export async function measureDatabase(version: string, home: string): Promise<Measurement[]> {
  await makeUnlimitedHome(home);
  fillDatabase(home);
  const service = await startService(home);
  try {
    const filters = filtersOf(Date.now());
    const requests = Array.from({ length: WARM_UP_REPEATS + REPEATS }, () => filters).flat();
    const load = { url: service.url, requests_per_second: REQUESTS_PER_SECOND };
    const next = (i: number) => ({
      kind: requests[i] ?? '',
      method: 'GET' as const,
      path: `/tasks${requests[i] ?? ''}`,
    });
    const all = await runLoad({ ...load, seconds: requests.length / REQUESTS_PER_SECOND, next });
    const answers = all.slice(WARM_UP_REPEATS * filters.length);
    const timesOf = (filter: string) =>
      answers.filter(({ kind }) => kind === filter).map(({ milliseconds }) => milliseconds);
    const slowest = filters.toSorted((a, b) => percentile(timesOf(b), 0.5) - percentile(timesOf(a), 0.5))[0] ?? '';
    const times = answers.map(({ milliseconds }) => milliseconds);
    return [
      {
        case: 'service_start_with_100000_tasks',
        unit: 's',
        ours: { program: 'mofsim', version, value: service.seconds },
        peers: [],
        settings: { n_tasks: N_TASKS, ...machineLoad() },
        notes: [],
      },
      {
        case: 'service_list_p99_with_100000_tasks',
        unit: 'ms',
        ours: { program: 'mofsim', version, value: percentile(times, 0.99) },
        peers: [],
        settings: {
          n_tasks: N_TASKS,
          ...machineLoad(),
          n_filters: filters.length,
          n_requests: times.length,
          n_refused: answers.filter(({ status }) => status !== 200).length,
          p50_ms: rounded(percentile(times, 0.5)),
          max_ms: rounded(Math.max(...times)),
          slowest_filter: slowest,
          slowest_filter_p50_ms: rounded(percentile(timesOf(slowest), 0.5)),
        },
        notes: [],
      },
    ];
  } finally {
    await service.stop();
  }
}

/** What lab scripts and the window ask for. */
function filtersOf(nowMs: number): string[] {
  const daysAgo = (days: number): string => new Date(nowMs - days * 86_400_000).toISOString();
  return [
    '',
    '?page=50',
    '?page_size=200',
    '?status=COMPLETED',
    '?status=FAILED',
    '?status=QUEUED',
    '?task_type=stability',
    '?model=uff4mof',
    '?priority=HIGH',
    '?tag=screening-7',
    '?batch_id=batch_7',
    '?search=NU-1000',
    '?search=4711',
    '?search=7',
    '?search=run%2099&status=FAILED',
    `?created_after=${daysAgo(1)}`,
    `?created_after=${daysAgo(60)}&created_before=${daysAgo(50)}`,
    '?status=COMPLETED&task_type=optimization&model=uff4mof&priority=HIGH&page=5',
  ];
}

/** Most tasks have ended in one way or another, a few thousand wait in a queue that is paused. */
function fillDatabase(home: string): void {
  const store = openStore(home);
  try {
    const beginMs = Date.now() - N_TASKS * SPACING_MS;
    for (let first = 0; first < N_TASKS - N_WAITING; first += CHUNK) {
      store.transaction(() => {
        for (let i = first; i < first + CHUNK; i += 1) insertEnded(store, i, beginMs + i * SPACING_MS);
      });
    }
    const queue = createQueue({ store, events: createTaskEvents(), now: () => new Date(), maxQueueSize: N_TASKS });
    queue.pause();
    queue.submit(
      Array.from({ length: N_WAITING }, (_, n) => exampleTask(N_TASKS - N_WAITING + n, Date.now() - N_WAITING + n)),
    );
    queue.drain();
  } finally {
    store.close();
  }
}

/** As the queue would leave it, but for its log lines: 100 000 tasks through the queue would take many minutes. */
export function insertEnded({ tasks }: Store, i: number, createdMs: number, batch_id?: string): string {
  const example = exampleTask(i, createdMs);
  const task = batch_id === undefined ? example : { ...example, batch_id };
  const { task_id, created_at } = task;
  const at = (ms: number): string => new Date(createdMs + ms).toISOString();
  tasks.insert(task, { work: task.n_atoms, size_class: 7 }, { queued_at: created_at, queue_time: createdMs });
  tasks.assign(task_id, SLOT);
  tasks.start(task_id, at(1000), false);
  if (i % 10 === 0) tasks.fail(task_id, 'RUNNING', at(5000), FAILURE, false);
  else if (i % 20 === 5) tasks.cancel(task_id, 'RUNNING', at(5000));
  else tasks.complete(task_id, at(13_500), 12.5, { peak_gpu_memory_MB: null, avg_step_time_ms: 3.1 });
  return task_id;
}

function exampleTask(i: number, createdMs: number): NewTask {
  const framework = FRAMEWORKS[i % FRAMEWORKS.length] ?? 'MOF-5';
  return {
    task_id: createId('task'),
    owner: 'local',
    key_id: `key_${i % 3}`,
    task_type: TYPES[i % TYPES.length] ?? 'optimization',
    model: 'uff4mof',
    with_d3: false,
    parameters: { fmax: 0.001, max_steps: 500, optimizer: 'LBFGS' },
    structure_source: { source: 'builtin', name: framework },
    structure_name: framework,
    input_sha256: null,
    n_atoms: 106 + (i % 300),
    formula: 'C48H24O26Zn8',
    name: `run ${i}`,
    tags: [`screening-${i % 50}`, framework],
    depends_on: [],
    batch_id: `batch_${Math.floor(i / 100)}`,
    retry_of: null,
    priority: PRIORITIES[i % PRIORITIES.length] ?? 'NORMAL',
    max_attempts: 3,
    timeout_seconds: null,
    webhook_url: null,
    webhook_secret: null,
    created_at: new Date(createdMs).toISOString(),
  };
}
