import { describe, expect, test } from 'vitest';
import type { ClaimCandidate } from '../store/queued-work.ts';
import { scoreFor } from './choose-slot.ts';
import type { SlotChoice } from './choose-slot.ts';
import { atomsComputed, memoryNeedMb } from './memory-need.ts';
import { fits, roomOf } from './placement.ts';
import type { Room } from './placement.ts';

const EMPTY: Room = { capacity_mb: 24_000, free_mb: 23_000, n_running: 0, holds_unknown_need: false };

describe('a task', () => {
  test('of_known_need_fits_where_that_much_and_a_margin_is_free', () => {
    expect(fits(10_000, { ...EMPTY, free_mb: 11_500 })).toBe(true);
    expect(fits(10_000, { ...EMPTY, free_mb: 11_499 })).toBe(false);
    expect(fits(5000, { ...EMPTY, n_running: 3, free_mb: 6000 })).toBe(true);
  });

  test('that_wants_more_than_there_is_runs_alone_because_the_kernel_splits_its_batches', () => {
    expect(fits(100_000, EMPTY)).toBe(true);
    expect(fits(100_000, { ...EMPTY, free_mb: 21_000 })).toBe(false);
  });

  test('of_unknown_need_has_the_gpu_for_itself_among_our_tasks', () => {
    expect(fits(null, EMPTY)).toBe(true);
    expect(fits(null, { ...EMPTY, n_running: 1 })).toBe(false);
    expect(fits(10, { ...EMPTY, n_running: 1, holds_unknown_need: true })).toBe(false);
  });

  test('of_unknown_need_keeps_off_a_gpu_that_others_have_filled', () => {
    expect(fits(null, { ...EMPTY, free_mb: 2000 })).toBe(false);
    expect(fits(null, { ...EMPTY, capacity_mb: 2000, free_mb: 1500 })).toBe(true);
  });
});

describe('room', () => {
  const figures = {
    memory_total_mb: 24_000,
    memory_used_mb: 500,
    memory_limit_mb: null,
    resting_mb: 500,
    needs_mb: [],
  };

  test('is_what_is_measured_or_promised_whichever_leaves_less', () => {
    expect(roomOf(figures).free_mb).toBe(23_500);
    // Just started: nothing is measured yet.
    expect(roomOf({ ...figures, needs_mb: [10_000] }).free_mb).toBe(24_000 - 500 - 11_500);
    // Took more than it had promised.
    expect(roomOf({ ...figures, memory_used_mb: 20_500, needs_mb: [10_000] }).free_mb).toBe(3500);
  });

  test('is_what_the_owner_leaves_to_tasks', () => {
    const limited = { ...figures, memory_limit_mb: 8000, needs_mb: [4000] };
    expect(roomOf(limited)).toMatchObject({ capacity_mb: 8000, free_mb: 3400 });
  });

  test('is_unknown_without_figures', () => {
    expect(roomOf({ ...figures, memory_used_mb: null })).toMatchObject({ capacity_mb: null, free_mb: null });
  });
});

describe('a need', () => {
  test('is_the_largest_of_comparable_tasks_and_grows_with_the_atoms', () => {
    const measured = [
      { n_atoms: 100, peak_mb: 1000 },
      { n_atoms: 110, peak_mb: 900 },
    ];
    expect(memoryNeedMb(100, () => measured)).toBe(1000);
    expect(memoryNeedMb(120, () => measured)).toBe(1200);
    expect(memoryNeedMb(100, () => [])).toBeNull();
    expect(memoryNeedMb(null, () => measured)).toBeNull();
  });

  test('counts_the_atoms_of_the_supercell', () => {
    expect(atomsComputed(100, { supercell: [2, 2, 2] })).toBe(800);
    expect(atomsComputed(100, {})).toBe(100);
  });
});

describe('two free slots', () => {
  const candidate = { model: 'uff4mof' } as ClaimCandidate;
  const slot = (n: number, changes: Partial<SlotChoice> = {}): SlotChoice => {
    return { slot_id: `${n}`, gpu_uuid: `GPU-${n}`, loaded_models: new Set(), room: EMPTY, ...changes };
  };
  const withModel = { loaded_models: new Set(['uff4mof']) };

  test('leave_a_task_to_the_one_that_holds_its_model', () => {
    expect(scoreFor(candidate, 100, slot(1), [slot(2, withModel)])).toBeNull();
    expect(scoreFor(candidate, 100, slot(2, withModel), [slot(1)])).not.toBeNull();
  });

  test('leave_a_task_to_the_one_where_it_fits_or_that_is_clearly_emptier', () => {
    const full = { room: { ...EMPTY, free_mb: 50 } };
    expect(scoreFor(candidate, 100, slot(1), [slot(2, { ...withModel, ...full })])).not.toBeNull();
    expect(scoreFor(candidate, 100, slot(1, full), [])).toBeNull();
    expect(scoreFor(candidate, 100, slot(1, { room: { ...EMPTY, free_mb: 12_000 } }), [slot(2)])).toBeNull();
  });

  test('of_the_same_kind_do_not_wait_for_each_other', () => {
    expect(scoreFor(candidate, 100, slot(1), [slot(2)])).not.toBeNull();
  });
});
