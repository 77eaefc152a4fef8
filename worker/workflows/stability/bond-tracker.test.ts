import { describe, expect, it } from 'vitest';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { BOND_RULE, BondTracker } from './bond-tracker.ts';

/** Covalent radii 1.22 and 0.66 A: bonded within 2.35 A, broken beyond 2.82 A. */
const [BONDED, BETWEEN, BROKEN] = [1.95, 2.6, 2.9];

function pair(distance: number, offset: Vector3 = [0, 0, 0]): Structure {
  const [x, y, z] = offset;
  return {
    cell: [
      [20, 0, 0],
      [0, 20, 0],
      [0, 0, 20],
    ],
    pbc: [true, true, true],
    symbols: ['Zn', 'O'],
    positions: [
      [19 + x, y, z],
      [19 + x + distance, y, z],
    ],
  };
}

function follow(distances: readonly number[], interval_fs = 10, start = BONDED): BondTracker {
  const tracker = new BondTracker(pair(start));
  distances.forEach((distance, k) => {
    tracker.add(k * interval_fs, pair(distance));
  });
  return tracker;
}

const repeat = (distance: number, count: number): number[] => Array<number>(count).fill(distance);

describe('bonds along a trajectory', () => {
  it('break_when_they_stay_long', () => {
    const tracker = follow([...repeat(BONDED, 5), ...repeat(BROKEN, 11)]);
    expect(tracker.events).toMatchObject([{ time_ps: 0.05, kind: 'broken', atoms: [0, 1], elements: ['Zn', 'O'] }]);
    expect(tracker.events[0]?.distance_A).toBeCloseTo(BROKEN, 9);
    expect([tracker.n_bonds_first, tracker.n_broken, tracker.n_formed]).toEqual([1, 1, 0]);
    expect(tracker.bonds).toEqual([]);
  });

  it('do_not_break_in_a_vibration', () => {
    const vibration = Array.from({ length: 20 }, () => [...repeat(BROKEN, 9), BETWEEN]).flat();
    expect(follow(vibration).events).toEqual([]);
    expect(follow(repeat(BETWEEN, 200)).events).toEqual([]);
    expect(follow(repeat(BROKEN, 10)).events).toEqual([]);
  });

  it('need_two_frames_however_far_apart_they_are', () => {
    expect(follow([BONDED, BROKEN, BONDED, BROKEN], 1000).events).toEqual([]);
    expect(follow([BONDED, BROKEN, BROKEN], 1000).events).toHaveLength(1);
  });

  it('form_again_only_within_the_shorter_distance', () => {
    const tracker = follow([...repeat(BROKEN, 11), ...repeat(BETWEEN, 30), ...repeat(BONDED, 11)]);
    expect(tracker.events.map(({ kind, time_ps }) => [kind, time_ps])).toEqual([
      ['broken', 0],
      ['formed', 0.41],
    ]);
    expect([tracker.n_broken, tracker.n_formed]).toEqual([0, 0]);
  });

  it('that_were_not_there_count_as_formed', () => {
    const tracker = follow([...repeat(BROKEN, 3), ...repeat(BONDED, 11)], 10, 5);
    expect(tracker.n_bonds_first).toBe(0);
    expect(tracker.n_formed).toBe(1);
    expect(tracker.events).toMatchObject([{ kind: 'formed', time_ps: 0.03 }]);
  });

  it('stay_the_same_when_atoms_cross_the_boundary_of_the_cell', () => {
    const tracker = new BondTracker(pair(BONDED));
    for (let k = 0; k < 60; k += 1) tracker.add(10 * k, pair(BONDED, [k / 3, -k, k]));
    expect(tracker.events).toEqual([]);
    expect(tracker.bonds).toHaveLength(1);
  });

  it('are_told_with_the_rule', () => {
    expect(BOND_RULE).toEqual({ bonded_within: 1.25, broken_beyond: 1.5, persistence_fs: 100 });
  });
});
