import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import type { NewTask } from '../store/tasks.ts';
import { createQueue } from './queue.ts';
import type { ClaimCandidate, Queue } from './queue.ts';
import { createTaskEvents } from './task-events.ts';

const GPU = { slot_id: 'GPU-1', device: 'cuda:0', gpu_id: 0 };
const MINUTE_MS = 60_000;

let home = '';
let store: Store;
let queue: Queue;
let uptime = 0;

function open(options: { maxQueueSize?: number } = {}): void {
  store = openStore(home);
  queue = createQueue({
    store,
    events: createTaskEvents(),
    now: () => new Date('2026-01-01T00:00:00.000Z'),
    uptime: () => uptime,
    retryDelayMs: (attempts) => 1000 * attempts,
    ...options,
  });
}

function submit(changes: Partial<NewTask> = {}): string {
  const task = exampleTask(changes);
  queue.submit([task]);
  return task.task_id;
}

function run(task_id: string): void {
  expect(queue.claim(GPU)?.task_id).toBe(task_id);
  queue.start(task_id);
}

beforeEach(() => {
  uptime = 0;
  home = mkdtempSync(join(tmpdir(), 'mofsim-claim-'));
  open();
});
afterEach(() => {
  queue.drain();
  store.close();
  rmSync(home, { recursive: true, force: true });
});

describe('a claim', () => {
  test('passes_over_what_does_not_fit_and_leaves_it_waiting', () => {
    const large = submit({ n_atoms: 5000 });
    const small = submit({ n_atoms: 50 });
    const fits = ({ n_atoms }: ClaimCandidate) => ((n_atoms ?? 0) < 1000 ? 0 : null);
    expect(queue.claim(GPU, fits)?.task_id).toBe(small);
    expect(queue.claim(GPU, fits)).toBeNull();
    expect(queue.claim(GPU)?.task_id).toBe(large);
  });

  test('rather_takes_a_task_of_the_loaded_model_but_only_from_among_equals', () => {
    const other = submit({ model: 'other' });
    const loaded = submit({ model: 'loaded' });
    const foreign = submit({ model: 'loaded', key_id: 'somebody else' });
    const affinity = ({ model }: ClaimCandidate) => (model === 'loaded' ? 1 : 0);
    expect(queue.claim(GPU, affinity)?.task_id).toBe(loaded);
    // The key that occupies nothing comes first.
    expect(queue.claim(GPU, affinity)?.task_id).toBe(foreign);
    expect(queue.claim(GPU, affinity)?.task_id).toBe(other);
  });

  test('no_better_fitting_task_overtakes_one_that_has_waited_ten_minutes_longer', () => {
    const other = submit({ model: 'other' });
    uptime = 11 * MINUTE_MS;
    submit({ model: 'loaded' });
    expect(queue.claim(GPU, ({ model }) => (model === 'loaded' ? 1 : 0))?.task_id).toBe(other);
  });

  test('finds_the_one_that_fits_behind_hundreds_that_do_not', () => {
    queue.submit(Array.from({ length: 300 }, () => exampleTask({ model: 'too large' })));
    const fitting = submit();
    expect(queue.claim(GPU, ({ model }) => (model === 'too large' ? null : 0))?.task_id).toBe(fitting);
  });

  test('gives_nothing_while_the_queue_is_paused_also_after_a_restart', () => {
    submit();
    queue.pause();
    store.close();
    open();
    expect(queue.state(1)).toMatchObject({ is_paused: true, queued: 1 });
    expect(queue.claim(GPU)).toBeNull();
    let told = 0;
    queue.onQueued(() => (told += 1));
    queue.resume();
    expect(told).toBe(1);
    expect(queue.claim(GPU)).not.toBeNull();
  });

  test('waits_for_the_delay_after_a_lost_attempt_and_tells_when_it_is_over', async () => {
    const id = submit();
    run(id);
    const waited = new Promise<void>((resolve) => {
      queue.onQueued(resolve);
    });
    queue.fail(id, { type: 'KernelCrashed', message: 'lost', details: {} });
    expect(queue.claim(GPU)).toBeNull();
    await waited;
    uptime = 1000;
    expect(queue.claim(GPU)?.task_id).toBe(id);
  });

  test('gives_nothing_to_a_service_that_stops_and_nothing_new_is_taken', () => {
    submit();
    queue.drain();
    expect(queue.claim(GPU)).toBeNull();
    expect(() => submit()).toThrow(expect.objectContaining({ code: 50301 }));
  });
});

describe('a task in the queue', () => {
  test('is_refused_when_the_queue_is_full_and_the_whole_call_with_it', () => {
    store.close();
    open({ maxQueueSize: 2 });
    submit();
    expect(() => queue.submit([exampleTask(), exampleTask()])).toThrow(expect.objectContaining({ code: 50303 }));
    expect(store.tasks.count({ owner: 'local' })).toBe(1);
  });

  test('may_depend_on_those_before_it_in_the_same_call_and_on_no_later_one', () => {
    const first = exampleTask();
    const second = exampleTask({ depends_on: [first.task_id] });
    expect(() => queue.submit([second, first])).toThrow(expect.objectContaining({ code: 40401 }));
    const self = exampleTask();
    expect(() => queue.submit([{ ...self, depends_on: [self.task_id] }])).toThrow(
      expect.objectContaining({ code: 40401 }),
    );
    expect(queue.submit([first, second]).map(({ status }) => status)).toEqual(['QUEUED', 'PENDING']);
  });

  test('waits_for_the_task_that_its_structure_comes_from', () => {
    const source = submit();
    const user = submit({ structure_source: { source: 'task', task_id: source }, n_atoms: null, formula: null });
    expect(store.tasks.find(user)).toMatchObject({ status: 'PENDING', queued_at: null, work: null });
    run(source);
    queue.complete(source, 1);
    expect(store.tasks.find(user)?.status).toBe('QUEUED');
    queue.describe(user, { n_atoms: 24, formula: 'C24' });
    expect(store.tasks.find(user)).toMatchObject({ n_atoms: 24, work: 24 });
  });

  test('fails_with_what_it_waits_for_and_so_does_what_waits_for_it', () => {
    const first = submit();
    const second = submit({ depends_on: [first] });
    const third = submit({ depends_on: [second] });
    queue.cancel(first);
    expect(store.tasks.find(third)).toMatchObject({
      status: 'FAILED',
      error: { type: 'DependencyFailed', details: { task_id: second } },
    });
    const late = submit({ depends_on: [third] });
    expect(store.tasks.find(late)?.error?.type).toBe('DependencyFailed');
  });

  test('times_out_over_all_attempts_together', () => {
    const id = submit({ timeout_seconds: 10 });
    run(id);
    uptime += 6000;
    queue.putBack(id);
    const again = store.tasks.find(id)!;
    expect(again).toMatchObject({ status: 'QUEUED', computed_seconds: 6 });
    expect(queue.remainingTimeout(again)).toBeCloseTo(4, 9);
    run(id);
    uptime += 4000;
    queue.putBack(id);
    expect(store.tasks.find(id)).toMatchObject({ status: 'TIMEOUT', error: { type: 'TimeoutError' } });
  });

  test('that_ended_its_process_every_time_is_parked', () => {
    const id = submit({ max_attempts: 1 });
    run(id);
    queue.fail(id, { type: 'KernelCrashed', message: 'lost', details: { signal: 'SIGSEGV' } });
    expect(store.tasks.find(id)).toMatchObject({
      status: 'FAILED',
      is_parked: true,
      error: { details: { parked: true, signal: 'SIGSEGV' } },
    });
  });

  test('makes_room_once_for_a_critical_one_and_keeps_its_place_and_attempts', () => {
    const low = submit({ priority: 'LOW' });
    run(low);
    expect(queue.preemption()).toBeNull();
    const critical = submit({ priority: 'CRITICAL' });
    expect(queue.preemption()).toEqual({ victim: low, for: critical });
    expect(queue.preemption()).toBeNull();
    // Nothing came of it: it is asked again.
    uptime += 61_000;
    expect(queue.preemption()).toEqual({ victim: low, for: critical });
    queue.preempted(low);
    expect(store.tasks.find(low)).toMatchObject({ status: 'QUEUED', attempts: 0, preemptions: 1 });
    run(critical);
    // NORMAL work waits for nobody's checkpoint.
    submit({ priority: 'CRITICAL' });
    expect(queue.preemption()).toBeNull();
  });
});

describe('what others write with a move', () => {
  test('is_in_the_same_transaction_and_takes_it_back_when_it_fails', () => {
    store.close();
    store = openStore(home);
    const seen: string[] = [];
    queue = createQueue({
      store,
      events: createTaskEvents(),
      now: () => new Date(),
      inTransaction: [
        ({ task_id, status }, previous) => {
          seen.push(`${previous ?? 'new'} ${status}`);
          store.settings.set('seen', task_id);
          if (status === 'CANCELLED') throw new Error('no room for the webhook');
        },
      ],
    });
    const id = submit();
    expect(() => queue.cancel(id)).toThrow('no room for the webhook');
    expect(store.tasks.find(id)?.status).toBe('QUEUED');
    expect(seen).toEqual(['new QUEUED', 'QUEUED CANCELLED']);
    expect(queue.claim(GPU)?.task_id).toBe(id);
  });
});

describe('estimates', () => {
  test('come_from_measured_tasks_of_the_same_kind_and_similar_size', () => {
    const first = submit({ n_atoms: 100 });
    expect(queue.estimateWaitSeconds('NORMAL', 1)).toBeNull();
    run(first);
    queue.complete(first, 50);
    submit({ n_atoms: 110 });
    const last = submit({ n_atoms: 90 });
    expect(queue.estimateWaitSeconds('NORMAL', 1)).toBeCloseTo(0.5 * (110 + 90), 6);
    expect(queue.estimateWaitSeconds('NORMAL', 2)).toBeCloseTo(0.25 * (110 + 90), 6);
    expect(queue.estimateWaitSeconds('HIGH', 1)).toBe(0);
    expect(queue.estimateWaitSeconds('HIGH', 0)).toBeNull();
    // The half of the waiting work that is ahead of the second of two.
    const row = store.tasks.find(last)!;
    expect(queue.estimateWaits([row], 1).get(last)).toBeCloseTo(50, 6);
    submit({ n_atoms: 10_000 });
    expect(queue.estimateWaitSeconds('NORMAL', 1)).toBeNull();
  });

  test('of_a_running_task_are_what_is_left_and_never_negative', () => {
    const first = submit({ n_atoms: 100 });
    run(first);
    queue.complete(first, 50);
    const second = submit({ n_atoms: 100 });
    run(second);
    uptime += 20_000;
    const row = store.tasks.find(second)!;
    expect(queue.estimateRemainingSeconds(row)).toBeCloseTo(30, 6);
    uptime += 100_000;
    expect(queue.estimateRemainingSeconds(row)).toBe(0);
    expect(queue.estimateWaitSeconds('NORMAL', 1)).toBe(0);
  });

  test('of_a_running_task_go_by_its_own_slot_where_that_has_measured', () => {
    const slow = { slot_id: 'cpu', device: 'cpu', gpu_id: null };
    for (const [slot, seconds] of [[GPU, 10] as const, [slow, 90] as const]) {
      const id = submit({ n_atoms: 100 });
      queue.claim(slot);
      queue.start(id);
      queue.complete(id, seconds);
    }
    const running = submit({ n_atoms: 100 });
    queue.claim(slow);
    queue.start(running);
    expect(queue.estimateRemainingSeconds(store.tasks.find(running)!)).toBeCloseTo(90, 6);
    submit({ n_atoms: 100 });
    expect(queue.estimateWaitSeconds('NORMAL', 1)).toBeCloseTo(90 + 50, 6);
  });
});
