// Tasks that are claimed together, and the time that each of them is charged for.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import type { NewTask, TaskRow } from '../store/tasks.ts';
import { createQueue } from './queue.ts';
import type { Queue } from './queue.ts';
import { createTaskEvents } from './task-events.ts';

const GPU = { slot_id: 'GPU-1', device: 'cuda:0', gpu_id: 0 };
const MINUTE_MS = 60_000;

let home = '';
let store: Store;
let queue: Queue;
let uptime = 0;

beforeEach(() => {
  uptime = 0;
  home = mkdtempSync(join(tmpdir(), 'mofsim-claim-behind-'));
  store = openStore(home);
  const now = () => new Date('2026-01-01T00:00:00.000Z');
  queue = createQueue({ store, events: createTaskEvents(), now, uptime: () => uptime, retryDelayMs: () => 1000 });
});
afterEach(() => {
  queue.drain();
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function submit(changes: Partial<NewTask> = {}): string {
  const task = exampleTask(changes);
  queue.submit([task]);
  return task.task_id;
}

function claim(): TaskRow {
  const task = queue.claim(GPU);
  if (task === null) throw new Error('Nothing waits.');
  return task;
}

describe('a claim of more', () => {
  test('offers_what_waits_behind_the_first_of_its_key_and_level_in_the_order_of_service', () => {
    const first = submit();
    const second = submit();
    submit({ key_id: 'somebody else' });
    submit({ priority: 'LOW' });
    const third = submit();
    uptime = 11 * MINUTE_MS;
    submit();
    const claimed = claim();
    expect(claimed.task_id).toBe(first);
    const taken = queue.claimBehind(claimed, GPU, (behind) => {
      expect(behind.map(({ task_id }) => task_id)).toEqual([second, third]);
      return behind.slice(1);
    });
    expect(taken).toMatchObject([{ task_id: third, status: 'ASSIGNED', slot_id: 'GPU-1', attempts: 1 }]);
    expect(store.tasks.find(second)?.status).toBe('QUEUED');
  });

  test('takes_nothing_that_is_put_off_and_nothing_while_the_queue_is_paused', () => {
    const [first, failed] = [submit(), submit()];
    const again = queue.claim(GPU, ({ task_id }) => (task_id === failed ? 0 : null));
    queue.fail(again?.task_id ?? '', { type: 'KernelCrashed', message: 'it crashed', details: {} });
    submit();
    const claimed = claim();
    expect(claimed.task_id).toBe(first);
    queue.pause();
    expect(queue.claimBehind(claimed, GPU, (behind) => behind)).toEqual([]);
    queue.resume();
    const taken = queue.claimBehind(claimed, GPU, (behind) => behind);
    expect(taken.map(({ task_id }) => task_id)).not.toContain(failed);
    expect(taken).toHaveLength(1);
  });

  test('a_member_is_charged_for_its_share_of_the_time', () => {
    const ids = [submit(), submit()];
    for (const id of ids) expect(claim().task_id).toBe(id);
    queue.start(ids[0]!, false, 0.25);
    queue.start(ids[1]!, false, 0.75);
    uptime = 8_000;
    queue.putBack(ids[0]!);
    queue.putBack(ids[1]!);
    expect(ids.map((id) => store.tasks.find(id)?.computed_seconds)).toEqual([2, 6]);
  });
});
