// Cells of campaigns in the database: submitted once, opened again only when they did not complete, walked through in order.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CellPlace } from './campaign-cells.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';
import { exampleTask } from './testing/example-task.ts';

const ID = 'campaign_aaaaaaaa';
const AT = '2026-01-01T00:00:00.000Z';
const SIZE = { work: 8, size_class: 6 };

let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-campaigns-'));
  store = openStore(folder);
  store.campaigns.insert({
    campaign_id: ID,
    owner: 'local',
    key_id: null,
    name: 'test',
    tasks: [
      { label: 'a', task_type: 'single-point-energy', parameters: {} },
      { label: 'b', task_type: 'optimization', parameters: {} },
    ],
    models: ['uff4mof'],
    shared: { with_d3: false, priority: 'LOW', timeout: null, max_attempts: 3, tags: [] },
    n_structures: 3,
    created_at: AT,
  });
  for (const structure_index of [0, 1, 2]) {
    const source = structure_index === 2 ? null : ({ source: 'builtin', name: 'rock-salt' } as const);
    store.campaigns.addStructure(ID, { structure_index, name: `s${structure_index}`, source });
    const refusal = source === null ? { code: null, message: 'gone' } : null;
    for (const task_index of [0, 1]) store.campaignCells.add(ID, place(structure_index, task_index), refusal);
  }
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function place(structure_index: number, task_index: number): CellPlace {
  return { structure_index, task_index, model_index: 0 };
}

/** A task in this cell. */
function submitted(cell: CellPlace): string {
  const queued = { queued_at: AT, queue_time: 1 };
  const { task_id } = store.tasks.insert(exampleTask({ batch_id: ID }), SIZE, queued);
  store.campaignCells.place(ID, cell, task_id);
  return task_id;
}

function statuses(): string[] {
  return store.campaignCells.after(ID, 'PLANNED', null, 10).map(({ status }) => status);
}

test('a_cell_is_submitted_once', () => {
  submitted(place(0, 0));
  expect(() => submitted(place(0, 0))).toThrow('has its task already');
  expect(() => submitted(place(2, 0))).toThrow('has its task already');
  expect(store.campaignCells.open(ID, 10)).toEqual([place(0, 1), place(1, 0), place(1, 1)]);
  store.campaignCells.refuse(ID, place(0, 0), { code: 42201, message: 'too late' });
  expect(statuses()).toEqual(['QUEUED', 'PLANNED', 'PLANNED', 'PLANNED', 'REFUSED', 'REFUSED']);
});

test('what_did_not_complete_is_opened_again_and_its_task_remembered', () => {
  const failed = submitted(place(0, 0));
  store.tasks.fail(failed, 'QUEUED', AT, { type: 'ModelError', message: 'no', details: {} }, false);
  submitted(place(0, 1));
  store.campaignCells.refuse(ID, place(1, 0), { code: 50304, message: 'the model is away' });
  const deleted = submitted(place(1, 1));
  store.tasks.cancel(deleted, 'QUEUED', AT);
  store.tasks.remove(deleted);
  expect(statuses()).toEqual(['FAILED', 'QUEUED', 'REFUSED', 'DELETED', 'REFUSED', 'REFUSED']);
  // The third structure could never be read: there is nothing to try again.
  expect(store.campaignCells.reopenFailed(ID, 'PLANNED', 10)).toBe(3);
  expect(statuses()).toEqual(['PLANNED', 'QUEUED', 'PLANNED', 'PLANNED', 'REFUSED', 'REFUSED']);
  expect(store.campaignCells.reopenFailed(ID, 'PLANNED', 10)).toBe(0);
  const rows = store.campaignCells.after(ID, 'PLANNED', null, 10);
  expect(rows.map(({ earlier_task_ids }) => earlier_task_ids)).toEqual([[failed], [], [], [deleted], [], []]);
});

describe('the table', () => {
  test('is_walked_through_in_order_without_gaps', () => {
    const all = store.campaignCells.list({ campaign_id: ID, open_status: 'PLANNED' }, 10, 0);
    const walked = [];
    for (let last: (typeof all)[number] | null = null; ;) {
      const some = store.campaignCells.after(ID, 'PLANNED', last, 4);
      walked.push(...some);
      if (some.length < 4) break;
      last = some.at(-1) ?? null;
    }
    expect(walked).toEqual(all);
    expect(all).toHaveLength(6);
  });

  test('says_CANCELLED_of_what_a_cancelled_campaign_never_submitted', () => {
    const filter = { campaign_id: ID, open_status: 'CANCELLED', status: 'CANCELLED' } as const;
    expect(store.campaignCells.count(filter)).toBe(4);
    expect(store.campaignCells.list(filter, 3, 3)).toHaveLength(1);
  });
});

test('a_campaign_is_thinned_out_a_few_rows_at_a_time_cells_first', () => {
  store.campaignReferences.add(ID, { structure_name: 's0', quantity: 'energy_eV', value: 1 });
  store.campaigns.requestDeletion(ID, AT);
  store.campaigns.requestDeletion(ID, '2030-01-01T00:00:00.000Z');
  expect(store.campaigns.toDelete()).toMatchObject([{ campaign_id: ID, delete_requested_at: AT }]);
  const removed: number[] = [];
  for (let n = 1; n > 0; removed.push(n)) n = store.campaigns.thinOut(ID, 4);
  // Six cells, one reference value, three structures.
  expect(removed).toEqual([4, 2, 1, 3, 0]);
  store.campaigns.remove(ID);
  expect(store.campaigns.toDelete()).toEqual([]);
});

test('a_campaign_leaves_with_its_cells_and_reference_values_and_without_its_tasks', () => {
  const task_id = submitted(place(0, 0));
  store.campaignReferences.add(ID, { structure_name: 's0', quantity: 'energy_eV', value: 1 });
  expect(store.campaignReferences.unmatched(ID, 10)).toEqual({ n: 0, names: [] });
  store.campaigns.remove(ID);
  expect(store.campaignCells.countOpen(ID)).toBe(0);
  expect(store.campaignReferences.count(ID)).toBe(0);
  expect(store.tasks.find(task_id)?.task_id).toBe(task_id);
});
