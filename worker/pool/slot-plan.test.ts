import { expect, test } from 'vitest';
import { allowedGpus } from './allowed-gpus.ts';
import type { FleetGpu } from './gpu-fleet.ts';
import { foreignProcesses } from './own-processes.ts';
import { planSlots } from './slot-plan.ts';
import { CPU, kernelGpu, reading, uuidOf } from './testing/devices.ts';

function gpu(index: number, settings: Partial<FleetGpu['settings']> = {}, changes: Partial<FleetGpu> = {}): FleetGpu {
  const { uuid, name, memory_total_mb, memory_used_mb } = reading(index);
  const defaults = { is_enabled: true, is_paused: false, memory_limit_mb: null, concurrency: 1 };
  const figures = { memory_total_mb, memory_used_mb, reading: reading(index) };
  const known = { uuid, index, name, ...figures, device: kernelGpu(index), isOut: false, problem: null };
  return { ...known, settings: { ...defaults, ...settings }, ...changes };
}

function labels(gpus: readonly FleetGpu[]): string[] {
  return planSlots(gpus, CPU).slots.map(({ label }) => label.slot_id);
}

test('as_many_slots_as_its_owner_wants_and_the_memory_is_shared_among_them', () => {
  const { slots } = planSlots([gpu(0, { concurrency: 3, memory_limit_mb: 9000 }), gpu(1)], CPU);
  expect(slots.map(({ label, memory_limit_mb }) => [label.slot_id, memory_limit_mb])).toEqual([
    [uuidOf(0), 3000],
    [`${uuidOf(0)}/2`, 3000],
    [`${uuidOf(0)}/3`, 3000],
    [uuidOf(1), null],
  ]);
});

test('without_a_limit_tasks_that_share_a_gpu_get_equal_parts_of_it', () => {
  expect(planSlots([gpu(0, { concurrency: 2 })], CPU).slots[0]?.memory_limit_mb).toBe(Math.floor((24_576 * 0.9) / 2));
});

test('the_cpu_only_where_there_is_no_gpu_that_could_compute', () => {
  expect(labels([])).toEqual(['cpu']);
  expect(labels([gpu(0, {}, { device: null, problem: 'unsupported' })])).toEqual(['cpu']);
  expect(labels([gpu(0, { is_enabled: false })])).toEqual([]);
  expect(labels([gpu(0, {}, { isOut: true, device: null, problem: 'lost' })])).toEqual([]);
  expect(planSlots([gpu(0, { is_enabled: false })], CPU).waits_because).toContain('is disabled');
});

test('gpus_that_the_user_keeps_from_this_program_are_not_his_to_use', () => {
  const isAllowed = (value: string | undefined) => [0, 1, 2].map((i) => allowedGpus(value)(reading(i)));
  expect(isAllowed(undefined)).toEqual([true, true, true]);
  expect(isAllowed('')).toEqual([false, false, false]);
  expect(isAllowed('2,0')).toEqual([true, false, true]);
  expect(isAllowed(`${uuidOf(1)},-1,2`)).toEqual([false, true, false]);
  expect(isAllowed('GPU-00000002')).toEqual([false, false, true]);
});

test('programs_are_ours_by_descent_and_by_name_only_where_descent_is_unknown', async () => {
  const parents = new Map([
    [30, 20],
    [20, 10],
    [10, 1],
    [40, 1],
  ]);
  const processes = [30, 40, 50, 60].map((pid) => ({
    gpu_uuid: 'GPU-1',
    pid,
    name: pid === 60 ? 'python' : '/opt/mofkernel',
    memory_used_mb: null,
  }));
  const own = { pid: 10, readParent: (pid: number) => Promise.resolve(parents.get(pid) ?? null) };
  const foreign = await foreignProcesses(processes, '/usr/bin/mofkernel', own);
  expect(foreign.map(({ pid }) => pid)).toEqual([40, 60]);
});
