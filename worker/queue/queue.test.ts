// What the queue does, one promise after the other; queue-model.test.ts holds it against a model.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskEvent } from '../../contracts/event.ts';
import type { Priority, TaskError } from '../../contracts/task.ts';
import type { TaskStatus } from '../../contracts/task-status.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import { createQueue } from './queue.ts';
import type { Queue } from './queue.ts';
import { createTaskEvents } from './task-events.ts';
import type { TaskEvents } from './task-events.ts';

const CPU = { slot_id: 'cpu', device: 'cpu', gpu_id: null };
const MAX_ATTEMPTS = 3;

let home = '';
let store: Store;
let events: TaskEvents;
let queue: Queue;

function open(): void {
  store = openStore(home);
  events = createTaskEvents();
  queue = createQueue({
    store,
    events,
    now: () => new Date('2026-01-01T00:00:10.000Z'),
    uptime: () => 0,
    retryDelayMs: () => 0,
  });
}

function submit(priority: Priority = 'NORMAL'): string {
  const task = exampleTask({ priority, max_attempts: MAX_ATTEMPTS });
  queue.submit([task]);
  return task.task_id;
}

function statusOf(task_id: string): TaskStatus | undefined {
  return store.tasks.find(task_id)?.status;
}

function crash(type: TaskError['type']): TaskError {
  return { type, message: 'it ended', details: {} };
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mofsim-queue-'));
  open();
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

describe('the queue', () => {
  test('a_lost_attempt_is_repeated_until_none_is_left', () => {
    const id = submit();
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      expect(queue.claim(CPU)?.attempts).toBe(attempt);
      queue.start(id);
      queue.fail(id, crash('KernelCrashed'));
    }
    expect(store.tasks.find(id)).toMatchObject({ status: 'FAILED', error: { type: 'KernelCrashed' } });
    expect(queue.claim(CPU)).toBeNull();
  });

  test('a_failed_calculation_is_not_repeated', () => {
    const id = submit();
    queue.claim(CPU);
    queue.start(id);
    queue.fail(id, crash('AtomTypingError'));
    expect(statusOf(id)).toBe('FAILED');
  });

  test('steps_of_a_lost_attempt_are_forgotten_and_its_log_stays', () => {
    const id = submit();
    queue.claim(CPU);
    queue.start(id);
    queue.record(id, [
      { type: 'step', step: 0, energy_eV: -1, max_force_eV_A: 1, volume_A3: 10, temperature_k: null },
      { type: 'progress', progress: 30 },
    ]);
    queue.fail(id, crash('TaskProcessCrashed'));
    expect(store.history.stepsAfter(id, 0, 10)).toEqual([]);
    expect(store.tasks.find(id)?.progress).toBe(0);
    const warnings = store.history.logs(id, 'WARNING', 10, 0);
    expect(warnings.map(({ message }) => message).join()).toContain('Attempt 1 of 3 was lost');
  });

  test('events_after_the_end_are_dropped_except_log_lines', () => {
    const id = submit();
    queue.claim(CPU);
    queue.start(id);
    queue.cancel(id);
    const seen: TaskEvent[] = [];
    events.subscribe(id, (news) => seen.push(...news.map(({ event }) => event)));
    queue.record(id, [
      { type: 'step', step: 0, energy_eV: -1, max_force_eV_A: 1, volume_A3: null, temperature_k: null },
      { type: 'state', status: 'COMPLETED', progress: 100, error: null },
      { type: 'log', timestamp: '2026-01-01T00:00:00.000Z', level: 'INFO', message: 'last words', context: {} },
    ]);
    expect(seen.map(({ type }) => type)).toEqual(['log']);
    expect(queue.complete(id, 1)).toBe(false);
    expect(statusOf(id)).toBe('CANCELLED');
  });

  test('reconcile_brings_back_what_the_last_service_left_under_way', () => {
    const [running, assigned, waiting] = [submit(), submit(), submit()];
    queue.claim(CPU);
    queue.start(running);
    queue.claim(CPU);
    const pending = store.tasks.insert(exampleTask(), { work: 8, size_class: 6 }, null).task_id;
    store.close();

    open();
    queue.reconcile();
    expect([running, assigned, waiting, pending].map(statusOf)).toEqual(['QUEUED', 'QUEUED', 'QUEUED', 'QUEUED']);
    // It keeps its place: the interrupted one comes first again.
    expect(queue.claim(CPU)).toMatchObject({ task_id: running, attempts: 2 });
  });

  test('a_task_that_is_put_back_waits_without_having_lost_an_attempt', () => {
    const id = submit();
    queue.claim(CPU);
    queue.start(id);
    queue.putBack(id);
    expect(store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 0, started_at: null, slot_id: null });
    queue.cancel(id);
    queue.putBack(id);
    expect(statusOf(id)).toBe('CANCELLED');
  });

  test('numbers_of_events_go_on_after_a_restart', () => {
    const id = submit();
    queue.log(id, 'INFO', 'before the restart');
    const before = store.tasks.find(id)?.event_sequence ?? 0;
    expect(before).toBeGreaterThan(0);
    store.close();
    open();
    queue.log(id, 'INFO', 'hello');
    expect(store.tasks.find(id)?.event_sequence).toBe(before + 1);
  });
});
