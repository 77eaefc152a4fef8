// The pool with a real store and queue; only the devices and what computes on them are stand-ins.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NO_NVIDIA_SMI, reading, sightOf, uuidOf } from './testing/devices.ts';
import { NO_GPU, PoolBench } from './testing/pool-bench.ts';
import { StandInWatch } from './testing/stand-in-watch.ts';

const METRICS = { peak_gpu_memory_MB: null, avg_step_time_ms: null };
const LOST_DEVICE = { type: 'CUDAError', message: 'device lost', details: { kernel_code: 'device_lost' } } as const;

let bench: PoolBench;
beforeEach(() => {
  bench = new PoolBench();
});
afterEach(async () => {
  await bench.close();
});

describe('a slot', () => {
  test('one_task_at_a_time_in_the_order_of_priority', async () => {
    const [normal, high] = [bench.submit(), bench.submit({ priority: 'HIGH' })];
    const executor = await bench.startOnCpu();
    const first = await executor.next();
    expect(first.task_id).toBe(high);
    first.observer.onStarted(false);
    expect([bench.statusOf(high), bench.statusOf(normal)]).toEqual(['RUNNING', 'QUEUED']);
    expect(bench.pool.status().slots[0]?.current_tasks).toEqual([high]);
    first.observer.onCompleted(1, METRICS);
    executor.becomeIdle();
    expect((await executor.next()).task_id).toBe(normal);
    expect(bench.statusOf(high)).toBe('COMPLETED');
  });

  test('a_task_that_is_cancelled_before_it_starts_is_cancelled_in_its_slot_too', async () => {
    const id = bench.submit();
    const executor = await bench.startOnCpu();
    const { observer } = await executor.next();
    bench.queue.cancel(id);
    observer.onStarted(false);
    expect(executor.cancelled).toEqual([id]);
    observer.onCancelled();
    expect(bench.statusOf(id)).toBe('CANCELLED');
  });

  test('a_task_that_its_process_gives_up_unasked_waits_again', async () => {
    const id = bench.submit();
    const { observer } = await (await bench.startOnCpu()).next();
    observer.onStarted(false);
    observer.onCancelled();
    expect(bench.store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 1 });
  });

  test('a_task_without_its_input_fails_and_the_slot_goes_on', async () => {
    const unusable = bench.submit({}, false);
    const good = bench.submit();
    const executor = await bench.startOnCpu();
    expect((await executor.next()).task_id).toBe(good);
    expect(bench.store.tasks.find(unusable)).toMatchObject({ status: 'FAILED', error: { type: 'InternalError' } });
  });

  test('a_task_whose_time_is_over_ends_as_timeout', async () => {
    const id = bench.submit({ timeout_seconds: 5 });
    const { observer } = await (await bench.startOnCpu()).next();
    observer.onStarted(false);
    observer.onTimedOut(METRICS);
    expect(bench.statusOf(id)).toBe('TIMEOUT');
  });

  test('a_low_task_makes_room_for_a_critical_one_and_its_attempt_does_not_count', async () => {
    const low = bench.submit({ priority: 'LOW' });
    const executor = await bench.startOnCpu();
    const first = await executor.next();
    first.observer.onStarted(false);
    const critical = bench.submit({ priority: 'CRITICAL' });
    await vi.waitFor(() => {
      expect(executor.preempted).toEqual([low]);
    });
    first.observer.onPreempted();
    executor.becomeIdle();
    expect((await executor.next()).task_id).toBe(critical);
    expect(bench.store.tasks.find(low)).toMatchObject({ status: 'QUEUED', attempts: 0, preemptions: 1 });
  });

  test('a_process_that_is_lost_while_it_computes_nothing_is_known_to_have_been_lost', async () => {
    const executor = await bench.startOnCpu();
    let n_changes = 0;
    bench.pool.onChange(() => {
      n_changes += 1;
    });
    executor.lose('signal SIGKILL');
    executor.becomeIdle();
    expect(bench.pool.status().slots[0]).toMatchObject({ isReady: true, lossReason: 'signal SIGKILL' });
    expect(n_changes).toBeGreaterThan(0);
  });

  test('what_runs_when_the_pool_stops_is_put_back', async () => {
    const id = bench.submit();
    const { observer } = await (await bench.startOnCpu()).next();
    observer.onStarted(false);
    await bench.pool.stop();
    expect(bench.store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 0 });
  });
});

describe('devices', () => {
  test('they_are_looked_for_again_until_they_are_found', async () => {
    let n_calls = 0;
    const id = bench.submit();
    bench.openPool(() => {
      n_calls += 1;
      return n_calls > 1 ? Promise.resolve(NO_GPU) : Promise.reject(new Error('mofkernel is missing'));
    });
    const executor = await bench.executorOf('cpu');
    expect(n_calls).toBe(2);
    expect((await executor.next()).task_id).toBe(id);
    expect(bench.pool.status()).toMatchObject({ problem: null, cuda_unavailable_reason: 'no driver' });
  });

  test.each([1, 2, 8])('%i_gpus_compute_as_many_tasks_at_once_and_the_cpu_none', async (n) => {
    const tasks = Array.from({ length: n + 1 }, () => bench.submit());
    const slots = await bench.startOnGpus(n);
    const taken = await Promise.all(slots.map((slot) => slot.next()));
    expect(new Set(taken.map(({ task_id }) => task_id))).toEqual(new Set(tasks.slice(0, n)));
    expect(bench.statusOf(tasks.at(-1)!)).toBe('QUEUED');
    expect(bench.executors.has('cpu')).toBe(false);
    expect(slots.map(({ label }) => [label.device, label.gpu_id])).toEqual(slots.map((_, i) => [`cuda:${i}`, i]));
    expect(bench.watch.pace).toBe('busy');
  });

  test('without_nvidia_smi_the_gpus_of_the_kernel_are_used', async () => {
    bench.openPool(bench.findGpus(2));
    expect((await bench.executorOf(uuidOf(1))).label).toEqual({ slot_id: uuidOf(1), device: 'cuda:1', gpu_id: 1 });
  });

  test('a_disabled_gpu_is_opened_by_no_process_and_keeps_its_number_for_the_others', async () => {
    const id = bench.submit();
    const [first] = await bench.startOnGpus(2);
    const { observer } = await first!.next();
    observer.onStarted(false);
    bench.pool.changeGpu('0', { is_enabled: false });
    await vi.waitFor(() => {
      expect(bench.store.tasks.find(id)).toMatchObject({ attempts: 1, gpu_id: 1 });
    });
    expect(first!.state).toBe('stopped');
    await bench.pool.stop();
    bench.executors.clear();
    bench.openPool(bench.findGpus(2), new StandInWatch(sightOf([reading(0), reading(1)])));
    expect((await bench.executorOf(uuidOf(1))).label.device).toBe('cuda:1');
    expect(bench.asked.at(-1)).toEqual([uuidOf(1)]);
    expect(bench.executors.has(uuidOf(0))).toBe(false);
  });

  test.each([
    ['is_missing', NO_NVIDIA_SMI],
    ['hangs', sightOf([], { problem: 'nvidia-smi did not answer within 10 s.', isUnsure: true })],
  ])('a_disabled_gpu_stays_closed_while_nvidia_smi_%s', async (_, sight) => {
    await bench.startOnGpus(2);
    bench.pool.changeGpu('0', { is_enabled: false });
    await bench.pool.stop();
    bench.executors.clear();
    bench.openPool(bench.findGpus(2), new StandInWatch(sight));
    expect((await bench.executorOf(uuidOf(1))).label).toMatchObject({ device: 'cuda:1', gpu_id: 1 });
    expect(bench.asked.at(-1)).toEqual([uuidOf(1)]);
    bench.pool.changeGpu(uuidOf(0), { is_enabled: true });
    expect((await bench.executorOf(uuidOf(0))).label).toMatchObject({ device: 'cuda:0', gpu_id: 0 });
  });

  test('with_every_gpu_disabled_tasks_wait_and_the_cpu_does_not_step_in', async () => {
    await bench.startOnGpus(1);
    bench.pool.changeGpu(uuidOf(0), { is_enabled: false });
    const id = bench.submit();
    await vi.waitFor(() => {
      expect(bench.pool.status().slots).toEqual([]);
    });
    expect(bench.pool.status().problem).toContain('is disabled');
    expect([bench.executors.has('cpu'), bench.statusOf(id)]).toEqual([false, 'QUEUED']);
    bench.executors.clear();
    bench.pool.changeGpu('0', { is_enabled: true });
    expect((await (await bench.executorOf(uuidOf(0))).next()).task_id).toBe(id);
  });

  test('a_paused_gpu_finishes_its_task_and_takes_no_other', async () => {
    const [first, second] = [bench.submit(), bench.submit()];
    const [slot] = await bench.startOnGpus(1);
    const { observer } = await slot!.next();
    observer.onStarted(false);
    bench.pool.changeGpu('0', { is_paused: true });
    observer.onCompleted(1, METRICS);
    slot!.becomeIdle();
    expect([bench.statusOf(first), bench.statusOf(second)]).toEqual(['COMPLETED', 'QUEUED']);
    bench.pool.changeGpu('0', { is_paused: false });
    expect((await slot!.next()).task_id).toBe(second);
  });

  test('one_process_that_is_down_is_no_problem_while_another_one_computes', async () => {
    const [first, second] = await bench.startOnGpus(2);
    first!.lose('signal SIGKILL');
    expect(bench.pool.status().problem).toBeNull();
    second!.lose('signal SIGKILL');
    expect(bench.pool.status().problem).toBe('signal SIGKILL');
  });

  test('a_gpu_that_appears_later_joins_also_when_the_disk_was_full_at_first', async () => {
    await bench.startOnGpus(1);
    const see = vi.spyOn(bench.store.gpuSettings, 'see').mockImplementationOnce(() => {
      throw new Error('database or disk is full');
    });
    const both = sightOf([reading(0), reading(1)]);
    expect(() => {
      bench.watch.show(both);
    }).not.toThrow();
    expect(see).toHaveBeenCalledTimes(1);
    bench.nGpus = 2;
    bench.watch.show(both);
    expect((await bench.executorOf(uuidOf(1))).label.device).toBe('cuda:1');
    bench.pool.changeGpu('1', { is_paused: true });
    expect(bench.pool.status().gpus[1]?.settings.is_paused).toBe(true);
  });

  test('an_unknown_gpu_is_refused_by_name', async () => {
    await bench.startOnGpus(1);
    expect(() => bench.pool.changeGpu('7', { is_paused: true })).toThrow(expect.objectContaining({ code: 40405 }));
  });
});

describe('a lost gpu', () => {
  test('its_task_waits_again_without_a_lost_attempt_and_goes_on_elsewhere', async () => {
    const id = bench.submit();
    const slots = await bench.startOnGpus(2);
    const { observer } = await slots[0]!.next();
    observer.onStarted(false);
    bench.broken.add(uuidOf(0));
    bench.watch.show(
      sightOf([reading(1)], { complaint: 'Unable to determine the device handle for GPU 0: GPU is lost.' }),
    );
    const again = await slots[1]!.next();
    expect(again.task_id).toBe(id);
    expect(bench.store.tasks.find(id)).toMatchObject({ attempts: 1, gpu_id: 1 });
    expect(bench.pool.status().gpus[0]?.problem).toContain('GPU is lost');
  });

  test('a_kernel_that_loses_its_device_takes_the_gpu_out_and_a_second_loss_counts', async () => {
    const id = bench.submit();
    const slots = await bench.startOnGpus(2);
    const { observer } = await slots[0]!.next();
    observer.onStarted(false);
    bench.broken.add(uuidOf(0));
    observer.onFailed(LOST_DEVICE);
    const again = await slots[1]!.next();
    expect([again.task_id, bench.pool.status().gpus[0]?.isOut]).toEqual([id, true]);
    again.observer.onStarted(false);
    expect(bench.store.tasks.find(id)?.attempts).toBe(1);
    again.observer.onFailed(LOST_DEVICE);
    expect(bench.store.tasks.find(id)).toMatchObject({ status: 'QUEUED', attempts: 1 });
  });

  test('uncorrectable_memory_errors_take_it_out', async () => {
    await bench.startOnGpus(1);
    bench.watch.show(sightOf([reading(0, { ecc_errors: 2 })]));
    expect(bench.pool.status().gpus[0]?.problem).toContain('2 uncorrectable');
  });

  test('a_driver_that_is_gone_twice_takes_all_out_and_after_a_suspend_they_are_tried_at_once', async () => {
    await bench.startOnGpus(2);
    const gone = sightOf([], { problem: 'NVIDIA-SMI has failed because it could not communicate with the driver.' });
    bench.watch.show(gone);
    expect(bench.pool.status().gpus.map(({ isOut }) => isOut)).toEqual([false, false]);
    bench.watch.show(gone);
    expect(bench.pool.status().gpus.map(({ isOut }) => isOut)).toEqual([true, true]);
    expect(bench.pool.status().problem).toContain('could not communicate');
    bench.executors.clear();
    bench.watch.show(sightOf([reading(0), reading(1)]), true);
    await Promise.all([bench.executorOf(uuidOf(0)), bench.executorOf(uuidOf(1))]);
    expect(bench.pool.status().problem).toBeNull();
  });
});

describe('placement', () => {
  test('small_tasks_of_known_need_share_a_gpu_as_far_as_its_memory_goes', async () => {
    const kind = { model: 'uff4mof', task_type: 'optimization', with_d3: false } as const;
    bench.store.memory.add(kind, { n_atoms: 8, peak_mb: 8000 });
    const tasks = [bench.submit(), bench.submit(), bench.submit(), bench.submit()];
    const [slot] = await bench.startOnGpus(1);
    await slot!.next();
    bench.pool.changeGpu('0', { concurrency: 4 });
    expect((await (await bench.executorOf(`${uuidOf(0)}/2`)).next()).task_id).toBe(tasks[1]);
    // 24 576 MB hold two needs of 8000 MB and their margin, not three.
    expect(tasks.map((id) => bench.statusOf(id))).toEqual(['ASSIGNED', 'ASSIGNED', 'QUEUED', 'QUEUED']);
  });

  test('what_a_task_takes_is_measured_while_it_runs_by_its_process_or_by_what_is_used_more', async () => {
    const [first, second] = [bench.submit(), bench.submit()];
    const [slot] = await bench.startOnGpus(1);
    slot!.kernel_pid = 4711;
    const look = async (memory_used_mb: number): Promise<void> => {
      bench.watch.show(sightOf([reading(0, { memory_used_mb })]));
      await Promise.resolve();
    };
    const { observer } = await slot!.next();
    observer.onStarted(false);
    for (const memory_used_mb of [2300, 5300, 4300]) await look(memory_used_mb);
    observer.onCompleted(1, METRICS);
    slot!.becomeIdle();
    expect(bench.store.tasks.find(first)?.peak_gpu_memory_MB).toBe(5000);
    const again = await slot!.next();
    again.observer.onStarted(false);
    bench.watch.programs = [{ gpu_uuid: uuidOf(0), pid: 4711, name: 'mofkernel', memory_used_mb: 1234 }];
    await look(9999);
    again.observer.onCompleted(1, METRICS);
    expect(bench.store.tasks.find(second)?.peak_gpu_memory_MB).toBe(1234);
  });

  test('a_task_of_unknown_need_has_a_gpu_for_itself', async () => {
    bench.submit();
    const second = bench.submit();
    const [slot] = await bench.startOnGpus(1);
    const { observer } = await slot!.next();
    observer.onStarted(false);
    bench.pool.changeGpu('0', { concurrency: 2 });
    await bench.executorOf(`${uuidOf(0)}/2`);
    expect(bench.statusOf(second)).toBe('QUEUED');
    observer.onCompleted(1, { peak_gpu_memory_MB: 500, avg_step_time_ms: 1 });
    expect(
      bench.store.memory.between({ model: 'uff4mof', task_type: 'optimization', with_d3: false }, 1, 100),
    ).toHaveLength(1);
  });

  test('a_critical_task_that_fits_beside_nobody_gets_the_gpu_of_a_low_one_although_a_slot_is_free', async () => {
    const low = bench.submit({ priority: 'LOW' });
    const [slot] = await bench.startOnGpus(1);
    const { observer } = await slot!.next();
    observer.onStarted(false);
    bench.pool.changeGpu('0', { concurrency: 2 });
    const second = await bench.executorOf(`${uuidOf(0)}/2`);
    const critical = bench.submit({ priority: 'CRITICAL' });
    await vi.waitFor(() => {
      expect(slot!.preempted).toEqual([low]);
    });
    observer.onPreempted();
    slot!.becomeIdle();
    const taken = await Promise.race([slot!.next(), second.next()]);
    expect([taken.task_id, bench.statusOf(low)]).toEqual([critical, 'QUEUED']);
  });

  test('a_task_that_waits_for_memory_starts_when_somebody_else_has_left', async () => {
    const id = bench.submit();
    bench.openPool(bench.findGpus(1), new StandInWatch(sightOf([reading(0, { memory_used_mb: 24_000 })])));
    const slot = await bench.executorOf(uuidOf(0));
    expect([bench.statusOf(id), slot.state, bench.watch.pace]).toEqual(['QUEUED', 'idle', 'busy']);
    bench.watch.show(sightOf([reading(0)]));
    expect((await slot.next()).task_id).toBe(id);
  });

  test('a_gpu_that_is_full_of_somebody_elses_work_is_avoided', async () => {
    const id = bench.submit();
    bench.openPool(bench.findGpus(2), new StandInWatch(sightOf([reading(0, { memory_used_mb: 24_000 }), reading(1)])));
    expect((await (await bench.executorOf(uuidOf(1))).next()).task_id).toBe(id);
  });
});
