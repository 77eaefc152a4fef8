import { describe, expect, test } from 'vitest';
import { isFinalStatus, isLegalTransition, TASK_TRANSITIONS, taskStatusSchema } from './task-status.ts';

describe('task states', () => {
  test('every_state_is_in_the_table', () => {
    expect(Object.keys(TASK_TRANSITIONS).sort()).toEqual([...taskStatusSchema.options].sort());
  });

  test('every_state_can_be_reached_from_pending_and_can_reach_an_end', () => {
    const reachable = new Set(['PENDING']);
    for (let grown = true; grown;) {
      grown = false;
      for (const from of taskStatusSchema.options) {
        if (!reachable.has(from)) continue;
        for (const to of TASK_TRANSITIONS[from]) {
          if (reachable.has(to)) continue;
          reachable.add(to);
          grown = true;
        }
      }
    }
    expect([...reachable].sort()).toEqual([...taskStatusSchema.options].sort());
    for (const status of taskStatusSchema.options) {
      if (!isFinalStatus(status))
        expect(TASK_TRANSITIONS[status].some((to) => to === 'FAILED' || to === 'CANCELLED')).toBe(true);
    }
  });

  test('nothing_leaves_a_final_state', () => {
    for (const from of ['COMPLETED', 'FAILED', 'CANCELLED', 'TIMEOUT'] as const) {
      for (const to of taskStatusSchema.options) expect(isLegalTransition(from, to)).toBe(false);
    }
  });
});
