import { describe, expect, test } from 'vitest';
import type { ClaimCandidate } from '../store/queued-work.ts';
import { exampleTask } from '../store/testing/example-task.ts';
import type { TaskRow } from '../store/tasks.ts';
import { groupLimits, planGroup } from './task-group.ts';
import type { GroupPlan } from './task-group.ts';

const LIMITS = { n_tasks: 8, n_atoms: 1000 };

/** As the row of a task that has just been claimed; `attempts` counts that. */
function claimed(changes: Partial<TaskRow> = {}): TaskRow {
  return { ...exampleTask({ n_atoms: 100 }), attempts: 1, computed_seconds: 0, ...changes } as TaskRow;
}

function waiting(changes: Partial<ClaimCandidate> = {}): ClaimCandidate {
  const place = { submitted_order: 1, queue_time: 0, fair_key: '', priority_rank: 1 };
  return { ...exampleTask({ n_atoms: 100 }), ...place, attempts: 0, computed_seconds: 0, ...changes };
}

function plan(changes: Partial<GroupPlan>): number {
  const behind = Array.from({ length: 20 }, () => waiting());
  return planGroup({ first: claimed(), behind, limits: LIMITS, n_slots: 1, fits: () => true, ...changes }).length;
}

describe('a group', () => {
  test('has_as_many_members_as_it_may_have_and_as_memory_allows', () => {
    expect(plan({})).toBe(7);
    expect(plan({ limits: { n_tasks: 1, n_atoms: 1000 } })).toBe(0);
    expect(plan({ limits: { n_tasks: 8, n_atoms: 350 } })).toBe(2);
    expect(plan({ fits: (members) => members.length <= 4 })).toBe(4);
  });

  test('leaves_their_part_to_other_free_slots', () => {
    const behind = [waiting(), waiting(), waiting()];
    expect([1, 2, 3, 4, 5].map((n_slots) => plan({ behind, n_slots }))).toEqual([3, 1, 1, 0, 0]);
  });

  test.each([
    ['another model', { model: 'other' }],
    ['another type', { task_type: 'single-point-energy' as const }],
    ['other parameters', { parameters: { fmax: 0.01 } }],
    ['a correction', { with_d3: true }],
  ])('has_no_member_with %s', (_, changes) => {
    const behind = [waiting(changes), waiting()];
    expect(planGroup({ first: claimed(), behind, limits: LIMITS, n_slots: 1, fits: () => true })).toEqual([behind[1]]);
  });

  test.each([
    ['large', { n_atoms: 600 }],
    ['of unknown size', { n_atoms: null }],
    ['tried again', { attempts: 1 }],
    ['resumed', { computed_seconds: 3 }],
    ['limited in time', { timeout_seconds: 60 }],
    ['without a second attempt', { max_attempts: 1 }],
  ])('has_no_member_that_is %s', (_, changes) => {
    const { attempts = 0, ...rest } = changes as Partial<ClaimCandidate>;
    expect(plan({ behind: [waiting(changes)] })).toBe(0);
    expect(plan({ first: claimed({ ...rest, attempts: attempts + 1 }) })).toBe(0);
  });

  test('has_no_members_whose_work_is_long_or_goes_in_steps_of_its_own', () => {
    const long = { parameters: { max_steps: 5000 } };
    expect(plan({ first: claimed(long), behind: [waiting(long)] })).toBe(0);
    const dynamics = { task_type: 'stability' as const };
    expect(plan({ first: claimed(dynamics), behind: [waiting(dynamics)] })).toBe(0);
  });

  test('is_as_large_as_the_owner_wants_it_on_each_kind_of_slot', () => {
    const wanted = { gpu: 32, cpu: 4 };
    expect(groupLimits(wanted, { gpu_uuid: null })).toMatchObject({ n_tasks: 4 });
    expect(groupLimits(wanted, { gpu_uuid: 'GPU-1' })).toMatchObject({ n_tasks: 32 });
  });
});
