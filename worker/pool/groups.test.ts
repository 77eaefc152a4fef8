// Which tasks a slot takes together, and what becomes of them: a real store and queue, stand-ins for devices and executors.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { uuidOf } from './testing/devices.ts';
import { PoolBench } from './testing/pool-bench.ts';
import type { TakenTask } from './testing/stand-in-executor.ts';

const METRICS = { peak_gpu_memory_MB: null, avg_step_time_ms: null };
const KIND = { model: 'uff4mof', task_type: 'optimization', with_d3: false } as const;

let bench: PoolBench;
beforeEach(() => {
  bench = new PoolBench();
  bench.groupLimits = { n_tasks: 4, n_atoms: 1000 };
});
afterEach(async () => {
  await bench.close();
});

function begin(taken: readonly TakenTask[]): void {
  for (const { observer } of taken) observer.onStarted(false);
}

const idsOf = (taken: readonly TakenTask[]): string[] => taken.map(({ task_id }) => task_id);

describe('a group', () => {
  test('is_taken_by_one_slot_and_shown_there_task_by_task', async () => {
    const ids = Array.from({ length: 5 }, () => bench.submit());
    const slot = await bench.startOnCpu();
    const group = await slot.nextGroup();
    expect(idsOf(group)).toEqual(ids.slice(0, 4));
    begin(group);
    expect(bench.pool.status().slots[0]?.current_tasks).toEqual(ids.slice(0, 4));
    expect(ids.map((id) => bench.statusOf(id))).toEqual(['RUNNING', 'RUNNING', 'RUNNING', 'RUNNING', 'QUEUED']);
    for (const { observer } of group) observer.onCompleted(1, METRICS);
    slot.becomeIdle();
    expect((await slot.next()).task_id).toBe(ids[4]);
  });

  test('its_members_have_shares_of_the_time_by_their_atoms', async () => {
    const ids = [bench.submit({ n_atoms: 30 }), bench.submit({ n_atoms: 10 })];
    const start = vi.spyOn(bench.queue, 'start');
    begin(await (await bench.startOnCpu()).nextGroup());
    expect(start.mock.calls).toEqual([
      [ids[0], false, 0.75],
      [ids[1], false, 0.25],
    ]);
  });

  test('free_slots_share_what_waits', async () => {
    bench.store.memory.add(KIND, { n_atoms: 8, peak_mb: 100 });
    const ids = Array.from({ length: 4 }, () => bench.submit());
    const slots = await bench.startOnGpus(2);
    const groups = await Promise.all(slots.map((slot) => slot.nextGroup()));
    expect(groups.map(idsOf)).toEqual([ids.slice(0, 2), ids.slice(2)]);
  });

  test('takes_on_a_gpu_what_its_memory_holds_and_measures_nothing', async () => {
    bench.store.memory.add(KIND, { n_atoms: 8, peak_mb: 8000 });
    const ids = Array.from({ length: 4 }, () => bench.submit());
    const [slot] = await bench.startOnGpus(1);
    slot!.kernel_pid = 4711;
    bench.watch.programs = [{ gpu_uuid: uuidOf(0), pid: 4711, name: 'mofkernel', memory_used_mb: 20_000 }];
    const group = await slot!.nextGroup();
    // 24 576 MB hold two needs of 8000 MB and their margin, not three.
    expect(idsOf(group)).toEqual(ids.slice(0, 2));
    begin(group);
    for (const { observer } of group) observer.onCompleted(1, METRICS);
    expect(bench.store.tasks.find(ids[0]!)?.peak_gpu_memory_MB).toBeNull();
    expect(bench.store.memory.between(KIND, 1, 100)).toHaveLength(1);
  });

  test('is_not_made_of_tasks_whose_need_nobody_knows', async () => {
    bench.submit();
    bench.submit();
    const [slot] = await bench.startOnGpus(1);
    await slot!.next();
  });

  test('a_member_without_its_input_fails_and_the_others_are_computed', async () => {
    const unusable = bench.submit({}, false);
    const ids = [bench.submit(), bench.submit()];
    const group = await (await bench.startOnCpu()).nextGroup();
    expect(idsOf(group)).toEqual(ids);
    expect(bench.statusOf(unusable)).toBe('FAILED');
  });

  test('a_member_that_was_put_back_is_computed_alone_and_its_attempt_does_not_count', async () => {
    const ids = [bench.submit(), bench.submit(), bench.submit()];
    const slot = await bench.startOnCpu();
    const [first, second, third] = await slot.nextGroup();
    begin([first!, second!, third!]);
    first!.observer.onPutBack('another one ran out of memory');
    second!.observer.onPutBack('another one ran out of memory');
    third!.observer.onCompleted(1, METRICS);
    expect(bench.store.tasks.find(ids[0]!)).toMatchObject({ status: 'QUEUED', attempts: 0 });
    slot.becomeIdle();
    const alone = await slot.next();
    expect(alone.task_id).toBe(ids[0]);
  });

  test('a_process_that_dies_costs_each_member_an_attempt_and_the_next_one_is_its_own', async () => {
    const ids = [bench.submit(), bench.submit()];
    const slot = await bench.startOnCpu();
    const group = await slot.nextGroup();
    begin(group);
    for (const { observer } of group) {
      observer.onFailed({ type: 'TaskProcessCrashed', message: 'SIGKILL', details: {} });
    }
    slot.becomeIdle();
    const again = await slot.next();
    expect(again.task_id).toBe(ids[0]);
    expect(bench.store.tasks.find(ids[0]!)).toMatchObject({ status: 'ASSIGNED', attempts: 2 });
    expect(bench.store.tasks.find(ids[1]!)).toMatchObject({ status: 'QUEUED', attempts: 1 });
  });

  test('makes_room_for_a_critical_task_as_a_whole', async () => {
    const ids = [bench.submit({ priority: 'LOW' }), bench.submit({ priority: 'LOW' })];
    const slot = await bench.startOnCpu();
    const group = await slot.nextGroup();
    begin(group);
    const critical = bench.submit({ priority: 'CRITICAL' });
    await vi.waitFor(() => {
      expect(slot.preempted).toHaveLength(1);
    });
    // One of them is asked, which is to say all of them.
    bench.submit({ priority: 'CRITICAL' });
    await new Promise(setImmediate);
    expect(slot.preempted).toHaveLength(1);
    for (const { observer } of group) observer.onPreempted();
    slot.becomeIdle();
    expect(idsOf(await slot.nextGroup())[0]).toBe(critical);
    for (const id of ids) expect(bench.store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 0 });
  });

  test('is_put_back_when_its_gpu_is_disabled_and_when_the_pool_stops', async () => {
    bench.store.memory.add(KIND, { n_atoms: 8, peak_mb: 100 });
    const ids = Array.from({ length: 4 }, () => bench.submit());
    const slots = await bench.startOnGpus(2);
    const taken = await Promise.all(slots.map((slot) => slot.nextGroup()));
    expect(taken.map(idsOf)).toEqual([ids.slice(0, 2), ids.slice(2)]);
    begin(taken.flat());
    bench.pool.changeGpu('0', { is_enabled: false });
    await vi.waitFor(() => {
      expect(ids.slice(0, 2).map((id) => bench.statusOf(id))).toEqual(['QUEUED', 'QUEUED']);
    });
    await bench.pool.stop();
    for (const id of ids) expect(bench.store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 0 });
  });

  test('one_that_is_cancelled_before_it_starts_is_cancelled_in_its_slot_and_no_other_is', async () => {
    const ids = [bench.submit(), bench.submit()];
    const slot = await bench.startOnCpu();
    const group = await slot.nextGroup();
    bench.queue.cancel(ids[1]!);
    begin(group);
    expect(slot.cancelled).toEqual([ids[1]]);
    bench.pool.cancel(ids[0]!);
    expect(slot.cancelled).toEqual([ids[1], ids[0]]);
  });

  test.each([2, 8])('%i_gpus_have_groups_side_by_side', async (n) => {
    bench.store.memory.add(KIND, { n_atoms: 8, peak_mb: 100 });
    const ids = Array.from({ length: 3 * n }, () => bench.submit());
    const slots = await bench.startOnGpus(n);
    const groups = await Promise.all(slots.map((slot) => slot.nextGroup()));
    expect(groups.map(({ length }) => length)).toEqual(slots.map(() => 3));
    expect(new Set(groups.flatMap(idsOf))).toEqual(new Set(ids));
  });
});
