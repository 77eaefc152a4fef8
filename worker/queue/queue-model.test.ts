// The queue against a model of it: random operations, then the same answers and the same states on both sides.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prioritySchema } from '../../contracts/task.ts';
import type { TaskError } from '../../contracts/task.ts';
import { isFinalStatus, isLegalTransition } from '../../contracts/task-status.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import { createQueue } from './queue.ts';
import type { Queue } from './queue.ts';
import { createTaskEvents } from './task-events.ts';
import { MAX_ATTEMPTS, modelDelayMs, QueueModel } from './testing/queue-model.ts';
import type { ModelTask } from './testing/queue-model.ts';

const CPU = { slot_id: 'cpu', device: 'cpu', gpu_id: null };
const WALL = Date.parse('2026-01-01T00:00:00.000Z');
const N_TASKS = 9;
/** Every operation is a commit: a disk would only make them slow. */
const MEMORY_FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const ON_TASK = [
  'start',
  'record',
  'complete',
  'fail',
  'crash',
  'cancel',
  'timeOut',
  'putBack',
  'preempted',
  'remove',
] as const;

type Operation =
  | { do: 'submit'; rank: number; key: string | null; isSinglePoint: boolean; timeout: number | null; after: number[] }
  | { do: 'claim' | 'restart' | 'pause' | 'resume' | 'preemption' }
  | { do: 'wait' | 'jump'; ms: number }
  | { do: (typeof ON_TASK)[number]; index: number };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      rank: fc.nat(3),
      key: fc.constantFrom(null, 'a', 'b'),
      isSinglePoint: fc.boolean(),
      timeout: fc.constantFrom(null, null, 5),
      after: fc.oneof(fc.constant<number[]>([]), fc.array(fc.nat(N_TASKS), { maxLength: 2 })),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'pause', 'resume', 'resume', 'preemption') }),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(500, 3000, 2_000_000) }),
      fc.record({ do: fc.constant('jump' as const), ms: fc.constantFrom(-1e9, -4_000_000, 4_000_000, 1e9) }),
    ),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom(...ON_TASK), index: fc.nat(N_TASKS) }) },
);

/** Both sides, and every operation on both. */
class Both {
  readonly #home: string;
  readonly model = new QueueModel();
  store!: Store;
  #queue!: Queue;

  constructor(home: string) {
    this.#home = home;
    this.model.wall = WALL;
    this.model.open();
    this.#open();
  }

  #open(): void {
    this.store = openStore(this.#home);
    this.#queue = createQueue({
      store: this.store,
      events: createTaskEvents(),
      now: () => new Date(this.model.wall),
      uptime: () => this.model.uptime,
      retryDelayMs: modelDelayMs,
    });
  }

  close(): void {
    this.#queue.drain();
    this.store.close();
  }

  apply(step: Operation): void {
    const { model } = this;
    switch (step.do) {
      case 'submit':
        this.#submit(step);
        return;
      case 'claim':
        expect(this.#queue.claim(CPU)?.task_id ?? null).toBe(model.claim());
        return;
      case 'restart':
        this.close();
        this.#open();
        this.#queue.reconcile();
        model.restart();
        return;
      case 'pause':
      case 'resume':
        this.#queue[step.do]();
        model.is_paused = step.do === 'pause';
        return;
      case 'preemption':
        this.#preempt();
        return;
      case 'wait':
        model.uptime += step.ms;
        model.wall += step.ms;
        return;
      case 'jump':
        model.wall += step.ms;
        return;
      case 'start':
      case 'record':
      case 'complete':
      case 'fail':
      case 'crash':
      case 'cancel':
      case 'timeOut':
      case 'putBack':
      case 'preempted':
      case 'remove': {
        const task = model.tasks[step.index];
        if (task !== undefined) this.#applyTo(step.do, task);
      }
    }
  }

  #submit({ rank, key, isSinglePoint, timeout, after }: Extract<Operation, { do: 'submit' }>): void {
    const depends_on = [...new Set(after)].flatMap((i) => this.model.tasks[i]?.id ?? []);
    const task = exampleTask({
      task_type: isSinglePoint ? 'single-point-energy' : 'optimization',
      priority: prioritySchema.options[3 - rank] ?? 'LOW',
      key_id: key,
      timeout_seconds: timeout,
      max_attempts: MAX_ATTEMPTS,
      depends_on,
    });
    this.#queue.submit([task]);
    const is_checkpointed = !isSinglePoint;
    this.model.submit({
      id: task.task_id,
      key: key ?? '',
      rank,
      is_checkpointed,
      timeout_seconds: timeout,
      depends_on,
    });
  }

  #preempt(): void {
    const expected = this.model.preemption();
    expect(this.#queue.preemption()).toEqual(expected);
    const victim = this.model.find(expected?.victim ?? '');
    if (victim !== undefined) this.#applyTo('preempted', victim);
  }

  #applyTo(action: (typeof ON_TASK)[number], task: ModelTask): void {
    const { model } = this;
    const queue = this.#queue;
    const before = task.status;
    const isRunning = before === 'RUNNING';
    const isActive = isRunning || before === 'ASSIGNED';
    const elapsed = model.elapsed(task);
    switch (action) {
      case 'start':
        expect(queue.start(task.id)).toBe(before === 'ASSIGNED');
        if (before === 'ASSIGNED') model.start(task);
        return;
      case 'record':
        queue.record(task.id, [{ type: 'progress', progress: 50 }]);
        if (isRunning) task.recorded_ms = elapsed;
        return;
      case 'complete':
        expect(queue.complete(task.id, 1)).toBe(isRunning);
        if (isRunning) model.end(task, 'COMPLETED');
        return;
      case 'timeOut':
        expect(queue.timeOut(task.id)).toBe(isRunning);
        if (isRunning) model.end(task, 'TIMEOUT');
        return;
      case 'cancel':
        expect(queue.cancel(task.id)).toBe(isFinalStatus(before) ? null : before);
        if (!isFinalStatus(before)) model.end(task, 'CANCELLED');
        return;
      case 'putBack':
        queue.putBack(task.id);
        if (isActive) model.giveBack(task, elapsed);
        return;
      case 'preempted':
        queue.preempted(task.id);
        if (!isRunning) return;
        model.giveBack(task, elapsed);
        if (!isFinalStatus(task.status)) task.preemptions += 1;
        return;
      case 'remove':
        expect(queue.remove(task.id)).toBe(isFinalStatus(before));
        if (isFinalStatus(before)) model.tasks = model.tasks.filter((other) => other !== task);
        return;
      case 'fail':
      case 'crash':
        // Only what runs can fail; the pool never says so of a task that waits.
        if (!isActive) return;
        queue.fail(task.id, failure(action === 'crash' ? 'KernelCrashed' : 'ModelError'));
        if (action === 'crash') model.loseAttempt(task, elapsed);
        else model.end(task, 'FAILED');
    }
  }
}

function failure(type: TaskError['type']): TaskError {
  return { type, message: 'it ended', details: {} };
}

/** Sums that triggers keep are what counting gives. */
function expectKeptSums({ store, model }: Both): void {
  for (const status of new Set(model.tasks.map((task) => task.status))) {
    const n = model.tasks.filter((task) => task.status === status).length;
    expect(store.tasks.count({ owner: 'local', status })).toBe(n);
  }
  const waiting = store.queuedWork.waiting().reduce((sum, { n }) => sum + n, 0);
  expect(waiting).toBe(model.tasks.filter(({ status }) => status === 'QUEUED').length);
}

test('random_operations_give_what_the_model_gives_and_only_legal_moves', () => {
  const folder = mkdtempSync(join(MEMORY_FOLDER, 'mofsim-queue-model-'));
  let n_runs = 0;
  try {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 20, maxLength: 80 }), (operations) => {
        n_runs += 1;
        const both = new Both(join(folder, String(n_runs)));
        try {
          for (const step of operations) {
            const before = new Map(both.model.tasks.map(({ id }) => [id, both.store.tasks.find(id)?.status]));
            both.apply(step);
            for (const { id, status, attempts, preemptions } of both.model.tasks) {
              expect(both.store.tasks.find(id)).toMatchObject({ status, attempts, preemptions });
              expectLegal(step, before.get(id), status);
            }
            expectKeptSums(both);
          }
        } finally {
          both.close();
        }
      }),
      { numRuns: 40 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** A restart makes two moves at most: back into the queue, or to the end. */
function expectLegal(step: Operation, from: TaskStatus | undefined, to: TaskStatus): void {
  if (from === undefined || from === to) return;
  expect(isLegalTransition(from, to), `${step.do}: ${from} -> ${to}`).toBe(true);
}
