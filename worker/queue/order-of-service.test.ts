import { describe, expect, test } from 'vitest';
import type { ClaimCandidate } from '../store/queued-work.ts';
import { AGEING_MS, levelOf, orderOfService } from './order-of-service.ts';

const NOW = 100 * AGEING_MS;
const RANKS = { CRITICAL: 3, HIGH: 2, NORMAL: 1, LOW: 0 } as const;

let count = 0;

function waiting(changes: Partial<ClaimCandidate> = {}): ClaimCandidate {
  count += 1;
  const priority = changes.priority ?? 'NORMAL';
  return {
    submitted_order: count,
    queue_time: NOW,
    fair_key: '',
    task_id: `task ${count}`,
    task_type: 'optimization',
    model: 'uff4mof',
    with_d3: false,
    n_atoms: 10,
    attempts: 0,
    max_attempts: 3,
    computed_seconds: 0,
    timeout_seconds: null,
    parameters: {},
    ...changes,
    priority,
    priority_rank: RANKS[priority],
  };
}

function order(
  streams: readonly (readonly ClaimCandidate[])[],
  busy: Record<string, number> = {},
  lastServed: Record<string, number> = {},
): string[] {
  const state = {
    streams: streams.map((stream) => stream.values()),
    busy: new Map(Object.entries(busy)),
    lastServed: new Map(Object.entries(lastServed)),
    now: NOW,
  };
  return [...orderOfService(state)].map(({ task_id }) => task_id);
}

describe('the order of service', () => {
  test('waiting_raises_a_task_by_one_priority_per_half_hour_up_to_high', () => {
    const level = (priority: ClaimCandidate['priority'], spans: number) =>
      levelOf(waiting({ priority, queue_time: NOW - spans * AGEING_MS }), NOW);
    expect([level('LOW', 0), level('LOW', 0.99), level('LOW', 1), level('LOW', 2), level('LOW', 50)]).toEqual([
      0, 0, 1, 2, 2,
    ]);
    expect([level('NORMAL', 1), level('HIGH', 50), level('CRITICAL', 0)]).toEqual([2, 2, 3]);
  });

  test('a_time_in_the_future_ages_nothing_and_gains_nothing', () => {
    expect(levelOf(waiting({ priority: 'LOW', queue_time: NOW + 50 * AGEING_MS }), NOW)).toBe(0);
  });

  test('an_aged_task_goes_before_newer_ones_of_the_priority_that_it_has_reached', () => {
    const aged = waiting({ priority: 'LOW', queue_time: NOW - 2 * AGEING_MS });
    const high = waiting({ priority: 'HIGH' });
    const critical = waiting({ priority: 'CRITICAL' });
    expect(order([[critical], [high], [aged]])).toEqual([critical, aged, high].map(({ task_id }) => task_id));
  });

  test('the_key_that_occupies_least_goes_first_whoever_came_first', () => {
    const [a, b] = [waiting({ fair_key: 'a', queue_time: NOW - 5 }), waiting({ fair_key: 'b' })];
    expect(order([[a], [b]], { a: 1 })).toEqual([b.task_id, a.task_id]);
    expect(order([[a], [b]], { a: 1, b: 1 }, { a: 7, b: 3 })).toEqual([b.task_id, a.task_id]);
    expect(order([[a], [b]])).toEqual([a.task_id, b.task_id]);
  });

  test('priority_goes_before_fairness', () => {
    const [a, b] = [waiting({ fair_key: 'a', priority: 'HIGH' }), waiting({ fair_key: 'b' })];
    expect(order([[b], [a]], { a: 9 })).toEqual([a.task_id, b.task_id]);
  });

  test('keys_take_turns_among_the_candidates', () => {
    const many = Array.from({ length: 3 }, () => waiting({ fair_key: 'a' }));
    const few = [waiting({ fair_key: 'b' })];
    expect(order([many, few])).toEqual([many[0], few[0], many[1], many[2]].map((task) => task?.task_id));
  });
});
